//! Dates and ids as numbers in spooled facts. Their own serde implementations write text, which would format and parse
//! every date and id of every row.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use partnergraph_domain::{MpnId, SubscriptionId, TenantId};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

fn to_time<E: serde::de::Error>(seconds: i64) -> Result<NaiveDateTime, E> {
    DateTime::from_timestamp(seconds, 0).map(|at| at.naive_utc()).ok_or_else(|| E::custom("a time out of range"))
}

/// Seconds since 1970.
pub(crate) mod time {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(at: &NaiveDateTime, out: S) -> Result<S::Ok, S::Error> {
        at.and_utc().timestamp().serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDateTime, D::Error> {
        to_time(i64::deserialize(from)?)
    }
}

/// Seconds since 1970, or none.
pub(crate) mod optional_time {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(at: &Option<NaiveDateTime>, out: S) -> Result<S::Ok, S::Error> {
        at.map(|at| at.and_utc().timestamp()).serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDateTime>, D::Error> {
        Option::<i64>::deserialize(from)?.map(to_time).transpose()
    }
}

/// Days since the beginning of the common era, or none.
pub(crate) mod optional_date {
    use super::*;
    use chrono::Datelike;

    pub(crate) fn serialize<S: Serializer>(on: &Option<NaiveDate>, out: S) -> Result<S::Ok, S::Error> {
        on.map(|on| on.num_days_from_ce()).serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
        Option::<i32>::deserialize(from)?
            .map(|days| {
                NaiveDate::from_num_days_from_ce_opt(days).ok_or_else(|| D::Error::custom("a date out of range"))
            })
            .transpose()
    }
}

/// An id that consists of a GUID.
pub(crate) trait Guid: Copy {
    fn to_bits(self) -> u128;
    fn from_bits(bits: u128) -> Self;
}

impl Guid for TenantId {
    fn to_bits(self) -> u128 {
        self.0.as_u128()
    }
    fn from_bits(bits: u128) -> Self {
        Self(uuid::Uuid::from_u128(bits))
    }
}

impl Guid for SubscriptionId {
    fn to_bits(self) -> u128 {
        self.0.as_u128()
    }
    fn from_bits(bits: u128) -> Self {
        Self(uuid::Uuid::from_u128(bits))
    }
}

/// A GUID as its sixteen bytes. A variable-length encoding would not shorten random bits.
pub(crate) mod guid {
    use super::*;

    pub(crate) fn serialize<T: Guid, S: Serializer>(id: &T, out: S) -> Result<S::Ok, S::Error> {
        id.to_bits().to_be_bytes().serialize(out)
    }

    pub(crate) fn deserialize<'de, T: Guid, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        Ok(T::from_bits(u128::from_be_bytes(<[u8; 16]>::deserialize(from)?)))
    }
}

/// A GUID, or none.
pub(crate) mod optional_guid {
    use super::*;

    pub(crate) fn serialize<T: Guid, S: Serializer>(id: &Option<T>, out: S) -> Result<S::Ok, S::Error> {
        id.map(|id| id.to_bits().to_be_bytes()).serialize(out)
    }

    pub(crate) fn deserialize<'de, T: Guid, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
        Ok(Option::<[u8; 16]>::deserialize(from)?.map(|bytes| T::from_bits(u128::from_be_bytes(bytes))))
    }
}

/// An MPN ID as its number.
pub(crate) mod mpn_id {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(id: &MpnId, out: S) -> Result<S::Ok, S::Error> {
        id.0.serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<MpnId, D::Error> {
        u64::deserialize(from).map(MpnId)
    }
}
