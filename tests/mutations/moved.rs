//! A book in which a reseller has something of everything, and what a move does to it.

use diesel::QueryableByName;
use diesel::sql_types::Text;
use partnergraph_store::Backend;
use partnergraph_store::sql::sql;
use serde_json::{Value, json};

use crate::mutations::imports::finished_run;
use crate::mutations::world::{World, errors};
use crate::support::{Customer, Named, Partner, Subscription, Verbs};

pub(super) const RUN: &str = "query($id: ID!) { importRun(id: $id) { status errorCode errorMessage rows { read applied rejected } \
     issues(first: 100) { nodes { code rule message value } } changes(first: 100) { totalCount nodes { entity key action field before after } } \
     move { from { name } fromMpnId to { name } toMpnId what errorPolicy customers subscriptions entitlements supportContacts accounts licenses \
     endingSoon fixed refused { rule message rows } } } }";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// What a move can change, without versions, and the keys of rows that are written again.
const TABLES: [&str; 7] = [
    "SELECT 'subscription ' || s.id || ' ' || COALESCE(CAST(s.reseller_id AS TEXT), '-') || ' ' \
     || COALESCE(CAST(s.partner_of_record_since AS TEXT), '-') || ' ' || COALESCE(CAST(s.partner_of_record_run AS TEXT), '-') || ' ' \
     || COALESCE(s.partner_of_record_by, '-') || ' ' || COALESCE(CAST(s.support_contact_id AS TEXT), '-') AS line FROM subscriptions s",
    "SELECT 'period ' || h.subscription_pk || ' ' || h.reseller_id || ' ' || COALESCE(CAST(h.valid_from AS TEXT), '-') || ' ' \
     || CAST(h.valid_to AS TEXT) || ' ' || COALESCE(CAST(h.run_id AS TEXT), '-') || ' ' || COALESCE(h.set_by, '-') AS line \
     FROM partner_of_record_history h",
    "SELECT 'entitlement ' || e.id || ' ' || COALESCE(CAST(e.reseller_id AS TEXT), '-') AS line FROM entitlements e",
    "SELECT 'association ' || a.id || ' ' || a.reseller_id || ' ' || CAST(a.since AS TEXT) || ' ' \
     || COALESCE(CAST(a.removed_at AS TEXT), '-') AS line FROM customer_associations a",
    "SELECT 'shared ' || rc.reseller_id || ' ' || rc.customer_id || ' ' || rc.subscription_count || ' ' || rc.license_count AS line \
     FROM reseller_customers rc",
    "SELECT 'view ' || v.viewer_id || ' ' || v.customer_id || ' ' || v.level AS line FROM customer_views v",
    "SELECT 'awaiting ' || w.reseller_id || ' ' || w.customer_id || ' ' || CAST(w.since AS TEXT) AS line FROM awaiting_invitation w",
];

impl World {
    pub(super) fn tables(&self) -> Vec<String> {
        let mut conn = self.graph.database.connect();
        let mut lines = Vec::new();
        for table in TABLES {
            let rows: Vec<Line> = conn.rows(&sql(table).push(" ORDER BY 1")).unwrap();
            lines.extend(rows.into_iter().map(|row| row.line));
        }
        lines
    }

    /// A move from the world's reseller, with all parts unless `more` says otherwise.
    pub(super) fn try_move(&self, to: Option<&Partner>, mode: &str, more: Value) -> Value {
        let input = json!({
            "from": self.reseller.lookup(),
            "to": to.map(Named::lookup),
            "what": ["PARTNER_OF_RECORD", "SUPPORT_CONTACT", "ACCOUNT"],
            "mode": mode,
            "errorPolicy": "REJECT_FAILED_ROWS",
        });
        self.as_provider().with(more).perform("MoveReseller", input)
    }

    /// The run of such a move, once it has finished.
    pub(super) fn moved(&self, to: Option<&Partner>, mode: &str, more: Value) -> (Value, Value) {
        let started = self.try_move(to, mode, more);
        assert_eq!(errors(&started), [] as [Value; 0]);
        finished_run(self, &started);
        let id = started["importRun"]["id"].clone();
        (id.clone(), self.move_run(&id))
    }

    pub(super) fn move_run(&self, id: &Value) -> Value {
        self.api.data(&self.token, RUN, json!({ "id": id }))["importRun"].clone()
    }

    pub(super) fn apply(&self, id: &Value) -> Value {
        let started = self.as_provider().apply_import(id.as_str().unwrap());
        if errors(&started).is_empty() {
            finished_run(self, &started);
        }
        started
    }

    pub(super) fn revert(&self, id: &Value) -> Value {
        self.as_provider().revert_import(id.as_str().unwrap())
    }

    pub(super) fn holders(&self, subscription: &Subscription) -> Value {
        let query = "query($by: SubscriptionLookup!) { customerSubscription(by: $by) { partnerOfRecord { name } \
             supportContact { name } partnerOfRecordHistory { name to source { kind user run { id } } } } }";
        self.api.data(&self.token, query, json!({"by": subscription.lookup()}))["customerSubscription"].clone()
    }
}

/// A book in which the world's reseller has something of everything.
pub(super) struct Book {
    pub(super) world: World,
    pub(super) successor: Partner,
    /// With the reseller as partner of record and support contact, and 5 licences.
    pub(super) both: Subscription,
    /// A reservation of the reseller.
    pub(super) fixed: Subscription,
    /// An Azure plan with an entitlement of the reseller, of the second customer.
    pub(super) plan: Subscription,
    pub(super) second: Customer,
}

pub(super) fn book(backend: Backend) -> Book {
    let world = World::on(backend);
    let graph = &world.graph;
    let successor = graph.reseller("Tailspin").partner_of(&world.provider).add();
    let (provider, reseller, customer) = (&world.provider, &world.reseller, &world.customer);
    let both = graph.subscription(provider, customer).quantity(5).reseller(reseller).support_contact(reseller).add();
    let fixed = graph.subscription(provider, customer).quantity(2).reseller(reseller).fixed().add();
    let second = graph.customer(provider, "Wingtip");
    let plan = graph.subscription(provider, &second).usage().add();
    graph.entitlement(&plan, "vm-1", Some(reseller));
    for customer in [customer, &second] {
        graph.association(provider, customer, reseller);
    }
    Book { successor, both, fixed, plan, second, world }
}
