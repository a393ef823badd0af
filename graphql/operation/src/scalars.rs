//! Scalars whose parse errors have codes of their own.
//!
//! A malformed value in a variable is detected when the field is executed, not when the document is validated. Without a code
//! on the error itself, it could not be distinguished from a server failure.

use std::str::FromStr;

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use partnergraph_domain::{SubscriptionId, TenantId};
use partnergraph_store::{StoreError, StoreResult};
use uuid::Uuid;

fn refuse<T: InputType>(code: &str, message: &str) -> InputValueError<T> {
    InputValueError::custom(message).with_extension("code", code)
}

/// A GUID. Accepted in upper or lower case, with or without braces; returned in lower case with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Guid(pub Uuid);

/// A GUID. Accepted in upper or lower case, with or without braces; returned in lower case with hyphens.
#[Scalar(name = "UUID", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc9562")]
impl ScalarType for Guid {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(refuse("BAD_UUID", "a GUID must be a string")) };
        text.parse::<TenantId>().map(|id| Self(id.0)).map_err(|error| refuse("BAD_UUID", &error.to_string()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.as_hyphenated().to_string())
    }
}

impl From<Guid> for TenantId {
    fn from(id: Guid) -> Self {
        Self(id.0)
    }
}

impl From<Guid> for SubscriptionId {
    fn from(id: Guid) -> Self {
        Self(id.0)
    }
}

impl From<TenantId> for Guid {
    fn from(id: TenantId) -> Self {
        Self(id.0)
    }
}

impl Guid {
    /// Parses a GUID from a table.
    ///
    /// # Errors
    /// [`StoreError::Value`].
    pub fn stored(text: &str) -> StoreResult<Self> {
        Uuid::from_str(text).map(Self).map_err(|_| StoreError::Value { value: text.to_owned(), expected: "a GUID" })
    }
}

/// A date in ISO 8601 format, such as `2024-06-18`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub NaiveDate);

/// A date in ISO 8601 format, such as `2024-06-18`.
#[Scalar(name = "Date", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            // chrono also accepts signs and years of five digits, which the databases cannot store.
            Value::String(text) if text.len() == 10 && text.as_bytes()[0].is_ascii_digit() => {
                NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
            }
            _ => None,
        }
        .filter(|date| date.year() > 0)
        .map(Self)
        .ok_or_else(|| refuse("BAD_DATE", "not a valid date; use YYYY-MM-DD"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A date and time in RFC 3339 format. Accepted with any offset; returned in UTC, such as `2024-06-18T07:30:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub NaiveDateTime);

/// A date and time in RFC 3339 format. Accepted with any offset; returned in UTC, such as `2024-06-18T07:30:00Z`.
#[Scalar(name = "DateTime", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => chrono::DateTime::parse_from_rfc3339(text).ok(),
            _ => None,
        }
        .map(|moment| Self(moment.naive_utc()))
        .ok_or_else(|| refuse("BAD_DATE_TIME", "not a valid date and time; use RFC 3339 with an offset"))
    }

    fn to_value(&self) -> Value {
        Value::String(
            self.0
                .and_local_timezone(Utc)
                .single()
                .map_or_else(String::new, |moment| moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        )
    }
}

impl From<NaiveDateTime> for DateTime {
    fn from(moment: NaiveDateTime) -> Self {
        Self(moment)
    }
}

/// A country or region as a two-letter ISO 3166-1 code. Accepted in upper or lower case; returned in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountryCode(pub partnergraph_domain::CountryCode);

/// A country or region as a two-letter ISO 3166-1 code. Accepted in upper or lower case; returned in upper case.
#[Scalar(name = "CountryCode", specified_by_url = "https://www.iso.org/iso-3166-country-codes.html")]
impl ScalarType for CountryCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(refuse("BAD_COUNTRY_CODE", "a country must be a string of two letters"));
        };
        text.parse()
            .map(Self)
            .map_err(|error: partnergraph_domain::IdError| refuse("BAD_COUNTRY_CODE", &error.to_string()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.as_str().to_owned())
    }
}
