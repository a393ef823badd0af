//! The vocabulary and the rules of the partner relationship graph.
//!
//! Everything here is a plain value or a pure function over plain values. Nothing reads a file, a table or a clock, so
//! the service's mutations, its `salesEligibility` query and the importer can call the same functions and get the same
//! answers.
//!
//! - [`ids`] and [`mod@words`]: identifiers and enums, parsed leniently and written in one canonical form.
//! - [`keys`]: the keys of the rows, with one type for each entity.
//! - [`text`] and [`regions`]: the search key that filters and imports share, and the markets of the programme.
//! - [`partner_of_record`]: the periods of a subscription's partners of record.
//! - [`catalogue`], [`rule_id`], [`refusal`]: the list of rules, their ids, and how a rule refuses.

// Tests may unwrap. Released code is built without `test`, so it is checked without this exception.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod catalogue;
pub mod checks;
pub mod drafts;
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
pub mod words;

#[cfg(test)]
mod testing;

pub use catalogue::{Rule, RuleArea, RuleKind, rules};
pub use facts::*;
pub use ids::{CountryCode, IdError, MpnId, SubscriptionId, TenantId};
pub use import_phase::ImportPhase;
pub use keys::*;
pub use refusal::{Refusal, Verdict};
pub use regions::{Market, Region, market_of, markets, region_of, same_region};
pub use rule_id::RuleId;
pub use strum::IntoEnumIterator;
pub use text::{MAX_NAME_CHARS, NameFault, check_name, search_key, sort_key, without_controls};
pub use words::*;
