//! The rows of a plan. Each kind has its own spool, because bulk writes go table by table.

use std::io::{self, Read, Write};

use partnergraph_domain::{
    CustomerKey, CustomerRecordKey, EntitlementKey, GrantKey, ImportSourceKey, Key, PartnerKey, PartnershipKey,
    PeriodKey, RelationshipKey, SubscriptionKey,
};
use partnergraph_store::imports::rows::{
    Absent, ChangedBaseline, ChangedEntitlement, ChangedGrant, ChangedRecord, ChangedReseller, ChangedSubscription,
    ForgottenHistory, NewAgreement, NewBaseline, NewChange, NewCustomer, NewEntitlement, NewGrant, NewHistory,
    NewPartnership, NewPlaceholder, NewRecord, NewRelationship, NewResellerStatement, NewSource, NewSubscription,
    NewTenant, RepeatedAgreement,
};
use partnergraph_store::imports::sources;
use partnergraph_store::{Conn, StoreResult};
use serde::{Deserialize, Serialize};

use crate::row_locations::FileLine;
use crate::spool::{Spool, Spooled};

/// A key that a plan assigns to its own rows.
pub(crate) trait GivenKey: Key {
    /// The key with this number.
    fn numbered(number: i64) -> Self;
}

macro_rules! given_keys {
    ($($name:ident: $key:ident of $table:literal),+ $(,)?) => {
        /// The last key of each table that the plan writes. 0 if the table has no rows yet.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) struct Keys {
            $(pub(crate) $name: $key,)+
            /// Lines of the run's history.
            pub(crate) change: i64,
        }

        impl Default for Keys {
            fn default() -> Self {
                Self { $($name: $key::new(0),)+ change: 0 }
            }
        }

        impl Keys {
            pub(crate) fn read(conn: &mut Conn) -> StoreResult<Self> {
                Ok(Self { $($name: $key::new(sources::highest_id(conn, $table)?),)+ change: 0 })
            }
        }

        $(impl GivenKey for $key {
            fn numbered(number: i64) -> Self {
                Self::new(number)
            }
        })+
    };
}

given_keys! {
    partner: PartnerKey of "partners",
    partnership: PartnershipKey of "partnerships",
    customer: CustomerKey of "customers",
    record: CustomerRecordKey of "customer_records",
    relationship: RelationshipKey of "reseller_relationships",
    subscription: SubscriptionKey of "subscriptions",
    history: PeriodKey of "partner_of_record_history",
    grant: GrantKey of "delegated_admin_grants",
    entitlement: EntitlementKey of "entitlements",
    source: ImportSourceKey of "import_sources",
}

/// Returns the key after the last one.
pub(crate) fn next<K: GivenKey>(last: &mut K) -> K {
    *last = K::numbered(last.number() + 1);
    *last
}

macro_rules! ops {
    ($($name:ident: $row:ty),+ $(,)?) => {
        /// The plan while it is made.
        #[derive(Debug)]
        pub(crate) struct Ops {
            $(pub(crate) $name: Spool<$row>,)+
        }

        /// The finished plan.
        #[derive(Debug)]
        pub(crate) struct Written {
            $(pub(crate) $name: Spooled<$row>,)+
        }

        impl Written {
            /// The number of rows of all kinds.
            pub(crate) fn count(&self) -> u64 {
                0 $(+ self.$name.count())+
            }

            /// Writes all kinds one after the other, for [`Written::load`].
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
    reseller_statements: NewResellerStatement,
    tenants: NewTenant,
    customers: NewCustomer,
    records: NewRecord,
    changed_records: ChangedRecord,
    relationships: NewRelationship,
    agreements: NewAgreement,
    repeated_agreements: RepeatedAgreement,
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
    pub(crate) fn source(&mut self, keys: &mut Keys, name: &str) -> io::Result<ImportSourceKey> {
        let id = next(&mut keys.source);
        self.sources.append(&NewSource { id, name: name.to_owned() })?;
        Ok(id)
    }

    /// A statement about evidence that stood before the run.
    pub(crate) fn repeated_agreement(&mut self, row: NewAgreement) -> io::Result<()> {
        self.repeated_agreements.append(&RepeatedAgreement(row)).map(|_| ())
    }

    /// A line of the run's history, with the tenant of the customer concerned and the line of a file that caused it.
    pub(crate) fn note(
        &mut self,
        keys: &mut Keys,
        (entity, key, tenant_id): (&str, &str, Option<&str>),
        (action, field): (&str, Option<&str>),
        (before, after): (Option<String>, Option<String>),
        by: Option<FileLine>,
    ) -> io::Result<()> {
        let ordinal = keys.change;
        keys.change += 1;
        self.changes.append(&NewChange {
            ordinal,
            entity: entity.to_owned(),
            key: key.to_owned(),
            action: action.to_owned(),
            field: field.map(str::to_owned),
            before,
            after,
            file: by.map(|by| by.file.into()),
            line: by.map(|by| i64::try_from(by.line).unwrap_or(i64::MAX)),
            tenant_id: tenant_id.map(str::to_owned),
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use partnergraph_store::imports::rows::BaselineOf;

    #[test]
    fn keys_are_plain_numbers_in_a_stored_plan() {
        for (letter, of) in [
            ('C', BaselineOf::Customer(CustomerKey::new(300))),
            ('S', BaselineOf::Subscription(SubscriptionKey::new(300))),
        ] {
            let row = Absent { source_id: ImportSourceKey::new(7), of };
            let bytes = postcard::to_stdvec(&row).expect("bytes");
            assert_eq!(bytes, postcard::to_stdvec(&(7_i64, letter, 300_i64)).expect("bytes"));
            assert_eq!(postcard::from_bytes::<Absent>(&bytes), Ok(row));
        }
        assert!(
            postcard::to_stdvec(&(7_i64, 'X', 300_i64))
                .is_ok_and(|bytes| postcard::from_bytes::<Absent>(&bytes).is_err())
        );
    }
}
