use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;
use partnergraph_domain::{
    Capability, Cloud, CountryCode, ImportMode, MpnId, PartnerKey, PartnerType, Role, TenantId, counted,
};
use partnergraph_importer::{Caller, FileInput, FileRequest, ImportRequest, Silent, Waiting};
use partnergraph_store::write::agreements;
use partnergraph_store::write::partners::{self, NewPartner};
use partnergraph_store::write::partnerships;
use partnergraph_store::{Access, Actor, Conn, DatabaseUrl, StoreError, clock, migrate};
use rust_embed::RustEmbed;
use serde::Deserialize;
use tempfile::TempDir;

use super::accounts::{self, AccountName};
use super::{Done, Failure, print, serve, token};
use crate::config::{Config, Source};
use partnergraph_operation::auth::Lifetime;

/// Try it out: import sample exports into a new database and start the server
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph demo
  partnergraph demo --listen 127.0.0.1:9090 --keep demo.db

The demo creates an embedded database, imports the sample exports, prints the report, and starts the server. It prints links that \
open GraphiQL as a provider, a reseller and a customer. The database is deleted when the demo ends, unless you keep it with --keep.")]
pub(super) struct Demo {
    /// Address to listen on; port 0 selects a free port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<String>,
    /// Keep the database in this file, which must not exist yet
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
}

/// The sample exports, embedded so that the demo works from anywhere.
#[derive(RustEmbed)]
#[folder = "samples/"]
#[include = "*.csv"]
#[include = "*.toml"]
struct Samples;

/// The contents of `samples/demo.toml`.
#[derive(Debug, Deserialize)]
struct Plan {
    provider: Account,
    direct_bill: Account,
    resellers: Vec<Account>,
    tokens: Vec<Token>,
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct Account {
    name: String,
    country: CountryCode,
    mpn_id: MpnId,
    tenant_id: TenantId,
    #[serde(default)]
    capabilities: Vec<Capability>,
    #[serde(default = "yes")]
    mpa_signed: bool,
    #[serde(default)]
    linked: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
struct Token {
    organization: String,
    user: String,
    roles: Vec<Role>,
}

#[derive(Debug, Deserialize)]
struct File {
    path: String,
    customer: Option<TenantId>,
    as_of: Option<NaiveDate>,
}

/// A demo user that you can sign in as.
struct Person {
    what: &'static str,
    name: String,
    secret: String,
}

pub(super) fn run(arguments: &Demo, config: &Config) -> Done {
    if config.source("database_url") == Some(&Source::Flag) {
        return Err(Failure::usage("the demo always creates a database of its own, so it takes no --database-url")
            .hint("use --keep FILE to keep the demo's database, or `partnergraph serve` for a database that exists"));
    }
    refuse_taken_port(config.listen)?;
    let plan = plan()?;
    let place = Place::new(arguments.keep.as_deref())?;
    let mut config = config.clone();
    config.database_url = DatabaseUrl::Sqlite(place.path.clone());
    let mut conn = Conn::open(&config.database_url)?;
    migrate::run(&mut conn)?;
    let provider_id = conn.transaction(Access::Write, |conn| set_up(conn, &plan))?;
    print::line(format!(
        "Created a database with {}, {} and {}.\n",
        plan.provider.name,
        counted(plan.resellers.len() as u64, "reseller"),
        plan.direct_bill.name
    ));
    import(&config, &plan, provider_id)?;
    let people = people(&mut conn, &plan, config.tokens.lifetime)?;
    drop(conn);
    serve::serve(&config, |address| {
        print_addresses(address, &config, &plan, &people);
        Ok(())
    })
}

/// Checks the port before importing, so that the demo does not fail only after the import is done.
fn refuse_taken_port(address: SocketAddr) -> Result<(), Failure> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) => Err(serve::cannot_listen(address, &error)),
    }
}

/// The path of the database, and the temporary directory that is deleted with the demo.
struct Place {
    path: PathBuf,
    _directory: Option<TempDir>,
}

impl Place {
    fn new(keep: Option<&Path>) -> Result<Self, Failure> {
        if let Some(path) = keep {
            if path.exists() {
                return Err(Failure::new(format!("{} already exists", path.display())).hint(
                    "the demo needs a new database: name another file, or serve this one with `partnergraph serve`",
                ));
            }
            return Ok(Self { path: path.to_owned(), _directory: None });
        }
        let directory = tempfile::Builder::new().prefix("partnergraph-demo-").tempdir().map_err(|error| {
            Failure::new(format!("cannot create a temporary directory: {error}")).hint("name a file with --keep")
        })?;
        Ok(Self { path: directory.path().join("demo.db"), _directory: Some(directory) })
    }
}

fn sample(path: &str) -> Result<Vec<u8>, Failure> {
    Samples::get(path).map(|file| file.data.into_owned()).ok_or_else(|| {
        Failure::new(format!("the sample {path} is not built in")).hint("this is a bug; please report it")
    })
}

