//! The benchmark file: new-commerce reconciliation, one subscription a row.
//!
//! It is written by hand into a buffer: at this size the writing of the file must not be what one waits for. No cell
//! needs quoting. Offer and product cells are blank, which keeps a row near 190 bytes, of which 154 are GUIDs and commas.

use std::io::{self, Write};

use uuid::Uuid;

use crate::headers::NEW_COMMERCE_2022;
use crate::random::{guid_of, mix32, mix64};

/// What the benchmark file is to hold.
#[derive(Clone, Debug)]
pub struct NewCommerce {
    /// Rows, and as many distinct subscription ids.
    pub rows: u32,
    /// Customers, each of which has a subscription if there are at least as many rows.
    pub customers: u32,
    /// Indirect resellers, each of which has a customer if there are at least as many customers.
    pub resellers: u32,
    /// `PartnerId` of every row.
    pub partner_tenant: Uuid,
    /// `MPNID` of every row.
    pub mpn: u32,
}

/// The first MPN ID of the benchmark's resellers; the others follow it.
pub const FIRST_RESELLER_MPN_ID: u32 = 7_000_000;

/// Markets of one CSP region, the one that the demo provider may sell to.
const COUNTRIES: [&str; 8] = ["PL", "DE", "CZ", "SK", "AT", "NL", "FR", "IT"];

/// Writes the file. The first `customers` rows name each customer once, the rest are spread over them at random.
///
/// # Errors
/// Those of `out`.
pub fn write(file: &NewCommerce, mut out: impl Write) -> io::Result<()> {
    const FLUSH_AT: usize = 1 << 20;
    let mut buffer = Vec::with_capacity(FLUSH_AT + 1024);
    buffer.extend_from_slice(NEW_COMMERCE_2022.as_bytes());
    buffer.push(b'\n');
    for row in 0..file.rows {
        push_row(&mut buffer, file, row)?;
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
    // Nine in ten subscriptions stay with the customer's own reseller.
    let reseller =
        if chance.is_multiple_of(10) { below(mix64(chance), file.resellers) } else { customer % file.resellers };
    let seats = chance >> 8 & 0x3f | 1;
    let day = (chance >> 16) % 28 + 1;
    let country = COUNTRIES[customer as usize % COUNTRIES.len()];

    push_guid(buffer, file.partner_tenant);
    buffer.push(b',');
    push_guid(buffer, customer_tenant(customer));
    // CustomerName, CustomerDomainName, CustomerCountry, InvoiceNumber, MPNID, ResellerMPNID, OrderId, OrderDate
    write!(buffer, ",K{customer},,{country},,{},{},,9/{day}/2026", file.mpn, FIRST_RESELLER_MPN_ID + reseller)?;
    // ProductId … ProductName, ChargeType, UnitPrice, Quantity, Subtotal, … SubscriptionDescription, SubscriptionId
    write!(buffer, ",,,,,,new,,{seats},{seats}.5,,,,,,,,")?;
    push_guid(buffer, subscription_id(row));
    // ChargeStartDate … PromotionID
    buffer.extend_from_slice(b",,,,,,,,,,,,,,,,,,,\n");
    Ok(())
}

fn push_guid(buffer: &mut Vec<u8>, guid: Uuid) {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    buffer.extend_from_slice(guid.hyphenated().encode_lower(&mut text).as_bytes());
}

/// A random-looking GUID that no other number has: its first 32 bits are a permutation of the number.
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
        NewCommerce { rows, customers, resellers, partner_tenant: Uuid::nil(), mpn: 1_234_567 }
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
    fn a_cell_stands_under_its_own_header() {
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
        assert!(cell("OrderDate").ends_with("/2026"));
        assert_eq!(cell("Subtotal"), format!("{}.5", cell("Quantity")));
    }

    #[test]
    fn the_same_arguments_give_the_same_bytes() {
        let mut bytes = Vec::new();
        write(&a_file(1, 1, 1), &mut bytes).expect("a vector takes everything");
        let text = String::from_utf8(bytes).expect("plain ASCII");
        assert_eq!(
            text.lines().nth(1),
            Some(
                "00000000-0000-0000-0000-000000000000,b78692b1-79ce-4dc9-961d-189fa5a50629,K0,,PL,,1234567,7000000,,\
                 9/26/2026,,,,,,new,,45,45.5,,,,,,,,9bd0bee0-786d-40ab-bdb5-836e50d8a06a,,,,,,,,,,,,,,,,,,,"
            )
        );
    }

    #[test]
    fn a_customer_keeps_its_country() {
        let rows = rows_of(&a_file(5_000, 50, 7));
        let pairs: HashSet<_> = rows.iter().map(|row| (row[1].to_owned(), row[4].to_owned())).collect();
        assert_eq!(pairs.len(), 50);
    }
}
