//! The samples in the repository are identical to those that the tool generates, and their contents are as described.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use partnergraph_exports::book::life::Status;
use partnergraph_exports::book::partners::RESELLERS;
use partnergraph_exports::book::record::Outcome;
use partnergraph_exports::book::report::Export;
use partnergraph_exports::book::{self, Book};
use partnergraph_exports::headers;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

fn the_book() -> Book {
    book::book().expect("the samples can be written")
}

/// Paths below a directory, with `/` between their parts.
fn paths_below(dir: &Path, prefix: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for entry in std::fs::read_dir(dir).expect("the directory is there") {
        let entry = entry.expect("it can be listed");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            paths.extend(paths_below(&entry.path(), &format!("{name}/")));
        } else {
            paths.insert(name);
        }
    }
    paths
}

#[test]
fn the_samples_are_identical_to_those_the_tool_generates() {
    let files = book::files().expect("the samples can be written");
    for file in &files {
        let there = std::fs::read(samples().join(&file.path)).unwrap_or_default();
        assert!(there == file.bytes, "samples/{} is not what `partnergraph-exports samples` writes", file.path);
    }
    let written: BTreeSet<_> = files.into_iter().map(|file| file.path).collect();
    assert_eq!(paths_below(&samples(), ""), written);
}

#[test]
fn a_header_has_as_many_columns_as_its_portal_writes() {
    let columns = |header: &str| header.split(',').count();
    assert_eq!(columns(headers::CUSTOMERS_2024), 5);
    assert_eq!(columns(headers::CUSTOMER_SUBSCRIPTIONS), 5);
    assert_eq!(columns(&headers::CUSTOMER_SUBSCRIPTIONS_PL.replace(';', ",")), 5);
    assert_eq!(columns(headers::LICENSE_BASED_2019), 28);
    assert_eq!(columns(headers::LICENSE_BASED_2023), 28);
    assert_eq!(columns(headers::NEW_COMMERCE_2022), 46);
    assert_eq!(columns(headers::NEW_COMMERCE_INVOICE), 47);
    assert_eq!(columns(headers::MIGRATION_CUSTOMERS), 3);
    assert_eq!(columns(headers::MIGRATION_SUBSCRIPTIONS), 22);
    assert_eq!(columns(headers::MIGRATION_NEW_COMMERCE), 13);
}

#[test]
fn every_file_begins_with_the_header_of_its_portal() {
    let trailing = format!("{},", headers::CUSTOMER_SUBSCRIPTIONS);
    let expected: [&[u8]; 11] = [
        headers::NEW_COMMERCE_2022.as_bytes(),
        headers::LICENSE_BASED_2019.as_bytes(),
        headers::NEW_COMMERCE_INVOICE.as_bytes(),
        &[b"sep=,\r\n", headers::LICENSE_BASED_2023.as_bytes()].concat(),
        &[b"\xef\xbb\xbf", headers::CUSTOMERS_2024.as_bytes()].concat(),
        b"Identyfikator subskrypcji;Subskrypcja;Ilo\x9c\xe6;Stan;Odsprzedawca",
        headers::CUSTOMER_SUBSCRIPTIONS.as_bytes(),
        trailing.as_bytes(),
        headers::MIGRATION_CUSTOMERS.as_bytes(),
        headers::MIGRATION_SUBSCRIPTIONS.as_bytes(),
        headers::MIGRATION_NEW_COMMERCE.as_bytes(),
    ];
    let exports = the_book().exports;
    assert_eq!(exports.len(), expected.len());
    for (export, header) in exports.iter().zip(expected) {
        let rest = export.file.bytes.strip_prefix(header).unwrap_or_else(|| panic!("the header of {}", export.path));
        assert!(rest.starts_with(b"\n") || rest.starts_with(b"\r\n"), "{}: the header goes on", export.path);
    }
}

#[test]
fn there_are_six_hundred_customers_and_three_thousand_subscriptions() {
    let world = the_book().world;
    let tenants: HashSet<_> = world.customers.iter().map(|customer| customer.tenant).collect();
    let ids: HashSet<_> = world.subscriptions.iter().map(|subscription| subscription.id).collect();
    assert_eq!((tenants.len(), ids.len()), (600, 3_000));
}

#[test]
fn every_reseller_has_a_customer() {
    let world = the_book().world;
    let used: HashSet<_> = world.subscriptions.iter().filter_map(|subscription| subscription.reseller).collect();
    assert_eq!(used.len(), RESELLERS.len());
}

/// The samples do not decide whether an expired subscription alone makes a customer a reseller's customer.
#[test]
fn beside_a_stopped_subscription_there_is_an_active_one_of_the_same_reseller() {
    let world = the_book().world;
    let active: HashSet<_> = world
        .subscriptions
        .iter()
        .filter(|subscription| subscription.status == Status::Active)
        .map(|subscription| (subscription.customer, subscription.reseller))
        .collect();
    for subscription in &world.subscriptions {
        if matches!(subscription.status, Status::Suspended | Status::Expired | Status::Disabled) {
            assert!(active.contains(&(subscription.customer, subscription.reseller)), "{}", subscription.id);
        }
    }
}

#[test]
fn one_customer_has_only_a_cancelled_subscription_of_its_reseller() {
    let world = the_book().world;
    let mut ties: HashMap<_, Vec<_>> = HashMap::new();
    for subscription in world.subscriptions.iter().filter(|subscription| subscription.reseller.is_some()) {
        ties.entry((subscription.customer, subscription.reseller)).or_default().push(subscription.status);
    }
    let cancelled = |statuses: &&Vec<Status>| statuses.iter().all(|status| *status == Status::Deleted);
    assert!(ties.values().filter(cancelled).count() >= 1);
}

#[test]
fn a_blemish_is_on_the_stated_line() {
    for export in the_book().exports {
        let lines = first_lines_of_records(&export);
        for finding in &export.findings {
            assert!(lines.contains(&finding.line), "{}:{} starts no record", export.path, finding.line);
        }
        assert_eq!(lines.len(), export.rows, "{}", export.path);
    }
}

#[test]
fn blemishes_are_a_handful_of_each_kind() {
    let exports = the_book().exports;
    let count = |outcome| exports.iter().map(|export| export.count(outcome)).sum::<usize>();
    assert_eq!((count(Outcome::Rejected), count(Outcome::Conflict)), (30, 10));
}

/// The physical lines on which records start, found by a reader that does not know how the file was written.
fn first_lines_of_records(export: &Export) -> BTreeSet<usize> {
    // In this file the header is on line 2.
    let before_header = usize::from(export.file.bytes.starts_with(b"sep="));
    let mut quoted = false;
    let mut starts = BTreeSet::new();
    let mut at_start = true;
    let mut line = 1;
    for byte in &export.file.bytes {
        if at_start && line > 1 + before_header {
            starts.insert(line);
        }
        at_start = false;
        match byte {
            b'"' => quoted = !quoted,
            b'\n' => {
                line += 1;
                at_start = !quoted;
            }
            _ => {}
        }
    }
    starts
}
