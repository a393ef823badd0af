//! A graph built through the real write path; a test states only what it is about.
//!
//! Ids are consecutive, so that snapshots are the same in every run: the first partner has MPN ID 4500001 and the tenant id
//! `00000001-0000-4000-8000-000000000000`.

use std::cell::{Cell, RefCell};

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{
    BillingCycle, BillingType, Cloud, CustomerKey, EntitlementKey, ImportRunKey, MpnId, PartnerKey, PartnerType,
    RemovalChannel, Role, SubscriptionId, SubscriptionKey, SubscriptionStatus, TenantId, TermDuration,
};

use partnergraph_store::columns::{CustomerRecordColumns, SubscriptionColumns};
use partnergraph_store::imports::bulk::{self, Stamp};
use partnergraph_store::imports::rows::{Entitlement, NewEntitlement};
use partnergraph_store::imports::sources;
use partnergraph_store::write::agreements;
use partnergraph_store::write::associations::{self, AssociationOf};
use partnergraph_store::write::customer_agreements::{self, Acceptance, EvidenceOf, Signatory};
use partnergraph_store::write::customers::{self, NewCustomer};
use partnergraph_store::write::partners::{self, NewPartner};
use partnergraph_store::write::subscriptions::NewSubscription;
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::write::{partnerships, tokens};
use partnergraph_store::{Access, Actor, Conn, StoreError, StoreResult, derive};
use uuid::Uuid;

use super::TestDatabase;
use super::subscription_builder::SubscriptionBuilder;

/// A partner account in the test's database.
#[derive(Debug, Clone)]
pub struct Partner {
    pub id: PartnerKey,
    pub tenant_id: TenantId,
    pub mpn_id: MpnId,
    pub name: String,
    pub partner_type: PartnerType,
}

/// A customer in the test's database.
#[derive(Debug, Clone)]
pub struct Customer {
    pub id: CustomerKey,
    pub tenant_id: TenantId,
    pub company_name: String,
    pub domain: String,
}

/// A subscription in the test's database.
#[derive(Debug, Clone)]
pub struct Subscription {
    pub pk: SubscriptionKey,
    pub subscription_id: SubscriptionId,
}

/// The time at which the graph is built.
pub fn moment() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap().and_hms_opt(9, 0, 0).unwrap()
}

/// A test's database and its contents.
pub struct Graph {
    pub database: TestDatabase,
    conn: RefCell<Conn>,
    next: Cell<u32>,
}

impl Graph {
    pub fn new(database: TestDatabase) -> Self {
        let conn = RefCell::new(database.connect());
        Self { database, conn, next: Cell::new(0) }
    }

    /// Runs work in its own write transaction, as an operator on the command line.
    pub fn write<T>(&self, work: impl FnOnce(&mut Conn, &Actor, NaiveDateTime) -> StoreResult<T>) -> T {
        let actor = Actor::command_line();
        self.conn.borrow_mut().transaction(Access::Write, |conn| work(conn, &actor, moment())).unwrap()
    }

    fn number(&self) -> u32 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    /// A new id for something that is not in the graph.
    pub fn guid(&self) -> Uuid {
        guid(self.number())
    }

