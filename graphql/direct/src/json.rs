//! Values as JSON, written exactly as async-graphql writes them.

use async_graphql::{ID, ScalarType, Value};
use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_operation::scalars::{CountryCode, Date, DateTime, Guid};
use partnergraph_store::StoreResult;

use crate::Declined;

/// A value of a scalar or enum type, or a list of them.
pub trait WriteJson {
    /// Writes the value as JSON.
    ///
    /// # Errors
    /// [`Declined`] if the value cannot be written.
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined>;
}

pub(crate) fn text(value: &str, out: &mut Vec<u8>) -> Result<(), Declined> {
    Ok(serde_json::to_writer(out, value)?)
}

impl WriteJson for str {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        text(self, out)
    }
}

impl WriteJson for String {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        text(self, out)
    }
}

impl WriteJson for ID {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        text(self, out)
    }
}

macro_rules! numbers {
    ($($type:ty),+) => {$(
        impl WriteJson for $type {
            fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
                Ok(serde_json::to_writer(out, self)?)
            }
        }
    )+};
}
numbers!(bool, i32, i64);

macro_rules! scalars {
    ($($type:ty),+) => {$(
        impl WriteJson for $type {
            fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
                match self.to_value() {
                    Value::String(value) => text(&value, out),
                    _ => Err(Declined::because("a scalar is not a string")),
                }
            }
        }
    )+};
}
scalars!(CountryCode, Date, DateTime, Guid);

macro_rules! stored {
    ($($type:ty => $scalar:expr),+) => {$(
        impl WriteJson for $type {
            fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
                $scalar(*self).write_json(out)
            }
        }
    )+};
}
stored!(partnergraph_domain::CountryCode => CountryCode, NaiveDate => Date, NaiveDateTime => DateTime);

macro_rules! write_enums {
    ($($list:ident),+) => {$(
        impl WriteJson for partnergraph_domain::$list {
            fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
                text(self.as_str(), out)
            }
        }
    )+};
}
partnergraph_domain::for_each_enum!(write_enums);

impl<T: WriteJson + ?Sized> WriteJson for &T {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        (**self).write_json(out)
    }
}

impl<T: WriteJson> WriteJson for Option<T> {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        match self {
            Some(value) => value.write_json(out),
            None => {
                out.extend_from_slice(b"null");
                Ok(())
            }
        }
    }
}

impl<T: WriteJson> WriteJson for StoreResult<T> {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        self.as_ref().map_err(|error| Declined::because(error.to_string()))?.write_json(out)
    }
}

impl<T: WriteJson> WriteJson for async_graphql::Result<T> {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        self.as_ref().map_err(|error| Declined::from(error.clone()))?.write_json(out)
    }
}

impl<T: WriteJson> WriteJson for [T] {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        out.push(b'[');
        for (at, value) in self.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            value.write_json(out)?;
        }
        out.push(b']');
        Ok(())
    }
}

impl<T: WriteJson> WriteJson for Vec<T> {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        self.as_slice().write_json(out)
    }
}

/// Writes an object. `write` writes the value of each member.
pub(crate) fn members<'k, T>(
    parts: impl IntoIterator<Item = (&'k String, T)>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>) -> Result<(), Declined>,
) -> Result<(), Declined> {
    out.push(b'{');
    for (at, (key, part)) in parts.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(key.as_bytes());
        write(part, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// Writes a list with one element for each position.
pub(crate) fn elements(
    places: impl IntoIterator<Item = usize>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(usize, &mut Vec<u8>) -> Result<(), Declined>,
) -> Result<(), Declined> {
    out.push(b'[');
    for (number, at) in places.into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write(at, out)?;
    }
    out.push(b']');
    Ok(())
}
