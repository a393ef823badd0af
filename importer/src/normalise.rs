//! The fourth stage: turns a row into a fact, or reports all its errors. A pure function of one row.

mod agreement;
mod cells;
mod charge;
mod customer;
mod domain;
mod enums;
mod partner;
mod seats;
mod subscription;

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{SubscriptionId, TenantId};

use crate::amount::{Amount, DecimalMark};
use crate::fact::{Fact, GdapFact, Stated};
use crate::issue::Issue;
use crate::parse::{Record, Row};
use crate::profiles::{DateOrder, Field, Layout, Profile, States};
use crate::read::OwnIdentities;
use cells::Cells;

/// What is the same for every row of a file.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) file: u16,
    pub(crate) profile: Arc<Profile>,
    pub(crate) layout: Layout,
    pub(crate) date_order: DateOrder,
    pub(crate) as_of: NaiveDateTime,
    /// The latest day on which an agreement can have been accepted (C-31).
    pub(crate) latest: NaiveDate,
    pub(crate) customer: Option<TenantId>,
    pub(crate) own: OwnIdentities,
    pub(crate) decimal_mark: DecimalMark,
    /// The name of the file's encoding.
    pub(crate) encoding: &'static str,
    /// The encoding that the text seems to be in, if it is not the file's: a byte-order mark can be wrong.
    pub(crate) likely_encoding: Option<&'static str>,
}

/// One record after reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The physical line on which the record starts, from 1.
    pub line: u64,
    /// Offset of the record in the readable copy of its file.
    pub offset: u64,
    /// What it states. If it is rejected, `issues` has at least one error that says why.
    pub outcome: Result<Stated, Rejected>,
    /// What the row charges, by currency, if no fact about a subscription contains it because the row is rejected or is
    /// about a purchase without a subscription. It is on the invoice all the same.
    pub uncounted: Option<(String, Amount)>,
    /// All issues of the record, in the order of its checks.
    pub issues: Vec<Issue>,
}

/// The record is rejected, for the reasons in its issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// If the record is a charge line and its subscription id can be read, that id. Without this line, the
    /// subscription's other lines do not show how many seats there are.
    pub charged: Option<SubscriptionId>,
}

/// Reads one record that starts at `offset` of the file.
pub(crate) fn record(context: &Context, record: &Record<'_>, offset: u64) -> Parsed {
    let (text, ends) = record.text();
    let row = Row::new(record.line, &context.layout, &text, &ends);
    let mut cells = Cells::new(context, row);
    if !record.is_text() {
        cells.not_text(record);
    }
    let stated = stated(&mut cells, offset);
    cells.check_width(record.len());
    let outcome = match stated {
        Some(stated) if !cells.is_faulty() => Ok(stated),
        _ => Err(Rejected { charged: charge::subscription(&cells) }),
    };
    let fact = outcome.as_ref().ok().and_then(Stated::customer);
    let is_counted = fact.is_some_and(|fact| fact.subscription.is_some());
    let uncounted = if is_counted { None } else { charge::money(&cells) };
    let issues = cells.finish();
    Parsed { line: record.line, offset, outcome, uncounted, issues }
}

/// What the row states. `None` if its key is missing. Every cell is checked either way, so that one pass reports all
/// errors.
fn stated(cells: &mut Cells<'_>, offset: u64) -> Option<Stated> {
    match cells.context.profile.states {
        States::Resellers => {
            let as_of = as_of(cells);
            partner::reseller(cells, as_of).map(|fact| Stated::Reseller(Box::new(fact)))
        }
        States::MpnProfiles => partner::mpn_profile(cells).map(|fact| Stated::MpnProfile(Box::new(fact))),
        _ => fact(cells, offset).map(Stated::Customer),
    }
}

/// What the row states about a customer. `None` if its key is missing.
fn fact(cells: &mut Cells<'_>, offset: u64) -> Option<Fact> {
    let customer = customer::read(cells);
    let tenant = customer.as_ref().map(|customer| customer.tenant_id);
    let subscription = match cells.context.profile.states {
        States::Customers
        | States::Identities
        | States::Gdap
        | States::Agreements
        | States::Resellers
        | States::MpnProfiles => None,
        States::Subscriptions => subscription::read_state(cells, tenant),
        States::Charges => charge::read(cells, tenant),
        States::Usage => charge::read_usage(cells, tenant),
    };
    let gdap = (cells.context.profile.states == States::Gdap).then(|| gdap(cells));
    let agreement = match cells.context.profile.states {
        States::Agreements => agreement::read(cells),
        _ => None,
    };
    let as_of = as_of(cells);
    Some(Fact {
        file: cells.context.file,
        line: cells.row.line,
        offset,
        as_of,
        customer: customer?,
        subscription: subscription.map(Box::new),
        gdap: gdap.map(Box::new),
        agreement: agreement.map(Box::new),
    })
}

/// The first date of the row that its profile uses as the as-of date, else the file's date.
fn as_of(cells: &mut Cells<'_>) -> NaiveDateTime {
    let context = cells.context;
    let mut dated_by = context.profile.dated_by.iter();
    dated_by.find_map(|field| cells.date(*field)).unwrap_or(context.as_of)
}

fn gdap(cells: &mut Cells<'_>) -> GdapFact {
    GdapFact {
        id: cells.text(Field::GdapId),
        name: cells.text(Field::GdapName),
        status: {
            cells.enum_value(Field::GdapStatus, "relationship status", enums::gdap_status);
            cells.text(Field::GdapStatus)
        },
        activated_at: cells.date(Field::GdapActivatedAt),
        ends_at: cells.date(Field::GdapEndsAt),
    }
}
