//! `README.md` of the samples, with numbers and lines taken from the files.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::customers::parts;
use super::expected::{by_status, customers_of_resellers, licences, moved, presumed_expired};
use super::life::Kind;
use super::partners::{DIRECT_BILL, NEWCOMER, PROVIDER, RESELLERS};
use super::portal::SUBSCRIPTION_LISTS;
use super::record::Outcome;
use super::report::Finding;
use super::{Book, LISTS_AS_OF};

/// The template, with `{{…}}` for the generated parts.
const TEMPLATE: &str = include_str!("readme.md");

/// The maximum number of rows to list of one kind. The rest is counted.
const SHOWN_LINES: usize = 14;

/// The contents of the file.
pub(super) fn readme(book: &Book) -> String {
    let fills = [
        ("{{partners}}", partners(book)),
        ("{{placeholders}}", placeholders()),
        ("{{files}}", files(book)),
        ("{{rejected}}", blemishes(book, |outcome| matches!(outcome, Outcome::Rejected | Outcome::Conflict))),
        ("{{reported}}", blemishes(book, |outcome| outcome == Outcome::Reported)),
        ("{{quiet}}", blemishes(book, |outcome| outcome == Outcome::Quiet)),
        ("{{numbers}}", numbers(book)),
        ("{{customer}}", book.world.customers[parts::LISTED[0]].tenant.to_string()),
        ("{{direct-bill}}", DIRECT_BILL.mpn_id.to_string()),
        ("{{provider}}", PROVIDER.mpn_id.to_string()),
        ("{{import}}", import_command(book)),
    ];
    fills.iter().fold(TEMPLATE.to_owned(), |text, (place, fill)| text.replace(place, fill.trim_end()))
}

fn partners(book: &Book) -> String {
    let mut table = String::from("| partner | country | MPN ID | tenant id | customers |\n|---|---|---|---|---|\n");
    for (account, what) in [(PROVIDER, "the indirect provider"), (DIRECT_BILL, "a direct-bill partner")] {
        let _ = writeln!(
            table,
            "| **{}**, {what} | {} | {} | `{}` | |",
            account.name, account.country, account.mpn_id, account.tenant_id
        );
    }
    for (reseller, customers) in RESELLERS.iter().zip(customers_of_resellers(&book.world)) {
        if let Some(setup) = reseller.account {
            let mpa = if setup.mpa_signed { "" } else { " (agreement not signed)" };
            let _ = writeln!(
                table,
                "| {}{mpa} | {} | {} | `{}` | {} |",
                reseller.name,
                reseller.country,
                reseller.mpn_id,
                setup.tenant_id,
                customers.len()
            );
        }
    }
    let _ = writeln!(
        table,
        "| {} (no partnership yet) | {} | {} | `{}` | in no file |",
        NEWCOMER.name, NEWCOMER.country, NEWCOMER.mpn_id, NEWCOMER.tenant_id
    );
    table
}

fn placeholders() -> String {
    let names: Vec<_> = RESELLERS
        .iter()
        .filter(|reseller| reseller.account.is_none())
        .map(|reseller| format!("{} {} ({})", reseller.mpn_id, reseller.name, reseller.country))
        .collect();
    names.join(" · ")
}

fn files(book: &Book) -> String {
    let mut table =
        String::from("| | file | rows | rejected | in conflict | what it is |\n|---|---|---|---|---|---|\n");
    for (nth, export) in book.exports.iter().enumerate() {
        let _ = writeln!(
            table,
            "| {} | `{}` | {} | {} | {} | {} |",
            nth + 1,
            export.path,
            export.rows,
            export.count(Outcome::Rejected),
            export.count(Outcome::Conflict),
            what_it_is(export.path)
        );
    }
    table
}

fn what_it_is(path: &str) -> &'static str {
    match path {
        "reconciliation/new-commerce-2026-08.csv" => {
            "new-commerce reconciliation, column order of 2022; American dates, LF"
        }
        "reconciliation/new-commerce-2026-09.csv" => {
            "the next month, with the spellings of an invoice tool and `ProductCategory`; ISO dates, 0 for no reseller"
        }
        "reconciliation/license-based-2026-08.csv" => {
            "legacy licence reconciliation, columns of 2019; exclusive end dates"
        }
        "reconciliation/license-based-2026-09.csv" => "the next month, columns of 2023; the first line is `sep=,`",
        "partner-center/Customers.csv" => "the customer list, with tags; UTF-8 with a byte order mark",
        "bulk-migration-tool/customers.csv" => "customers selected in the migration tool",
        "bulk-migration-tool/subscriptions.csv" => {
            "their legacy subscriptions; `SeatCount`, `Term` and `BillingPlan` are requests, not facts, and differ from the current values"
        }
        "bulk-migration-tool/ncesubscriptions.csv" => "their new-commerce subscriptions",
        _ if path == SUBSCRIPTION_LISTS[0] => "subscriptions of one customer; Polish header, semicolons, Windows-1250",
        _ if path == SUBSCRIPTION_LISTS[1] => "subscriptions of one customer",
        _ => "subscriptions of one customer; a trailing comma in the header only",
    }
}

