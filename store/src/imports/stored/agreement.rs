use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{AgreementEvidence, CustomerKey, PartnerKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::customer_agreements as table;
use crate::write::customer_agreements::Signatory;

/// An attestation that the partner has made, in the API or in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Queryable)]
pub struct StoredAttestation {
    /// The customer.
    pub customer_id: CustomerKey,
    /// When the customer accepted.
    pub accepted_at: Option<NaiveDateTime>,
    /// Who accepted for it.
    pub by: Signatory,
}

/// The attestations of a partner, the oldest first.
///
/// # Errors
/// Any database error.
pub fn attestations(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Vec<StoredAttestation>> {
    let own = table::partner_id.eq(partner_id).and(table::evidence.eq(AgreementEvidence::Attested));
    let person = (table::first_name, table::last_name, table::email, table::phone_number);
    Ok(on!(conn, c => table::table
        .filter(own)
        .order(table::id)
        .select((table::customer_id, table::accepted_at, person))
        .load(c))?)
}
