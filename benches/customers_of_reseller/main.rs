//! Compares the main query of this service with a handwritten implementation of the same response, and its most frequent mutation with the same
//! statements run in process, in requests per second.
//!
//! `benches/graphql` creates the databases and runs this program. `docs/PERFORMANCE.md` explains the output.

// This program prints its results.
#![allow(clippy::print_stdout)]

mod associate;
mod book;
mod client;
mod shapes;
mod yardstick;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use axum::Router;
use base64::Engine;
use clap::{Parser, ValueEnum};
use partnergraph::config::{Config, Flags};
use partnergraph_store::database::PoolSize;
use partnergraph_store::{Database, DatabaseUrl};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use book::TOKEN;
use yardstick::RequestArguments;

/// The server's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The operation, as a front end sends it.
const OPERATION: &str = include_str!("operation.graphql");
/// The equivalent operation for PostGraphile.
const POSTGRAPHILE: &str = include_str!("../postgraphile/operation.graphql");
/// The part of the operation that selects a reseller.
const OF_RESELLER: &str = "filter: {indirectReseller: {mpnId: {eq: $mpnId}, via: ANY}}, ";

/// Measure the query over the API, the handwritten implementation, and its SQL statements alone, on each database
#[derive(Parser)]
struct Arguments {
    /// URLs of the databases that `benches/graphql` filled
    #[arg(required = true)]
    databases: Vec<DatabaseUrl>,
    /// Number of rounds; each round measures everything once
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Duration of each measurement in seconds
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Number of concurrent connections
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Number of connections that send mutations at the same time
    #[arg(long, default_value_t = 64)]
    writers: usize,
    /// Measure only these
    #[arg(long, value_delimiter = ',')]
    only: Vec<Kind>,
    /// Address of a PostGraphile server for the same PostgreSQL database (`benches/postgraphile/run`)
    #[arg(long)]
    postgraphile: Option<SocketAddr>,
    /// Passed by cargo to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The customers of a reseller, over the API.
    Api,
    /// The same response from the handwritten implementation.
    Hand,
    /// The SQL statements of the handwritten implementation, without HTTP and JSON.
    Statements,
    /// The same response from PostGraphile.
    Postgraphile,
    /// The first fifty of all customers, over the API.
    First,
    /// The fifty customers on page 1,000.
    Thousandth,
    /// `associateReseller` over the API.
    Associate,
    /// Its statements without HTTP and GraphQL.
    AssociateInProcess,
}

