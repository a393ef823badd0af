//! The benchmark file: new-commerce reconciliation as the portal writes it, with every column that it fills for
//! licences.
//!
//! It is formatted by hand into a buffer, so that at this size writing the file is not the slowest part.

use std::io::{self, Write};

use uuid::Uuid;

use crate::headers::NEW_COMMERCE_2022;
use crate::random::{guid_of, mix32, mix64};

/// The contents of the benchmark file.
#[derive(Clone, Debug)]
pub struct NewCommerce {
    /// The number of rows.
    pub rows: u32,
    /// The percentage of rows that repeat an earlier one. All other rows have their own subscription id.
    pub repeated: u32,
    /// The month of the invoice, from 1.
    pub month: u32,
    /// The percentage of subscriptions that change their reseller in each month after the first.
    pub moved: u32,
    /// The number of customers. Each has a subscription if there are at least as many rows.
    pub customers: u32,
    /// The number of indirect resellers. Each has a customer if there are at least as many customers.
    pub resellers: u32,
    /// `PartnerId` of every row.
    pub partner_tenant: Uuid,
    /// `MPNID` of every row.
    pub mpn: u32,
}

/// The first MPN ID of the benchmark's resellers; the others follow it.
pub const FIRST_RESELLER_MPN_ID: u32 = 7_000_000;

/// Markets of one CSP region, to which the demo provider can sell.
const COUNTRIES: [&str; 8] = ["PL", "DE", "CZ", "SK", "AT", "NL", "FR", "IT"];

/// The offers: product, SKU, name.
const OFFERS: [(&str, &str, &str, &str); 6] = [
    ("CFQ7TTC0LH18", "0001", "CFQ7TTC0K971", "Microsoft 365 Business Basic"),
    ("CFQ7TTC0LDPB", "0001", "CFQ7TTC0JVKC", "Microsoft 365 Business Standard"),
    ("CFQ7TTC0LCHC", "0002", "CFQ7TTC0K4FT", "Microsoft 365 Business Premium"),
    ("CFQ7TTC0LF8S", "0002", "CFQ7TTC0L3JL", "Office 365 E3"),
    ("CFQ7TTC0LH16", "0001", "CFQ7TTC0KNVM", "Exchange Online (Plan 1)"),
    ("CFQ7TTC0LFLZ", "0002", "CFQ7TTC0M1PL", "Microsoft 365 E5"),
];

/// The first words of names, so that names are not in row order.
const WORDS: [&str; 12] = [
    "Adatum",
    "Brzoza",
    "Contoso",
    "Dunaj",
    "Fabrikam",
    "Graphic",
    "Lisbona",
    "Müller",
    "Northwind",
    "Proseware",
    "Tailspin",
    "Zakopane",
];

