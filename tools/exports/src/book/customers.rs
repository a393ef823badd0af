//! The customers in the samples, and their peculiarities.

use uuid::Uuid;

use super::names::{MARKETS, Market, Names};
use super::partners::RESELLERS;
use crate::random::Random;

/// The number of customers.
pub const COUNT: usize = 600;

/// Customers with a special role, by index. All others are ordinary.
pub mod parts {
    use std::ops::RangeInclusive;

    /// Customers whose subscription lists are among the samples.
    pub const LISTED: [usize; 3] = [0, 1, 2];
    /// Two tenants with the same name.
    pub const ONE_NAME: [usize; 2] = [60, 61];
    /// Two pairs of tenants, each with the same domain.
    pub const ONE_DOMAIN: [[usize; 2]; 2] = [[62, 63], [64, 65]];
    /// Tenant id in upper case in the customer list.
    pub const UPPER_CASE: RangeInclusive<usize> = 70..=74;
    /// Tenant id in braces in the customer list.
    pub const BRACES: RangeInclusive<usize> = 75..=77;
    /// Tenant id in upper case in the September reconciliation.
    pub const UPPER_CASE_IN_CHARGES: RangeInclusive<usize> = 78..=80;
    /// No name in the customer list, but other files have one.
    pub const NAME_BLANK_IN_LIST: RangeInclusive<usize> = 82..=83;
    /// No name anywhere.
    pub const NAMELESS: RangeInclusive<usize> = 84..=85;
    /// No domain anywhere.
    pub const NO_DOMAIN: RangeInclusive<usize> = 86..=88;
    /// Renamed in September: the August charges have the former name.
    pub const RENAMED: RangeInclusive<usize> = 90..=93;
    /// Moved to another reseller on 1 September.
    pub const MOVED: RangeInclusive<usize> = 95..=98;
    /// Selected in the migration tool.
    pub const MIGRATING: RangeInclusive<usize> = 100..=123;
    /// The customer whose only link to its reseller is a cancelled subscription.
    pub const TIE_CANCELLED: usize = 130;
    /// In charge files only, not on the customer list.
    pub const CHARGES_ONLY: RangeInclusive<usize> = 583..=587;
    /// In the migration tool only.
    pub const MIGRATION_ONLY: RangeInclusive<usize> = 588..=589;
    /// On the customer list, without purchases.
    pub const IDLE: RangeInclusive<usize> = 590..=593;
    /// With one-time purchases only.
    pub const ONE_TIME_ONLY: RangeInclusive<usize> = 594..=596;
    /// With legacy licences only; the last two are not on the customer list.
    pub const LEGACY_ONLY: RangeInclusive<usize> = 597..=599;
}

/// A customer tenant.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The tenant.
    pub tenant: Uuid,
    /// The company's name; `None` if no file has it.
    pub name: Option<String>,
    /// The name until August, if it was a different one.
    pub former_name: Option<String>,
    /// The default domain; `None` if no file has it.
    pub domain: Option<String>,
    /// Its market.
    pub market: &'static Market,
    /// The `Tags` cell.
    pub tags: &'static str,
    /// Its usual reseller, and another one for some purchases: indexes into the resellers.
    pub resellers: (Option<usize>, Option<usize>),
    /// The reseller that it moved to on 1 September.
    pub moved_to: Option<usize>,
    /// Whether it is on the customer list.
    pub on_list: bool,
    /// Whether a file states its country.
    pub country_known: bool,
}

