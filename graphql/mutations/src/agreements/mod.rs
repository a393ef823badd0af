//! The attestation that customers accepted the Microsoft Customer Agreement.

mod confirm;
mod confirm_several;
mod input;

use async_graphql::MergedObject;

pub use confirm::{ConfirmCustomerAgreement, ConfirmCustomerAgreementInput};
pub use confirm_several::*;
pub use input::*;

/// The mutations for customers' agreements.
#[derive(MergedObject, Debug, Default)]
pub struct AgreementMutations(ConfirmCustomerAgreement, ConfirmCustomerAgreements);
