//! What a source says of the fields of an entity, and how it is kept as the source's baseline.

mod baseline;
mod holders;

use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::UnknownWord;
use serde::{Deserialize, Serialize};

pub use baseline::{Baseline, Entitlement};
pub use holders::Holders;

use crate::profiles::Field;

/// A field's value, in the text that the tables have.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing: the source says that there is none.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Int(i64),
    /// Names, words, days and moments.
    Text(String),
}

impl Value {
    /// As the list of changes and the report show it.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(truth) => Some(truth.to_string()),
            Self::Int(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
        }
    }

    pub(crate) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            other => other.shown(),
        }
    }

    /// A word of a list; nothing where the source says that there is none.
    pub(crate) fn word<W: FromStr<Err = UnknownWord>>(&self) -> Result<Option<W>, UnknownWord> {
        if let Self::Text(text) = self { text.parse().map(Some) } else { Ok(None) }
    }

    pub(crate) fn int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    pub(crate) fn truth(&self) -> Option<bool> {
        if let Self::Bool(truth) = self { Some(*truth) } else { None }
    }

    /// A day; nothing where the source says that there is none.
    pub(crate) fn day(&self) -> Result<Option<NaiveDate>, UnknownWord> {
        self.read("a date", read_day)
    }

    /// A moment, likewise.
    pub(crate) fn moment(&self) -> Result<Option<NaiveDateTime>, UnknownWord> {
        self.read("a time", |text| {
            let (day, time) = text.split_once(' ')?;
            let [hour, minute, second] = numbers(time, ':')?;
            read_day(day)?.and_hms_opt(hour, minute, second)
        })
    }

    fn read<T>(&self, expected: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, UnknownWord> {
        let Self::Text(text) = self else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| UnknownWord { value: text.clone(), expected })
    }
}

/// Three numbers, as days and times of day have them; chrono takes a format apart for each of a million rows.
fn numbers(text: &str, mark: char) -> Option<[u32; 3]> {
    let mut parts = text.splitn(3, mark).map(|part| part.parse().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

fn read_day(text: &str) -> Option<NaiveDate> {
    let [year, month, day] = numbers(text, '-')?;
    NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)
}

impl<T: Into<String>> From<Option<T>> for Value {
    fn from(text: Option<T>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.into()))
    }
}

/// What one source says of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The value.
    pub value: Value,
    /// Of when, in seconds since 1970.
    pub as_of: i64,
    /// How much its word counts beside another source's.
    pub rank: u8,
}

/// What is known of a field besides its value.
#[derive(Debug)]
pub struct FieldSpec {
    /// The GraphQL name, under which changes are listed and baselines kept.
    pub name: &'static str,
    /// Where two portals differ: by rank for what a customer or product is called and where it is, by time for what changes
    /// in life.
    pub is_identity: bool,
    /// Names and domains are never held: what decides is rank and time.
    pub soft: bool,
    /// The partner's own label: once a person has set it, no file changes it.
    pub is_personal: bool,
    /// The field of the profile that has its rank and its column.
    pub column: Field,
    /// What stands there where nobody ever said anything.
    pub unset: Unset,
}

/// What a field holds that nobody set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// Nothing.
    Null,
    /// `false`.
    False,
    /// An empty list.
    EmptyList,
    /// Nothing, or the word that being charged or listed proved without anybody stating it.
    NullOrProved(&'static str),
}

impl FieldSpec {
    /// Whether nobody can have meant a value by stating it: it stands there unset, or was only proved. No statement of a
    /// portal is held against it.
    #[must_use]
    pub fn is_unstated(&self, value: &Value) -> bool {
        let proved = matches!((self.unset, value), (Unset::NullOrProved(word), Value::Text(text)) if text == word);
        proved || self.is_unset(value)
    }

    /// Whether a value is what stands there before anybody says anything.
    #[must_use]
    pub fn is_unset(&self, value: &Value) -> bool {
        match self.unset {
            Unset::Null => *value == Value::Null,
            // A status that is not known stands there as none.
            Unset::NullOrProved(_) => *value == Value::Null || matches!(value, Value::Text(text) if text == "NONE"),
            Unset::False => matches!(value, Value::Null | Value::Bool(false)),
            Unset::EmptyList => *value == Value::Null || matches!(value, Value::Text(text) if text == "[]"),
        }
    }
}

const fn spec(name: &'static str, column: Field) -> FieldSpec {
    FieldSpec { name, is_identity: false, soft: false, is_personal: false, column, unset: Unset::Null }
}
const fn soft(name: &'static str, column: Field) -> FieldSpec {
    FieldSpec { soft: true, is_identity: true, ..spec(name, column) }
}

/// The fields of a customer.
pub static CUSTOMER: [FieldSpec; 4] = [
    soft("companyName", Field::CustomerName),
    soft("domain", Field::CustomerDomain),
    FieldSpec { is_identity: true, ..spec("country", Field::CustomerCountry) },
    FieldSpec { unset: Unset::EmptyList, ..spec("tags", Field::CustomerTags) },
];
/// Their places in [`CUSTOMER`].
#[allow(missing_docs)]
pub mod customer {
    pub const NAME: usize = 0;
    pub const DOMAIN: usize = 1;
    pub const COUNTRY: usize = 2;
    pub const TAGS: usize = 3;
}

/// The fields of a subscription.
pub static SUBSCRIPTION: [FieldSpec; 19] = [
    spec("offerId", Field::OfferId),
    soft("offerName", Field::OfferName),
    FieldSpec { is_personal: true, ..soft("friendlyName", Field::FriendlyName) },
    spec("quantity", Field::Quantity),
    spec("unitType", Field::UnitType),
    FieldSpec { unset: Unset::NullOrProved("ACTIVE"), ..spec("status", Field::Status) },
    spec("billingType", Field::BillingType),
    spec("billingCycle", Field::BillingCycle),
    spec("termDuration", Field::Term),
    spec("autoRenewEnabled", Field::AutoRenew),
    spec("creationDate", Field::CreationDate),
    spec("effectiveStartDate", Field::EffectiveStartDate),
    spec("commitmentEndDate", Field::CommitmentEndDate),
    spec("orderId", Field::OrderId),
    spec("parentSubscriptionId", Field::ParentSubscriptionId),
    FieldSpec { unset: Unset::False, ..spec("isTrial", Field::IsTrial) },
    spec("publisherName", Field::Publisher),
    spec("productType", Field::ProductType),
    spec("partnerOfRecord", Field::ResellerMpnId),
];
/// Their places in [`SUBSCRIPTION`].
#[allow(missing_docs)]
pub mod subscription {
    pub const OFFER_ID: usize = 0;
    pub const OFFER_NAME: usize = 1;
    pub const FRIENDLY_NAME: usize = 2;
    pub const QUANTITY: usize = 3;
    pub const UNIT_TYPE: usize = 4;
    pub const STATUS: usize = 5;
    pub const BILLING_TYPE: usize = 6;
    pub const BILLING_CYCLE: usize = 7;
    pub const TERM: usize = 8;
    pub const AUTO_RENEW: usize = 9;
    pub const CREATED: usize = 10;
    pub const START: usize = 11;
    pub const END: usize = 12;
    pub const ORDER_ID: usize = 13;
    pub const PARENT: usize = 14;
    pub const IS_TRIAL: usize = 15;
    pub const PUBLISHER: usize = 16;
    pub const PRODUCT_TYPE: usize = 17;
    pub const RESELLER: usize = 18;
}