/// Names that test CSV handling.
const GIVEN_NAMES: [(usize, &str, &str); 15] = [
    (0, "PL", "Mleczarnia Kaszubskie Łąki Sp. z o.o."),
    (1, "DE", "Bäckerei Morgentau GmbH & Co. KG"),
    (2, "CZ", "Pila Hluboký Les s.r.o."),
    (40, "PL", "Wilga, Czyżyk i Wspólnicy Sp. k."),
    (41, "DE", "Amsel, Drossel & Partner mbB"),
    (42, "PL", "Muzeum Rzemiosła\r\nOddział Gdynia"),
    (43, "FR", "Collège \"Les Quatre Vents\""),
    (44, "PL", "=mc² Fizyka Stosowana S.A."),
    (45, "PL", "+Plus Gabinety Sp. z o.o."),
    (46, "PL", "-Delta- Biuro Projektów"),
    (47, "CZ", "@tmosféra Studio s.r.o."),
    (48, "BE", "Ferme du Val,\nBureau de Liège"),
    (49, "AT", "Wirtshaus \"Zur Post; am See\""),
    (60, "PL", "Alfa Rzemiosło"),
    (61, "CZ", "Alfa Rzemiosło"),
];

const TAGS: [&str; 6] =
    ["VIP", "retail", "edukacja", "manufacturing,export", "{\"tier\":\"gold\",\"since\":2019}", "NGO"];

/// All customers.
pub fn customers(random: &mut Random) -> Vec<Customer> {
    let mut names = Names::default();
    let mut customers: Vec<_> = (0..COUNT).map(|index| customer(index, &mut names, random)).collect();
    for [first, second] in parts::ONE_DOMAIN {
        customers[second].domain = customers[first].domain.clone();
    }
    customers
}

fn customer(index: usize, names: &mut Names, random: &mut Random) -> Customer {
    let weights = MARKETS.map(|market| market.weight);
    let given = GIVEN_NAMES.iter().find(|(for_index, _, _)| *for_index == index);
    let market = match given {
        Some((_, country, _)) => market_of(country),
        // Customers that move do so between resellers that the demo sets up.
        None if parts::MOVED.contains(&index) => market_of("PL"),
        None => &MARKETS[random.weighted(&weights)],
    };
    let name = given.map_or_else(|| names.company(market, random), |(_, _, name)| (*name).to_owned());
    let domain = names.domain(&name);
    let resellers = resellers(index, market, random);
    Customer {
        tenant: random.guid(),
        former_name: parts::RENAMED.contains(&index).then(|| names.company(market, random)),
        name: (!parts::NAMELESS.contains(&index)).then_some(name),
        domain: (!parts::NO_DOMAIN.contains(&index)).then_some(domain),
        market,
        tags: if random.chance(12) { TAGS[random.below(TAGS.len() as u32) as usize] } else { "" },
        resellers,
        moved_to: parts::MOVED.contains(&index).then(|| (index + 1) % 3),
        on_list: !(parts::CHARGES_ONLY.contains(&index)
            || parts::MIGRATION_ONLY.contains(&index)
            || (parts::LEGACY_ONLY.contains(&index) && index != *parts::LEGACY_ONLY.start())),
        country_known: !(parts::IDLE.contains(&index)
            || parts::MIGRATION_ONLY.contains(&index)
            || parts::LEGACY_ONLY.contains(&index)),
    }
}

/// The usual reseller and possibly a second one; mostly from the customer's own country.
fn resellers(index: usize, market: &Market, random: &mut Random) -> (Option<usize>, Option<usize>) {
    if parts::MOVED.contains(&index) {
        return (Some(index % 3), None);
    }
    if parts::LISTED.contains(&index) {
        return (Some([0, 4, 6][index]), Some([1, 5, 24][index]));
    }
    if index == parts::TIE_CANCELLED || random.chance(8) {
        return (None, None);
    }
    // Placeholders and small resellers need a customer too, so the first few hundred customers include all of them.
    let first = if (300..340).contains(&index) { index - 300 } else { a_reseller(market, random) };
    let second = random.chance(25).then(|| a_reseller(market, random)).filter(|second| *second != first);
    (Some(first), second)
}

fn a_reseller(market: &Market, random: &mut Random) -> usize {
    let at_home = random.chance(88);
    let weights =
        RESELLERS.map(|reseller| if !at_home || reseller.country == market.country { reseller.weight } else { 0 });
    random.weighted(&weights)
}

fn market_of(country: &str) -> &'static Market {
    MARKETS.iter().find(|market| market.country == country).expect("a given name is of a market")
}
