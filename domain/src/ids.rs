//! The identifiers of the graph. Each has its own type; they are parsed leniently and written in one canonical form.

use std::fmt;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Why a text is not a valid identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Only white space.
    #[error("the value is empty")]
    Empty,
    /// Not a GUID in any of its usual forms.
    #[error("the value is not a GUID")]
    NotAGuid,
    /// The nil GUID, which portals write if no id is known.
    #[error("the nil GUID is not a valid id")]
    NilGuid,
    /// An MPN ID with characters other than the digits 0 to 9.
    #[error("an MPN ID has digits only")]
    NotDigits,
    /// The MPN ID 0, which exports write for "none".
    #[error("0 is not an MPN ID")]
    ZeroMpnId,
    /// More digits than an MPN ID can have.
    #[error("an MPN ID has at most 10 digits")]
    TooManyDigits,
    /// Not two letters.
    #[error("a country must be a two-letter ISO 3166 code, such as PL")]
    NotACountry,
    /// Two letters that are not a country code.
    #[error("not an ISO 3166 country code; the United Kingdom is GB, and Greece is GR")]
    NoSuchCountry,
    /// No row of the catalogue has this id.
    #[error("not a rule id")]
    NoSuchRule,
}

/// Parses a GUID in any form that portals write: any case, with or without braces and hyphens, surrounded by white
/// space.
fn guid(text: &str) -> Result<Uuid, IdError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    let bare = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').ok_or(IdError::NotAGuid)?.trim(),
        None => text,
    };
    // `Uuid` would also accept the `urn:uuid:` form, which no portal writes. The two lengths admit only the intended
    // forms.
    if bare.len() != 36 && bare.len() != 32 {
        return Err(IdError::NotAGuid);
    }
    let value = Uuid::try_parse(bare).map_err(|_| IdError::NotAGuid)?;
    if value.is_nil() { Err(IdError::NilGuid) } else { Ok(value) }
}

/// Serialises a value with `Display` and parses it with `FromStr`, from text only.
macro_rules! serde_as_text {
    ($name:ident, $expecting:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}

macro_rules! guid_id {
    ($(#[$doc:meta])* $name:ident, $expecting:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                guid(text).map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        serde_as_text!($name, $expecting);
    };
}

guid_id! {
    /// The id of a partner's or customer's tenant ("Microsoft ID", `CustomerId`, `TenantId`).
    ///
    /// Displayed in lower case with hyphens. Parsed in any case, in braces, without hyphens, and with surrounding white
    /// space.
    TenantId, "a tenant id"
}

guid_id! {
    /// The id of a subscription as the portals show it. Parsed and displayed like [`TenantId`].
    SubscriptionId, "a subscription id"
}

/// An MPN ID: a positive number of at most ten digits, displayed without leading zeros.
///
/// `0`, which exports write for "no reseller", is refused. Code that reads exports must check for it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MpnId(pub u64);

impl fmt::Display for MpnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MpnId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        // A sign is not a digit: `u64::from_str` alone would accept "+7".
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(IdError::NotDigits);
        }
        let digits = text.trim_start_matches('0');
        if digits.is_empty() {
            return Err(IdError::ZeroMpnId);
        }
        if digits.len() > 10 {
            return Err(IdError::TooManyDigits);
        }
        digits.parse().map(Self).map_err(|_| IdError::TooManyDigits)
    }
}

serde_as_text!(MpnId, "an MPN ID as text");

/// The codes of ISO 3166-1, and XK for Kosovo, in which the programme sells.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL \
    BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV \
    CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD \
    GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM \
    IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK \
    LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW \
    MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR \
    PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS \
    ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY \
    UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// A country or region by its two-letter ISO 3166-1 code, in upper case.
