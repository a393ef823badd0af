mod activity;
mod moved;

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::{Days, NaiveDate};
use clap::{Args, ValueEnum};
use partnergraph_domain::{CountryCode, ImportRunKey, PartnerType, TenantId};
use partnergraph_store::read::exports::{self, Period};
use partnergraph_store::{Access, Conn, Scope, StoreError};

use super::accounts::{self, AccountName};
use super::values::one_of;
use super::{Done, Exit, Failure};
use crate::config::Config;

/// Export customers, subscriptions, resellers, the activity log or the rows of a move as CSV
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph export customers --as 4500001 > customers.csv
  partnergraph export subscriptions --as 4500001 --customer 0f6c2a7e-0000-4000-8000-000000000009
  partnergraph export activity --as 4500001 --from 2026-01-01 --to 2026-03-31
  partnergraph export moved --as 4500001 --run 7 --for 4500002

An apostrophe is put before a cell that starts with = + - or @, so that spreadsheets do not treat it as a formula.")]
pub(super) struct Export {
    /// The list to export
    #[arg(value_name = "LIST")]
    list: List,
    /// The partner account to export for: its MPN ID or tenant id
    #[arg(long = "as", value_name = "PARTNER")]
    partner: AccountName,
    /// The account type, if the partner has both a direct-bill and a reseller account
    #[arg(long = "type", value_name = "TYPE", value_parser = one_of::<PartnerType>())]
    partner_type: Option<PartnerType>,
    /// Only the subscriptions of the customer with this tenant id
    #[arg(long, value_name = "TENANT")]
    customer: Option<TenantId>,
    /// Only activity on or after this day (UTC)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::import::day)]
    from: Option<NaiveDate>,
    /// Only activity up to the end of this day (UTC)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::import::day)]
    to: Option<NaiveDate>,
    /// The number of the run, for moved
    #[arg(long, value_name = "RUN")]
    run: Option<ImportRunKey>,
    /// The party whose report it is, for moved: the MPN ID of one of the two resellers, or a customer's tenant id
    #[arg(long = "for", value_name = "PARTY", requires = "run")]
    party: Option<AccountName>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum List {
    /// Customers that the partner sees
    Customers,
    /// Subscriptions that the partner sees
    Subscriptions,
    /// The provider's resellers
    Resellers,
    /// The partner's activity log, newest first, with a line for each changed field
    Activity,
    /// What a run of moveReseller moves, as a report for the provider or one of the parties
    Moved,
}

/// Why an export stopped: a database error, or an error writing the output.
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
            Failure::usage("--customer applies to subscriptions only").hint("remove it, or export subscriptions")
        );
    }
    if (arguments.from.is_some() || arguments.to.is_some()) && arguments.list != List::Activity {
        return Err(Failure::usage("--from and --to apply to activity only").hint("remove them, or export activity"));
    }
    if arguments.run.is_some() != (arguments.list == List::Moved) {
        return Err(Failure::usage("--run applies to moved only, which needs it").hint("export moved --run RUN"));
    }
    let period = period(arguments)?;
    let mut conn = accounts::connect_existing(config)?;
    let (account, scope) = accounts::scope(&mut conn, arguments.partner, arguments.partner_type)?;
    if arguments.list == List::Resellers && account.partner_type != PartnerType::IndirectProvider {
        return Err(Failure::new(format!("{} is {} and has no resellers", account.profile.name, account.partner_type))
            .hint("export resellers with --as PROVIDER"));
    }
    let moved = match arguments.run {
        Some(run) => Some(moved::Report::find(&mut conn, &scope, (run, arguments.party))?),
        None => None,
    };
    let mut out = csv::Writer::from_writer(io::stdout().lock());
    // One snapshot for the whole list, even though it is read in pages.
    let written = conn.transaction(Access::Read, |conn| match arguments.list {
        List::Customers => customers(conn, &scope, &mut out),
        List::Subscriptions => subscriptions(conn, &scope, arguments.customer, &mut out),
        List::Resellers => resellers(conn, &scope, &mut out),
        List::Activity => activity::write_all(conn, &scope, period, &mut out),
        List::Moved => moved.as_ref().map_or(Ok(()), |report| report.write(conn, &mut out)),
    });
    match written {
        Ok(()) => Ok(Exit::Done),
        Err(Stopped::Store(error)) => Err(error.into()),
        Err(Stopped::Output(error)) => match error.kind() {
            // The reader has read enough, for example `| head`.
            csv::ErrorKind::Io(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
            _ => Err(Failure::new(format!("cannot write the output: {error}"))
                .hint("check the destination of standard output")),
        },
    }
}

fn customers(conn: &mut Conn, scope: &Scope, out: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
    out.write_record(["Microsoft ID", "Company name", "Primary domain name", "Relationship", "Tags"])?;
    let mut after = None;
    loop {
        let piece = exports::customers(conn, scope, after)?;
        let Some(last) = piece.last() else { break };
        after = Some(last.id);
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
    let mut after = None;
    loop {
        let piece = exports::subscriptions(conn, scope, customer.as_deref(), after)?;
        let Some(last) = piece.last() else { break };
        after = Some(last.id);
        for line in &piece {
            let quantity = line.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
            let name = line.name.as_deref().unwrap_or_default();
            let reseller = line.reseller.as_deref().unwrap_or_default();
            write(out, [&line.subscription_id, name, &quantity, &capitalised(line.status.as_str()), reseller])?;
        }
    }
    finish(out)
}

fn resellers(conn: &mut Conn, scope: &Scope, out: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
    out.write_record(["Location", "MpnId", "Name", "PartnerId", "RelationshipType", "State"])?;
    let mut after = None;
    loop {
        let piece = exports::resellers(conn, scope, after)?;
        let Some(last) = piece.last() else { break };
        after = Some(last.id);
        for line in &piece {
            let country = line.country.as_ref().map_or("", CountryCode::as_str);
            let mpn_id = line.mpn_id.as_deref().unwrap_or_default();
            let tenant_id = line.tenant_id.as_deref().unwrap_or_default();
            let relation = "IsIndirectCloudSolutionProviderOf";
            write(out, [country, mpn_id, &line.name, tenant_id, relation, &capitalised(line.state.as_str())])?;
        }
    }
    finish(out)
}

/// Converts whole days to a period that includes the last day.
fn period(arguments: &Export) -> Result<Period, Failure> {
    if let (Some(from), Some(to)) = (arguments.from, arguments.to)
        && to < from
    {
        return Err(Failure::usage(format!("--to {to} is before --from {from}")).hint("--from must be the earlier day"));
    }
    let start_of = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN);
    let before = arguments.to.and_then(|day| day.checked_add_days(Days::new(1)));
    Ok(Period { from: arguments.from.map(start_of), before: before.map(start_of) })
}

fn finish(out: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
    out.flush().map_err(|error| Stopped::Output(error.into()))
}

fn write<const N: usize>(out: &mut csv::Writer<impl Write>, cells: [&str; N]) -> Result<(), Stopped> {
    out.write_record(cells.iter().map(|cell| neutral(cell).into_owned()))?;
    Ok(())
}

/// Prefixes a cell that a spreadsheet would treat as a formula with an apostrophe, so that it is shown as text.
fn neutral(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Writes an enum value as the portal does: `ACTIVE` becomes `Active`.
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
    fn an_enum_value_is_written_as_the_portal_does() {
        assert_eq!(capitalised("SUSPENDED"), "Suspended");
        assert_eq!(capitalised(""), "");
    }
}
