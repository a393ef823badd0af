//! How a partner joins the programme: enrolment, verification by the primary contact, review and acceptance of the
//! agreement.

mod accept_partner_agreement;
mod enroll_partner;
pub(super) mod mails;
mod review_partner;
mod verify_primary_contact;

use async_graphql::{MergedObject, Result, SimpleObject};
use partnergraph_store::read::partners::{self, PartnerBy};

pub use accept_partner_agreement::*;
pub use enroll_partner::*;
pub use review_partner::*;
pub use verify_primary_contact::*;

use super::task::Outcome;
use partnergraph_domain::PartnerKey;
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::Partner;

/// The mutations for enrolment.
#[derive(MergedObject, Default)]
#[allow(missing_debug_implementations)]
pub struct EnrolmentMutations(EnrollPartner, VerifyPrimaryContact, ReviewPartner, AcceptPartnerAgreement);

/// Result of a change to a partner's enrolment.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct PartnerPayload {
    /// The account after the change. Null if the change was rejected or you cannot see the account.
    partner: Option<Partner>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { PartnerPayload {
    /// `partner` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    partner_edge: partner => partnergraph_types::PartnerEdge,
} }

impl PartnerPayload {
    async fn of(operation: &Operation, outcome: Outcome<PartnerKey>) -> Result<Self> {
        Ok(match outcome {
            Ok(id) => Self { partner: partner(operation, id).await?, user_errors: Vec::new() },
            Err(refusals) => Self { partner: None, user_errors: user_errors(refusals) },
        })
    }
}

async fn partner(operation: &Operation, id: PartnerKey) -> Result<Option<Partner>> {
    let row = operation.read(move |conn, scope| partners::find(conn, scope, PartnerBy::Row(id))).await?;
    Ok(row.map(|row| Partner(BatchRow::alone(row))))
}
