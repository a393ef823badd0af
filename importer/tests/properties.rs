//! Properties for arbitrary bytes.

mod support;

use partnergraph_importer::fact::Stated;
use partnergraph_importer::{Fact, Issue};
use proptest::prelude::*;
use support::{TENANT, opened, options, records};

/// Text that is likely to form awkward CSV.
fn awkward() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zż0-9]{0,6}",
        4 => Just(",".to_owned()),
        2 => Just("\"".to_owned()),
        1 => Just("\"\"".to_owned()),
        2 => prop_oneof![Just("\n"), Just("\r\n"), Just("\r")].prop_map(str::to_owned),
        1 => Just(format!("{TENANT},")),
        1 => Just(" ".to_owned()),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), kind in 0..4) {
        let header: &[u8] = match kind {
            0 => b"",
            1 => b"Microsoft ID,Company name\n",
            2 => b"\xff\xfe",
            _ => b"CustomerId;SubscriptionId;ChargeType;OrderDate;Quantity;Subtotal;SubscriptionEndDate\n",
        };
        if let Ok(mut file) = opened([header, &bytes].concat(), &options()) {
            let rows = records(&mut file);
            prop_assert_eq!(rows.len() as u64, file.description().rows);
            for row in rows {
                let faulty = row.issues.iter().any(|issue| issue.severity.as_str() == "ERROR");
                prop_assert_eq!(row.outcome.is_err(), faulty);
                let spooled = postcard::to_stdvec(&row.issues).expect("issues can be spooled");
                prop_assert_eq!(postcard::from_bytes::<Vec<Issue>>(&spooled), Ok(row.issues));
            }
        }
    }

    #[test]
    fn facts_come_back_from_the_spool_as_they_were(
        id: u128, date in "[01]?[0-9]/[0-3]?[0-9]/20[0-9]{2}", seats in "[0-9]{0,3}", amount in "-?[0-9]{1,9}(\\.[0-9]{1,10})?",
        reseller in "[0-9]{0,7}", name in "[a-zA-ZąŻ ]{0,20}",
    ) {
        let id = uuid::Uuid::from_u128(id | 1);
        let header = "CustomerId,SubscriptionId,ChargeType,OrderDate,SubscriptionEndDate,Quantity,Subtotal,Tier2MpnId,CustomerName";
        let text = format!("{header}\n{id},{id},new,{date},{date},{seats},{amount},{reseller},{name}\n");
        let mut file = opened(text, &options()).expect("a known header");
        for fact in records(&mut file).into_iter().filter_map(|row| row.outcome.ok().and_then(Stated::into_customer)) {
            let spooled = postcard::to_stdvec(&fact).expect("facts can be spooled");
            prop_assert_eq!(postcard::from_bytes::<Fact>(&spooled), Ok(fact));
        }
    }

    #[test]
    fn rows_are_those_that_the_csv_crate_finds(text in awkward()) {
        let whole = format!("Microsoft ID,Company name\n{text}");
        let expected: Vec<csv::ByteRecord> = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(whole.as_bytes())
            .into_byte_records()
            .collect::<Result<_, _>>()
            .expect("memory can be read");
        match opened(whole, &options()) {
            Ok(mut file) => {
                let rows = records(&mut file);
                prop_assert_eq!(rows.len(), expected.len());
                for (row, record) in rows.iter().zip(&expected) {
                    let raw = file.raw_record(row.offset).expect("it is there");
                    let again = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&raw[..]).into_byte_records().next();
                    let again = again.expect("a record").expect("memory can be read");
                    prop_assert!(again.iter().eq(record.iter().take(again.len())), "{:?} is not {:?}", again, record);
                }
            }
            // The csv crate reads the content of an open quote as a cell; the importer refuses the file.
            Err(refusal) => prop_assert_eq!(refusal.code.as_ref(), "file.quote_open"),
        }
    }
}
