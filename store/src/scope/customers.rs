//! The customers that the caller sees, and those that it left.

use partnergraph_domain::{PartnerKey, PartnerType};

use super::Scope;
use crate::columns::{CustomerRecordColumns, selected};
use crate::sql::{Sql, sql};

impl Scope {
    /// The customers that the caller sees as `(SELECT …)`, one row each with the values that the caller can read: `viewer_id` (the
    /// calling partner, for others the one whose record it is), `customer_id`,
    /// `record_id`, `partner_id` (whose record it is), `tenant_id`, `name_key`, `name_sort`, `domain_key`, `internal_use_of`,
    /// `version`, `created_at`, `updated_at`, `level`, and [`CustomerRecordColumns`].
    ///
    /// Both databases flatten it into the surrounding statement, so ordering by name is an index scan. A derived row always has a
    /// record and a customer. The outer joins let both databases omit them if no column of them is needed, as when a list is
    /// counted ([`crate::read::page::List::count_statement`]).
    pub fn customers(&self) -> Sql {
        match self {
            Self::Partner { id, .. } => sql("(SELECT v.viewer_id, v.customer_id, v.level, v.name_sort, ")
                .push(OF_RECORD)
                .push(selected("r", CustomerRecordColumns::NAMES))
                .push(
                    " FROM customer_views v LEFT JOIN customer_records r ON r.id = v.record_id \
                     LEFT JOIN customers c ON c.id = v.customer_id WHERE v.viewer_id = ",
                )
                .bind(*id)
                .push(")"),
            Self::Operator => newest(sql("1 = 1")),
            Self::Customer { id } => newest(sql("c.id = ").bind(*id)),
            Self::Nobody => newest(sql("1 = 0")),
        }
    }

    /// The customers that the calling partner no longer sees because it ended its relationship, with the columns of
    /// [`Scope::customers`] from its own record. Only their identity is open (D-01, D-06). For operators, the customers that any
    /// partner left.
    pub(crate) fn former_customers(&self) -> Sql {
        match self {
            Self::Partner { id, .. } => {
                sql("(SELECT r.partner_id AS viewer_id, r.customer_id, 3 AS level, r.name_sort, ")
                    .push(OF_RECORD)
                    .push(selected("r", CustomerRecordColumns::NAMES))
                    .push(
                        " FROM customer_records r JOIN customers c ON c.id = r.customer_id \
                     WHERE NOT EXISTS (SELECT 1 FROM customer_views v WHERE v.viewer_id = r.partner_id \
                     AND v.customer_id = r.customer_id) AND EXISTS (SELECT 1 FROM reseller_relationships fr \
                     WHERE fr.partner_id = r.partner_id AND fr.customer_id = r.customer_id) AND r.partner_id = ",
                    )
                    .bind(*id)
                    .push(")")
            }
            Self::Operator => newest(sql(
                "EXISTS (SELECT 1 FROM reseller_relationships fr WHERE fr.customer_id = c.id AND fr.removed_at IS NOT NULL \
                 AND NOT EXISTS (SELECT 1 FROM reseller_relationships again WHERE again.partner_id = fr.partner_id \
                 AND again.customer_id = fr.customer_id AND again.removed_at IS NULL))",
            )),
            Self::Customer { .. } | Self::Nobody => newest(sql("1 = 0")),
        }
    }

    /// Whether the caller is an indirect provider, for which [`Scope::customers_of_reseller`] is available.
    pub(crate) const fn is_provider(&self) -> bool {
        matches!(self, Self::Partner { partner_type: PartnerType::IndirectProvider, .. })
    }

