//! The query that this system exists for, against the same answer written by hand: requests per second, in turn.
//!
//! `benches/graphql` makes the databases and runs this; `docs/PERFORMANCE.md` says how to read what it prints.

// Figures are this program's answer.
#![allow(clippy::print_stdout)]

mod book;
mod client;
mod yardstick;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use axum::Router;
use base64::Engine;
use clap::Parser;
use partnergraph::config::{Config, Flags};
use partnergraph_store::database::PoolSize;
use partnergraph_store::{Database, DatabaseUrl};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use book::{Size, TOKEN, reseller_mpn_id};
use yardstick::Asked;

/// The server's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The operation as the contract with the front ends has it.
const OPERATION: &str = include_str!("operation.graphql");

/// The query over the API, the same answer by hand and the same statements alone, in turn, on each database
#[derive(Parser)]
struct Arguments {
    /// Where the databases are; one that is empty is filled, one that was filled before is asked as it is
    #[arg(required = true)]
    databases: Vec<DatabaseUrl>,
    /// How many rounds of all there is to measure
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many seconds each measurement of a round takes
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// How many connections ask at the same time
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Subscriptions of the book; it has a tenth as many customers
    #[arg(long, default_value_t = 1_000_000)]
    subscriptions: i64,
    /// Indirect resellers of the book
    #[arg(long, default_value_t = 1_000)]
    resellers: i64,
    /// Measure this alone: api, hand or statements
    #[arg(long)]
    only: Option<String>,
    /// What cargo tells every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    for url in &arguments.databases {
        let size = Size {
            resellers: arguments.resellers,
            customers: arguments.subscriptions / 10,
            subscriptions: arguments.subscriptions,
        };
        let begun = Instant::now();
        book::fill(url, size)?;
        eprintln!("{}: ready after {:.1} s", name(url), begun.elapsed().as_secs_f64());
        measure(url, &arguments)?;
    }
    Ok(())
}

fn name(url: &DatabaseUrl) -> &'static str {
    match url {
        DatabaseUrl::Sqlite(_) => "SQLite",
        DatabaseUrl::Postgres(_) => "PostgreSQL",
    }
}

/// Everything that is measured, with the answers per second of each round.
fn measure(url: &DatabaseUrl, arguments: &Arguments) -> anyhow::Result<()> {
    // The threads of the server as `partnergraph serve` starts them; who asks has one of its own.
    let server = Runtime::new()?;
    let asking = Builder::new_current_thread().enable_all().build()?;
    let database = server.block_on(async { Database::open(url, PoolSize::default()) })?;
    let app = api(database.clone())?.merge(yardstick::router(database.clone()));
    let address = server.block_on(serve(&server, app))?;

    let asked: Vec<Asked> = (0..arguments.resellers)
        .step_by(usize::try_from(arguments.resellers / 100).unwrap_or(1).max(1))
        .map(|reseller| Asked { mpn_id: reseller_mpn_id(reseller), first: 50 })
        .collect();
    let over_api: Arc<[_]> = asked.iter().map(|asked| client::request("/graphql", &operation(asked))).collect();
    let by_hand: Arc<[_]> = asked.iter().map(|asked| client::request("/customers", &json!(asked))).collect();
    let before = database.statements();
    for (api, hand) in over_api.iter().zip(by_hand.iter()).take(10) {
        asking.block_on(same(address, api, hand))?;
    }
    println!("{}: {} statements a request", name(url), (database.statements() - before) as f64 / 20.0);

    let time = Duration::from_secs_f64(arguments.seconds);
    let mut rates: [Vec<f64>; 3] = Default::default();
    for _ in 0..arguments.rounds {
        for (kind, rates) in ["api", "hand", "statements"].into_iter().zip(&mut rates) {
            if arguments.only.as_deref().is_some_and(|only| only != kind) {
                continue;
            }
            rates.push(match kind {
                "api" => asking.block_on(client::load(address, &over_api, arguments.connections, time))?,
                "hand" => asking.block_on(client::load(address, &by_hand, arguments.connections, time))?,
                _ => server.block_on(statements(&database, &asked, arguments.connections, time))?,
            });
        }
    }
    let [api, hand, statements] = rates.map(median);
    println!("{}: {api:.0} requests/s over the API, {hand:.0} by hand, {statements:.0} statements alone", name(url));
    println!("{}: ratio {:.2}, share of the statements {:.2}", name(url), api / hand, api / statements);
    server.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

/// The server's own router, configured as if nothing had been set.
fn api(database: Database) -> anyhow::Result<Router> {
    Ok(partnergraph::http::router(database, &Config::load(&Flags::default())?))
}

async fn serve(runtime: &Runtime, app: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    runtime.spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

fn operation(asked: &Asked) -> Value {
    json!({ "query": OPERATION, "operationName": "CustomersOfReseller", "variables": asked })
}

/// The same statements on the same connections without HTTP and JSON, as many at the same time, per second.
async fn statements(database: &Database, asked: &[Asked], at_once: usize, time: Duration) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut busy = tokio::task::JoinSet::new();
    for number in 0..at_once {
        let (database, asked) = (database.clone(), asked.to_vec());
        busy.spawn(async move {
            let mut answered = 0_u32;
            for asked in asked.iter().cycle().skip(number * asked.len() / at_once) {
                if begun.elapsed() >= time {
                    break;
                }
                let asked = asked.clone();
                let read = database.read(move |conn| yardstick::read(conn, TOKEN, &asked)).await?;
                ensure!(read.is_some(), "the token is nobody's");
                answered += 1;
            }
            anyhow::Ok(answered)
        });
    }
    let mut answered = 0.0;
    while let Some(done) = busy.join_next().await {
        answered += f64::from(done??);
    }
    Ok(answered / begun.elapsed().as_secs_f64())
}

/// Fails unless both give the same answer, cursors compared by what they stand for.
async fn same(server: SocketAddr, api: &[u8], hand: &[u8]) -> anyhow::Result<()> {
    let api = client::ask(server, api).await?;
    let hand = client::ask(server, hand).await?;
    let (mut left, mut right): (Value, Value) = (serde_json::from_slice(&api)?, serde_json::from_slice(&hand)?);
    open_cursors(&mut left)?;
    open_cursors(&mut right)?;
    let customers = &left["data"]["customers"];
    ensure!(left == right, "the two answers differ:\n{left}\n{right}");
    ensure!(customers["nodes"].as_array().is_some_and(|nodes| nodes.len() == 50), "a page is not full: {customers}");
    ensure!(api.len() == hand.len(), "the two answers are not of one length: {} and {}", api.len(), hand.len());
    Ok(())
}

/// Puts the values that a cursor holds in its place, without the mark of the list.
fn open_cursors(value: &mut Value) -> anyhow::Result<()> {
    match value {
        Value::Array(values) => values.iter_mut().try_for_each(open_cursors)?,
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(cursor) if name.to_lowercase().ends_with("cursor") => {
                        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cursor)?;
                        *value = serde_json::from_slice::<Value>(&bytes)?[1].take();
                    }
                    _ => open_cursors(value)?,
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(f64::NAN)
}
