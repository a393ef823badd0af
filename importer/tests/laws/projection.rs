//! The contents of a database, independent of how they came about: every row of every domain table as a line of natural keys and
//! values.
//!
//! Tables and columns are read from the database itself, so that one added by a later migration is projected, or rejected by
//! [`tests`] until it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::support::{Kind, World};

/// Tables that are not part of the contents, with the reason.
pub const LEFT_OUT: [(&str, &str); 23] = [
    ("__diesel_schema_migrations", "the state of the schema"),
    ("regions", "reference data that migrations write"),
    ("markets", "reference data that migrations write"),
    ("audit_events", "what happened, run by run; order and number of the runs are what the laws vary"),
    ("audit_event_viewers", "belongs to audit_events"),
    ("outbox", "mail that is to be sent; belongs to what happened"),
    ("idempotency_keys", "answers to requests"),
    ("access_tokens", "credentials"),
    ("import_runs", "the record of the runs"),
    ("import_uploads", "inputs of the runs"),
    ("import_upload_chunks", "inputs of the runs"),
    ("import_files", "inputs of the runs"),
    ("import_issues", "the record of the runs"),
    ("import_changes", "the record of the runs"),
    ("import_change_viewers", "the record of the runs"),
    ("import_absences", "the record of the runs"),
    ("change_requests", "what people ask for"),
    ("change_request_lines", "belongs to change_requests"),
    ("import_plan_pieces", "plans of runs that are not applied yet"),
    ("reseller_moves", "the record of the runs"),
    ("reseller_move_items", "the record of the runs"),
    ("import_baselines_before", "what a run can be reverted to"),
    ("import_agreements", "the statements of runs that keep evidence when another run is reverted"),
];

/// Tables that are read but have no lines of their own: periods are combined, and a source is named by its baselines. A source
/// without baselines, for example after its only run was reverted, has no contents.
const SHOWN_OTHERWISE: [&str; 2] = ["partner_of_record_history", "import_sources"];

/// Columns that show how a row came about.
const DROPPED: [&str; 9] = [
    "id",
    "version",
    "created_at",
    "updated_at",
    "recorded_at",
    "created_by_run",
    "run_id",
    "before_run_id",
    "partner_of_record_run",
];

/// Columns that contain the key of a row in another table.
const PARTNERS: [&str; 11] = [
    "partner_id",
    "provider_id",
    "reseller_id",
    "seller_id",
    "support_contact_id",
    "internal_use_of",
    "viewer_id",
    "accepted_by_partner_id",
    "invited_partner_id",
    "joint_provider_id",
    "viewer_partner_id",
];
const OTHERS: [(&str, &str); 5] = [
    ("customer_id", "customers"),
    ("subscription_pk", "subscriptions"),
    ("record_id", "customer_records"),
    ("source_id", "import_sources"),
    ("user_id", "users"),
];

type Row = Map<String, Value>;

/// The rows of all projected tables.
pub struct Tables(BTreeMap<String, Vec<Row>>);

impl Tables {
    pub fn read(world: &mut World) -> Self {
        let mut all = BTreeMap::new();
        for table in tables(world) {
            if LEFT_OUT.iter().any(|(name, _)| *name == table) {
                continue;
            }
            let columns = columns(world, &table);
            let rows = world.lines(&select(world_kind(world), &table, &columns));
            let parse = |row: String| serde_json::from_str::<Row>(&row).unwrap();
            all.insert(table, rows.into_iter().map(parse).collect());
        }
        Self(all)
    }

    /// All rows as stored, including versions and times.
    pub fn raw(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .0
            .iter()
            .flat_map(|(table, rows)| rows.iter().map(move |row| format!("{table} {}", Value::Object(row.clone()))))
            .collect();
        lines.sort();
        lines
    }

    /// Natural keys and values, sorted.
    pub fn projection(&self) -> Vec<String> {
        let names = Names::of(self);
        let mut lines: Vec<String> = self
            .0
            .iter()
            .filter(|(table, _)| !SHOWN_OTHERWISE.contains(&table.as_str()))
            .flat_map(|(table, rows)| {
                let lines = rows.iter().map(|row| match table.as_str() {
                    "import_baselines" if row["entity"] == "S" => line(table, &self.without_held_times(row), &names),
                    _ => line(table, row, &names),
                });
                lines.collect::<Vec<_>>()
            })
            .chain(self.history(&names))
            .collect();
        lines.sort();
        lines
    }

