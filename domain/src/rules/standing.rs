//! What a reseller gets from its connection with a customer or a subscription (B-04, B-13, B-14, C-28, K-01, K-03,
//! N-02, N-11).

/// How a reseller is connected with a customer of one provider. The connections are independent of each other (K-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// It has its own reseller relationship with the customer.
    pub own_relationship: bool,
    /// The provider associated it with the customer account.
    pub account_association: bool,
    /// It is partner of record of at least one live subscription that the provider sold.
    pub partner_of_record: bool,
    /// It is the support contact of at least one subscription that the provider sold.
    pub support_contact: bool,
    /// The customer made it an owner of its Azure tenant.
    pub tenant_owner: bool,
}

/// How much of a customer a reseller can see and manage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResellerAccess {
    /// Nothing.
    None,
    /// The customer's identity, and only the subscriptions that it is connected with.
    ItsSubscriptions,
    /// The customer, and everything that the provider sold to it.
    Account,
}

/// N-02, N-11, B-13, B-14 and K-03: how far the reseller's access goes.
///
/// - N-02: An association with the customer account gives the reseller access to everything that the provider sold to
///   the customer.
/// - N-11: The access of an associated reseller is not a grant of delegated administration, and ends only with the
///   association.
/// - B-13: A subscription's partner of record can see and manage that subscription.
/// - B-14: Without access to the account, a reseller sees only the subscriptions whose partner of record or support
///   contact it is, and never the customer's other resellers.
/// - K-03: Account association, partner of record, support contact and Azure tenant owner are independent. None gives
///   or removes another.
///
/// An association with the account, or its own relationship, gives access to everything. A subscription gives access to
/// itself, and never to the customer's other resellers. None of these is a grant of delegated administration.
#[must_use]
pub fn n_02_access(standing: Standing) -> ResellerAccess {
    if standing.own_relationship || standing.account_association {
        ResellerAccess::Account
    } else if standing.partner_of_record || standing.support_contact {
        ResellerAccess::ItsSubscriptions
    } else {
        ResellerAccess::None
    }
}

/// B-04: incentive credit comes only from being a subscription's partner of record, not from an association with the
/// account.
#[must_use]
pub fn b_04_earns_credit(standing: Standing) -> bool {
    standing.partner_of_record
}

/// C-28: a provider and a reseller share a customer if both are connected with it. Both sides see the same shared
/// customers.
///
/// The provider has a live relationship, and the reseller has one too, or an association, or is partner of record of a
/// live subscription that this provider sold. A support contact alone does not make a customer shared.
#[must_use]
pub fn c_28_shared(provider_related: bool, reseller: Standing) -> bool {
    provider_related && (reseller.own_relationship || reseller.account_association || reseller.partner_of_record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::shows;

    const NOTHING: Standing = Standing {
        own_relationship: false,
        account_association: false,
        partner_of_record: false,
        support_contact: false,
        tenant_owner: false,
    };
    const ASSOCIATED: Standing = Standing { account_association: true, ..NOTHING };
    const OF_RECORD: Standing = Standing { partner_of_record: true, ..NOTHING };
    const SUPPORTING: Standing = Standing { support_contact: true, ..NOTHING };

    #[test]
    fn an_association_opens_the_account_and_a_subscription_itself() {
        shows("N-02", n_02_access(ASSOCIATED) == ResellerAccess::Account);
        shows(
            "N-11",
            n_02_access(ASSOCIATED) == ResellerAccess::Account && n_02_access(NOTHING) == ResellerAccess::None,
        );
        shows("B-13", n_02_access(OF_RECORD) == ResellerAccess::ItsSubscriptions);
        shows("B-14", n_02_access(SUPPORTING) == ResellerAccess::ItsSubscriptions);
        let owner = Standing { tenant_owner: true, ..NOTHING };
        shows("K-03", n_02_access(owner) == ResellerAccess::None);
    }

    #[test]
    fn credit_follows_the_subscription() {
        shows("B-04", b_04_earns_credit(OF_RECORD));
        shows("B-04", !b_04_earns_credit(ASSOCIATED));
        shows("B-07", !b_04_earns_credit(NOTHING));
    }

    #[test]
    fn a_shared_customer_has_both_sides() {
        let own = Standing { own_relationship: true, ..NOTHING };
        for reseller in [own, ASSOCIATED, OF_RECORD] {
            shows("C-28", c_28_shared(true, reseller) && !c_28_shared(false, reseller));
        }
        shows("C-28", !c_28_shared(true, SUPPORTING));
    }
}
