//! The caller's scope.
//!
//! Every read takes it as an argument and makes it part of the statement, so that what a caller cannot see is never read: in a
//! list, an id, a filter, a count and an error it looks as if it did not exist (`access.md` of the contract; rules B-13, B-14,
//! C-28, D-01, N-11).

use partnergraph_domain::{ChangeRequestKey, CustomerKey, PartnerKey, PartnerType, Role, UserKey};

use crate::on::{On, Partner, Subscription};
use crate::sql::{Sql, sql};

mod customers;

/// The caller on whose behalf a statement reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// An operator of the platform, who sees everything.
    Operator,
    /// A partner account.
    Partner {
        /// Its row key.
        id: PartnerKey,
        /// Determines which customers are its own.
        partner_type: PartnerType,
    },
    /// A customer tenant.
    Customer {
        /// Its row key.
        id: CustomerKey,
    },
    /// A user whose tenant has no account yet: sees only the directory of providers and what enrolment needs.
    Nobody,
}

/// A caller: scope, name and roles.
#[derive(Debug, Clone)]
pub struct Actor {
    /// What the caller sees.
    pub scope: Scope,
    /// Its tenant id; `None` for an operator.
    pub tenant_id: Option<String>,
    /// The user's row key; `None` for a caller without a user row: the command line, or a user known only from an OIDC issuer.
    pub user_id: Option<UserKey>,
    /// The name that is written to the history.
    pub user_principal_name: String,
    /// The roles.
    pub roles: Vec<Role>,
    /// The change request that it approves, which the resulting events name. `None` for everything else.
    pub approves: Option<ChangeRequestKey>,
}

impl Actor {
    /// The user of the command line. It has access to the database itself, so it is an operator.
    #[must_use]
    pub fn command_line() -> Self {
        Self {
            scope: Scope::Operator,
            tenant_id: None,
            user_id: None,
            user_principal_name: "command line".to_owned(),
            roles: vec![Role::Operator],
            approves: None,
        }
    }
}

impl Actor {
    /// The server itself, for changes that are due.
    #[must_use]
    pub fn housekeeping() -> Self {
        Self { user_principal_name: "housekeeping".to_owned(), ..Self::command_line() }
    }
}

