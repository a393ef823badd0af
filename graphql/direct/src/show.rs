//! Values as JSON, written exactly as async-graphql writes them.

use async_graphql::{ID, ScalarType, Value};
use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_operation::scalars::{CountryCode, Date, DateTime, Guid};
use partnergraph_store::StoreResult;

use crate::Declined;

/// A value of a scalar or enum type, or a list of them.
pub trait Show {
    /// Writes the value as JSON.
    ///
    /// # Errors
    /// [`Declined`] if the value cannot be written.
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined>;
}

pub(crate) fn text(value: &str, out: &mut Vec<u8>) -> Result<(), Declined> {
    Ok(serde_json::to_writer(out, value)?)
}

impl Show for str {
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        text(self, out)
    }
}

impl Show for String {
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        text(self, out)
    }
}

impl Show for ID {
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        text(self, out)
    }
}

macro_rules! numbers {
    ($($type:ty),+) => {$(
        impl Show for $type {
            fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
                Ok(serde_json::to_writer(out, self)?)
            }
        }
    )+};
}
numbers!(bool, i32, i64);

macro_rules! scalars {
    ($($type:ty),+) => {$(
        impl Show for $type {
            fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
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
        impl Show for $type {
            fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
                $scalar(*self).show(out)
            }
        }
    )+};
}
stored!(partnergraph_domain::CountryCode => CountryCode, NaiveDate => Date, NaiveDateTime => DateTime);

macro_rules! words {
    ($($list:ident),+) => {$(
        impl Show for partnergraph_domain::$list {
            fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
                text(self.as_str(), out)
            }
        }
    )+};
}
partnergraph_domain::for_each_word_list!(words);

impl<T: Show + ?Sized> Show for &T {
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        (**self).show(out)
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        match self {
            Some(value) => value.show(out),
            None => {
                out.extend_from_slice(b"null");
                Ok(())
            }
        }
    }
}

impl<T: Show> Show for StoreResult<T> {
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        self.as_ref().map_err(|error| Declined::because(error.to_string()))?.show(out)
    }
}

impl<T: Show> Show for async_graphql::Result<T> {
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        self.as_ref().map_err(|error| Declined::from(error.clone()))?.show(out)
    }
}

impl<T: Show> Show for [T] {
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        out.push(b'[');
        for (at, value) in self.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            value.show(out)?;
        }
        out.push(b']');
        Ok(())
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        self.as_slice().show(out)
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
