//! Values of arguments.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command};
use partnergraph_domain::IntoEnumIterator;

/// Parses an enum value of the domain, in any case and with hyphens or underscores. The help, the error about another value and the
/// shell completions list the possible values.
pub(super) fn one_of<T>() -> OneOf<T> {
    OneOf(PhantomData)
}

/// See [`one_of`].
#[derive(Debug)]
pub(super) struct OneOf<T>(PhantomData<fn() -> T>);

impl<T> Clone for OneOf<T> {
    fn clone(&self) -> Self {
        one_of()
    }
}

impl<T> TypedValueParser for OneOf<T>
where
    T: FromStr + IntoEnumIterator + Into<&'static str> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let spelled = value.to_string_lossy().trim().to_uppercase().replace('-', "_");
        spelled.parse().map_err(|_| {
            // The parser of clap refuses the text as it was typed, with the possible values and a similar one.
            let refused = PossibleValuesParser::new(names::<T>()).parse_ref(command, argument, value);
            refused.err().unwrap_or_else(|| clap::Error::new(ErrorKind::InvalidValue))
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(names::<T>().map(PossibleValue::new)))
    }
}

fn names<T: IntoEnumIterator + Into<&'static str>>() -> impl Iterator<Item = &'static str> {
    T::iter().map(Into::into)
}

/// Parses a name: one line that is not blank, at most 256 characters.
pub(super) fn name(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    match partnergraph_domain::check_name(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(fault) => Err(format!("it {fault}")),
    }
}

#[cfg(test)]
mod tests {
    use partnergraph_domain::PartnerType;

    use super::*;

    #[test]
    fn a_value_is_known_in_any_case_and_with_hyphens() {
        let parse = |text: &str| one_of::<PartnerType>().parse_ref(&Command::new("test"), None, OsStr::new(text)).ok();
        for text in ["DIRECT_BILL", "direct-bill", " Direct_Bill "] {
            assert_eq!(parse(text), Some(PartnerType::DirectBill), "{text}");
        }
        assert_eq!(parse("SHOP"), None);
    }

    #[test]
    fn the_possible_values_are_all_of_the_enum() {
        let values = one_of::<PartnerType>().possible_values().map(|values| values.count());
        assert_eq!(values, Some(PartnerType::iter().count()));
    }
}
