use partnergraph_domain::{InvitationKey, PartnerKey};

fn main() {
    let _: PartnerKey = 7;
    let _: InvitationKey = 7_i64.into();
}