fn plan() -> Result<Plan, Failure> {
    let text = String::from_utf8_lossy(&sample("demo.toml")?).into_owned();
    toml::from_str(&text).map_err(|error| {
        Failure::new(format!("demo.toml: {}", error.message())).hint("this is a bug; please report it")
    })
}

/// Creates the accounts and their partnerships. Returns the provider's key.
fn set_up(conn: &mut Conn, plan: &Plan) -> Result<PartnerKey, StoreError> {
    let provider_id = add(conn, PartnerType::IndirectProvider, &plan.provider)?;
    add(conn, PartnerType::DirectBill, &plan.direct_bill)?;
    for account in &plan.resellers {
        let reseller_id = add(conn, PartnerType::IndirectReseller, account)?;
        if account.linked {
            partnerships::activate(conn, &Actor::command_line(), clock::now(), provider_id, reseller_id)?;
        }
    }
    Ok(provider_id)
}

fn add(conn: &mut Conn, partner_type: PartnerType, account: &Account) -> Result<PartnerKey, StoreError> {
    let (actor, now) = (Actor::command_line(), clock::now());
    let new = NewPartner {
        partner_type,
        name: account.name.clone(),
        country: account.country,
        cloud: Cloud::Public,
        mpn_id: account.mpn_id,
        global_mpn_id: None,
        tenant_id: account.tenant_id,
        company: None,
        capabilities: account.capabilities.clone(),
    };
    let id = partners::add(conn, &actor, now, &new)?;
    if account.mpa_signed {
        agreements::sign(conn, &actor, now, id)?;
    }
    Ok(id)
}

/// Imports the samples in one run and prints the report.
fn import(config: &Config, plan: &Plan, provider_id: PartnerKey) -> Result<(), Failure> {
    let mut files = Vec::new();
    for file in &plan.files {
        let bytes = FileInput::Bytes(file.path.clone(), sample(&file.path)?);
        files.push(FileRequest { customer: file.customer, as_of: file.as_of, ..FileRequest::new(bytes) });
    }
    let request = ImportRequest::new(provider_id, ImportMode::Apply, files);
    let caller = Caller { actor: &Actor::command_line(), now: clock::now(), waiting: Waiting::Wait, run_id: None };
    let report = partnergraph_importer::run(&config.database_url, &request, &caller, &Silent)
        .map_err(|error| Failure::new(&error).hint(error.hint()))?;
    print::line(report.text());
    Ok(())
}

/// Creates a token for each user in the plan.
fn people(conn: &mut Conn, plan: &Plan, lifetime: Lifetime) -> Result<Vec<Person>, Failure> {
    let mut people = Vec::new();
    for wanted in &plan.tokens {
        let name: AccountName = wanted
            .organization
            .parse()
            .map_err(|error| Failure::new(format!("demo.toml: {}: {error}", wanted.organization)))?;
        let account = accounts::find_all(conn, name)?.into_iter().next();
        let what = match account.as_ref().map(|row| row.partner_type) {
            Some(PartnerType::IndirectProvider) => "the provider",
            Some(PartnerType::IndirectReseller) => "a reseller",
            Some(PartnerType::DirectBill) => "a partner",
            None => "a customer",
        };
        let secret = accounts::write_all(conn, |conn| {
            let organization = token::organization_named(conn, name, None, &wanted.roles)?;
            token::issue(conn, organization, &wanted.user, &wanted.roles, lifetime)
        })?;
        people.push(Person { what, name: wanted.user.clone(), secret });
    }
    Ok(people)
}

/// Prints the links to open and a query to try.
fn print_addresses(address: SocketAddr, config: &Config, plan: &Plan, people: &[Person]) {
    print::line("Open GraphiQL, which has example queries in its tabs, as one of these users:");
    for person in people {
        print::line(format!(
            "  {} ({})\n    http://{address}/graphiql#token={}",
            person.what, person.name, person.secret
        ));
    }
    if let (Some(provider), Some(reseller)) = (people.first(), plan.resellers.first()) {
        print::line(format!(
            "\nOr use curl: which customers does {} manage?\n  curl -s http://{address}/graphql \\\n    \
             -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \\\n    \
             -d '{{\"query\":\"{{ customers(filter: {{indirectReseller: {{mpnId: {{eq: \\\"{}\\\"}}}}}}) \
             {{ totalCount nodes {{ companyName }} }} }}\"}}'",
            reseller.name, provider.secret, reseller.mpn_id
        ));
    }
    print::line(format!(
        "\nWhile the demo runs, other commands can use its database:\n  {url}\nFor example:\n  partnergraph export customers --as {provider} --database-url {url}\n\n\
         Serving on http://{address}; press Ctrl-C to stop.",
        url = config.database_url,
        provider = plan.provider.mpn_id
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_plan_is_built_in() {
        let plan = plan().unwrap();
        assert!(plan.files.iter().all(|file| sample(&file.path).is_ok()));
        assert!(plan.tokens.iter().all(|token| token.organization.parse::<AccountName>().is_ok()));
    }
}