/// The number of customers per page.
const SHOWN: i64 = 50;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    for url in &arguments.databases {
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

/// Measures everything on one database and prints the results.
fn measure(url: &DatabaseUrl, arguments: &Arguments) -> anyhow::Result<()> {
    let resellers = book::open(url, SHOWN + 1)?;
    // The server has the same threads as in `partnergraph serve`. The client has its own thread.
    let server = Runtime::new()?;
    let asking = Builder::new_current_thread().enable_all().build()?;
    let database = server.block_on(async { Database::open(url, PoolSize::default()) })?;
    let app = api(database.clone())?.merge(yardstick::router(database.clone()));
    let address = server.block_on(serve(&server, app))?;

    let requests: Vec<RequestArguments> =
        resellers.into_iter().map(|mpn_id| RequestArguments { mpn_id, first: SHOWN, after: None }).collect();
    let over_api: Arc<[_]> = requests.iter().map(|request| client::request("/graphql", &operation(request))).collect();
    let by_hand: Arc<[_]> = requests.iter().map(|request| client::request("/customers", &json!(request))).collect();
    let from_postgraphile: Arc<[_]> =
        requests.iter().map(|request| client::request("/graphql", &of_postgraphile(request))).collect();
    let postgraphile = arguments.postgraphile.filter(|_| matches!(url, DatabaseUrl::Postgres(_)));
    let before = database.statements();
    for request in over_api.iter() {
        asking.block_on(client::ask(address, request))?;
    }
    let of_api = (database.statements() - before) as f64 / over_api.len() as f64;
    for (api, hand) in over_api.iter().zip(by_hand.iter()) {
        asking.block_on(same(address, api, hand))?;
    }
    println!(
        "{}: {of_api} statements per request over the API; {} responses are the same as the handwritten ones",
        name(url),
        requests.len()
    );

    let everybody = OPERATION.replace(OF_RESELLER, "").replace("$mpnId: String!, ", "");
    let page = |after: Option<&str>| {
        let variables = json!({ "first": SHOWN, "after": after });
        let body = json!({ "query": everybody, "operationName": "CustomersOfReseller", "variables": variables });
        Arc::<[_]>::from([client::request("/graphql", &body)])
    };
    let thousandth = asking.block_on(cursor_of_page(address, 1_000))?;

    let time = Duration::from_secs_f64(arguments.seconds);
    let asked = |kind: Kind| arguments.only.is_empty() || arguments.only.contains(&kind);
    let mut customers = match asked(Kind::Associate) || asked(Kind::AssociateInProcess) {
        true => associate::Customers::of(url)?,
        false => None,
    };
    let kinds: Vec<Kind> = Kind::value_variants()
        .iter()
        .copied()
        .filter(|kind| asked(*kind))
        .filter(|kind| match kind {
            Kind::Postgraphile => postgraphile.is_some(),
            Kind::Associate | Kind::AssociateInProcess => customers.is_some(),
            _ => true,
        })
        .collect();
    let mut rounds: Vec<(Kind, Vec<client::Load>)> = kinds.iter().map(|kind| (*kind, Vec::new())).collect();
    for _ in 0..arguments.rounds {
        for (kind, loads) in &mut rounds {
            let mut whom = address;
            let requests = match kind {
                Kind::Api => over_api.clone(),
                Kind::Hand => by_hand.clone(),
                Kind::Postgraphile => {
                    whom = postgraphile.unwrap_or(address);
                    from_postgraphile.clone()
                }
                Kind::First => page(None),
                Kind::Thousandth => match &thousandth {
                    Some(cursor) => page(Some(cursor)),
                    None => continue,
                },
                Kind::Associate => {
                    let Some(customers) = &mut customers else { continue };
                    let mutations = customers.next(0)?.into_iter().map(associate::operation);
                    let requests: Arc<[_]> = mutations.map(|body| client::request("/graphql", &body)).collect();
                    asking.block_on(associate::is_accepted(address, &requests))?;
                    loads.push(asking.block_on(client::load(address, &requests, arguments.writers, time))?);
                    continue;
                }
                Kind::AssociateInProcess => {
                    let Some(customers) = &mut customers else { continue };
                    let writing = associate::in_process(&database, customers.next(1)?, arguments.writers, time);
                    loads.push(server.block_on(writing)?);
                    continue;
                }
                Kind::Statements => {
                    loads.push(server.block_on(statements(&database, &requests, arguments.connections, time))?);
                    continue;
                }
            };
            loads.push(asking.block_on(client::load(whom, &requests, arguments.connections, time))?);
        }
    }
    let mut rates = HashMap::new();
    for (kind, loads) in &rounds {
        let median_of = |value: &dyn Fn(&client::Load) -> f64| median(loads.iter().map(value).collect());
        let rate = median_of(&|load| load.rate);
        println!(
            "{}: {kind:?}: {rate:.0} requests/s; median {:.1} ms, 99 % under {:.1} ms",
            name(url),
            median_of(&|load| load.percentile(50)),
            median_of(&|load| load.percentile(99)),
        );
        rates.insert(format!("{kind:?}"), loads.iter().map(|load| load.rate).collect::<Vec<f64>>());
    }
    let pairs = [
        ("Api", "Hand"),
        ("Api", "Statements"),
        ("Api", "Postgraphile"),
        ("Thousandth", "First"),
        ("Associate", "AssociateInProcess"),
    ];
    for (one, other) in pairs {
        if let (Some(rates), Some(others)) = (rates.get(one), rates.get(other)) {
            let ratios = rates.iter().zip(others).map(|(one, other)| one / other);
            println!(
                "{}: {one} : {other} = {:.2} (median of {} rounds)",
                name(url),
                median(ratios.collect()),
                rates.len()
            );
        }
    }
    server.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

/// The cursor before that page of all customers. `None` if there are fewer pages.
async fn cursor_of_page(server: SocketAddr, page: usize) -> anyhow::Result<Option<String>> {
    let query = "query ($after: String) { customers(first: 100, after: $after, orderBy: [{field: COMPANY_NAME, direction: ASC}]) \
                 { pageInfo { hasNextPage endCursor } } }";
    let mut after = None::<String>;
    for _ in 0..(page - 1) * usize::try_from(SHOWN)? / 100 {
        let body = json!({ "query": query, "variables": { "after": after } });
        let answer: Value = serde_json::from_slice(&client::ask(server, &client::request("/graphql", &body)).await?)?;
        let info = &answer["data"]["customers"]["pageInfo"];
        if info["hasNextPage"] != json!(true) {
            return Ok(None);
        }
        after = info["endCursor"].as_str().map(str::to_owned);
    }
    Ok(after)
}

/// The server's own router, with the default configuration.
fn api(database: Database) -> anyhow::Result<Router> {
    Ok(partnergraph::http::router(database, &Config::load(&Flags::default())?))
}

async fn serve(runtime: &Runtime, app: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    runtime.spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

fn operation(request: &RequestArguments) -> Value {
    json!({ "query": OPERATION, "operationName": "CustomersOfReseller", "variables": request })
}

fn of_postgraphile(request: &RequestArguments) -> Value {
    json!({ "query": POSTGRAPHILE, "operationName": "CustomersOfReseller", "variables": request })
}

/// Measures the SQL statements of the handwritten implementation on the same connection pool, without HTTP and JSON and
/// with the same concurrency.
async fn statements(
    database: &Database,
    requests: &[RequestArguments],
    at_once: usize,
    time: Duration,
) -> anyhow::Result<client::Load> {
    let started = Instant::now();
    let mut busy = tokio::task::JoinSet::new();
    for number in 0..at_once {
        let (database, requests) = (database.clone(), requests.to_vec());
        busy.spawn(async move {
            let mut times = Vec::new();
            for request in requests.iter().cycle().skip(number * requests.len() / at_once) {
                if started.elapsed() >= time {
                    break;
                }
                let (request, sent) = (request.clone(), Instant::now());
                let read = database.read(move |conn| yardstick::read(conn, TOKEN, &request)).await?;
                ensure!(read.is_some(), "the token is not valid");
                times.push(sent.elapsed().as_secs_f64() * 1_000.0);
            }
            anyhow::Ok(times)
        });
    }
    client::Load::gather(started, busy).await
}

/// Fails unless both responses are the same. Cursors are compared by the values that they encode.
async fn same(server: SocketAddr, api: &[u8], hand: &[u8]) -> anyhow::Result<()> {
    let api = client::ask(server, api).await?;
    let hand = client::ask(server, hand).await?;
    let (mut left, mut right): (Value, Value) = (serde_json::from_slice(&api)?, serde_json::from_slice(&hand)?);
    open_cursors(&mut left)?;
    open_cursors(&mut right)?;
    let customers = &left["data"]["customers"];
    ensure!(left == right, "the two responses differ:\n{left}\n{right}");
    ensure!(customers["nodes"].as_array().is_some_and(|nodes| nodes.len() == 50), "a page is not full: {customers}");
    ensure!(api.len() == hand.len(), "the two responses have different lengths: {} and {}", api.len(), hand.len());
    Ok(())
}

/// Replaces each cursor with the values that it encodes, without the fingerprint of the list.
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
