use partnergraph_domain::{CustomerKey, PartnerKey};

fn sell(_conn: &mut (), _partner_id: PartnerKey, _customer_id: CustomerKey) {}

fn main() {
    let (partner, customer) = (PartnerKey::new(1), CustomerKey::new(2));
    sell(&mut (), customer, partner);
}
