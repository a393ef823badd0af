//! The keys of table rows, with one type for each entity.
//!
//! In tables and serialised data a key is just a number. There is no arithmetic on keys, no conversion from a number
//! except [`PartnerKey::new`] and its counterparts, and no conversion between keys of different entities. A call that
//! swaps two of them therefore does not compile:
//! ```compile_fail,E0308
//! use partnergraph_domain::{CustomerKey, PartnerKey};
//!
//! fn sells(partner: PartnerKey, customer: CustomerKey) {}
//! sells(CustomerKey::new(2), PartnerKey::new(1));
//! ```
//!
//! With the feature `sql` a key is also the value of an integer column.

use std::fmt::Debug;
use std::hash::Hash;

/// What all keys have in common, for code that reads or writes rows of any entity.
pub trait Key: Debug + Copy + Eq + Ord + Hash + Send + Sync + 'static {
    /// The number in the tables.
    fn number(self) -> i64;
}

/// Declares the key of an entity's rows.
macro_rules! keys {
    ($($(#[$attribute:meta])* $name:ident,)+) => {
        $(
            $(#[$attribute])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(transparent)]
            #[cfg_attr(feature = "sql", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
            #[cfg_attr(feature = "sql", diesel(sql_type = diesel::sql_types::BigInt))]
            pub struct $name(i64);

            impl $name {
                /// Creates the key with this number. Only code that assigns keys to new rows, or parses an id, should
                /// need this.
                #[must_use]
                pub const fn new(number: i64) -> Self {
                    Self(number)
                }

                /// The number in the tables.
                #[must_use]
                pub const fn get(self) -> i64 {
                    self.0
                }
            }

            impl Key for $name {
                fn number(self) -> i64 {
                    self.0
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    std::fmt::Display::fmt(&self.0, out)
                }
            }

            // Shown as the number alone: the field shows which entity it is, and stored plans contain digests of this
            // output.
            impl std::fmt::Debug for $name {
                fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    std::fmt::Debug::fmt(&self.0, out)
                }
            }

            impl std::str::FromStr for $name {
                type Err = std::num::ParseIntError;

                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    text.parse().map(Self)
                }
            }

            #[cfg(feature = "sql")]
            impl<DB> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for $name
            where
                DB: diesel::backend::Backend,
                i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
            {
                fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                    <i64 as diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>>::from_sql(value).map(Self)
                }
            }

            #[cfg(feature = "sql")]
            impl<DB> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for $name
            where
                DB: diesel::backend::Backend,
                i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
            {
                fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                    <i64 as diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>>::to_sql(&self.0, out)
                }
            }
        )+

        /// Calls a macro with the names of all keys, for code that is needed for each of them.
        #[macro_export]
        macro_rules! for_each_key {
            ($of_each:ident) => { $of_each! { $($name),+ } };
        }
    };
}

keys! {
    /// The key of a partner account.
    PartnerKey,
    /// The key of a company, which owns partner accounts.
    CompanyKey,
    /// The key of a user.
    UserKey,
    /// The key of an access token.
    AccessTokenKey,
    /// The key of a partnership between an indirect provider and an indirect reseller.
    PartnershipKey,
    /// The key of a customer tenant.
    CustomerKey,
    /// The key of a partner's record of a customer.
    CustomerRecordKey,
    /// The key of a reseller relationship between a partner and a customer.
    RelationshipKey,
    /// The key of a delegated admin grant.
    GrantKey,
    /// The key of an account association between a customer and an indirect reseller.
    AssociationKey,
    /// The key of a subscription.
    SubscriptionKey,
    /// The key of a closed period of a partner of record.
    PeriodKey,
    /// The key of an entitlement.
    EntitlementKey,
    /// The key of an order.
    OrderKey,
    /// The key of an order review.
    OrderReviewKey,
    /// The key of a change request.
    ChangeRequestKey,
    /// The key of an invitation.
    InvitationKey,
    /// The key of an accepted agreement.
    AgreementKey,
    /// The key of an audit event.
    AuditEventKey,
    /// The key of an e-mail in the outbox.
    MailKey,
    /// The key of an import run.
    ImportRunKey,
    /// The key of an import source: a partner's name for where its files come from.
    ImportSourceKey,
    /// The key of the verification of a contact's e-mail address.
    VerificationKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_as_its_number_and_read_back() {
        macro_rules! round {
            ($($key:ident),+) => {$(
                let key = $key::new(42);
                assert_eq!((key.get(), key.number()), (42, 42));
                assert_eq!(key.to_string().parse(), Ok(key));
                assert!("one".parse::<$key>().is_err());
            )+};
        }
        for_each_key!(round);
    }

    #[test]
    fn a_key_is_no_bigger_than_its_number() {
        assert_eq!(size_of::<PartnerKey>(), size_of::<i64>());
        assert_eq!(size_of::<Option<PartnerKey>>(), size_of::<Option<i64>>());
    }
}