    /// A Polish provider that meets every rule.
    pub fn provider(&self, name: &str) -> PartnerBuilder<'_> {
        PartnerBuilder::new(self, PartnerType::IndirectProvider, name)
    }

    /// A Polish reseller that meets every rule, without a partnership.
    pub fn reseller(&self, name: &str) -> PartnerBuilder<'_> {
        PartnerBuilder::new(self, PartnerType::IndirectReseller, name)
    }

    /// A Polish direct-bill partner that meets every rule.
    pub fn direct_bill(&self, name: &str) -> PartnerBuilder<'_> {
        PartnerBuilder::new(self, PartnerType::DirectBill, name)
    }

    /// Makes the two active partners.
    pub fn partnership(&self, provider: &Partner, reseller: &Partner) {
        self.write(|conn, actor, now| partnerships::activate(conn, actor, now, provider.id, reseller.id));
    }

    /// Ends their partnership.
    pub fn end_partnership(&self, provider: &Partner, reseller: &Partner) {
        let pair = (provider.id, reseller.id);
        let representation = serde_json::json!({"goodFaith": true});
        self.write(|conn, actor, now| {
            partnerships::remove(conn, actor, now, pair, RemovalChannel::SelfService, &representation)
        });
    }

    /// A Polish customer of that partner, which has accepted the customer agreement.
    pub fn customer(&self, partner: &Partner, name: &str) -> Customer {
        let tenant_id = TenantId(self.guid());
        self.customer_with_tenant(partner, name, tenant_id)
    }

    /// The same customer for another partner: with its own relationship and record.
    pub fn customer_also_of(&self, partner: &Partner, customer: &Customer) -> Customer {
        self.customer_with_tenant(partner, &customer.company_name, customer.tenant_id)
    }

    fn customer_with_tenant(&self, partner: &Partner, name: &str, tenant_id: TenantId) -> Customer {
        let domain = format!("{}.example", name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), ""));
        let new = NewCustomer {
            tenant_id,
            cloud: Cloud::Public,
            columns: CustomerRecordColumns {
                company_name: Some(name.to_owned()),
                domain: Some(domain.clone()),
                country: Some("PL".parse().unwrap()),
                ..CustomerRecordColumns::default()
            },
        };
        let id = self.write(|conn, actor, now| {
            let id = customers::add(conn, actor, now, partner.id, &new)?;
            let of = EvidenceOf { partner_id: partner.id, customer_id: id };
            customer_agreements::accept(conn, actor, now, of, &Acceptance { by: Signatory::default(), at: now })?;
            Ok(id)
        });
        Customer { id, tenant_id, company_name: name.to_owned(), domain }
    }

    /// Ends the partner's relationship with the customer.
    pub fn end_relationship(&self, partner: &Partner, customer: &Customer) {
        let pair = (partner.id, customer.id);
        let representation = serde_json::json!({"goodFaith": true});
        self.write(|conn, actor, now| customers::end_relationship(conn, actor, now, pair, &representation));
    }

    /// Associates the reseller with the customer account of the provider.
    pub fn association(&self, provider: &Partner, customer: &Customer, reseller: &Partner) {
        let key = AssociationOf { provider_id: provider.id, customer_id: customer.id, reseller_id: reseller.id };
        self.write(|conn, actor, now| associations::associate(conn, actor, now, key));
    }

    /// An active licence-based subscription with one seat.
    pub fn subscription(&self, seller: &Partner, customer: &Customer) -> SubscriptionBuilder<'_> {
        let new = NewSubscription {
            subscription_id: SubscriptionId(self.guid()),
            seller_id: seller.id,
            customer_id: customer.id,
            reseller_id: None,
            support_contact_id: None,
            columns: SubscriptionColumns {
                offer_id: Some("CFQ7TTC0LH18:0001".to_owned()),
                offer_name: Some("Microsoft 365 Business Basic".to_owned()),
                quantity: Some(1),
                status: SubscriptionStatus::Active,
                billing_type: BillingType::License,
                billing_cycle: BillingCycle::Monthly,
                term_duration: Some(TermDuration::P1Y),
                auto_renew_enabled: Some(true),
                commitment_end_date: NaiveDate::from_ymd_opt(2027, 2, 28),
                ..SubscriptionColumns::default()
            },
        };
        SubscriptionBuilder { graph: self, new }
    }

    /// An entitlement under the subscription, as an import creates it; returns its key.
    pub fn entitlement(&self, subscription: &Subscription, id: &str, reseller: Option<&Partner>) -> EntitlementKey {
        self.write(|conn, _, _| {
            let row = Entitlement {
                id: EntitlementKey::new(sources::highest_id(conn, "entitlements")? + 1),
                subscription_pk: subscription.pk,
                entitlement_id: id.to_owned(),
                description: Some(format!("Entitlement {id}")),
                reseller_id: reseller.map(|reseller| reseller.id),
            };
            let now = moment().format("%Y-%m-%d %H:%M:%S").to_string();
            let stamp = Stamp { run_id: ImportRunKey::new(0), partner_id: PartnerKey::new(0), now, records: None };
            let key = row.id;
            bulk::insert::<NewEntitlement, StoreError>(conn, &stamp, std::iter::once(Ok(NewEntitlement(row))))?;
            derive::rebuild(conn)?;
            Ok(key)
        })
    }

    /// An access token of a user of that partner with these roles.
    pub fn token(&self, partner: &Partner, roles: &[Role]) -> String {
        let organization = Organization::Partner { id: partner.id, tenant_id: Some(partner.tenant_id) };
        self.token_of(organization, &format!("agent{}@{}.example", self.number(), partner.id), roles)
    }

    /// An access token of a Global admin of that customer.
    pub fn customer_token(&self, customer: &Customer) -> String {
        let name = format!("admin@{}", customer.domain);
        self.token_of(Organization::Tenant(customer.tenant_id), &name, &[Role::GlobalAdmin])
    }

    /// An access token of a user in a tenant that is a customer or unknown.
    pub fn tenant_token(&self, tenant_id: TenantId, roles: &[Role]) -> String {
        let name = format!("person{}@{tenant_id}.example", self.number());
        self.token_of(Organization::Tenant(tenant_id), &name, roles)
    }

    /// An operator's access token.
    pub fn operator_token(&self) -> String {
        self.token_of(Organization::Platform, "operator@platform.example", &[Role::Operator])
    }

    /// An access token of a user whose tenant has no account yet.
    pub fn newcomer_token(&self, tenant_id: TenantId, name: &str, roles: &[Role]) -> String {
        self.token_of(Organization::Tenant(tenant_id), name, roles)
    }

    /// An access token of a user with that name.
    pub fn token_of(&self, organization: Organization, name: &str, roles: &[Role]) -> String {
        let secret = tokens::fresh_secret();
        self.write(|conn, actor, now| {
            let (user_id, _) = users::set_roles(conn, actor, now, organization, name, roles)?;
            tokens::create(conn, now, user_id, roles, &secret, None)
        });
        secret
    }
}

