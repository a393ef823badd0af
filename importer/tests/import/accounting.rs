//! Every row is accounted for, whatever the file.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rstest::rstest;

use crate::support::*;

fn any_charge() -> impl Strategy<Value = Charge> {
    let kinds = prop_oneof![
        Just("new"),
        Just("cycleCharge"),
        Just("addQuantity"),
        Just("removeQuantity"),
        Just("customerCredit"),
        Just("cancelImmediate"),
        Just("renew"),
        Just("convert"),
        Just("nonsense")
    ];
    let days = prop_oneof![Just("2024-06-01"), Just("2024-06-18"), Just("2024-06-20"), Just("nonsense"), Just("")];
    let seats = prop_oneof![Just("1"), Just("10"), Just("12"), Just("ten"), Just("")];
    let resellers = prop_oneof![Just("2000001"), Just("2000002"), Just("0"), Just(""), Just(PROVIDER_MPN), Just("x")];
    let countries = prop_oneof![4 => Just("PL"), 1 => Just("US"), 1 => Just(""), 1 => Just("??")];
    let prices = prop_oneof![Just("10"), Just("-10"), Just("0"), Just("")];
    (
        1_u32..4,
        1_u32..6,
        kinds,
        days,
        seats,
        resellers,
        countries,
        prices,
        prop_oneof![Just("R1"), Just("R2"), Just("")],
    )
        .prop_map(|(customer, subscription, kind, ordered, seats, reseller, country, price, reference)| Charge {
            kind,
            ordered,
            reseller,
            country,
            price,
            reference,
            ..charge(customer, subscription, seats)
        })
}

#[test]
fn rows_read_are_applied_merged_rejected_or_held() {
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let files = proptest::collection::vec(proptest::collection::vec(any_charge(), 0..12), 1..3);
    runner
        .run(&files, |files| {
            let mut world = World::new(Kind::Sqlite);
            let texts: Vec<String> = files.iter().map(|lines| charges(lines)).collect();
            let inputs: Vec<(&str, &str)> = texts.iter().map(|text| ("random.csv", text.as_str())).collect();
            let request = world.request(&inputs);
            let first = world.run(&request).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let [read, applied, merged, rejected, conflict] = rows(&first);
            prop_assert_eq!(read, files.iter().map(|lines| lines.len() as u64).sum::<u64>());
            prop_assert_eq!(read, applied + merged + rejected + conflict);
            // Every row that is not applied has an issue.
            let errors: std::collections::HashSet<(u16, u64)> = first
                .issues
                .iter()
                .filter(|issue| issue.severity == partnergraph_domain::Severity::Error)
                .map(|issue| (issue.file, issue.line))
                .collect();
            prop_assert_eq!(errors.len() as u64, rejected + conflict);
            let before = world.contents();
            let second = world.run(&request).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(world.contents(), before);
            prop_assert_eq!(rows(&second)[0], read);
            Ok(())
        })
        .unwrap();
}

/// Users compare a control total with an invoice, which also contains the rows that the importer rejects and purchases without a
/// subscription.
#[rstest]
fn the_control_total_is_the_sum_of_the_files_own_lines(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let rejected = Charge { country: "nowhere", ..charge(2, 2, "3") };
    let credit = Charge { kind: "addQuantity", price: "-1", ..charge(1, 1, "5") };
    let text = charges(&[charge(1, 1, "5"), credit, rejected]);
    let report = world.import(&[("charges.csv", &text)]);
    assert_eq!(report.rows.rejected, 1);
    // Each line charges 94.1, and the credit refunds the same amount.
    assert_eq!(report.controls[0].subtotals.get("EUR").map(String::as_str), Some("94.10"));
}
