use std::borrow::Cow;
use std::io::{self, Write};

use clap::{Args, ValueEnum};
use partnergraph_domain::{PartnerType, TenantId};
use partnergraph_store::read::exports;
use partnergraph_store::{Access, Conn, Scope, StoreError};

use super::accounts::{self, AccountName};
use super::partner::word;
use super::{Done, Exit, Failure};
use crate::config::Config;

/// Write customers, subscriptions or resellers as CSV in Partner Center's own headers
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph export customers --as 4500001 > customers.csv
  partnergraph export subscriptions --as 4500001 --customer 0f6c2a7e-0000-4000-8000-000000000009

A cell that begins with = + - or @ gets an apostrophe before it, so that no spreadsheet takes it for a formula.")]
pub(super) struct Export {
    /// Which list
    list: List,
    /// Whose list: a partner's MPN ID or tenant id
    #[arg(long = "as", value_name = "PARTNER")]
    partner: AccountName,
    /// Which of its accounts, where it has a direct-bill and a reseller one
    #[arg(long = "type", value_name = "TYPE", value_parser = word::<PartnerType>)]
    partner_type: Option<PartnerType>,
    /// Only the subscriptions of this customer
    #[arg(long, value_name = "TENANT")]
    customer: Option<TenantId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum List {
    /// The customers that the partner sees
    Customers,
    /// The subscriptions that the partner sees
    Subscriptions,
    /// The provider's resellers
    Resellers,
}

/// Why an export stopped: the database, or the reader of the output.
enum Stopped {
    Store(StoreError),
    Output(csv::Error),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<csv::Error> for Stopped {
    fn from(error: csv::Error) -> Self {
        Self::Output(error)
    }
}

pub(super) fn run(arguments: &Export, config: &Config) -> Done {
    if arguments.customer.is_some() && arguments.list != List::Subscriptions {
        return Err(
            Failure::usage("--customer narrows subscriptions only").hint("leave it out, or export subscriptions")
        );
    }
    let mut conn = accounts::connect(config)?;
    let account = accounts::find(&mut conn, arguments.partner, arguments.partner_type)?;
    let partner_type = account
        .partner_type
        .parse::<PartnerType>()
        .map_err(|error| Failure::new(format!("the type of {}: {error}", account.name)))?;
    if arguments.list == List::Resellers && partner_type != PartnerType::IndirectProvider {
        return Err(Failure::new(format!("{} is {partner_type} and has no resellers", account.name))
            .hint("resellers are exported as their provider"));
    }
    let scope = Scope::Partner { id: account.id, partner_type };
    let mut out = csv::Writer::from_writer(io::stdout().lock());
    // One snapshot for the whole list, though it is read in pieces.
    let written = conn.transaction(Access::Read, |conn| match arguments.list {
        List::Customers => customers(conn, &scope, &mut out),
        List::Subscriptions => subscriptions(conn, &scope, arguments.customer, &mut out),
        List::Resellers => resellers(conn, &scope, &mut out),
    });
    match written {
        Ok(()) => Ok(Exit::Done),
        Err(Stopped::Store(error)) => Err(error.into()),
        Err(Stopped::Output(error)) => match error.kind() {
            // `| head` has read enough.
            csv::ErrorKind::Io(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
            _ => Err(Failure::new(format!("the output could not be written: {error}")).hint("check where it goes to")),
        },
    }
}

fn customers(conn: &mut Conn, scope: &Scope, out: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
    out.write_record(["Microsoft ID", "Company name", "Primary domain name", "Relationship", "Tags"])?;
    let mut after = 0;
    loop {
        let piece = exports::customers(conn, scope, after)?;
        let Some(last) = piece.last() else { break };
        after = last.id;
        for line in &piece {
            let tags: Vec<String> = partnergraph_store::read::json(&line.tags, "the tags of a customer")?;
            let name = line.company_name.as_deref().unwrap_or_default();
            let domain = line.domain.as_deref().unwrap_or_default();
            let relationship = if line.related { "Cloud Reseller" } else { "" };
            write(out, [&line.tenant_id, name, domain, relationship, &tags.join(";")])?;
        }
    }
    finish(out)
}

fn subscriptions(
    conn: &mut Conn,
    scope: &Scope,
    customer: Option<TenantId>,
    out: &mut csv::Writer<impl Write>,
) -> Result<(), Stopped> {
    out.write_record(["Subscription ID", "Subscription", "Quantity", "Status", "Reseller"])?;
    let customer = customer.map(|tenant_id| tenant_id.to_string());
    let mut after = 0;
    loop {
        let piece = exports::subscriptions(conn, scope, customer.as_deref(), after)?;
        let Some(last) = piece.last() else { break };
        after = last.id;
        for line in &piece {
            let quantity = line.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
            let name = line.name.as_deref().unwrap_or_default();
            let reseller = line.reseller.as_deref().unwrap_or_default();
            write(out, [&line.subscription_id, name, &quantity, &capitalised(&line.status), reseller])?;
        }
    }
    finish(out)
}

fn resellers(conn: &mut Conn, scope: &Scope, out: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
    out.write_record(["Location", "MpnId", "Name", "PartnerId", "RelationshipType", "State"])?;
    let mut after = 0;
    loop {
        let piece = exports::resellers(conn, scope, after)?;
        let Some(last) = piece.last() else { break };
        after = last.id;
        for line in &piece {
            let country = line.country.as_deref().unwrap_or_default();
            let mpn_id = line.mpn_id.as_deref().unwrap_or_default();
            let tenant_id = line.tenant_id.as_deref().unwrap_or_default();
            let relation = "IsIndirectCloudSolutionProviderOf";
            write(out, [country, mpn_id, &line.name, tenant_id, relation, &capitalised(&line.state)])?;
        }
    }
    finish(out)
}

fn finish(out: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
    out.flush().map_err(|error| Stopped::Output(error.into()))
}

fn write<const N: usize>(out: &mut csv::Writer<impl Write>, cells: [&str; N]) -> Result<(), Stopped> {
    out.write_record(cells.iter().map(|cell| neutral(cell).into_owned()))?;
    Ok(())
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe, which it shows as text.
fn neutral(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// `ACTIVE` as the portal writes it: `Active`.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| format!("{first}{}", letters.as_str().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_text() {
        for cell in ["=1+1", "+48 22", "-3", "@SUM(A1)", "\t=1"] {
            assert_eq!(neutral(cell), format!("'{cell}"));
        }
        assert_eq!(neutral("Contoso = Ltd"), "Contoso = Ltd");
    }

    #[test]
    fn a_word_is_written_as_the_portal_does() {
        assert_eq!(capitalised("SUSPENDED"), "Suspended");
        assert_eq!(capitalised(""), "");
    }
}
