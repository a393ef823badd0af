//! Changes that a reseller requests from its provider: made, decided and withdrawn (B-16).

mod approve;
mod decide_change;
mod input;
mod payload;
mod request_change;
mod withdraw_change;

use async_graphql::MergedObject;

pub use decide_change::*;
pub use input::*;
pub use payload::*;
pub use request_change::*;
pub use withdraw_change::*;

/// The mutations for change requests.
#[derive(MergedObject, Debug, Default)]
pub struct ManagingMutations(RequestChange, DecideChange, WithdrawChange);
