//! Converts the tables to the model's terms.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_store::sql::sql;
use partnergraph_store::{Access, Conn, StoreError, derive};

use crate::model::{Standing, State};
use crate::world::World;
use partnergraph_domain::{ChangeRequestKey, PartnerKey};
use partnergraph_operation::ids::GlobalId;

#[derive(QueryableByName, Debug)]
struct Row {
    #[diesel(sql_type = BigInt)]
    a: PartnerKey,
    #[diesel(sql_type = BigInt)]
    b: PartnerKey,
    #[diesel(sql_type = BigInt)]
    c: i64,
    #[diesel(sql_type = Text)]
    word: String,
}

#[derive(QueryableByName, Debug)]
struct Sold {
    #[diesel(sql_type = Text)]
    subscription_id: String,
    #[diesel(sql_type = BigInt)]
    seller_id: PartnerKey,
    #[diesel(sql_type = Text)]
    tenant_id: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    reseller_id: Option<PartnerKey>,
    #[diesel(sql_type = Nullable<BigInt>)]
    support_contact_id: Option<PartnerKey>,
    #[diesel(sql_type = BigInt)]
    quantity: i64,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

/// Asserts that the tables match the model, without duplicates, and that derived data is up to date.
pub(crate) fn hold(world: &World, state: &State) {
    let mut conn = world.graph.database.connect();
    let places = Places::of(world);
    assert_eq!(partnerships(&mut conn, &places), state.partnerships, "partnerships");
    let related = triples(
        &mut conn,
        "SELECT r.partner_id AS a, CAST(0 AS BIGINT) AS b, CAST(0 AS BIGINT) AS c, u.tenant_id AS word FROM reseller_relationships r \
         JOIN customers u ON u.id = r.customer_id WHERE r.removed_at IS NULL",
    );
    let related: Vec<_> = related.iter().map(|row| (places.provider(row.a), places.customer(&row.word))).collect();
    assert_eq!(sorted(related), Vec::from_iter(state.related.clone()), "relationships");
    let associated = triples(
        &mut conn,
        "SELECT s.provider_id AS a, s.reseller_id AS b, CAST(0 AS BIGINT) AS c, u.tenant_id AS word FROM customer_associations s \
         JOIN customers u ON u.id = s.customer_id WHERE s.removed_at IS NULL",
    );
    let associated: Vec<_> = associated
        .iter()
        .map(|row| (places.provider(row.a), places.customer(&row.word), places.reseller(row.b)))
        .collect();
    assert_eq!(sorted(associated), Vec::from_iter(state.associated.clone()), "associations");
    let grants = triples(
        &mut conn,
        "SELECT g.partner_id AS a, CAST(0 AS BIGINT) AS b, CAST(0 AS BIGINT) AS c, u.tenant_id AS word FROM delegated_admin_grants g \
         JOIN customers u ON u.id = g.customer_id WHERE g.revoked_at IS NULL",
    );
    let grants: Vec<_> = grants.iter().map(|row| (places.provider(row.a), places.customer(&row.word))).collect();
    assert_eq!(sorted(grants), Vec::from_iter(state.grants.clone()), "grants");
    let attested = triples(
        &mut conn,
        "SELECT a.partner_id AS a, CAST(0 AS BIGINT) AS b, CAST(0 AS BIGINT) AS c, u.tenant_id AS word FROM customer_agreements a \
         JOIN customers u ON u.id = a.customer_id WHERE a.evidence = 'ATTESTED'",
    );
    let attested: Vec<_> = attested.iter().map(|row| (places.provider(row.a), places.customer(&row.word))).collect();
    assert_eq!(sorted(attested), Vec::from_iter(state.attested.clone()), "attestations");
    subscriptions(&mut conn, &places, state);
    requests(&mut conn, state);
    derived_is_fresh(&mut conn);
}

/// The latest partnership of each pair; two live ones would be two rows for one pair.
fn partnerships(conn: &mut Conn, places: &Places) -> BTreeMap<(usize, usize), Standing> {
    let live = triples(
        conn,
        "SELECT provider_id AS a, reseller_id AS b, COUNT(*) AS c, MAX(state) AS word FROM partnerships \
         WHERE removed_at IS NULL AND state IN ('REQUESTED', 'ACTIVE', 'IMPORTED') GROUP BY provider_id, reseller_id",
    );
    for row in &live {
        assert_eq!(row.c, 1, "two live partnerships: {row:?}");
    }
    let latest = triples(
        conn,
        "SELECT provider_id AS a, reseller_id AS b, id AS c, state AS word FROM partnerships ORDER BY id",
    );
    let standing = |word: &str| match word {
        "REQUESTED" => Standing::Requested,
        "ACTIVE" => Standing::Active,
        "REMOVED" => Standing::Removed,
        other => panic!("no partnership here can be {other}"),
    };
    latest.iter().map(|row| ((places.provider(row.a), places.reseller(row.b)), standing(&row.word))).collect()
}

fn subscriptions(conn: &mut Conn, places: &Places, state: &State) {
    let rows: Vec<Sold> = conn
        .rows(&sql(
            "SELECT s.subscription_id, s.seller_id, u.tenant_id, s.reseller_id, s.support_contact_id, s.quantity, s.version \
             FROM subscriptions s JOIN customers u ON u.id = s.customer_id WHERE s.removed_at IS NULL",
        ))
        .unwrap();
    assert_eq!(rows.len(), state.subscriptions.len(), "subscriptions");
    for row in rows {
        let expected = &state.subscriptions[&row.subscription_id];
        let reseller = |id: Option<PartnerKey>| id.map(|id| places.reseller(id));
        assert_eq!(
            (places.provider(row.seller_id), places.customer(&row.tenant_id)),
            (expected.seller, expected.customer),
            "{row:?}"
        );
        assert_eq!(reseller(row.reseller_id), expected.reseller, "{row:?}");
        assert_eq!(reseller(row.support_contact_id), expected.contact, "{row:?}");
        assert_eq!(row.quantity, expected.seats, "{row:?}");
        // Incremented once for every change; otherwise a change was lost.
        assert_eq!(row.version, expected.version, "{row:?}");
    }
}

/// The change requests, and which of them are open.
fn requests(conn: &mut Conn, state: &State) {
    let rows = triples(
        conn,
        "SELECT seller_id AS a, reseller_id AS b, id AS c, state AS word FROM change_requests ORDER BY id",
    );
    let stored: BTreeMap<String, bool> = rows
        .iter()
        .map(|row| (GlobalId::ChangeRequest(ChangeRequestKey::new(row.c)).to_string(), row.word == "REQUESTED"))
        .collect();
    let expected: BTreeMap<String, bool> =
        state.requests.iter().map(|(id, request)| (id.clone(), request.open)).collect();
    assert_eq!(stored, expected, "change requests");
}

#[derive(QueryableByName, Debug, PartialEq, Eq)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Derived tables are functions of the others: recomputing does not change them. The recomputation is rolled back.
fn derived_is_fresh(conn: &mut Conn) {
    let lines = |conn: &mut Conn| -> Vec<Line> {
        let query = "SELECT 'shared ' || provider_id || ' ' || reseller_id || ' ' || customer_id || ' ' || name_sort || ' ' || \
             CASE WHEN by_account THEN 'account' ELSE 'subscriptions' END || ' ' || subscription_count || ' ' || license_count \
             AS line FROM reseller_customers UNION ALL SELECT 'seen ' || viewer_id || ' ' || customer_id || ' ' || record_id || \
             ' ' || level || ' ' || name_sort FROM customer_views ORDER BY line";
        conn.rows(&sql(query)).unwrap()
    };
    let derived = lines(conn);
    let undone: Result<(), StoreError> = conn.transaction(Access::Write, |conn| {
        conn.batch("DELETE FROM reseller_customers; DELETE FROM customer_views;")?;
        derive::rebuild(conn)?;
        assert_eq!(derived, lines(conn), "derived data does not follow from the facts");
        Err(StoreError::Stopped)
    });
    assert!(undone.is_err());
}

fn triples(conn: &mut Conn, query: &'static str) -> Vec<Row> {
    conn.rows(&sql(query)).unwrap()
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list
}

/// Converts rows to indexes into the world's lists.
struct Places {
    providers: BTreeMap<PartnerKey, usize>,
    resellers: BTreeMap<PartnerKey, usize>,
    customers: BTreeMap<String, usize>,
}

impl Places {
    fn of(world: &World) -> Self {
        let ids = |partners: &[crate::support::Partner]| {
            partners.iter().enumerate().map(|(place, partner)| (partner.id, place)).collect()
        };
        Self {
            providers: ids(&world.names.providers),
            resellers: ids(&world.names.resellers),
            customers: world.names.tenants.iter().enumerate().map(|(place, id)| (id.to_string(), place)).collect(),
        }
    }

    fn provider(&self, id: PartnerKey) -> usize {
        self.providers[&id]
    }

    fn reseller(&self, id: PartnerKey) -> usize {
        self.resellers[&id]
    }

    fn customer(&self, tenant_id: &str) -> usize {
        self.customers[tenant_id]
    }
}