fn guid(number: u32) -> Uuid {
    Uuid::from_fields(number, 0, 0x4000, &[0x80, 0, 0, 0, 0, 0, 0, 0])
}

/// A partner account to add.
pub struct PartnerBuilder<'a> {
    graph: &'a Graph,
    new: NewPartner,
    signed: bool,
    providers: Vec<PartnerKey>,
}

impl<'a> PartnerBuilder<'a> {
    fn new(graph: &'a Graph, partner_type: PartnerType, name: &str) -> Self {
        let number = graph.number();
        let new = NewPartner {
            partner_type,
            name: name.to_owned(),
            country: "PL".parse().unwrap(),
            cloud: Cloud::Public,
            mpn_id: MpnId(4_500_000 + u64::from(number)),
            global_mpn_id: None,
            tenant_id: TenantId(guid(number)),
            company: None,
            capabilities: Vec::new(),
        };
        Self { graph, new, signed: true, providers: Vec::new() }
    }

    pub fn country(mut self, country: &str) -> Self {
        self.new.country = country.parse().unwrap();
        self
    }

    /// The cloud of its tenant.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.new.cloud = cloud;
        self
    }

    pub fn mpn_id(mut self, mpn_id: u64) -> Self {
        self.new.mpn_id = MpnId(mpn_id);
        self
    }

    pub fn global_mpn_id(mut self, mpn_id: u64) -> Self {
        self.new.global_mpn_id = Some(MpnId(mpn_id));
        self
    }

    pub fn tenant_id(mut self, tenant_id: Uuid) -> Self {
        self.new.tenant_id = TenantId(tenant_id);
        self
    }

    pub fn company(mut self, company: &str) -> Self {
        self.new.company = Some(company.to_owned());
        self
    }

    /// Without a signed Microsoft Partner Agreement.
    pub fn without_agreement(mut self) -> Self {
        self.signed = false;
        self
    }

    /// With an active partnership with that provider.
    pub fn partner_of(mut self, provider: &Partner) -> Self {
        self.providers.push(provider.id);
        self
    }

    pub fn add(self) -> Partner {
        let Self { graph, new, signed, providers } = self;
        let id = graph.write(|conn, actor, now| {
            let id = partners::add(conn, actor, now, &new)?;
            if signed {
                agreements::sign(conn, actor, now, id)?;
            }
            for provider in providers {
                partnerships::activate(conn, actor, now, provider, id)?;
            }
            Ok(id)
        });
        Partner { id, tenant_id: new.tenant_id, mpn_id: new.mpn_id, name: new.name, partner_type: new.partner_type }
    }
}