/// Writes the file. The first subscriptions name each customer once, the others are distributed at random.
///
/// # Errors
/// Any error of `out`.
pub fn write(file: &NewCommerce, mut out: impl Write) -> io::Result<()> {
    const FLUSH_AT: usize = 1 << 20;
    let mut buffer = Vec::with_capacity(FLUSH_AT + 1024);
    buffer.extend_from_slice(NEW_COMMERCE_2022.as_bytes());
    buffer.push(b'\n');
    let mut written = 0;
    for row in 0..file.rows {
        let chance = mix64(u64::from(row) ^ 0x7265_7065_6174);
        if written > 0 && below(chance, 100) < file.repeated {
            push_row(&mut buffer, file, below(mix64(chance), written))?;
        } else {
            push_row(&mut buffer, file, written)?;
            written += 1;
        }
        if buffer.len() >= FLUSH_AT {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    out.flush()
}

/// The tenant id of a benchmark customer.
pub fn customer_tenant(customer: u32) -> Uuid {
    numbered_guid(customer, 0x63)
}

/// The id of a benchmark subscription.
pub fn subscription_id(row: u32) -> Uuid {
    numbered_guid(row, 0x73)
}

fn push_row(buffer: &mut Vec<u8>, file: &NewCommerce, row: u32) -> io::Result<()> {
    let chance = mix64(u64::from(row) ^ 0x6265_6e63_686d_6172);
    let customer = if row < file.customers { row } else { below(chance, file.customers) };
    let seats = chance >> 8 & 0x3f | 1;
    let day = (chance >> 16) % 28 + 1;
    let place = customer as usize;
    let (country, word) = (COUNTRIES[place % COUNTRIES.len()], WORDS[(mix64(customer.into()) % 12) as usize]);
    let (product, sku, availability, name) = OFFERS[(chance >> 24) as usize % OFFERS.len()];
    let (from, to, end) = (Month::of(file.month), Month::of(file.month + 1), Month::of(13));
    let begun = Month::of(1);
    let charge = if file.month == 1 { "new" } else { "cycleCharge" };
    let price = 540 + (chance >> 32) % 4_000;
    let (units, total) = (format_args!("{}.{:02}", price / 100, price % 100), price * seats);
    let total = format_args!("{}.{:02}", total / 100, total % 100);

    push_guid(buffer, file.partner_tenant);
    buffer.push(b',');
    push_guid(buffer, customer_tenant(customer));
    write!(
        buffer,
        ",{word} {customer} Handels- und Dienstleistungs GmbH,{}{customer}.onmicrosoft.example,{country},G0712{:04},{},{},{:012x},{from}",
        if word == "Müller" { "mueller" } else { word },
        file.month,
        file.mpn,
        FIRST_RESELLER_MPN_ID + reseller(file, row, customer, chance),
        mix64(chance) >> 16,
        from = from.on(day),
    )?;
    write!(
        buffer,
        ",{product},{sku},{availability},{name},{name},{charge},{units},{seats},{total},0.00,{total},EUR,,Microsoft,,{name},"
    )?;
    push_guid(buffer, subscription_id(row));
    write!(
        buffer,
        ",{} 0:00,{} 23:59,One-Year commitment for monthly billing,{units},,{:012x},{seats},,EUR,1,,,,,{} 0:00,{} 23:59,",
        from.on(day),
        to.on(day),
        mix64(chance ^ 1) >> 16,
        begun.on(day),
        end.on(day),
    )?;
    push_guid(buffer, numbered_guid(row ^ file.month << 24, 0x72));
    buffer.extend_from_slice(b",,\n");
    Ok(())
}

/// The reseller of a subscription. Nine in ten initially have their customer's usual reseller.
fn reseller(file: &NewCommerce, row: u32, customer: u32, chance: u64) -> u32 {
    let mut reseller =
        if chance.is_multiple_of(10) { below(mix64(chance), file.resellers) } else { customer % file.resellers };
    for month in 2..=file.month {
        let chance = mix64(u64::from(row) << 8 | u64::from(month));
        if below(chance, 100) < file.moved {
            reseller = below(mix64(chance), file.resellers);
        }
    }
    reseller
}

/// A month, with its dates in the file's format.
#[derive(Clone, Copy)]
struct Month(u32);

impl Month {
    /// The month with that number; month 1 is October 2025.
    fn of(number: u32) -> Self {
        Self(2025 * 12 + 9 + number - 1)
    }

    fn on(self, day: u64) -> String {
        format!("{}/{day}/{}", self.0 % 12 + 1, self.0 / 12)
    }
}

fn push_guid(buffer: &mut Vec<u8>, guid: Uuid) {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    buffer.extend_from_slice(guid.hyphenated().encode_lower(&mut text).as_bytes());
}

/// A random-looking GUID that is unique for each number: its first 32 bits are a permutation of the number.
fn numbered_guid(number: u32, kind: u64) -> Uuid {
    let rest = mix64(u64::from(number) << 8 | kind);
    guid_of(u64::from(mix32(number ^ (kind as u32) << 24)) << 32 | rest >> 32, mix64(rest))
}

fn below(chance: u64, end: u32) -> u32 {
    (((chance >> 32) * u64::from(end)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn rows_of(file: &NewCommerce) -> Vec<csv::StringRecord> {
        let mut bytes = Vec::new();
        write(file, &mut bytes).expect("a vector takes everything");
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        assert_eq!(reader.headers().expect("a header").iter().collect::<Vec<_>>().join(","), NEW_COMMERCE_2022);
        reader.records().collect::<Result<_, _>>().expect("every row has as many cells as the header")
    }

    fn a_file(rows: u32, customers: u32, resellers: u32) -> NewCommerce {
        NewCommerce {
            rows,
            repeated: 0,
            month: 1,
            moved: 10,
            customers,
            resellers,
            partner_tenant: Uuid::nil(),
            mpn: 1_234_567,
        }
    }

    fn distinct(rows: &[csv::StringRecord], column: &str) -> usize {
        let index = NEW_COMMERCE_2022.split(',').position(|name| name == column).expect("a column of the header");
        rows.iter().map(|row| &row[index]).collect::<HashSet<_>>().len()
    }

    #[test]
    fn the_benchmark_file_has_as_many_of_each_as_was_asked_for() {
        let rows = rows_of(&a_file(20_000, 2_000, 100));
        assert_eq!(rows.len(), 20_000);
        assert_eq!(distinct(&rows, "SubscriptionId"), 20_000);
        assert_eq!(distinct(&rows, "CustomerId"), 2_000);
        assert_eq!(distinct(&rows, "ResellerMPNID"), 100);
    }

    #[test]
    fn a_cell_is_under_its_own_header() {
        let rows = rows_of(&a_file(1, 1, 1));
        let cell = |column: &str| {
            let index = NEW_COMMERCE_2022.split(',').position(|name| name == column).expect("a column");
            rows[0][index].to_owned()
        };
        assert_eq!(cell("PartnerId"), Uuid::nil().to_string());
        assert_eq!(cell("CustomerId"), customer_tenant(0).to_string());
        assert_eq!(cell("CustomerCountry"), "PL");
        assert_eq!(cell("MPNID"), "1234567");
        assert_eq!(cell("ResellerMPNID"), "7000000");
        assert_eq!(cell("ChargeType"), "new");
        assert_eq!(cell("SubscriptionId"), subscription_id(0).to_string());
        assert!(cell("OrderDate").starts_with("10/") && cell("OrderDate").ends_with("/2025"));
        assert_eq!(cell("BillableQuantity"), cell("Quantity"));
        assert!(cell("SubscriptionEndDate").ends_with("/2026 23:59"));
    }

    #[test]
    fn rows_are_as_long_as_those_of_the_portal_and_repeat_as_often_as_was_asked_for() {
        let file = NewCommerce { repeated: 20, ..a_file(20_000, 2_000, 100) };
        let mut bytes = Vec::new();
        write(&file, &mut bytes).expect("a vector takes everything");
        assert!((500..600).contains(&(bytes.len() / 20_000)), "{} bytes a row", bytes.len() / 20_000);
        let rows = rows_of(&file);
        let distinct = rows.iter().map(|row| row.iter().collect::<Vec<_>>().join(",")).collect::<HashSet<_>>().len();
        assert!((15_700..16_300).contains(&distinct), "{distinct} distinct rows");
    }

    #[test]
    fn each_month_as_many_are_moved_as_was_asked_for_and_the_rest_stays() {
        let months = [1, 2].map(|month| rows_of(&NewCommerce { month, ..a_file(20_000, 2_000, 100) }));
        let moved = months[0].iter().zip(&months[1]).filter(|(one, other)| one[7] != other[7]).count();
        assert!((1_800..2_200).contains(&moved), "{moved} were moved");
        assert!(months[0].iter().zip(&months[1]).all(|(one, other)| one[1] == other[1] && one[26] == other[26]));
    }

    #[test]
    fn the_same_arguments_give_the_same_bytes() {
        let mut bytes = [Vec::new(), Vec::new()];
        bytes.iter_mut().for_each(|bytes| write(&a_file(50, 5, 3), bytes).expect("a vector takes everything"));
        assert_eq!(bytes[0], bytes[1]);
    }

    #[test]
    fn a_customer_keeps_its_country() {
        let rows = rows_of(&a_file(5_000, 50, 7));
        let pairs: HashSet<_> = rows.iter().map(|row| (row[1].to_owned(), row[4].to_owned())).collect();
        assert_eq!(pairs.len(), 50);
    }
}
