//! How the nodes of each family are read, and which of them the caller sees.

use super::Family;
use crate::read::filter::{Filter, PartnerTerm};
use crate::scope::Scope;
use crate::sql::{Sql, sql};

pub(super) fn id_column(family: Family) -> &'static str {
    match family {
        Family::Partner => "p.id",
        Family::Customer => "k.customer_id",
        Family::Subscription => "s.id",
    }
}

pub(super) fn name_column(family: Family) -> &'static str {
    match family {
        Family::Partner => "p.name_sort",
        Family::Customer => "k.name_sort",
        Family::Subscription => "s.name_sort",
    }
}

/// Selects the nodes of a family that the caller sees. Ends with a condition to which others can be added.
pub(super) fn visible(scope: &Scope, family: Family) -> Sql {
    match family {
        Family::Partner => {
            sql("SELECT p.id, p.partner_type AS kind, '' AS public_id, p.name AS label FROM partners p WHERE (")
                .add(scope.sees_partner().of("p"))
                .push(")")
        }
        Family::Customer => sql(
            "SELECT k.customer_id AS id, 'CUSTOMER' AS kind, k.tenant_id AS public_id, k.company_name AS label FROM ",
        )
        .add(scope.customers())
        .push(" k WHERE 1 = 1"),
        Family::Subscription => sql("SELECT s.id, 'SUBSCRIPTION' AS kind, s.subscription_id AS public_id, \
                                     COALESCE(s.friendly_name, s.offer_name) AS label FROM subscriptions s WHERE (")
        .add(scope.sees_subscription().of("s"))
        .push(")"),
    }
}

/// The condition that the caller sees the node `l.far_id` of that family.
pub(super) fn sees(scope: &Scope, family: Family) -> Sql {
    match family {
        Family::Partner => Filter::<PartnerTerm>::default().seen_by(scope, "l.far_id"),
        Family::Customer => {
            sql("EXISTS (SELECT 1 FROM ").add(scope.customers()).push(" k WHERE k.customer_id = l.far_id)")
        }
        Family::Subscription => sql("EXISTS (SELECT 1 FROM subscriptions s WHERE s.id = l.far_id AND (")
            .add(scope.sees_subscription().of("s"))
            .push("))"),
    }
}
