//! The law of the round trip: importing an export changes only the baselines of the export's own source.

use chrono::NaiveDate;
use partnergraph_domain::PartnerType;
use partnergraph_store::Scope;
use partnergraph_store::read::exports;
use rstest::rstest;

use crate::bench::Bench;
use crate::book::{BookFile, Format, Row};
use crate::projection::{Tables, difference};
use crate::runner::hold;
use crate::support::Kind;

#[rstest]
fn importing_an_export_changes_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        bench.reset();
        bench.import(&book.files)?;
        let before = without_baselines(bench);
        let files = exported(bench);
        bench.days += 1;
        let report = bench.import(&files)?.ok_or("there was something to export")?;
        if let Some(difference) = difference(&before, &without_baselines(bench)) {
            return Err(format!("{difference}\n{:?}", report.issues));
        }
        for (what, counts) in [("customers", report.customers), ("subscriptions", report.subscriptions)] {
            if counts.created + counts.updated > 0 {
                return Err(format!("{what} were changed: {counts:?}"));
            }
        }
        Ok(())
    });
}

/// Everything except the baselines.
fn without_baselines(bench: &mut Bench) -> Vec<String> {
    let tables = Tables::read(&mut bench.world);
    tables.projection().into_iter().filter(|line| !line.starts_with("import_baselines ")).collect()
}

/// The lists as the command exports them: customers, and the subscriptions of each.
fn exported(bench: &mut Bench) -> Vec<BookFile> {
    let scope = Scope::Partner { id: bench.world.provider, partner_type: PartnerType::IndirectProvider };
    let as_of = NaiveDate::from_ymd_opt(2024, 6, 30);
    let conn = &mut bench.world.conn;
    let customers = exports::customers(conn, &scope, None).unwrap();
    let mut files = Vec::new();
    for customer in &customers {
        let lines = exports::subscriptions(conn, &scope, Some(&customer.tenant_id), None).unwrap();
        let row = |line: &exports::SubscriptionLine| {
            let status = line.status.as_str();
            let status = format!("{}{}", &status[..1], status[1..].to_lowercase());
            let quantity = line.quantity.map(|seats| seats.to_string()).unwrap_or_default();
            Row::new(&[
                ("Subscription ID", &*line.subscription_id),
                ("Subscription", line.name.as_deref().unwrap_or_default()),
                ("Quantity", &*quantity),
                ("Status", &*status),
                ("Reseller", line.reseller.as_deref().unwrap_or_default()),
            ])
        };
        files.push(BookFile {
            name: format!("subscriptions-{}.csv", customer.tenant_id),
            format: Format::Subscriptions,
            rows: lines.iter().map(row).collect(),
            as_of,
            customer: Some(customer.tenant_id.clone()),
        });
    }
    let row = |customer: &exports::CustomerLine| {
        let tags: Vec<String> = serde_json::from_str(&customer.tags).unwrap();
        Row::new(&[
            ("Microsoft ID", &*customer.tenant_id),
            ("Company name", customer.company_name.as_deref().unwrap_or_default()),
            ("Primary domain name", customer.domain.as_deref().unwrap_or_default()),
            ("Relationship", if customer.related { "Cloud Reseller" } else { "" }),
            ("Tags", &*tags.join(";")),
        ])
    };
    let rows = customers.iter().map(row).collect();
    files.push(BookFile { name: "customers.csv".to_owned(), format: Format::Customers, rows, as_of, customer: None });
    files
}