impl Scope {
    /// The caller's partner account, if it has one.
    pub fn partner_id(&self) -> Option<PartnerKey> {
        match self {
            Self::Partner { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The condition that the caller sees the subscription. Every statement that reads subscriptions includes it.
    pub fn sees_subscription(&self) -> On<Subscription> {
        self.sees_subscription_by(" AND @.seller_id = ", "@.customer_id")
    }

    /// The condition that the caller can read the subscription when it names it, or an order or entitlement of it. A seller goes on
    /// reading what it sold after its relationship with the customer has ended, but not in its lists (D-01, D-06).
    pub(crate) fn reads_subscription(&self) -> On<Subscription> {
        self.sold(" AND @.seller_id = ").unwrap_or_else(|| self.sees_subscription())
    }

    /// The same condition for a statement that already has the customer of the subscription. The unary plus before the column
    /// keeps SQLite from starting with the seller and reading all its subscriptions for every customer: without statistics it
    /// considers both indexes equally good. A seller that sees the customer, or saw it (D-06), sees all that it sold to it.
    pub(crate) fn reads_subscription_of_customer(&self) -> On<Subscription> {
        self.reads_subscription_of("@.customer_id")
    }

    /// The same condition below a customer with the key `up.id` that has been read for the caller in the same snapshot.
    pub(crate) fn reads_subscription_below_customer(&self) -> On<Subscription> {
        self.reads_subscription_of("up.id")
    }

    fn reads_subscription_of(&self, customer: &'static str) -> On<Subscription> {
        let seller_is = " AND +@.seller_id = ";
        self.sold(seller_is).unwrap_or_else(|| self.sees_subscription_by(seller_is, customer))
    }

    /// The condition that the calling seller sold the subscription. `None` for other callers.
    fn sold(&self, seller_is: &'static str) -> Option<On<Subscription>> {
        match self {
            Self::Partner { id, partner_type } if *partner_type != PartnerType::IndirectReseller => {
                Some(On::new(sql("@.removed_at IS NULL").push(seller_is).bind(*id)))
            }
            _ => None,
        }
    }

    fn sees_subscription_by(&self, seller_is: &'static str, customer: &'static str) -> On<Subscription> {
        match self {
            Self::Partner { id, partner_type: PartnerType::IndirectReseller } => seen_by_reseller(*id, customer),
            _ => On::new(self.sold_or_bought(seller_is, customer)),
        }
    }

    /// The condition that the caller sees the entitlement with this alias, given the subscription above it. A reseller that is
    /// only partner of record of entitlements sees only its own (B-14).
    pub(crate) fn sees_entitlement(&self, entitlement: &str) -> On<Subscription> {
        On::new(match self {
            Self::Partner { id, partner_type: PartnerType::IndirectReseller } => {
                in_view_of_reseller(*id, "@.customer_id")
                    .push(format!(" OR {entitlement}.reseller_id = "))
                    .bind(*id)
                    .push(")")
            }
            _ => self.sold_or_bought(" AND @.seller_id = ", "@.customer_id"),
        })
    }

    /// The same for an entitlement below a subscription that the caller can read (D-06).
    pub(crate) fn reads_entitlement(&self, entitlement: &str) -> On<Subscription> {
        self.sold(" AND @.seller_id = ").unwrap_or_else(|| self.sees_entitlement(entitlement))
    }

    /// The condition that the caller sees the subscription, for callers that are not resellers.
    fn sold_or_bought(&self, seller_is: &'static str, customer: &'static str) -> Sql {
        let live = sql("@.removed_at IS NULL");
        match self {
            Self::Operator => live,
            Self::Customer { id } => live.push(" AND @.customer_id = ").bind(*id),
            Self::Partner { id, .. } => live
                .push(seller_is)
                .bind(*id)
                .push(" AND EXISTS (SELECT 1 FROM customer_views sv WHERE sv.viewer_id = ")
                .bind(*id)
                .push(" AND sv.customer_id = ")
                .push(customer)
                .push(")"),
            Self::Nobody => sql("1 = 0"),
        }
    }

    /// The condition, on a subscription, that the caller can know of its parent subscription. The seller and the buyer know
    /// everything that the portal states about it; a reseller must see the parent itself (B-14).
    pub fn sees_parent_subscription(&self) -> On<Subscription> {
        On::new(match self {
            Self::Partner { id, partner_type: PartnerType::IndirectReseller } => {
                sql("EXISTS (SELECT 1 FROM subscriptions pa WHERE pa.subscription_id = @.parent_subscription_id AND ")
                    .add(seen_by_reseller(*id, "@.customer_id").of("pa"))
                    .push(")")
            }
            _ => sql("1 = 1"),
        })
    }

    /// The first conditions of [`Scope::sees_partner`], for a caller that has others as well: itself and its partnerships.
    pub(crate) fn is_own_or_partnered(&self) -> Option<On<Partner>> {
        let Self::Partner { id, .. } = self else { return None };
        Some(On::new(sql("@.removed_at IS NULL AND (").add(own_or_partnered(*id)).push(")")))
    }

    /// The condition that the caller sees the partner account: itself, the other account of its tenant, its partnerships
    /// (including placeholders), the partners of its customers' subscriptions, for a seller the accounts whose own use its
    /// customers' tenants serve, and for a customer its own partners. B-14: a reseller that is only partner of record sees none
    /// of the customer's other resellers.
    pub fn sees_partner(&self) -> On<Partner> {
        let live = sql("@.removed_at IS NULL");
        On::new(match self {
            Self::Operator => live,
            Self::Partner { id, partner_type } => live
                .push(" AND (")
                .add(own_or_partnered(*id))
                .push(" OR EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.reseller_id = @.id AND rc.provider_id = ")
                .bind(*id)
                .push(") OR EXISTS (SELECT 1 FROM subscriptions ss WHERE ss.removed_at IS NULL AND ss.seller_id = @.id AND ss.reseller_id = ")
                .bind(*id)
                .push(
                    ") OR EXISTS (SELECT 1 FROM entitlements pe JOIN subscriptions ss ON ss.id = pe.subscription_pk \
                     WHERE ss.removed_at IS NULL AND ss.seller_id = @.id AND pe.reseller_id = ",
                )
                .bind(*id)
                .push(") OR EXISTS (SELECT 1 FROM subscriptions ss WHERE ss.removed_at IS NULL AND +ss.seller_id = @.id AND ss.support_contact_id = ")
                .bind(*id)
                .push(") OR EXISTS (SELECT 1 FROM subscriptions ss WHERE ss.removed_at IS NULL AND ss.support_contact_id = @.id AND +ss.seller_id = ")
                .bind(*id)
                // The other account of the same tenant (T-01) belongs to the same users.
                .push(") OR EXISTS (SELECT 1 FROM partners own WHERE own.tenant_id = @.tenant_id AND own.id = ")
                .bind(*id)
                .push(")")
                .add(uses_customer_of(*id, *partner_type))
                .push(")"),
            Self::Customer { id } => live
                .push(" AND (EXISTS (SELECT 1 FROM reseller_relationships rr WHERE rr.removed_at IS NULL AND rr.partner_id = @.id AND rr.customer_id = ")
                .bind(*id)
                .push(") OR EXISTS (SELECT 1 FROM delegated_admin_grants g WHERE g.partner_id = @.id AND g.customer_id = ")
                .bind(*id)
                .push(") OR EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.reseller_id = @.id AND rc.customer_id = ")
                .bind(*id)
                // Those that its subscriptions name, even after their seller ended its relationship (D-06).
                .push(") OR EXISTS (SELECT 1 FROM subscriptions ss WHERE ss.removed_at IS NULL AND ss.customer_id = ")
                .bind(*id)
                .push(
                    " AND (ss.seller_id = @.id OR ss.reseller_id = @.id OR ss.support_contact_id = @.id OR EXISTS (SELECT 1 \
                     FROM entitlements pe WHERE pe.subscription_pk = ss.id AND pe.reseller_id = @.id))))",
                ),
            Self::Nobody => sql("1 = 0"),
        })
    }
}

/// Whether a partner account is this one or has a partnership with it. Each way of seeing an account is checked for the account
/// at hand and uses an index. As a list of all visible accounts, it would be read completely, including every subscription of a
/// provider, whenever an account is not found by the first check.
fn own_or_partnered(id: PartnerKey) -> Sql {
    sql("@.id = ")
        .bind(id)
        .push(" OR EXISTS (SELECT 1 FROM partnerships ps WHERE ps.reseller_id = @.id AND ps.provider_id = ")
        .bind(id)
        .push(") OR EXISTS (SELECT 1 FROM partnerships ps WHERE ps.provider_id = @.id AND ps.reseller_id = ")
        .bind(id)
        .push(")")
}

/// Whether a reseller sees the subscription: as a whole, or because of an entitlement under it.
fn seen_by_reseller(id: PartnerKey, customer: &'static str) -> On<Subscription> {
    On::new(
        in_view_of_reseller(id, customer)
            .push(" OR EXISTS (SELECT 1 FROM entitlements se WHERE se.subscription_pk = @.id AND se.reseller_id = ")
            .bind(id)
            .push("))"),
    )
}

/// A live subscription of a customer that the reseller sees, and the conditions under which it sees it as a whole. The caller
/// adds further conditions and the closing parenthesis. An account association gives access to everything that this provider sold
/// to the customer. So does the reseller's own relationship with the customer, for the providers it is partnered with.
fn in_view_of_reseller(id: PartnerKey, customer: &'static str) -> Sql {
    sql("@.removed_at IS NULL AND EXISTS (SELECT 1 FROM customer_views sv WHERE sv.viewer_id = ")
        .bind(id)
        .push(" AND sv.customer_id = ")
        .push(customer)
        .push(") AND (@.reseller_id = ")
        .bind(id)
        .push(" OR @.support_contact_id = ")
        .bind(id)
        .push(
            " OR EXISTS (SELECT 1 FROM reseller_customers sc WHERE sc.provider_id = @.seller_id \
             AND sc.customer_id = @.customer_id AND sc.by_account AND sc.reseller_id = ",
        )
        .bind(id)
        .push(")")
}

/// or the tenant of one of the seller's customers serves the account's own use. The seller named the buyer, or cannot sell
/// without knowing it. A reseller in between knows its customer, but not for whom the tenant is.
fn uses_customer_of(seller_id: PartnerKey, partner_type: PartnerType) -> Sql {
    if partner_type == PartnerType::IndirectReseller {
        return sql("");
    }
    sql(" OR EXISTS (SELECT 1 FROM customers uc JOIN reseller_relationships ur ON ur.customer_id = uc.id \
         AND ur.removed_at IS NULL WHERE uc.internal_use_of = @.id AND ur.partner_id = ")
    .bind(seller_id)
    .push(")")
}
