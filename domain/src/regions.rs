//! Markets and regions of the programme: `domain/data/regions.csv`, compiled into the program.
//!
//! A region is a fixed set of markets, and every market is in exactly one. Some countries are in none. The list
//! is data of 2023-08, not code: a new list is a new file.

use std::sync::LazyLock;

use crate::CountryCode;

/// A set of markets that may sell to each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Region {
    /// The code in the schema and in filters, such as `EUROPE`.
    pub code: String,
    /// The display name.
    pub name: String,
}

/// A country or territory in which the programme sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Market {
    /// The two-letter country code.
    pub country: CountryCode,
    /// The display name.
    pub name: String,
    /// The currency in which partners there are billed. `None` if the list has none.
    pub currency: Option<String>,
    region: usize,
}

impl Market {
    /// The region of this market.
    #[must_use]
    pub fn region(&self) -> &'static Region {
        &ATLAS.regions[self.region]
    }
}

struct Atlas {
    regions: Vec<Region>,
    markets: Vec<Market>,
    /// The index in `markets` for every pair of letters, so that an import of a million rows needs no hashing.
    by_country: Vec<Option<usize>>,
}

static CSV: &str = include_str!("../data/regions.csv");
static ATLAS: LazyLock<Atlas> = LazyLock::new(|| Atlas::read(CSV));

impl Atlas {
    fn read(csv: &str) -> Self {
        let mut atlas = Self { regions: Vec::new(), markets: Vec::new(), by_country: vec![None; 26 * 26] };
        for record in csv::Reader::from_reader(csv.as_bytes()).into_records() {
            let record = record.expect("the built-in list of markets is sound CSV; a test reads it");
            let [code, name, country, country_name, currency] = [0, 1, 2, 3, 4].map(|cell| record[cell].to_owned());
            let region = atlas.regions.iter().position(|region| region.code == code).unwrap_or_else(|| {
                atlas.regions.push(Region { code, name });
                atlas.regions.len() - 1
            });
            let country: CountryCode = country.parse().expect("the built-in list has countries; a test reads it");
            let currency = Some(currency).filter(|currency| !currency.is_empty());
            atlas.by_country[country.index()] = Some(atlas.markets.len());
            atlas.markets.push(Market { country, name: country_name, currency, region });
        }
        atlas
    }
}

/// All regions, in the order of the list.
#[must_use]
pub fn regions() -> &'static [Region] {
    &ATLAS.regions
}

/// All markets, in the order of the list.
pub fn markets() -> impl Iterator<Item = &'static Market> {
    ATLAS.markets.iter()
}

/// The market of a country. `None` if the programme has none there.
#[must_use]
pub fn market_of(country: CountryCode) -> Option<&'static Market> {
    ATLAS.by_country[country.index()].map(|at| &ATLAS.markets[at])
}

/// The region of a country. `None` if the country is in none.
#[must_use]
pub fn region_of(country: CountryCode) -> Option<&'static Region> {
    market_of(country).map(Market::region)
}

/// The region with that code. `None` if there is none.
#[must_use]
pub fn region_by_code(code: &str) -> Option<&'static Region> {
    ATLAS.regions.iter().find(|region| region.code == code)
}

/// Whether two countries are in the same region.
///
/// A country always shares a region with itself, even if the list has it in none: C-07 lets such a country invite
/// within itself, and a partner that may invite a customer could otherwise never sell to it. Two different countries
/// that are both in no region share none.
#[must_use]
pub fn same_region(a: CountryCode, b: CountryCode) -> bool {
    if a == b {
        return true;
    }
    match (market_of(a), market_of(b)) {
        (Some(a), Some(b)) => a.region == b.region,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn country(text: &str) -> CountryCode {
        text.parse().unwrap()
    }

    #[test]
    fn every_market_is_in_one_of_fifteen_regions() {
        assert_eq!(regions().len(), 15);
        assert_eq!(markets().count(), 242);
        assert_eq!(markets().map(|market| market.country).collect::<HashSet<_>>().len(), 242);
    }

    #[test]
    fn a_market_knows_its_region_and_currency() {
        let poland = market_of(country("pl")).unwrap();
        assert_eq!((poland.region().code.as_str(), poland.currency.as_deref()), ("EUROPE", Some("EUR")));
        assert_eq!(region_of(country("KR")).unwrap().code, "KOREA");
        assert_eq!(region_by_code("LATAM").unwrap().name, "Latin America and the Caribbean");
    }

    #[test]
    fn countries_in_no_region_share_none_but_with_themselves() {
        for none in ["RU", "BY", "CU", "IR", "KP", "SY", "SD"] {
            assert_eq!(region_of(country(none)), None, "{none}");
            assert!(same_region(country(none), country(none)));
            assert!(!same_region(country(none), country("PL")));
        }
        assert!(!same_region(country("RU"), country("BY")));
    }

    #[test]
    fn europe_is_one_region_and_not_the_united_states() {
        assert!(same_region(country("PL"), country("DE")));
        assert!(!same_region(country("PL"), country("US")));
    }

    fn any_country() -> impl Strategy<Value = CountryCode> {
        "[A-Z]{2}".prop_filter_map("no country has these letters", |text| text.parse().ok())
    }

    proptest! {
        #[test]
        fn the_same_region_is_mutual(a in any_country(), b in any_country()) {
            prop_assert_eq!(same_region(a, b), same_region(b, a));
            prop_assert!(same_region(a, a));
        }
    }
}
