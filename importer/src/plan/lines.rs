//! The lines of the files that state what a plan writes about a subscription, for the history of the run.

use std::collections::BTreeMap;

use crate::baseline::{Value, subscription as at};
use crate::reconcile::{Group, RowFact};
use crate::row_locations::FileLine;

/// The lines that state a subscription and its values.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    first: Option<FileLine>,
    fields: BTreeMap<usize, FileLine>,
    entitlements: BTreeMap<String, FileLine>,
}

impl Lines {
    /// Adds the rows of one source. `after` are the values after them. The lines of fields are needed only for a subscription that
    /// existed before.
    pub(super) fn add(&mut self, rows: &[RowFact], group: &Group, after: &[Value], existed: bool) {
        let Some(first) = rows.first() else { return };
        self.first.get_or_insert(first.at);
        for row in rows {
            if let Some(entitlement) = &row.fact.entitlement {
                self.entitlements.insert(entitlement.id.clone(), row.at);
            }
        }
        if !existed {
            return;
        }
        for (field, stated) in group.baseline.fields.iter().enumerate() {
            if stated.as_ref().is_none_or(|stated| stated.value != after[field]) {
                continue;
            }
            let row = group.by[field].or_else(|| (field == at::QUANTITY).then(|| group.newest_charge(rows)));
            if let Some(row) = row.and_then(|place| rows.get(place)) {
                self.fields.insert(field, row.at);
            }
        }
    }

    /// The first line about the subscription. `None` if no file names it.
    pub(super) fn first(&self) -> Option<FileLine> {
        self.first
    }

    /// The line that states the value of a field; the first line if it follows from several.
    pub(super) fn of_field(&self, field: usize) -> Option<FileLine> {
        self.fields.get(&field).copied().or(self.first)
    }

    /// The last line about an entitlement.
    pub(super) fn of_entitlement(&self, id: &str) -> Option<FileLine> {
        self.entitlements.get(id).copied().or(self.first)
    }
}
