//! What is known of rows before any is put beside the database, and what becomes of those that are about a customer only.

use partnergraph_domain::Severity;
use partnergraph_store::imports::{sources, stored};
use partnergraph_store::sql::sql;

use super::walk::Walk;
use super::{PlanError, Planner};
use crate::intake::{Entry, NONE, Outcome};
use crate::profiles::{Field, States};

/// What is known of a statement about a customer.
pub(crate) mod flag {
    /// It says something that holds.
    pub(crate) const HOLDS: u8 = 1;
    /// Its source said something newer before.
    pub(crate) const SUPERSEDED: u8 = 2;
    /// Its customer is not taken in.
    pub(crate) const REJECTED: u8 = 4;
    /// A row of it has been counted as applied.
    pub(crate) const SEEN: u8 = 8;
}

impl Planner<'_> {
    /// Rows of one subscription that cannot all be true: two customers, or two resellers at the same time in one source. All
    /// lines of the subscription are a conflict then, and no policy decides between them.
    pub(crate) fn find_contradictions(&mut self) -> Result<(), PlanError> {
        let intake = self.intake;
        for group in intake.entries.chunk_by(Entry::same) {
            let open: Vec<&Entry> = group.iter().filter(|entry| self.is_open(entry.row)).collect();
            if open.len() < 2 {
                continue;
            }
            let contradiction = if open.iter().any(|entry| entry.customer != open[0].customer) {
                let message = "the files name two customers for this subscription";
                Some((Field::CustomerTenantId, message))
            } else if self.names_two_resellers(&open) {
                Some((Field::ResellerMpnId, "the files name two resellers for this subscription at the same time"))
            } else {
                None
            };
            let Some((field, message)) = contradiction else { continue };
            let key = open[0].subscription().to_string();
            let rows: Vec<(u32, u16)> = open.iter().map(|entry| (entry.row, entry.file())).collect();
            for (row, file) in rows {
                self.set(row, Outcome::Conflict);
                let column = self.column(file, field);
                self.remark(Severity::Error, row, "conflict.rows", message, |mut issue| {
                    issue.column = column;
                    issue
                        .value(&key)
                        .hint("nothing of these lines is applied; find out which is true and import it alone")
                })?;
            }
        }
        Ok(())
    }

    fn names_two_resellers(&self, group: &[&Entry]) -> bool {
        let mut named: Vec<(usize, u32, usize)> = group
            .iter()
            .filter_map(|entry| {
                Some((self.intake.files[usize::from(entry.file())].source, entry.when, entry.reseller()?))
            })
            .collect();
        named.sort_unstable();
        named.windows(2).any(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1) && pair[0].2 != pair[1].2)
    }

    /// Rows about a subscription that another partner holds. Nothing of the other side is told.
    pub(crate) fn reject_foreign(&mut self) -> Result<(), PlanError> {
        let others = sql("removed_at IS NULL AND seller_id <> ").bind(self.partner.id);
        if self.intake.entries.is_empty() || !sources::any(self.conn, "subscriptions", others)? {
            return Ok(());
        }
        let mut walk = Walk::<String>::new();
        let (partner, intake) = (self.partner.id, self.intake);
        for group in intake.entries.chunk_by(Entry::same) {
            let key = group[0].subscription().to_string();
            let conn = &mut *self.conn;
            let held = walk.seek(&key, |from, limit| stored::foreign_subscriptions(conn, partner, from, limit))?;
            if held.is_none() {
                continue;
            }
            for entry in group {
                if !self.is_open(entry.row) && self.outcomes[entry.row as usize] != Outcome::Conflict {
                    continue;
                }
                self.set(entry.row, Outcome::Rejected);
                let column = self.column(entry.file(), Field::SubscriptionId);
                self.remark(
                    Severity::Error,
                    entry.row,
                    "subscription.id.unavailable",
                    "the subscription id is not available to this account",
                    |mut issue| {
                        issue.column = column;
                        issue.value(&key).hint("check the id, and that the file is this account's")
                    },
                )?;
            }
        }
        Ok(())
    }

    /// What becomes of the rows that are still open: those that are about a customer only. And rows whose customer's data
    /// are held in part.
    pub(crate) fn settle_rows(&mut self) -> Result<(), PlanError> {
        let intake = self.intake;
        for file in 0..intake.files.len() {
            let states = intake.files[file].profile.states;
            let charges = matches!(states, States::Charges | States::Usage);
            for row in intake.files[file].rows.clone() {
                let statement = intake.rows.statement[row as usize];
                if statement == NONE {
                    continue;
                }
                self.settle_row(row, statement, charges)?;
            }
        }
        Ok(())
    }

    fn settle_row(&mut self, row: u32, statement: u32, charges: bool) -> Result<(), PlanError> {
        let flags = self.flags[statement as usize];
        match self.outcomes[row as usize] {
            Outcome::Open if flags & flag::HOLDS != 0 && flags & flag::SEEN == 0 => {
                self.set(row, Outcome::Applied);
                self.flags[statement as usize] |= flag::SEEN;
            }
            Outcome::Open => {
                self.set(row, Outcome::Merged);
                if flags & flag::SUPERSEDED != 0 {
                    self.superseded(row)?;
                } else if !charges {
                    self.remark(Severity::Info, row, "row.merged", "another row says the same", |issue| issue)?;
                }
            }
            Outcome::Applied | Outcome::Merged if charges => self.flags[statement as usize] |= flag::SEEN,
            Outcome::Applied | Outcome::Merged | Outcome::Rejected | Outcome::Conflict => {}
        }
        if matches!(self.outcomes[row as usize], Outcome::Applied | Outcome::Merged)
            && let Some(issues) = self.held.remove(&statement)
        {
            self.set(row, Outcome::Conflict);
            let place = self.place(row)?;
            for mut issue in issues {
                issue.file = place.file;
                issue.line = place.line;
                self.remarks.add(&issue)?;
            }
        }
        Ok(())
    }

    pub(crate) fn superseded(&mut self, row: u32) -> Result<(), PlanError> {
        let message = "something newer is known already; the row changes nothing";
        self.remark(Severity::Info, row, "row.superseded", message, |issue| issue)
    }
}
