//! Everything that one source states about an entity, and its packed form in the database.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{FieldSpec, Holders, StatedValue, Value};
use crate::seats::ChargeSet;

/// Everything that one source states about one entity, by field. `None` if it states nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// By the index of the field.
    pub fields: Vec<Option<StatedValue>>,
    /// Whether a complete list contained it. Only then can it be absent.
    pub listed: bool,
    /// The charge lines of a subscription from the newest base on, from which its seats follow.
    pub charges: ChargeSet,
    /// The newest time of any charge line, in seconds since 1970. 0 if there was none.
    pub charged: i64,
    /// The stated partners of record, each with the day from which it is one.
    pub holders: Holders,
    /// The descriptions and partners of record of the entitlements under an Azure plan, by their ids.
    pub entitlements: BTreeMap<String, Entitlement>,
}

/// What one source states about an entitlement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// The description.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The partner of record by MPN ID. The outer `None` means that no line states it, the inner that lines state that
    /// there is none.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none", with = "reseller")]
    pub reseller: Option<Option<String>>,
    /// The times of the description and of the partner of record, in seconds since 1970.
    #[serde(rename = "a")]
    pub as_of: (i64, i64),
}

/// "None stated" is written as an empty text, to distinguish it from "nothing stated".
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
    /// No statements about this number of fields.
    #[must_use]
    pub fn silent(fields: usize) -> Self {
        Self { fields: vec![None; fields], ..Self::default() }
    }

    /// The time that most fields have, or the newer one if two are equally frequent. It is stored once for all of them.
    #[must_use]
    pub fn as_of(&self) -> i64 {
        let times = || self.fields.iter().flatten().map(|stated| stated.as_of);
        let first = times().next().unwrap_or(0);
        if times().all(|time| time == first) {
            return first;
        }
        times().max_by_key(|time| (times().filter(|other| other == time).count(), *time)).unwrap_or(first)
    }

    /// Packs it into one JSON text: `f` are the values, `r` the rank, `l` whether it was listed, and for fields that
    /// differ from the common rank or time, `k` the rank and `a` the time. `c` are the charge lines, `m` shows that
    /// they move seats to or from other subscriptions, and `t` is their newest time if it differs from the common one.
    /// `h` are the partners of record and `e` the entitlements. The common time has its own column.
    #[must_use]
    pub fn pack(&self, specs: &'static [FieldSpec]) -> String {
        let as_of = self.as_of();
        let rank = self.fields.iter().flatten().map(|stated| stated.rank).next().unwrap_or(0);
        let (mut ranks, mut times) = (Map::new(), Map::new());
        let mut out = String::with_capacity(256);
        out.push_str("{\"f\":{");
        let mut first = true;
        for (spec, stated) in specs.iter().zip(&self.fields) {
            let Some(stated) = stated else { continue };
            if !first {
                out.push(',');
            }
            first = false;
            out.push('"');
            out.push_str(spec.name);
            out.push_str("\":");
            out.push_str(&serde_json::to_string(&stated.value).unwrap_or_default());
            if stated.rank != rank {
                ranks.insert(spec.name.to_owned(), stated.rank.into());
            }
            if stated.as_of != as_of {
                times.insert(spec.name.to_owned(), stated.as_of.into());
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
            // The database has an index on this key.
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

    /// Unpacks the text of [`Baseline::pack`]. Fields that this version does not know are dropped.
    ///
    /// # Errors
    ///
    /// The text was not written by this program.
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
        let damaged = || {
            <serde_json::Error as serde::de::Error>::custom("charge lines or partners of record that cannot be read")
        };
        let bytes = |text: &str| BASE64.decode(text).map_err(|_| damaged());
        let mut packed: Packed = serde_json::from_str(text)?;
        let fields = specs
            .iter()
            .map(|spec| {
                let value = packed.f.remove(spec.name)?;
                Some(StatedValue {
                    value,
                    as_of: packed.a.get(spec.name).copied().unwrap_or(as_of),
                    rank: packed.k.get(spec.name).copied().unwrap_or(packed.r),
                })
            })
            .collect();
        Ok(Self {
            fields,
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
    use crate::baseline::CUSTOMER;

    #[test]
    fn a_baseline_is_unpacked_as_it_was_packed() {
        let mut baseline = Baseline::silent(CUSTOMER.len());
        baseline.fields[0] =
            Some(StatedValue { value: Value::Text("A \"quoted\" name".to_owned()), as_of: 10, rank: 50 });
        baseline.fields[2] = Some(StatedValue { value: Value::Null, as_of: 7, rank: 80 });
        baseline.listed = true;
        let text = baseline.pack(&CUSTOMER);
        assert_eq!(Baseline::unpack(&CUSTOMER, 10, &text).expect("packed"), baseline);
        assert_eq!(
            text,
            r#"{"f":{"companyName":"A \"quoted\" name","country":null},"r":50,"k":{"country":80},"a":{"country":7},"l":true}"#
        );
    }
}
