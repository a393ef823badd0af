//! Imports one file into a database, twice, and says how long each stage took and how much memory it had.
//!
//! `cargo run --release -p partnergraph-importer --example importbench -- sqlite:/tmp/x.db new-commerce.csv`
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::cell::Cell;
use std::time::Instant;

use chrono::Utc;
use partnergraph_domain::ImportMode;
use partnergraph_importer::{Caller, FileInput, FileRequest, ImportRequest, Phase, Position, Progress, Waiting, run};
use partnergraph_store::imports::sources;
use partnergraph_store::sql::sql;
use partnergraph_store::{Actor, Conn, DatabaseUrl, migrate};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Stages(Cell<Option<(Phase, Instant)>>);

impl Progress for Stages {
    fn at(&self, position: Position) {
        match self.0.get() {
            Some((phase, _)) if phase == position.phase => {}
            before => {
                if let Some((phase, begun)) = before {
                    println!("  {:9} {:6.2} s  {}", phase.as_str(), begun.elapsed().as_secs_f64(), memory());
                }
                self.0.set(Some((position.phase, Instant::now())));
            }
        }
    }
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| status.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: Vec<u64> = stat.split(' ').skip(13).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    format!("{} {} processor {ticks:?} hundredths", line("VmRSS"), line("VmHWM"))
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, url, file] = &arguments[..] else {
        println!("usage: importbench DATABASE_URL NEW_COMMERCE.csv");
        return;
    };
    let url: DatabaseUrl = url.parse().unwrap();
    let mut conn = Conn::open(&url).unwrap();
    migrate::run(&mut conn).unwrap();
    let tenant = "bacf63c8-a16a-4bb5-a7cd-e14076792a40";
    if sources::partners(&mut conn).unwrap().is_empty() {
        for text in [
            format!(
                "INSERT INTO tenants (tenant_id, kind, cloud, created_at) VALUES ('{tenant}', 'PARTNER', 'PUBLIC', '2020-01-01 00:00:00')"
            ),
            format!(
                "INSERT INTO partners (tenant_id, partner_type, name, name_key, name_sort, country, cloud, mpn_id, capabilities, \
                 onboarded, enrolled, vetting_status, vetting_sub_status, directory_services, directory_programs, version, \
                 created_at, updated_at) VALUES ('{tenant}', 'INDIRECT_PROVIDER', 'P', 'p', 'p', 'PL', 'PUBLIC', '9900100', '[]', \
                 true, true, 'AUTHORIZED', 'NONE', '[]', '[]', 1, '2020-01-01 00:00:00', '2020-01-01 00:00:00')"
            ),
        ] {
            conn.execute(&sql(text)).unwrap();
        }
    }
    let partner = sources::partners(&mut conn).unwrap()[0].id;
    let request = ImportRequest::new(partner, ImportMode::Apply, vec![FileRequest::new(FileInput::Path(file.into()))]);
    let actor = Actor::command_line();
    for round in ["first", "again"] {
        println!("{round}");
        let caller = Caller { actor: &actor, now: Utc::now().naive_utc(), waiting: Waiting::Refuse, run_id: None };
        let begun = Instant::now();
        let report = run(&url, &request, &caller, &Stages(Cell::new(None))).unwrap();
        println!("  {:9} {:6.2} s  {}", "all", begun.elapsed().as_secs_f64(), memory());
        println!("  {:?} {:?} issues {}", report.rows, report.subscriptions, report.issues_total);
    }
}
