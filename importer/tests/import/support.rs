//! A separate database for each test, and helpers for imports.
#![allow(unreachable_pub)]
#![allow(dead_code, clippy::unwrap_used)]

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::Text;
use partnergraph_domain::{ImportMode, PartnerKey, PartnerType};
use partnergraph_importer::{Caller, FileInput, FileRequest, ImportError, ImportRequest, Report, Silent, Waiting, run};
use partnergraph_store::sql::sql;
use partnergraph_store::{Actor, Backend, Conn, DatabaseUrl, Scope};

#[path = "../../../tests/support/database.rs"]
mod database;

use database::TestDatabase;

pub const PROVIDER_TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub const PROVIDER_MPN: &str = "1000001";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

pub struct World {
    pub url: DatabaseUrl,
    pub conn: Conn,
    pub provider: PartnerKey,
    pub dir: tempfile::TempDir,
    /// Dropped last, when no connection is open any more.
    _database: TestDatabase,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl World {
    pub fn new(kind: Kind) -> Self {
        let database = TestDatabase::on(match kind {
            Kind::Sqlite => Backend::Sqlite,
            Kind::Postgres => Backend::Postgres,
        });
        let (url, conn) = (database.url().clone(), database.connect());
        let mut world =
            Self { url, conn, provider: PartnerKey::new(0), dir: tempfile::tempdir().unwrap(), _database: database };
        world.provider = world.partner(PartnerType::IndirectProvider, PROVIDER_MPN, Some(PROVIDER_TENANT), "PL");
        world
    }

    pub fn partner(&mut self, partner_type: PartnerType, mpn: &str, tenant: Option<&str>, country: &str) -> PartnerKey {
        if let Some(tenant) = tenant {
            self.exec(&format!(
                "INSERT INTO tenants (tenant_id, kind, cloud, created_at) VALUES ('{tenant}', 'PARTNER', 'PUBLIC', '2020-01-01 00:00:00') \
                 ON CONFLICT DO NOTHING"
            ));
        }
        let tenant = tenant.map_or("NULL".to_owned(), |tenant| format!("'{tenant}'"));
        self.exec(&format!(
            "INSERT INTO partners (tenant_id, partner_type, name, name_key, name_sort, country, cloud, mpn_id, capabilities, \
             onboarded, enrolled, vetting_status, vetting_sub_status, version, \
             created_at, updated_at) VALUES ({tenant}, '{}', 'Partner {mpn}', 'partner {mpn}', 'partner {mpn}', '{country}', \
             'PUBLIC', '{mpn}', '[]', true, true, 'AUTHORIZED', 'NONE', 1, '2020-01-01 00:00:00', '2020-01-01 00:00:00')",
            partner_type.as_str()
        ));
        let id = self.lines(&format!("SELECT CAST(id AS TEXT) AS line FROM partners WHERE mpn_id = '{mpn}'"));
        id[0].parse().unwrap()
    }

    pub fn exec(&mut self, text: &str) {
        self.conn.execute(&sql(text.to_owned())).unwrap_or_else(|error| panic!("{text}: {error}"));
    }

    /// The rows of a query whose only column is `line`.
    pub fn lines(&mut self, text: &str) -> Vec<String> {
        let rows: Vec<Line> = self.conn.rows(&sql(text.to_owned())).unwrap_or_else(|error| panic!("{text}: {error}"));
        rows.into_iter().map(|row| row.line).collect()
    }

    pub fn one(&mut self, text: &str) -> String {
        let lines = self.lines(text);
        assert_eq!(lines.len(), 1, "{text}: {lines:?}");
        lines[0].clone()
    }

    /// The complete contents of the graph's tables.
    pub fn contents(&mut self) -> Vec<String> {
        let tables: &[(&str, &str)] = &[
            ("tenants", "tenant_id || kind"),
            ("partners", "id || name || coalesce(mpn_id, '') || version"),
            ("partnerships", "id || state || version"),
            ("customers", "id || tenant_id || version"),
            (
                "customer_records",
                "id || coalesce(company_name, '') || coalesce(domain, '') || coalesce(country, '') || version || updated_at",
            ),
            ("reseller_relationships", "id || relationship_to_partner || since"),
            (
                "subscriptions",
                "id || subscription_id || coalesce(quantity, -1) || status || coalesce(reseller_id, 0) || version || updated_at",
            ),
            ("partner_of_record_history", "id || subscription_pk || valid_to"),
            (
                "entitlements",
                "id || subscription_pk || entitlement_id || coalesce(description, '') || coalesce(reseller_id, 0) || version",
            ),
            (
                "customer_agreements",
                "id || '/' || customer_id || evidence || coalesce(email, '') || coalesce(run_id, 0)",
            ),
            ("import_baselines", "source_id || entity || entity_id || as_of || fields"),
            (
                "reseller_customers",
                "provider_id || '/' || reseller_id || '/' || customer_id || '/' || subscription_count || '/' || license_count",
            ),
            ("customer_views", "viewer_id || '/' || customer_id || '/' || level"),
            ("audit_events", "id || operation_type"),
        ];
        let mut all = Vec::new();
        for (table, columns) in tables {
            let rows = self.lines(&format!("SELECT '{table} ' || {columns} AS line FROM {table}"));
            let mut rows: Vec<String> = rows;
            rows.sort();
            all.extend(rows);
        }
        all
    }

    pub fn request(&self, files: &[(&str, &str)]) -> ImportRequest {
        let files = files
            .iter()
            .map(|(name, text)| FileRequest::new(FileInput::Bytes((*name).to_owned(), text.as_bytes().to_vec())))
            .collect();
        ImportRequest::new(self.provider, ImportMode::Apply, files)
    }

    pub fn run(&mut self, request: &ImportRequest) -> Result<Report, ImportError> {
        let actor = actor(request.partner_id);
        let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Refuse, run_id: None };
        run(&self.url, request, &caller, &Silent)
    }

