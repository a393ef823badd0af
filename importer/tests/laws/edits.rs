//! Edits by users between imports, through the functions that the API uses.

use partnergraph_domain::{PartnerKey, PartnerType, SubscriptionId};
use partnergraph_store::read::subscriptions::{self, SubscriptionBy, SubscriptionRow};
use partnergraph_store::write::subscription_changes::{SubscriptionChange, update};
use partnergraph_store::write::subscriptions::set_partner_of_record;
use partnergraph_store::{Access, Scope, StoreError};

use crate::bench::{ASSIGNED, Bench};
use crate::book::rng::Rng;
use crate::projection::Tables;
use crate::support::actor;

/// An edit.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A number of seats that no life has.
    Quantity(String, i64),
    FriendlyName(String, String),
    /// The reseller with an account becomes partner of record.
    Reseller(String),
}

impl Edit {
    pub fn subscription(&self) -> &str {
        match self {
            Self::Quantity(id, _) | Self::FriendlyName(id, _) | Self::Reseller(id) => id,
        }
    }

    /// Edits of some of the existing subscriptions.
    pub fn some(bench: &mut Bench, rng: &mut Rng, with_resellers: bool) -> Vec<Self> {
        let tables = Tables::read(&mut bench.world);
        let mut all = Vec::new();
        for id in tables.subscriptions() {
            let seated = tables.subscription(&id, "quantity").is_some_and(|quantity| !quantity.is_null());
            let fixed =
                tables.subscription(&id, "partner_of_record_fixed").is_some_and(|fixed| fixed != 0 && fixed != false);
            if seated && rng.chance(25) {
                all.push(Self::Quantity(id.clone(), 1000 + rng.between(1, 99)));
            }
            if rng.chance(25) {
                all.push(Self::FriendlyName(id.clone(), format!("By hand {}", rng.between(1, 99))));
            }
            if with_resellers && !fixed && rng.chance(15) {
                all.push(Self::Reseller(id.clone()));
            }
        }
        all
    }

    pub fn make(&self, bench: &mut Bench) {
        let (provider, now) = (bench.world.provider, bench.now());
        let reseller: PartnerKey = bench
            .world
            .one(&format!("SELECT CAST(id AS TEXT) AS line FROM partners WHERE mpn_id = '{ASSIGNED}'"))
            .parse()
            .unwrap();
        let scope = Scope::Partner { id: provider, partner_type: PartnerType::IndirectProvider };
        let id: SubscriptionId = self.subscription().parse().unwrap();
        let actor = actor(provider);
        let done = bench.world.conn.transaction(Access::Write, |conn| {
            let row: SubscriptionRow = subscriptions::find(conn, &scope, SubscriptionBy::Id(id))?.expect("it is there");
            let change = match self {
                Self::Quantity(_, seats) => {
                    SubscriptionChange { quantity: Some(*seats), ..SubscriptionChange::default() }
                }
                Self::FriendlyName(_, name) => {
                    SubscriptionChange { friendly_name: Some(Some(name.clone())), ..SubscriptionChange::default() }
                }
                Self::Reseller(_) => {
                    return set_partner_of_record(conn, &actor, now, &row, Some(reseller));
                }
            };
            update(conn, &actor, now, &row, &change)
        });
        done.unwrap_or_else(|error: StoreError| panic!("{self:?}: {error}"));
    }
}
