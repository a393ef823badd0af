//! What a source states about the fields of an entity, and how it is stored as the source's baseline.

mod holders;
mod packed;

use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::UnknownValue;
use serde::{Deserialize, Serialize};

pub use holders::Holders;
pub use packed::{Baseline, Entitlement};

use crate::profiles::Field;

/// A field's value, as text in the format of the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// None: the source states that there is no value.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Int(i64),
    /// Names, enum values, dates and times.
    Text(String),
}

impl Value {
    /// The value as shown in the list of changes and the report.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(flag) => Some(flag.to_string()),
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

    /// An enum value. `None` if the source states that there is none.
    pub(crate) fn enum_value<E: FromStr<Err = UnknownValue>>(&self) -> Result<Option<E>, UnknownValue> {
        if let Self::Text(text) = self { text.parse().map(Some) } else { Ok(None) }
    }

    pub(crate) fn int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// A date. `None` if the source states that there is none.
    pub(crate) fn day(&self) -> Result<Option<NaiveDate>, UnknownValue> {
        self.read("a date", read_day)
    }

    /// A time. `None` if the source states that there is none.
    pub(crate) fn moment(&self) -> Result<Option<NaiveDateTime>, UnknownValue> {
        self.read("a time", |text| {
            let (day, time) = text.split_once(' ')?;
            let [hour, minute, second] = numbers(time, ':')?;
            read_day(day)?.and_hms_opt(hour, minute, second)
        })
    }

    fn read<T>(&self, expected: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, UnknownValue> {
        let Self::Text(text) = self else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| UnknownValue { value: text.clone(), expected })
    }
}

/// Three numbers, as in dates and times of day. Parsing a chrono format for each of a million rows would be slow.
fn numbers(text: &str, separator: char) -> Option<[u32; 3]> {
    let mut parts = text.splitn(3, separator).map(|part| part.parse().ok());
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

/// What one source states about one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedValue {
    /// The value.
    pub value: Value,
    /// The as-of time, in seconds since 1970.
    pub as_of: i64,
    /// Its rank compared with other sources.
    pub rank: u8,
}

/// The properties of a field besides its value.
#[derive(Debug)]
pub struct FieldSpec {
    /// The GraphQL name, used for the list of changes and for baselines.
    pub name: &'static str,
    /// Which value is used if two portals differ: if true, the higher rank decides (names of customers and products,
    /// and locations); otherwise the later time decides (data that changes over time).
    pub is_identity: bool,
    /// Names and domains are never held: rank and time decide.
    pub soft: bool,
    /// The partner's own label. Once a person has set it, no file changes it.
    pub is_personal: bool,
    /// The profile's field, which determines its rank and its column.
    pub column: Field,
    /// The stored value if no one has ever stated one.
    pub unset: Unset,
}

/// The value of a field that no one has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// No value.
    Null,
    /// `false`.
    False,
    /// An empty list.
    EmptyList,
    /// No value, or the value that a charge or a list proved without stating it.
    NullOrProved(&'static str),
}

impl FieldSpec {
    /// Whether no source can have stated the value: it is the value of an unset field, or was only proved. It never
    /// conflicts with a portal's statement.
    #[must_use]
    pub fn is_unstated(&self, value: &Value) -> bool {
        let proved = matches!((self.unset, value), (Unset::NullOrProved(word), Value::Text(text)) if text == word);
        proved || self.is_unset(value)
    }

    /// Whether a value is that of an unset field.
    #[must_use]
    pub fn is_unset(&self, value: &Value) -> bool {
        match self.unset {
            Unset::Null => *value == Value::Null,
            // An unknown status is stored as none.
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
/// Their indexes in [`CUSTOMER`].
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
/// Their indexes in [`SUBSCRIPTION`].
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
