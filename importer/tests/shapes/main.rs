//! Files of all shapes that portals, spreadsheets and scripts write, and similar ones.

#[path = "../support/mod.rs"]
mod support;

mod encodings;
mod values;

use std::io::Write as _;

use encoding_rs::{EUC_JP, SHIFT_JIS, WINDOWS_1251};
use flate2::Compression;
use flate2::write::GzEncoder;
use partnergraph_domain::SubscriptionStatus;
use partnergraph_importer::fact::{QuantityStatement, Stated, SubscriptionFact, SubscriptionKind};
use partnergraph_importer::{Input, Issue, Parsed, ReadOptions, open};
use rstest::rstest;
use support::{TENANT, codes, opened, options, read, records, refusal};

const HEADER: &str =
    "CustomerId,SubscriptionId,ChargeType,OrderDate,Quantity,ResellerMpnId,UnitType,TermAndBillingCycle";
const SUBSCRIPTION: &str = "1a000000-0000-4000-8000-000000000001";
const NIL: &str = "00000000-0000-0000-0000-000000000000";

/// A case rebuilt from a public report.
fn case(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/cases/{name}", env!("CARGO_MANIFEST_DIR"))).expect("the case")
}

/// The importing provider of the cases.
fn provider() -> ReadOptions {
    let mut options = options();
    options.own.ids = vec!["11111111-2222-4333-8444-555555555555".parse().expect("a GUID")];
    options.own.mpn_ids = vec!["4500001".parse().expect("an MPN ID")];
    options
}

fn with_customer() -> ReadOptions {
    let mut options = provider();
    options.customer = Some(TENANT.parse().expect("a tenant id"));
    options
}

fn issues(bytes: impl Into<Vec<u8>>, options: &ReadOptions) -> Vec<Issue> {
    let mut file = opened(bytes, options).expect("the file is read");
    let rows = records(&mut file);
    file.issues().iter().cloned().chain(rows.into_iter().flat_map(|row| row.issues)).collect()
}

fn facts(bytes: impl Into<Vec<u8>>, options: &ReadOptions) -> Vec<SubscriptionFact> {
    let fact = |row: Parsed| {
        row.outcome.ok().and_then(Stated::into_customer).and_then(|fact| fact.subscription).map(|fact| *fact)
    };
    read(bytes, options).into_iter().filter_map(fact).collect()
}

fn charge(subscription: &str, kind: &str, quantity: &str, term: &str) -> String {
    format!("{HEADER}\n{TENANT},{subscription},{kind},2024-06-18,{quantity},,,{term}\n")
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(bytes).expect("memory takes it");
    gz.finish().expect("memory takes it")
}

#[rstest]
#[case("01-ps-onetime.csv", "new-commerce-reconciliation")]
#[case("01c-ps-customers-type.csv", "powershell-customers")]
#[case("09-graph-billed.jsonl.gz", "new-commerce-reconciliation")]
#[case("37-ps-subscription.csv", "powershell-subscriptions")]
#[case("38-customers-es.csv", "partner-center-customers")]
#[case("38-customers-fr.csv", "partner-center-customers")]
fn a_shape_is_recognised_and_read_without_errors(#[case] name: &str, #[case] profile: &str) {
    let mut file = opened(case(name), &with_customer()).expect("it is known");
    assert_eq!(file.description().profile, profile);
    let rows = records(&mut file);
    assert!(!rows.is_empty() && rows.iter().all(|row| row.outcome.is_ok() && row.issues.is_empty()), "{rows:#?}");
    assert!(file.issues().iter().all(|issue| issue.code == "file.date_order.assumed"), "{:#?}", file.issues());
}

#[test]
fn powershells_list_of_subscriptions_names_the_reseller_as_the_partner() {
    let fact = &facts(case("37-ps-subscription.csv"), &with_customer())[0];
    assert_eq!(fact.quantity, QuantityStatement::Seats(10));
    assert_eq!(fact.status, Some(SubscriptionStatus::Active));
    assert_eq!(format!("{:?}", fact.reseller), "Mpn(MpnId(5500001))");
    assert_eq!(fact.commitment_end.map(|day| day.to_string()).as_deref(), Some("2027-06-18"));
}

#[rstest]
#[case::alone("#TYPE Some.Model\r\n", 3)]
#[case::quoted("\"#TYPE Some.Model\"\n", 3)]
#[case::before_a_separator("#type Some.Model\nsep=,\n", 4)]
#[case::behind_a_separator("SEP=,\n#TYPE Some.Model\n", 4)]
#[case::among_blank_lines("\n#TYPE Some.Model\n\n", 5)]
fn lines_of_programs_before_the_header_are_skipped_and_counted(#[case] before: &str, #[case] line: u64) {
    let text = format!("{before}Microsoft ID,Company name\n{TENANT},Contoso\n");
    assert_eq!(read(text, &options())[0].line, line);
}