    /// What a source states, without the date if a user's edit contradicts it: such a value is held while files differ from it,
    /// and which of the files last agreed with it depends on which were imported together.
    fn without_held_times(&self, row: &Row) -> Row {
        let mut row = row.clone();
        let Some(current) = self.0["subscriptions"].iter().find(|other| other["id"] == row["entity_id"]) else {
            return row;
        };
        let mut stated: Value = serde_json::from_str(row["fields"].as_str().unwrap_or_default()).unwrap();
        let reseller = self.0["partners"].iter().find(|partner| partner["id"] == current["reseller_id"]);
        let held = [
            ("quantity", current["quantity"] != stated["f"]["quantity"]),
            ("partnerOfRecord", reseller.map_or(&Value::Null, |row| &row["mpn_id"]) != &stated["f"]["partnerOfRecord"]),
        ];
        if let Some(Value::Object(times)) = stated.get_mut("a") {
            times.retain(|name, _| !held.contains(&(name, true)));
            if times.is_empty() {
                stated.as_object_mut().unwrap().remove("a");
            }
        }
        row.insert("fields".to_owned(), Value::from(stated.to_string()));
        row
    }

    /// The partners of record of each subscription as periods; consecutive periods without a change are combined.
    fn history(&self, names: &Names) -> Vec<String> {
        let text = |row: &Row, name: &str| row[name].as_str().unwrap_or("-").to_owned();
        let mut periods: BTreeMap<String, Vec<(String, String, String)>> = BTreeMap::new();
        for row in &self.0["partner_of_record_history"] {
            let reseller = names.partner(&row["reseller_id"]);
            let subscription = names.of_table("subscriptions", &row["subscription_pk"]);
            let period = (text(row, "valid_to"), text(row, "valid_from"), reseller);
            periods.entry(subscription).or_default().push(period);
        }
        let mut lines = Vec::new();
        for (subscription, mut periods) in periods {
            periods.sort();
            let mut merged: Vec<(String, String, String)> = Vec::new();
            for (to, from, reseller) in periods {
                match merged.last_mut() {
                    Some(last) if last.2 == reseller && last.0 == from => last.0 = to,
                    _ => merged.push((to, from, reseller)),
                }
            }
            let show = |(to, from, reseller)| format!("history {subscription} {reseller} from {from} to {to}");
            lines.extend(merged.into_iter().map(show));
        }
        lines
    }

    /// The value of a column in the row of a subscription.
    pub fn subscription(&self, id: &str, column: &str) -> Option<Value> {
        let row = self.0["subscriptions"].iter().find(|row| row["subscription_id"] == id)?;
        Some(row[column].clone())
    }

    pub fn subscriptions(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.0["subscriptions"]
            .iter()
            .filter_map(|row| Some(row["subscription_id"].as_str()?.to_owned()))
            .collect();
        ids.sort();
        ids
    }
}

/// The natural names of rows, by key.
struct Names {
    partners: HashMap<i64, String>,
    others: HashMap<&'static str, HashMap<i64, String>>,
}

impl Names {
    fn of(tables: &Tables) -> Self {
        let mut names = Self { partners: HashMap::new(), others: HashMap::new() };
        let by_key = |table: &str, name: &dyn Fn(&Row) -> String| -> HashMap<i64, String> {
            tables.0[table].iter().map(|row| (row["id"].as_i64().unwrap(), name(row))).collect()
        };
        let text = |row: &Row, column: &str| row[column].as_str().unwrap_or("-").to_owned();
        names.partners = by_key("partners", &|row| format!("{}/{}", text(row, "mpn_id"), text(row, "partner_type")));
        names.others.insert("customers", by_key("customers", &|row| text(row, "tenant_id")));
        names.others.insert("subscriptions", by_key("subscriptions", &|row| text(row, "subscription_id")));
        names.others.insert("users", by_key("users", &|row| text(row, "upn_key")));
        let sources = by_key("import_sources", &|row| {
            format!("{} ({}) of {}", text(row, "name"), text(row, "portal_family"), names.partner(&row["partner_id"]))
        });
        let records = by_key("customer_records", &|row| {
            format!("{} by {}", names.of_table("customers", &row["customer_id"]), names.partner(&row["partner_id"]))
        });
        names.others.insert("import_sources", sources);
        names.others.insert("customer_records", records);
        names
    }

    fn partner(&self, key: &Value) -> String {
        key.as_i64()
            .map_or_else(|| "-".to_owned(), |key| self.partners.get(&key).cloned().unwrap_or_else(|| format!("?{key}")))
    }

    fn of_table(&self, table: &str, key: &Value) -> String {
        let Some(key) = key.as_i64() else { return "-".to_owned() };
        self.others[table].get(&key).cloned().unwrap_or_else(|| format!("?{key}"))
    }
}

