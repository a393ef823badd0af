//! `export moved`: what a run of `moveReseller` moves, as a report for one of the parties.

use std::io::Write;

use partnergraph_domain::{ImportRunKey, MovedKind, TenantId};
use partnergraph_store::imports::moves::{self, Move, MoveLine, Party};
use partnergraph_store::read::customers::{self, CustomerBy};
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::{Conn, Scope};

use super::{Stopped, finish, write};
use crate::cli::Failure;
use crate::cli::accounts::AccountName;

/// The run and the party whose report is written.
pub(super) struct Report {
    moved: Move,
    party: Party,
    names: (String, String),
}

impl Report {
    /// Finds the run of the provider, and the party in it: one of the two resellers, or a customer. The provider's own without one.
    pub(super) fn find(
        conn: &mut Conn,
        scope: &Scope,
        (run_id, party): (ImportRunKey, Option<AccountName>),
    ) -> Result<Self, Failure> {
        let moved = moves::find(conn, run_id)?.filter(|moved| scope.partner_id() == Some(moved.provider_id));
        let Some(moved) = moved else {
            return Err(Failure::new(format!("run {run_id} is not a move of this provider"))
                .hint("partnergraph imports list shows the runs"));
        };
        let name = |conn: &mut Conn, id| -> Result<String, Failure> {
            let row = partners::find(conn, &Scope::Operator, PartnerBy::Row(id))?;
            Ok(row.map(|row| row.columns.mpn_id.unwrap_or(row.profile.name)).unwrap_or_default())
        };
        let to = match moved.to {
            Some(to) => name(conn, to)?,
            None => String::new(),
        };
        let names = (name(conn, moved.from)?, to);
        let party = match party {
            None => Party::Provider,
            Some(AccountName::Mpn(mpn_id)) if mpn_id.to_string() == names.0 => Party::From,
            Some(AccountName::Mpn(mpn_id)) if mpn_id.to_string() == names.1 => Party::To,
            Some(AccountName::Tenant(tenant_id)) => customer(conn, scope, tenant_id)?,
            Some(AccountName::Mpn(mpn_id)) => {
                return Err(Failure::new(format!("MPN ID {mpn_id} is not a party to run {run_id}"))
                    .hint(format!("its resellers are {} and {}", names.0, names.1)));
            }
        };
        Ok(Self { moved, party, names })
    }

    pub(super) fn write(&self, conn: &mut Conn, out: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
        out.write_record([
            "Microsoft ID",
            "Company name",
            "Primary domain name",
            "Moved",
            "Subscription ID",
            "Entitlement ID",
            "Subscription",
            "Quantity",
            "Term ends",
            "From",
            "To",
            "State",
            "Date",
            "Rule",
            "Reason",
        ])?;
        let mut after = 0;
        loop {
            let piece = moves::lines(conn, &self.moved, self.party, after)?;
            let Some(last) = piece.last() else { break };
            after = last.ordinal;
            for line in &piece {
                self.line(line, out)?;
            }
        }
        finish(out)
    }

    fn line(&self, line: &MoveLine, out: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
        let shown = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let what = match line.kind {
            MovedKind::Account => "Account",
            MovedKind::SupportContact => "Support contact",
            MovedKind::Entitlement => "Partner of record of the entitlement",
            MovedKind::PartnerOfRecord | MovedKind::Matched => "Partner of record",
        };
        // Neither reseller learns who the other is (B-14), nor why something stays.
        let from = if self.party == Party::To { "" } else { &self.names.0 };
        let to = if self.party == Party::From { "" } else { &self.names.1 };
        let state = match (line.moved_at.is_some(), line.reverted, &line.refusal) {
            (_, _, Some(_)) => "Stays",
            (_, true, _) => "Moved back",
            (true, ..) => "Moved",
            (false, ..) => "Planned",
        };
        let (rule, reason) = match self.party {
            Party::Provider => (line.rule.as_deref().unwrap_or_default(), line.refusal.as_deref().unwrap_or_default()),
            _ => ("", ""),
        };
        let quantity = line.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
        let ends = line.commitment_end_date.map(|day| day.to_string()).unwrap_or_default();
        let at = line.moved_at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default();
        write(
            out,
            [
                &line.tenant_id,
                &shown(&line.company_name),
                &shown(&line.domain),
                what,
                &shown(&line.subscription_id),
                &shown(&line.entitlement_id),
                &shown(&line.offer_name),
                &quantity,
                &ends,
                from,
                to,
                state,
                &at,
                rule,
                reason,
            ],
        )
    }
}

fn customer(conn: &mut Conn, scope: &Scope, tenant_id: TenantId) -> Result<Party, Failure> {
    let row = customers::find(conn, scope, &CustomerBy::Tenant(tenant_id))?;
    let missing = || Failure::new(format!("there is no customer {tenant_id} of this provider"));
    Ok(Party::Customer(row.ok_or_else(missing)?.customer_id))
}
