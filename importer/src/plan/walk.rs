//! Walks over stored rows in parallel with facts, both in the order of their keys.

use partnergraph_domain::{CustomerKey, PartnerKey, SubscriptionKey};
use std::collections::HashMap;

use partnergraph_store::imports::rows::BaselineKey;
use partnergraph_store::imports::stored::{self, StoredBaseline, StoredCustomer, StoredSubscription};
use partnergraph_store::{Conn, StoreResult};

/// Number of rows that are fetched at once: few if the facts are sparse, many if they are dense.
const FEWEST: i64 = 16;
const MOST: i64 = 2_048;

/// A stored row that can be walked.
pub(crate) trait Keyed {
    fn key(&self) -> &str;
}

/// The walk.
#[derive(Debug)]
pub(crate) struct Walk<T> {
    chunk: Vec<T>,
    at: usize,
    limit: i64,
    found: usize,
    ended: bool,
}

impl<T: Keyed> Walk<T> {
    pub(crate) fn new() -> Self {
        Self { chunk: Vec::new(), at: 0, limit: FEWEST, found: 0, ended: false }
    }

    /// The row with that key. Keys must be requested in ascending order.
    pub(crate) fn seek(
        &mut self,
        key: &str,
        fetch: impl FnOnce(&str, i64) -> StoreResult<Vec<T>>,
    ) -> StoreResult<Option<&T>> {
        self.skip_to(key);
        if self.at == self.chunk.len() && !self.ended {
            // If most of a chunk was used, most of the next one will probably be used too.
            let dense = self.found * 2 >= self.chunk.len();
            self.limit = if dense { (self.limit * 4).min(MOST) } else { (self.limit / 2).max(FEWEST) };
            self.chunk = fetch(key, self.limit)?;
            self.ended = i64::try_from(self.chunk.len()).is_ok_and(|length| length < self.limit);
            self.at = 0;
            self.found = 0;
        }
        let found = self.chunk.get(self.at).filter(|row| row.key() == key);
        self.found += usize::from(found.is_some());
        Ok(found)
    }

    fn skip_to(&mut self, key: &str) {
        while self.chunk.get(self.at).is_some_and(|row| row.key() < key) {
            self.at += 1;
        }
    }
}

/// A stored row about which sources have statements.
pub(crate) trait Described {
    type Key: BaselineKey;
    /// The key of its baselines. `None` for a tenant that is not a customer.
    fn baselines_of(&self) -> Option<Self::Key>;
}

impl Described for StoredCustomer {
    type Key = CustomerKey;
    fn baselines_of(&self) -> Option<CustomerKey> {
        self.customer_id
    }
}

impl Described for StoredSubscription {
    type Key = SubscriptionKey;
    fn baselines_of(&self) -> Option<SubscriptionKey> {
        Some(self.id)
    }
}

/// A stored row and what the sources state about it.
#[derive(Debug)]
pub(crate) struct WithBaselines<T: Described> {
    pub(crate) row: T,
    pub(crate) baselines: Vec<StoredBaseline<T::Key>>,
}

impl Keyed for WithBaselines<StoredCustomer> {
    fn key(&self) -> &str {
        &self.row.tenant_id
    }
}
impl Keyed for WithBaselines<StoredSubscription> {
    fn key(&self) -> &str {
        &self.row.subscription_id
    }
}
impl Keyed for String {
    fn key(&self) -> &str {
        self
    }
}

pub(crate) fn customers(
    conn: &mut Conn,
    partner_id: PartnerKey,
    from: &str,
    limit: i64,
) -> StoreResult<Vec<WithBaselines<StoredCustomer>>> {
    let rows = stored::customers(conn, partner_id, from, limit)?;
    let baselines = match rows.last() {
        Some(last) => stored::customer_baselines(conn, partner_id, from, &last.tenant_id)?,
        None => Vec::new(),
    };
    Ok(join(rows, baselines))
}

pub(crate) fn subscriptions(
    conn: &mut Conn,
    from: &str,
    limit: i64,
) -> StoreResult<Vec<WithBaselines<StoredSubscription>>> {
    let rows = stored::subscriptions(conn, from, limit)?;
    let baselines = match rows.last() {
        Some(last) => stored::subscription_baselines(conn, from, &last.subscription_id)?,
        None => Vec::new(),
    };
    Ok(join(rows, baselines))
}

fn join<T: Described>(rows: Vec<T>, baselines: Vec<StoredBaseline<T::Key>>) -> Vec<WithBaselines<T>> {
    let mut by_entity: HashMap<T::Key, Vec<StoredBaseline<T::Key>>> = HashMap::with_capacity(rows.len());
    for baseline in baselines {
        by_entity.entry(baseline.entity_id).or_default().push(baseline);
    }
    rows.into_iter()
        .map(|row| {
            let baselines = row.baselines_of().and_then(|key| by_entity.remove(&key)).unwrap_or_default();
            WithBaselines { row, baselines }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_finds_what_is_there_and_fetches_little() {
        let stored: Vec<String> = (0..10_000).map(|n| format!("{:05}", n * 2)).collect();
        let mut fetched = 0;
        let mut walk = Walk::<String>::new();
        let mut find = |key: &str| {
            let fetch = |from: &str, limit: i64| {
                let rows: Vec<String> =
                    stored.iter().filter(|row| row.as_str() >= from).take(limit as usize).cloned().collect();
                fetched += rows.len();
                Ok(rows)
            };
            walk.seek(key, fetch).expect("no database").is_some()
        };
        assert!(find("00000") && !find("00001") && find("00002"));
        assert!(find("08000") && !find("08001") && find("19998") && !find("20000"));
        assert!(fetched < 300, "{fetched}");
    }
}