fn line(table: &str, row: &Row, names: &Names) -> String {
    let mut cells = Vec::new();
    for (column, value) in row {
        let text = match column.as_str() {
            name if DROPPED.contains(&name) => continue,
            "absent_since_run" => (!value.is_null()).to_string(),
            "entity_id" if row["entity"] == "C" => names.of_table("customers", value),
            "entity_id" => names.of_table("subscriptions", value),
            "fields" => canonical(value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
                .to_string(),
            name if PARTNERS.contains(&name) => names.partner(value),
            name => match OTHERS.iter().find(|(column, _)| *column == name) {
                Some((_, table)) => names.of_table(table, value),
                None => value.to_string(),
            },
        };
        cells.push(format!("{column}={text}"));
    }
    cells.sort();
    format!("{table} {}", cells.join(" "))
}

/// Treats lists as sets: the order in which a baseline stores charge lines is irrelevant.
fn canonical(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let sorted: BTreeMap<String, Value> =
                items.into_iter().map(canonical).enumerate().map(|(n, item)| (format!("{item}{n:09}"), item)).collect();
            Value::Array(sorted.into_values().collect())
        }
        Value::Object(fields) => {
            let sorted: BTreeMap<String, Value> =
                fields.into_iter().map(|(name, value)| (name, canonical(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        other => other,
    }
}

fn world_kind(world: &World) -> Kind {
    match world.conn.backend() {
        partnergraph_store::Backend::Sqlite => Kind::Sqlite,
        partnergraph_store::Backend::Postgres => Kind::Postgres,
    }
}

pub fn tables(world: &mut World) -> Vec<String> {
    world.lines(match world_kind(world) {
        Kind::Sqlite => {
            "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        Kind::Postgres => {
            "SELECT CAST(tablename AS TEXT) AS line FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        }
    })
}

fn columns(world: &mut World, table: &str) -> Vec<String> {
    match world_kind(world) {
        Kind::Sqlite => world.lines(&format!("SELECT name AS line FROM pragma_table_info('{table}') ORDER BY cid")),
        Kind::Postgres => Vec::new(),
    }
}

fn select(kind: Kind, table: &str, columns: &[String]) -> String {
    match kind {
        Kind::Sqlite => {
            let fields: Vec<String> = columns.iter().map(|name| format!("'{name}', {name}")).collect();
            format!("SELECT json_object({}) AS line FROM {table}", fields.join(", "))
        }
        Kind::Postgres => format!("SELECT CAST(row_to_json(t) AS TEXT) AS line FROM {table} t"),
    }
}

/// The readable difference between two projections.
pub fn difference(expected: &[String], found: &[String]) -> Option<String> {
    if expected == found {
        return None;
    }
    let (mut missing, mut surplus) = (count(expected), count(found));
    for (line, number) in &mut missing {
        if let Some(other) = surplus.get_mut(line) {
            let common = (*number).min(*other);
            *number -= common;
            *other -= common;
        }
    }
    let show = |sign: &str, lines: BTreeMap<&String, usize>| -> Vec<String> {
        lines.into_iter().filter(|(_, number)| *number > 0).map(|(line, _)| format!("{sign} {line}")).collect()
    };
    Some([show("expected", missing), show("found   ", surplus)].concat().join("\n"))
}

fn count(lines: &[String]) -> BTreeMap<&String, usize> {
    let mut counts = BTreeMap::new();
    lines.iter().for_each(|line| *counts.entry(line).or_default() += 1);
    counts
}

/// The projection omits nothing by mistake.
#[test]
fn every_table_and_every_key_is_projected_or_left_out_for_a_reason() {
    let mut world = World::new(Kind::Sqlite);
    let all: BTreeSet<String> = tables(&mut world).into_iter().collect();
    for (table, reason) in LEFT_OUT {
        assert!(!reason.is_empty());
        assert!(all.contains(table), "{table} is left out of the projection and does not exist");
    }
    for table in all.iter().filter(|table| LEFT_OUT.iter().all(|(name, _)| name != table)) {
        let keys = world.lines(&format!(
            "SELECT name AS line FROM pragma_table_info('{table}') WHERE type = 'INTEGER' AND (name LIKE '%\\_id' ESCAPE '\\' OR \
             name LIKE '%\\_pk' ESCAPE '\\') UNION SELECT \"from\" FROM pragma_foreign_key_list('{table}') \
             WHERE \"table\" IN ('partners', 'customers', 'subscriptions', 'customer_records', 'import_sources', 'users')"
        ));
        for key in keys {
            let known = PARTNERS.contains(&&*key)
                || OTHERS.iter().any(|(name, _)| *name == key)
                || DROPPED.contains(&&*key)
                || key == "entity_id"
                || KEPT_KEYS.contains(&(&**table, &*key));
            assert!(known, "{table}.{key} is a key, and the projection does not know of what");
        }
        // No table is skipped by mistake: its rows can be read as JSON.
        let columns = columns(&mut world, table);
        world.lines(&select(Kind::Sqlite, table, &columns));
    }
}

/// Keys of tables that no import writes, which are projected unchanged.
const KEPT_KEYS: [(&str, &str); 6] = [
    ("partners", "company_id"),
    ("orders", "id"),
    ("order_lines", "order_id"),
    ("contact_verifications", "outbox_id"),
    ("companies", "id"),
    ("company_affiliations", "id"),
];
