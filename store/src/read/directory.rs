//! The directory of indirect providers (V-01, V-04): every authenticated caller can read every entry, and nothing beyond the
//! entries.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_domain::{Capability, CountryCode, PartnerKey, Region};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, PartnerTerm};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::{EnumList, row};
use crate::scope::{Actor, Scope};
use crate::sql::{Sql, Value, sql};

row! {
    /// An entry of the directory.
    pub struct DirectoryRow {
        pub id: PartnerKey => BigInt,
        pub name: String => Text,
        pub name_sort: String => Text,
        pub country: Option<CountryCode> => Nullable<Text>,
        pub services: EnumList<Capability> => Text,
        pub programs: String => Text,
        pub support_level: Option<String> => Nullable<Text>,
        pub support_email: Option<String> => Nullable<Text>,
        pub support_telephone: Option<String> => Nullable<Text>,
        pub support_website: Option<String> => Nullable<Text>,
    }
}

const COLUMNS: &str = "p.id, p.name, p.name_sort, p.country, coalesce(de.services, '[]') AS services, \
     coalesce(de.programs, '[]') AS programs, de.support_level, p.support_email, p.support_telephone, p.support_website";

const ENTRIES: &str = "partners p LEFT JOIN directory_entries de ON de.partner_id = p.id";

/// What the directory can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum DirectoryOrder {
    Row,
    Name,
}

impl OrderField for DirectoryOrder {
    type Row = DirectoryRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        match self {
            Self::Row => "p.id",
            Self::Name => "p.name_sort",
        }
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &DirectoryRow) -> Value {
        match self {
            Self::Row => row.id.into(),
            Self::Name => row.name_sort.as_str().into(),
        }
    }

    fn kind(self) -> Value {
        match self {
            Self::Row => Value::Int(None),
            Self::Name => Value::Text(None),
        }
    }
}

/// V-01: enrolled indirect providers. The scope parameter is only a formality, because every caller can read the directory.
fn listed(_scope: &Scope) -> Sql {
    sql("p.removed_at IS NULL AND p.partner_type = 'INDIRECT_PROVIDER' AND p.enrolled")
}

/// The entries of the directory, optionally of one region.
pub fn list(
    scope: &Scope,
    filter: &Filter<PartnerTerm>,
    region: Option<&Region>,
    order: Order<DirectoryOrder>,
) -> List<DirectoryOrder> {
    let mut condition = listed(scope).push(" AND ").add(filter.on_partners().of("p"));
    if let Some(region) = region {
        condition = condition
            .push(" AND p.country IN (SELECT k.country FROM markets k WHERE k.region_code = ")
            .bind(region.code.as_str())
            .push(")");
    }
    List::new(COLUMNS, (sql(ENTRIES), "p"), condition, order)
}

/// An entry of the directory, or the caller's own entry even if it is not listed yet.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, partner_id: PartnerKey) -> StoreResult<Option<DirectoryRow>> {
    if scope.partner_id() == Some(partner_id) {
        return own(conn, scope);
    }
    let entry = sql("SELECT ").push(COLUMNS).push(" FROM ").push(ENTRIES).push(" WHERE ").add(listed(scope));
    conn.row(&entry.push(" AND p.id = ").bind(partner_id))
}

/// The caller's own entry; `None` if it is not a provider.
///
/// # Errors
/// Any database error.
pub fn own(conn: &mut Conn, scope: &Scope) -> StoreResult<Option<DirectoryRow>> {
    let Some(id) = scope.partner_id() else { return Ok(None) };
    conn.row(
        &sql("SELECT ")
            .push(COLUMNS)
            .push(" FROM ")
            .push(ENTRIES)
            .push(" WHERE p.removed_at IS NULL AND p.partner_type = 'INDIRECT_PROVIDER' AND p.id = ")
            .bind(id),
    )
}

#[derive(QueryableByName)]
struct Asker {
    #[diesel(sql_type = Nullable<Text>)]
    country: Option<CountryCode>,
}

/// The caller's country: that of its account, its customer record or its tenant; `None` if none is known.
///
/// # Errors
/// Any database error.
pub fn country_of(conn: &mut Conn, actor: &Actor) -> StoreResult<Option<CountryCode>> {
    let statement = match actor.scope {
        Scope::Operator => return Ok(None),
        Scope::Partner { id, .. } => sql("SELECT p.country FROM partners p WHERE p.id = ").bind(id),
        Scope::Customer { .. } => sql("SELECT k.country FROM ").add(actor.scope.customers()).push(" k"),
        Scope::Nobody => sql("SELECT t.country FROM tenants t WHERE t.tenant_id = ").bind(actor.tenant_id.clone()),
    };
    Ok(conn.row::<Asker>(&statement)?.and_then(|asker| asker.country))
}