#[test]
fn lines_of_people_before_the_header_are_named_and_skipped_when_asked() {
    let text = format!("Customers of June\n\nprinted by: me\nMicrosoft ID,Company name\n{TENANT},Contoso\n");
    let refused = refusal(text.clone(), &options());
    assert_eq!((refused.code.as_ref(), refused.line), ("file.header.unknown", Some(4)));
    assert!(refused.hint.as_deref().is_some_and(|hint| hint.contains("--header-line 4")), "{refused:?}");
    let mut options = options();
    options.header_line = Some(4);
    let mut file = opened(text.clone(), &options).expect("it is read");
    assert_eq!(file.header(), ["Microsoft ID", "Company name"]);
    let rows = records(&mut file);
    assert_eq!((rows.len(), rows[0].line), (1, 5));
    assert_eq!(file.raw_record(rows[0].offset).expect("it is there"), format!("{TENANT},Contoso").as_bytes());
    options.header_line = Some(40);
    let beyond = refusal(text, &options);
    assert_eq!(
        (beyond.code.as_ref(), beyond.message.as_str()),
        ("file.header.unknown", "the file ends before line 40")
    );
    assert_eq!(refusal(String::new(), &options).code, "file.empty");
}

#[rstest]
#[case::trailing_comma_and_a_name_that_is_not_quoted("x1_trailing_header_comma_unquoted_name.csv")]
fn a_row_with_shifted_cells_is_refused(#[case] name: &str) {
    let mut file = opened(case(name), &provider()).expect("it is read");
    let rows = records(&mut file);
    let bad: Vec<_> = rows.iter().filter(|row| row.outcome.is_err()).collect();
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].line, 2);
    assert!(bad[0].issues.iter().any(|issue| issue.code == "row.field_count"), "{:?}", bad[0].issues);
    // The reject keeps its surplus cells, so that it is rejected again until someone fixes it.
    let raw = String::from_utf8(file.raw_record(bad[0].offset).expect("it is there")).expect("text");
    assert_eq!(raw.matches(',').count(), 5);
    let again =
        format!("{},import_line,import_code,import_message\n{raw},2,row.field_count,why\n", file.header().join(","));
    assert!(codes(again.clone(), &provider()).iter().any(|code| code == "2:row.field_count"));
    let fixed = again.replace("Firma Jedna, s.r.o.", "\"Firma Jedna, s.r.o.\"");
    assert!(read(fixed, &provider())[0].outcome.is_ok());
}

#[rstest]
#[case::not_corrected(
    "{TENANT},Short Row GmbH,2,row.field_count,\"the row has 2 cells but the header has 5\",,,",
    false
)]
#[case::with_another_reason("{TENANT},Short Row GmbH,2,row.field_count;customer.country.invalid,why,,,", false)]
#[case::with_another_reason_before("{TENANT},Short Row GmbH,2,customer.country.invalid;row.field_count,why,,,", false)]
#[case::cells_moved_into_their_columns("{TENANT},Short Row GmbH,short.example,,,2,row.field_count,why", true)]
#[case::reasons_taken_away("{TENANT},Short Row GmbH,,,,,,", true)]
fn a_short_row_that_a_spreadsheet_filled_up_is_refused_until_its_cells_are_in_place(
    #[case] row: &str,
    #[case] fits: bool,
) {
    let header =
        "Microsoft ID,Company name,Primary domain name,Relationship,Tags,import_line,import_code,import_message";
    let text = format!("{header}\n{}\n", row.replace("{TENANT}", TENANT));
    let rows = read(text, &options());
    assert_eq!(rows[0].outcome.is_ok(), fits, "{:?}", rows[0].issues);
    assert_eq!(rows[0].issues.iter().any(|issue| issue.code == "row.field_count"), !fits);
}

#[test]
fn a_truncated_file_or_one_that_lacks_a_quote_is_not_read_as_another_format() {
    let own = "11111111-2222-4333-8444-555555555555";
    let header = format!("PartnerId,{HEADER}");
    let row = format!("{own},{TENANT},{SUBSCRIPTION},new,2024-06-18,3,,,\n");
    for last in ["11111111-22".to_owned(), format!("\"{own},a\n{own},b\"\n")] {
        let rows = read(format!("{header}\n{row}{last}"), &provider());
        assert_eq!((rows.len(), rows[0].outcome.is_ok()), (2, true), "{last}");
        assert!(rows[1].issues.iter().any(|issue| issue.code == "row.field_count"), "{:?}", rows[1].issues);
    }
    let foreign = row.replace(own, "99999999-2222-4333-8444-555555555555");
    assert_eq!(refusal(format!("{header}\n{row}{foreign}"), &provider()).code, "file.partner_mismatch");
}

#[rstest]
#[case::as_wide("A,B", true)]
#[case::a_blank_more("A,B,", true)]
#[case::blanks_more("A,B,,,", true)]
#[case::a_cell_more("A,B,C", false)]
#[case::a_cell_behind_a_blank("A,B,,C", false)]
#[case::a_cell_less("A", false)]
fn a_row_is_as_wide_as_the_header_or_its_further_cells_are_blank(
    #[case] row: &str,
    #[case] fits: bool,
    #[values("", ",", ",,")] tail: &str,
) {
    let text = format!("Microsoft ID,Company name,Tags{tail}\n{TENANT},{row}\n");
    assert_eq!(read(text, &options())[0].outcome.is_ok(), fits);
}

#[test]
fn an_invalid_domain_or_relationship_is_omitted_with_a_warning() {
    let text =
        format!("Microsoft ID,Company name,Primary domain name,Relationship\n{TENANT},Contoso,s.r.o.,contoso.com\n");
    assert_eq!(codes(text.clone(), &options()), ["2:customer.domain.invalid", "2:word.unknown"]);
    let fact =
        read(text, &options()).remove(0).outcome.expect("it is taken").into_customer().expect("about a customer");
    assert_eq!((fact.customer.domain, fact.customer.relationship), (None, None));
}
