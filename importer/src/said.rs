//! What a source says of the fields of an entity, and how it is kept as the source's baseline.

mod holders;

use std::collections::BTreeMap;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::UnknownWord;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

pub use holders::Holders;

use crate::profiles::Field;
use crate::seats::ChargeSet;

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
        self.read("a day", read_day)
    }

    /// A moment, likewise.
    pub(crate) fn moment(&self) -> Result<Option<NaiveDateTime>, UnknownWord> {
        self.read("a moment", |text| {
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

/// Everything that one source says of one entity, by field; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// By the place of the field.
    pub said: Vec<Option<Said>>,
    /// Whether a list that is complete had it: only then can it be absent.
    pub listed: bool,
    /// The charge lines of a subscription, from the newest base on: what its seats follow from.
    pub charges: ChargeSet,
    /// The newest time of any charge line that was ever told, in seconds since 1970; 0 where there was none.
    pub charged: i64,
    /// Who was stated as partner of record, and from which day on.
    pub holders: Holders,
    /// What the entitlements under an Azure plan are called and who is their partner of record, by their ids.
    pub entitlements: BTreeMap<String, Entitlement>,
}

/// What one source says of an entitlement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// What it is called.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its partner of record by MPN ID: the outer `None` where no line says, the inner where lines say that there is none.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none", with = "reseller")]
    pub reseller: Option<Option<String>>,
    /// Of when the description is, and of when the partner of record, in seconds since 1970.
    #[serde(rename = "a")]
    pub as_of: (i64, i64),
}

/// "None stated" is written as an empty text, so that it is told from "nothing said".
mod reseller {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(reseller: &Option<Option<String>>, out: S) -> Result<S::Ok, S::Error> {
        reseller.as_ref().map(|stated| stated.as_deref().unwrap_or_default()).serialize(out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
        let stated = Option::<String>::deserialize(from)?;
        Ok(stated.map(|mpn_id| Some(mpn_id).filter(|mpn_id| !mpn_id.is_empty())))
    }
}

impl Baseline {
    /// Nothing said of so many fields.
    #[must_use]
    pub fn silent(fields: usize) -> Self {
        Self { said: vec![None; fields], ..Self::default() }
    }

    /// The time of most fields, and of two as frequent the newer: what is kept once for all of them.
    #[must_use]
    pub fn as_of(&self) -> i64 {
        let times = || self.said.iter().flatten().map(|said| said.as_of);
        let first = times().next().unwrap_or(0);
        if times().all(|time| time == first) {
            return first;
        }
        times().max_by_key(|time| (times().filter(|other| other == time).count(), *time)).unwrap_or(first)
    }

    /// Packs it into one JSON text: `f` the values, `r` the rank, `l` whether it was listed, and where a field differs
    /// from the whole, `k` its rank and `a` its time. `c` are the charge lines, `m` tells that seats move to or from other
    /// subscriptions in them, and `t` is their newest time where it is not that of the whole, `h` the partners of record, `e` the entitlements. The time of the whole stands in a column of its own.
    #[must_use]
    pub fn pack(&self, specs: &'static [FieldSpec]) -> String {
        let as_of = self.as_of();
        let rank = self.said.iter().flatten().map(|said| said.rank).next().unwrap_or(0);
        let (mut ranks, mut times) = (Map::new(), Map::new());
        let mut out = String::with_capacity(256);
        out.push_str("{\"f\":{");
        let mut first = true;
        for (spec, said) in specs.iter().zip(&self.said) {
            let Some(said) = said else { continue };
            if !first {
                out.push(',');
            }
            first = false;
            out.push('"');
            out.push_str(spec.name);
            out.push_str("\":");
            out.push_str(&serde_json::to_string(&said.value).unwrap_or_default());
            if said.rank != rank {
                ranks.insert(spec.name.to_owned(), said.rank.into());
            }
            if said.as_of != as_of {
                times.insert(spec.name.to_owned(), said.as_of.into());
            }
        }
        out.push_str(&format!("}},\"r\":{rank}"));
        for (name, map) in [("k", ranks), ("a", times)] {
            if !map.is_empty() {
                out.push_str(&format!(",\"{name}\":{}", Json::Object(map)));
            }
        }
        if self.listed {
            out.push_str(",\"l\":true");
        }
        if self.charges.has_moves() {
            // The database has an index of these.
            out.push_str(",\"m\":true");
        }
        if !self.charges.is_empty() {
            out.push_str(",\"c\":\"");
            BASE64.encode_string(self.charges.pack(), &mut out);
            out.push('"');
        }
        if self.charged != 0 && self.charged != as_of {
            out.push_str(&format!(",\"t\":{}", self.charged));
        } else if self.charged != 0 {
            out.push_str(",\"t\":0");
        }
        if !self.holders.is_empty() {
            out.push_str(",\"h\":\"");
            BASE64.encode_string(self.holders.pack(), &mut out);
            out.push('"');
        }
        if !self.entitlements.is_empty() {
            out.push_str(",\"e\":");
            out.push_str(&serde_json::to_string(&self.entitlements).unwrap_or_default());
        }
        out.push('}');
        out
    }

    /// Unpacks what [`Baseline::pack`] made; fields that this version does not know are dropped.
    ///
    /// # Errors
    /// The text is not one that this program writes.
    pub fn unpack(specs: &'static [FieldSpec], as_of: i64, text: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Packed {
            f: std::collections::HashMap<String, Value>,
            r: u8,
            #[serde(default)]
            k: std::collections::HashMap<String, u8>,
            #[serde(default)]
            a: std::collections::HashMap<String, i64>,
            #[serde(default)]
            l: bool,
            #[serde(default)]
            c: String,
            t: Option<i64>,
            #[serde(default)]
            h: String,
            #[serde(default)]
            e: BTreeMap<String, Entitlement>,
        }
        let damaged = || <serde_json::Error as serde::de::Error>::custom("charge lines or holders that cannot be read");
        let bytes = |text: &str| BASE64.decode(text).map_err(|_| damaged());
        let mut packed: Packed = serde_json::from_str(text)?;
        let said = specs
            .iter()
            .map(|spec| {
                let value = packed.f.remove(spec.name)?;
                Some(Said {
                    value,
                    as_of: packed.a.get(spec.name).copied().unwrap_or(as_of),
                    rank: packed.k.get(spec.name).copied().unwrap_or(packed.r),
                })
            })
            .collect();
        Ok(Self {
            said,
            listed: packed.l,
            charges: ChargeSet::unpack(&bytes(&packed.c)?).ok_or_else(damaged)?,
            charged: packed.t.map_or(0, |time| if time == 0 { as_of } else { time }),
            holders: Holders::unpack(&bytes(&packed.h)?).ok_or_else(damaged)?,
            entitlements: packed.e,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_is_unpacked_as_it_was_packed() {
        let mut baseline = Baseline::silent(CUSTOMER.len());
        baseline.said[0] = Some(Said { value: Value::Text("A \"quoted\" name".to_owned()), as_of: 10, rank: 50 });
        baseline.said[2] = Some(Said { value: Value::Null, as_of: 7, rank: 80 });
        baseline.listed = true;
        let text = baseline.pack(&CUSTOMER);
        assert_eq!(Baseline::unpack(&CUSTOMER, 10, &text).expect("packed"), baseline);
        assert_eq!(
            text,
            r#"{"f":{"companyName":"A \"quoted\" name","country":null},"r":50,"k":{"country":80},"a":{"country":7},"l":true}"#
        );
    }
}