    /// Imports files and returns the report; the import must succeed.
    pub fn import(&mut self, files: &[(&str, &str)]) -> Report {
        let request = self.request(files);
        self.run(&request).unwrap_or_else(|error| panic!("{error}"))
    }
}

pub fn actor(partner_id: PartnerKey) -> Actor {
    Actor {
        scope: Scope::Partner { id: partner_id, partner_type: PartnerType::IndirectProvider },
        tenant_id: Some(PROVIDER_TENANT.to_owned()),
        user_id: None,
        user_principal_name: "admin@provider.example".to_owned(),
        roles: Vec::new(),
        approves: None,
    }
}

pub fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 7, 1).unwrap().and_hms_opt(12, 0, 0).unwrap()
}

/// A tenant id from a small number.
pub fn tenant(n: u32) -> String {
    format!("11111111-0000-4000-8000-{n:012}")
}

/// A subscription id from a small number.
pub fn subscription(n: u32) -> String {
    format!("22222222-0000-4000-8000-{n:012}")
}

const HEADER: &str = "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,MPNID,ResellerMPNID,OrderId,OrderDate,ProductId,SkuId,AvailabilityId,SkuName,ProductName,ChargeType,UnitPrice,Quantity,Subtotal,TaxTotal,Total,Currency,PriceAdjustmentDescription,PublisherName,PublisherId,SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle,EffectiveUnitPrice,UnitType,AlternateId,BillableQuantity,BillingFrequency,PricingCurrency,PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,ReservationOrderId,CreditReasonCode,SubscriptionStartDate,SubscriptionEndDate,ReferenceID,ProductQualifiers,PromotionID";

/// A line of a new-commerce reconciliation file; columns without a field here are the same in all lines.
#[derive(Clone, Debug)]
pub struct Charge {
    pub customer: u32,
    pub name: &'static str,
    pub domain: &'static str,
    pub country: &'static str,
    pub subscription: u32,
    pub kind: &'static str,
    pub ordered: &'static str,
    pub month: &'static str,
    pub seats: &'static str,
    pub price: &'static str,
    pub reference: &'static str,
    pub reseller: &'static str,
    pub end: &'static str,
    pub product: &'static str,
}

pub fn charge(customer: u32, subscription: u32, seats: &'static str) -> Charge {
    Charge {
        customer,
        name: "Contoso",
        domain: "contoso.example",
        country: "PL",
        subscription,
        kind: "new",
        ordered: "2024-06-18",
        month: "2024-06-01",
        seats,
        price: "10.08",
        reference: "R1",
        reseller: "2000001",
        end: "2025-05-31",
        product: "Microsoft 365 Business Basic",
    }
}

impl Charge {
    pub fn line(&self) -> String {
        let Self {
            customer,
            name,
            domain,
            country,
            subscription: id,
            kind,
            ordered,
            month,
            seats,
            price,
            reference,
            reseller,
            end,
            product,
        } = self;
        let key = subscription(*id);
        let subtotal = match price.bytes().next() {
            Some(b'-') => "-94.1",
            Some(b'0') => "0",
            _ => "94.1",
        };
        format!(
            "{PROVIDER_TENANT},{},{name},{domain},{country},G1,{PROVIDER_MPN},{reseller},O1,{ordered},CFQ7TTC0LH18,0001,CFQ7TTC0K971,\
             {product},{product},{kind},{price},{seats},{subtotal},0,{subtotal},EUR,,Microsoft,,{product},{key},{month},2024-06-30,\
             One-Year commitment for monthly/yearly billing,{price},Licenses,,{seats},Monthly,EUR,1,2024-06-01,,,,2024-06-01,{end},{reference},,",
            tenant(*customer)
        )
    }
}

pub fn charges(lines: &[Charge]) -> String {
    let mut text = format!("{HEADER}\r\n");
    for line in lines {
        text.push_str(&line.line());
        text.push_str("\r\n");
    }
    text
}

/// A customer list with tenant, name and domain.
pub fn customers(rows: &[(u32, &str, &str)]) -> String {
    let mut text = "Microsoft ID,Company name,Primary domain name,Relationship\n".to_owned();
    for (n, name, domain) in rows {
        text.push_str(&format!("{},{name},{domain},Cloud Reseller\n", tenant(*n)));
    }
    text
}

pub fn codes(report: &Report) -> Vec<(&str, u64)> {
    report.issues.iter().map(|issue| (&*issue.code, issue.line)).collect()
}

pub fn has(report: &Report, code: &str) -> bool {
    report.issues.iter().any(|issue| issue.code == code)
}

pub fn rows(report: &Report) -> [u64; 5] {
    let rows = report.rows;
    [rows.read, rows.applied, rows.merged, rows.rejected, rows.conflict]
}

/// The report without the parts that can differ between two runs of the same import.
pub fn comparable(report: &Report) -> serde_json::Value {
    let mut json = serde_json::to_value(report).unwrap();
    for key in ["run", "status", "mode", "elapsed_seconds", "rows_per_second"] {
        json.as_object_mut().unwrap().remove(key);
    }
    json
}
