//! The enums, ids and rules of the CSP partner relationship graph.
//!
//! Everything here is a plain value or a pure function over plain values. Mutations, the `salesEligibility` query and the
//! importer call the same functions, so they get the same result.
//!
//! - [`ids`] and [`enums`]: ids and enums, read leniently and written in one spelling.
//! - [`keys`]: the keys of rows, one type for each entity.
//! - [`text`] and [`regions`]: the search key that filters and imports share, and the markets of the programme.
//! - [`partner_of_record`]: the periods of a subscription's partners of record.
//! - [`catalogue`], [`rule_id`], [`refusal`]: the list of rules, their ids, and how a rule refuses.
//! - [`mod@rules`] and [`checks`]: one function for each rule, and the complete check for each action.
//!
//! Absent: database, GraphQL, clock, randomness and I/O. Time is an argument, and the data files are compiled in. The features `sql` and
//! `graphql` only let the packages above use the enums as column values and as enums of the schema.

// Tests may unwrap. Released code is built without `test`, so it is checked without this exception.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod catalogue;
pub mod checks;
pub mod drafts;
pub mod enums;
pub mod facts;
pub mod ids;
pub mod import_phase;
pub mod keys;
pub mod partner_of_record;
pub mod refusal;
pub mod regions;
pub mod rule_id;
pub mod rules;
pub mod text;

#[cfg(test)]
mod testing;

pub use catalogue::{Rule, RuleArea, RuleKind, rules};
pub use enums::*;
pub use facts::*;
pub use ids::{CountryCode, IdError, MpnId, SubscriptionId, TenantId};
pub use import_phase::ImportPhase;
pub use keys::*;
pub use refusal::{Refusal, Verdict};
pub use regions::{Market, Region, market_of, markets, region_of, same_region};
pub use rule_id::RuleId;
pub use strum::IntoEnumIterator;
pub use text::{MAX_NAME_CHARS, NameFault, check_name, counted, search_key, sort_key, without_controls};