///
/// Whether the programme has a market there is answered by [`crate::regions`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "sql", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "sql", diesel(sql_type = diesel::sql_types::Text))]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII letters are ever stored")
    }

    /// The index of this code among all pairs of letters, from 0 (`AA`) to 675 (`ZZ`).
    pub(crate) fn index(self) -> usize {
        usize::from(self.0[0] - b'A') * 26 + usize::from(self.0[1] - b'A')
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CountryCode").field(&self.as_str()).finish()
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CountryCode {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match *text.trim().as_bytes() {
            [] => Err(IdError::Empty),
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                let letters = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
                let is_known = COUNTRIES.as_bytes().chunks(3).any(|known| known[..2] == letters);
                if is_known { Ok(Self(letters)) } else { Err(IdError::NoSuchCountry) }
            }
            _ => Err(IdError::NotACountry),
        }
    }
}

serde_as_text!(CountryCode, "a country of two letters");

#[cfg(feature = "sql")]
impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for CountryCode
where
    DB: diesel::backend::Backend,
    String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(value)?;
        Ok(text.parse().map_err(|_| crate::UnknownValue { value: text, expected: "a country" })?)
    }
}

#[cfg(feature = "sql")]
impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for CountryCode
where
    DB: diesel::backend::Backend,
    str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("")]
    #[case("   ")]
    #[case("00000000-0000-0000-0000-000000000000")]
    #[case("00000000000000000000000000000000")]
    #[case("{d2c3f0a1-5b6e-4f70-8a91-b2c3d4e5f607")]
    #[case("d2c3f0a1-5b6e-4f70-8a91-b2c3d4e5f60")]
    #[case("d2c3f0a1-5b6e-4f70-8a91-b2c3d4e5f60g")]
    #[case("urn:uuid:d2c3f0a1-5b6e-4f70-8a91-b2c3d4e5f607")]
    #[case("contoso.onmicrosoft.com")]
    fn a_text_that_is_no_guid_is_refused(#[case] text: &str) {
        assert!(text.parse::<TenantId>().is_err());
        assert!(text.parse::<SubscriptionId>().is_err());
    }

    #[rstest]
    #[case("", IdError::Empty)]
    #[case("0", IdError::ZeroMpnId)]
    #[case("000", IdError::ZeroMpnId)]
    #[case("-1", IdError::NotDigits)]
    #[case("+7", IdError::NotDigits)]
    #[case("12a", IdError::NotDigits)]
    #[case("1 2", IdError::NotDigits)]
    #[case("١٢", IdError::NotDigits)]
    #[case("12345678901", IdError::TooManyDigits)]
    fn a_text_that_is_no_mpn_id_is_refused(#[case] text: &str, #[case] error: IdError) {
        assert_eq!(text.parse::<MpnId>(), Err(error));
    }

    #[test]
    fn an_mpn_id_loses_its_leading_zeros() {
        assert_eq!(" 0004567890 ".parse::<MpnId>().unwrap().to_string(), "4567890");
        assert_eq!("9999999999".parse::<MpnId>().unwrap(), MpnId(9_999_999_999));
    }

    #[test]
    fn a_country_is_two_letters_in_upper_case() {
        assert_eq!(" pl".parse::<CountryCode>().unwrap().as_str(), "PL");
        for text in ["", "P", "POL", "P1", "ÅL", "ł"] {
            assert!(text.parse::<CountryCode>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_guid_is_the_same_in_any_spelling(bits in 1u128.., upper: bool, braces: bool, hyphens: bool) {
            let id = TenantId(Uuid::from_u128(bits));
            let mut text = if hyphens { id.to_string() } else { id.0.as_simple().to_string() };
            if upper {
                text = text.to_uppercase();
            }
            if braces {
                text = format!(" {{{text}}}\t");
            }
            prop_assert_eq!(text.parse::<TenantId>(), Ok(id));
            prop_assert_eq!(id.to_string(), id.to_string().to_lowercase());
        }

        #[test]
        fn an_mpn_id_reads_what_it_shows(number in 1u64..=9_999_999_999) {
            prop_assert_eq!(MpnId(number).to_string().parse::<MpnId>(), Ok(MpnId(number)));
        }

        #[test]
        fn no_text_makes_an_id_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<TenantId>();
            let _ = text.parse::<MpnId>();
            let _ = text.parse::<CountryCode>();
        }
    }
}
