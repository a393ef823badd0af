//! The rows of a plan, each kind in a spool of its own: bulk writes go table by table.

use std::io::{self, Read, Write};

use partnergraph_store::imports::rows::{
    Absent, ChangedBaseline, ChangedEntitlement, ChangedGrant, ChangedRecord, ChangedReseller, ChangedSubscription,
    ForgottenHistory, NewBaseline, NewChange, NewCustomer, NewEntitlement, NewGrant, NewHistory, NewPartnership,
    NewPlaceholder, NewRecord, NewRelationship, NewSource, NewSubscription, NewTenant,
};
use partnergraph_store::imports::sources;
use partnergraph_store::{Conn, StoreResult};
use serde::{Deserialize, Serialize};

use crate::spool::{Spool, Spooled};

/// The next key of each table that the plan writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Keys {
    pub(crate) partner: i64,
    pub(crate) partnership: i64,
    pub(crate) customer: i64,
    pub(crate) record: i64,
    pub(crate) relationship: i64,
    pub(crate) subscription: i64,
    pub(crate) history: i64,
    pub(crate) grant: i64,
    pub(crate) entitlement: i64,
    pub(crate) source: i64,
    pub(crate) change: i64,
}

impl Keys {
    pub(crate) fn read(conn: &mut Conn) -> StoreResult<Self> {
        Ok(Self {
            partner: sources::highest_id(conn, "partners")?,
            partnership: sources::highest_id(conn, "partnerships")?,
            customer: sources::highest_id(conn, "customers")?,
            record: sources::highest_id(conn, "customer_records")?,
            relationship: sources::highest_id(conn, "reseller_relationships")?,
            subscription: sources::highest_id(conn, "subscriptions")?,
            history: sources::highest_id(conn, "partner_of_record_history")?,
            grant: sources::highest_id(conn, "delegated_admin_grants")?,
            entitlement: sources::highest_id(conn, "entitlements")?,
            source: sources::highest_id(conn, "import_sources")?,
            change: 0,
        })
    }
}

/// Gives the key after the last one.
pub(crate) fn next(key: &mut i64) -> i64 {
    *key += 1;
    *key
}

macro_rules! ops {
    ($($name:ident: $row:ty),+ $(,)?) => {
        /// The plan while it is made.
        #[derive(Debug)]
        pub(crate) struct Ops {
            $(pub(crate) $name: Spool<$row>,)+
        }

        /// The plan, made.
        #[derive(Debug)]
        pub(crate) struct Written {
            $(pub(crate) $name: Spooled<$row>,)+
        }

        impl Written {
            /// How many rows there are of all kinds.
            pub(crate) fn count(&self) -> u64 {
                0 $(+ self.$name.count())+
            }

            /// Writes all kinds, one after the other, for [`Written::load`].
            pub(crate) fn save(&self, out: &mut impl Write) -> io::Result<()> {
                $(self.$name.save(out)?;)+
                Ok(())
            }

            /// Reads what [`Written::save`] wrote.
            pub(crate) fn load(input: &mut impl Read) -> io::Result<Self> {
                Ok(Self { $($name: Spooled::load(input)?,)+ })
            }
        }

        impl Ops {
            pub(crate) fn new() -> io::Result<Self> {
                Ok(Self { $($name: Spool::new()?,)+ })
            }

            pub(crate) fn finish(self) -> io::Result<Written> {
                Ok(Written { $($name: self.$name.finish()?,)+ })
            }
        }
    };
}

ops! {
    sources: NewSource,
    placeholders: NewPlaceholder,
    partnerships: NewPartnership,
    tenants: NewTenant,
    customers: NewCustomer,
    records: NewRecord,
    changed_records: ChangedRecord,
    relationships: NewRelationship,
    subscriptions: NewSubscription,
    changed_subscriptions: ChangedSubscription,
    changed_resellers: ChangedReseller,
    forgotten_history: ForgottenHistory,
    history: NewHistory,
    entitlements: NewEntitlement,
    changed_entitlements: ChangedEntitlement,
    grants: NewGrant,
    changed_grants: ChangedGrant,
    baselines: NewBaseline,
    changed_baselines: ChangedBaseline,
    absences: Absent,
    changes: NewChange,
}

impl Ops {
    pub(crate) fn source(&mut self, keys: &mut Keys, name: &str) -> io::Result<i64> {
        let id = next(&mut keys.source);
        self.sources.append(&NewSource { id, name: name.to_owned() })?;
        Ok(id)
    }

    /// A line of the run's history: an entity that was created.
    pub(crate) fn created(&mut self, keys: &mut Keys, entity: &str, key: &str) -> io::Result<()> {
        self.changed(keys, entity, key, "CREATE", None, (None, None))
    }

    /// A line of the run's history.
    pub(crate) fn changed(
        &mut self,
        keys: &mut Keys,
        entity: &str,
        key: &str,
        action: &str,
        field: Option<&str>,
        (before, after): (Option<String>, Option<String>),
    ) -> io::Result<()> {
        let ordinal = next(&mut keys.change) - 1;
        self.changes.append(&NewChange {
            ordinal,
            entity: entity.to_owned(),
            key: key.to_owned(),
            action: action.to_owned(),
            field: field.map(str::to_owned),
            before,
            after,
        })?;
        Ok(())
    }
}
