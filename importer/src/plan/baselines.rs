//! Converts baselines between table rows and the values used in planning.

use std::marker::PhantomData;

use partnergraph_domain::{CustomerKey, ImportSourceKey, SubscriptionKey};
use partnergraph_store::imports::rows::{Baseline as BaselineRow, BaselineKey};
use partnergraph_store::imports::stored::StoredBaseline;

use super::PlanError;
use super::fold::Sources;
use crate::baseline::{Baseline, FieldSpec};
use crate::reconcile::moment;

/// The kind of entity that a source's baselines are about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind<K> {
    pub(crate) specs: &'static [FieldSpec],
    key: PhantomData<K>,
}

impl Kind<CustomerKey> {
    pub(crate) const CUSTOMER: Self = Self { specs: &crate::baseline::CUSTOMER, key: PhantomData };
}

impl Kind<SubscriptionKey> {
    pub(crate) const SUBSCRIPTION: Self = Self { specs: &crate::baseline::SUBSCRIPTION, key: PhantomData };
}

impl<K: BaselineKey> Kind<K> {
    /// The row to write.
    pub(crate) fn row(self, source_id: ImportSourceKey, key: K, baseline: &Baseline) -> BaselineRow {
        let as_of = chrono::DateTime::from_timestamp(baseline.as_of(), 0).unwrap_or_default().naive_utc();
        let fields = baseline.pack(self.specs);
        BaselineRow { source_id, of: key.into(), as_of: moment(as_of), fields }
    }

    /// The value of the stored rows.
    pub(crate) fn unpack(self, rows: &[StoredBaseline<K>]) -> Result<Sources, PlanError> {
        rows.iter()
            .map(|row| Ok((row.source_id, Baseline::unpack(self.specs, row.as_of.and_utc().timestamp(), &row.fields)?)))
            .collect()
    }

    /// Whether a complete list contained the entity of the stored baseline.
    pub(crate) fn was_listed(self, fields: &str) -> Result<bool, PlanError> {
        Ok(Baseline::unpack(self.specs, 0, fields)?.listed)
    }
}

/// The sources whose lists lacked the entity before and that name it again. Their baselines are written even if nothing
/// else in them changes.
pub(crate) fn reappearing<'a, K: BaselineKey>(
    stored: &'a [StoredBaseline<K>],
    now: &'a Sources,
    names_it: impl Fn(ImportSourceKey) -> bool + 'a,
) -> impl Iterator<Item = (ImportSourceKey, &'a Baseline)> {
    let absent = stored.iter().filter(move |row| row.absent_since_run.is_some() && names_it(row.source_id));
    absent.filter_map(|row| now.iter().find(|(id, _)| *id == row.source_id)).map(|(id, baseline)| (*id, baseline))
}

#[cfg(test)]
mod tests {
    use partnergraph_domain::ImportRunKey;

    use super::*;

    #[test]
    fn what_a_list_lacked_reappears_where_its_source_names_it() {
        let row = |source_id, absent_since_run: Option<i64>| StoredBaseline {
            entity_id: CustomerKey::new(1),
            source_id: ImportSourceKey::new(source_id),
            as_of: chrono::NaiveDateTime::default(),
            fields: String::new(),
            absent_since_run: absent_since_run.map(ImportRunKey::new),
        };
        let now: Sources = (1..=4).map(|source| (ImportSourceKey::new(source), Baseline::silent(1))).collect();
        let stored = [row(1, None), row(2, Some(7)), row(3, Some(7)), row(5, Some(7))];
        let cases: [(&str, &[i64], &[i64]); 4] = [
            ("no file names it", &[], &[]),
            ("it was not absent", &[1], &[]),
            ("it was absent from one list of two", &[2], &[2]),
            ("a source of which nothing is known now", &[3, 5], &[3]),
        ];
        for (name, naming, expected) in cases {
            let found: Vec<i64> =
                reappearing(&stored, &now, |source| naming.contains(&source.get())).map(|one| one.0.get()).collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}