    /// The customers that the calling provider shares with a reseller, with the columns of [`Scope::customers`]: an index range
    /// in name order. `None` if the caller is not a provider; use a filter then.
    pub fn customers_of_reseller(&self, reseller_id: PartnerKey) -> Option<Sql> {
        match self {
            Self::Partner { id, partner_type: PartnerType::IndirectProvider } => Some(
                sql("(SELECT v.provider_id AS viewer_id, v.customer_id, 1 AS level, v.name_sort, v.by_account, v.subscription_count, ")
                    .push(OF_RECORD)
                    .push(selected("r", CustomerRecordColumns::NAMES))
                    .push(
                        " FROM reseller_customers v LEFT JOIN customer_records r ON r.partner_id = v.provider_id \
                         AND r.customer_id = v.customer_id LEFT JOIN customers c ON c.id = v.customer_id \
                         WHERE v.provider_id = ",
                    )
                    .bind(*id)
                    .push(" AND v.reseller_id = ")
                    .bind(reseller_id)
                    .push(")"),
            ),
            _ => None,
        }
    }
}

/// The columns of the record `r` and its customer `c` in addition to [`CustomerRecordColumns`].
const OF_RECORD: &str = "r.id AS record_id, r.partner_id, c.tenant_id, r.name_key, r.domain_key, c.internal_use_of, \
     r.version, r.created_at, r.updated_at";

/// Customers with the newest values, for the customer itself and for operators. Name, domain and country are, field by field, the
/// values that they set themselves, else those of the newest record, else those of the newest record that has a value. A record
/// can begin blank (C-12) and must not hide values of others. The other fields are those of the newest record. The version
/// increases with the customer's own values and with the newest record; the update time is the later of the two.
fn newest(condition: Sql) -> Sql {
    sql("(SELECT r.partner_id AS viewer_id, c.id AS customer_id, 1 AS level, CASE WHEN c.company_name IS NOT NULL THEN c.name_sort \
         WHEN r.company_name IS NOT NULL THEN r.name_sort ELSE COALESCE(")
    .add(newest_value("name_sort", NAMED))
    .push(
        ", '\u{10ffff}') END AS name_sort, r.id AS record_id, r.partner_id, c.tenant_id, \
         CASE WHEN c.company_name IS NOT NULL THEN c.name_key \
         WHEN r.company_name IS NOT NULL THEN r.name_key ELSE COALESCE(",
    )
    .add(newest_value("name_key", NAMED))
    .push(", '') END AS name_key, COALESCE(c.domain_key, r.domain_key, ")
    .add(newest_value("domain_key", "y.domain IS NOT NULL"))
    .push(
        ") AS domain_key, c.internal_use_of, COALESCE(r.version + c.version - 1, c.version) AS version, c.created_at, \
         CASE WHEN r.updated_at > c.updated_at THEN r.updated_at ELSE c.updated_at END AS updated_at",
    )
    .add(newest_columns())
    .push(
        " FROM customers c LEFT JOIN customer_records r ON r.id = (SELECT x.id FROM customer_records x \
         WHERE x.customer_id = c.id ORDER BY x.updated_at DESC, x.id DESC LIMIT 1) WHERE ",
    )
    .add(condition)
    .push(")")
}

/// [`CustomerRecordColumns`] with the newest values. There may be no record at all.
fn newest_columns() -> Sql {
    let newest = |column: &'static str, stated: &'static str| {
        sql("COALESCE(c.").push(column).push(", r.").push(column).push(", ").add(newest_value(column, stated)).push(")")
    };
    CustomerRecordColumns::NAMES.iter().copied().fold(sql(""), |columns, column| {
        let expression = match column {
            "company_name" => newest(column, NAMED),
            "domain" => newest(column, "y.domain IS NOT NULL"),
            "country" => newest(column, "y.country IS NOT NULL"),
            "tags" | "custom_domains" => sql("COALESCE(r.").push(column).push(", '[]')"),
            _ => sql("r.").push(column),
        };
        columns.push(", ").add(expression).push(" AS ").push(column)
    })
}

const NAMED: &str = "y.company_name IS NOT NULL";

/// A column of the newest record `y` of `c` that meets the condition. Needed only if the newest record has no value.
fn newest_value(column: &'static str, condition: &'static str) -> Sql {
    sql("(SELECT y.")
        .push(column)
        .push(" FROM customer_records y WHERE y.customer_id = c.id AND ")
        .push(condition)
        .push(" ORDER BY y.updated_at DESC, y.id DESC LIMIT 1)")
}
