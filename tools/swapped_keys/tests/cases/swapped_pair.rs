use partnergraph_domain::{CustomerKey, PartnerKey};

fn relationship((_partner_id, _customer_id): (PartnerKey, CustomerKey)) {}

fn main() {
    let (partner, customer) = (PartnerKey::new(1), CustomerKey::new(2));
    relationship((customer, partner));
}