fn blemishes(book: &Book, wanted: impl Fn(Outcome) -> bool) -> String {
    let mut kinds: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in book.exports.iter().flat_map(|export| &export.findings) {
        if wanted(finding.blemish.outcome) {
            kinds.entry(finding.blemish.kind).or_default().push(finding);
        }
    }
    let mut table = String::from("| kind | file:line | codes | details |\n|---|---|---|---|\n");
    for (kind, findings) in kinds {
        for (nth, finding) in findings.iter().enumerate().take(SHOWN_LINES) {
            let codes: Vec<_> = finding.blemish.codes.iter().map(|code| format!("`{code}`")).collect();
            let _ = writeln!(
                table,
                "| {} | `{}:{}` | {} | {} |",
                if nth == 0 { kind } else { "" },
                finding.path,
                finding.line,
                codes.join(" "),
                finding.blemish.note
            );
        }
        if let Some(more @ 1..) = findings.len().checked_sub(SHOWN_LINES) {
            let _ = writeln!(table, "| | and {more} more | | |");
        }
    }
    table
}

fn numbers(book: &Book) -> String {
    let world = &book.world;
    let rows: usize = book.exports.iter().map(|export| export.rows).sum();
    let total = |outcome| book.exports.iter().map(|export| export.count(outcome)).sum::<usize>();
    let kinds = |wanted: fn(Kind) -> bool| world.subscriptions.iter().filter(|one| wanted(one.kind)).count();
    let statuses: Vec<_> =
        by_status(world).iter().map(|(status, count)| format!("{count} {}", status.api_name())).collect();
    let unknown = world.customers.iter().filter(|customer| !customer.country_known).count();
    let (rejected, conflict) = (total(Outcome::Rejected), total(Outcome::Conflict));
    let mut list = String::new();
    let mut item = |text: String| {
        let _ = writeln!(list, "- {text}");
    };
    item(format!("{} customers; no file states the country of {unknown} of them", world.customers.len()));
    item(format!("{} subscriptions: {}", world.subscriptions.len(), statuses.join(", ")));
    item(format!(
        "by kind: {} new-commerce licences, {} legacy licences, {} trials, {} Azure plans (usage, no quantity), {} reservations \
         and savings plans",
        kinds(|kind| matches!(kind, Kind::Seats(_))),
        kinds(|kind| matches!(kind, Kind::Legacy(_))),
        kinds(|kind| matches!(kind, Kind::Trial(_))),
        kinds(|kind| matches!(kind, Kind::AzurePlan)),
        kinds(|kind| matches!(kind, Kind::Reservation(_))),
    ));
    item(format!("{} licences on active subscriptions, without trials", licences(world)));
    item(format!(
        "{} subscriptions without a partner of record",
        world.subscriptions.iter().filter(|one| one.reseller.is_none()).count()
    ));
    let placeholders = RESELLERS.iter().filter(|reseller| reseller.account.is_none()).count();
    item(format!(
        "{} indirect resellers, {placeholders} of them placeholders with a partnership in state IMPORTED",
        RESELLERS.len()
    ));
    item(format!(
        "{rows} rows read, {} applied or merged, {rejected} rejected, {conflict} in conflict",
        rows - rejected - conflict
    ));
    item(format!("{} subscriptions moved from one reseller to another", moved(world).len()));
    item(format!(
        "{} subscriptions that had ended by 1 October without a renewal: the report lists them, but does not change their \
         status (there are more if the import uses today's date)",
        presumed_expired(world).len()
    ));
    list
}

/// The command that imports everything except the lists of single customers, each of which needs its own options.
fn import_command(book: &Book) -> String {
    let files: Vec<_> = book
        .exports
        .iter()
        .map(|export| export.path)
        .filter(|path| !SUBSCRIPTION_LISTS.contains(path))
        .map(|path| format!("samples/{path}"))
        .collect();
    format!("partnergraph import --as {} --as-of {LISTS_AS_OF} \\\n  {}", PROVIDER.mpn_id, files.join(" \\\n  "))
}
