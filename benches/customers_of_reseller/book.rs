//! The book of business that is asked: one provider, its resellers, its customers and their subscriptions.
//!
//! It is written through the store's bulk writes, so that the cells are those of a real book, offers, names and terms filled in,
//! and the answer has the size that a real one has.

use anyhow::Context;
use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{
    BillingCycle, BillingType, Cloud, CustomerKey, CustomerRecordKey, ImportRunKey, MpnId, PartnerKey, PartnerType,
    PartnershipKey, RelationshipKey, RelationshipToPartner, Role, SubscriptionKey, SubscriptionStatus, TenantId,
    TermDuration, search_key, sort_key,
};
use partnergraph_store::columns::{CustomerRecordColumns, SubscriptionColumns};
use partnergraph_store::imports::bulk::{Stamp, insert};
use partnergraph_store::imports::rows::{
    NewCustomer, NewPartnership, NewPlaceholder, NewRecord, NewRelationship, NewSubscription, NewTenant, Record,
    Subscription,
};
use partnergraph_store::write::partners::{self, NewPartner};
use partnergraph_store::write::tokens;
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::{Access, Actor, Backend, Conn, DatabaseUrl, StoreError, StoreResult, derive, migrate};
use uuid::Uuid;

/// How large the book is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) resellers: i64,
    pub(crate) customers: i64,
    pub(crate) subscriptions: i64,
}

/// The token of the provider's agent. It opens a database of made-up rows that is thrown away.
pub(crate) const TOKEN: &str = "pgr_benchmark";

const PROVIDER_MPN_ID: u64 = 9_900_100;
const FIRST_RESELLER_MPN_ID: i64 = 7_000_000;

/// Markets of one CSP region: a provider sells within its own.
const COUNTRIES: [&str; 8] = ["PL", "DE", "CZ", "SK", "AT", "NL", "FR", "IT"];

const OFFERS: [(&str, &str); 6] = [
    ("CFQ7TTC0LH18:0001:CFQ7TTC0K971", "Microsoft 365 Business Basic"),
    ("CFQ7TTC0LDPB:0001:CFQ7TTC0JVKC", "Microsoft 365 Business Standard"),
    ("CFQ7TTC0LCHC:0002:CFQ7TTC0K4FT", "Microsoft 365 Business Premium"),
    ("CFQ7TTC0LF8S:0002:CFQ7TTC0L3JL", "Office 365 E3"),
    ("CFQ7TTC0LH16:0001:CFQ7TTC0KNVM", "Exchange Online (Plan 1)"),
    ("CFQ7TTC0LFLZ:0002:CFQ7TTC0M1PL", "Microsoft 365 E5"),
];

/// The MPN ID of a reseller of the book.
pub(crate) fn reseller_mpn_id(reseller: i64) -> String {
    (FIRST_RESELLER_MPN_ID + reseller).to_string()
}

/// The key of a reseller of the book: they follow their provider.
fn reseller_key(provider: PartnerKey, reseller: i64) -> PartnerKey {
    PartnerKey::new(provider.get() + 1 + reseller)
}

/// Fills a database unless it has been filled before.
pub(crate) fn fill(url: &DatabaseUrl, size: Size) -> anyhow::Result<()> {
    let mut conn = Conn::open(url)?;
    migrate::run(&mut conn)?;
    if !partners::list(&mut conn)?.is_empty() {
        return Ok(());
    }
    let now = NaiveDate::from_ymd_opt(2026, 3, 1).and_then(|day| day.and_hms_opt(9, 0, 0)).context("a moment")?;
    conn.transaction(Access::Write, |conn| -> StoreResult<()> {
        let provider = provider(conn, now)?;
        let stamp = Stamp { run_id: ImportRunKey::new(0), partner_id: provider, now: "2026-03-01 09:00:00".to_owned() };
        resellers(conn, &stamp, provider, size)?;
        customers(conn, &stamp, size)?;
        let rows = (0..size.subscriptions).map(|row| Ok(NewSubscription(subscription(row, provider, size))));
        insert::<_, StoreError>(conn, &stamp, rows)?;
        if conn.backend() == Backend::Postgres {
            // It knows nothing of rows that the same transaction wrote until it is told to look.
            conn.batch("ANALYZE subscriptions, customer_records, reseller_relationships")?;
        }
        derive::rebuild(conn)
    })?;
    // What both do by themselves after a while is done before the rounds rather than during one of them.
    conn.batch(match conn.backend() {
        Backend::Sqlite => "PRAGMA wal_checkpoint(TRUNCATE)",
        Backend::Postgres => "VACUUM ANALYZE",
    })?;
    Ok(())
}

fn provider(conn: &mut Conn, now: NaiveDateTime) -> StoreResult<PartnerKey> {
    let actor = Actor::command_line();
    let tenant_id = TenantId(guid(0, 1));
    let new = NewPartner {
        partner_type: PartnerType::IndirectProvider,
        name: "Vistula Distribution".to_owned(),
        country: partnergraph_store::read::word("PL", "a country")?,
        cloud: Cloud::Public,
        mpn_id: MpnId(PROVIDER_MPN_ID),
        global_mpn_id: None,
        tenant_id,
        company: None,
        capabilities: Vec::new(),
    };
    let id = partners::add(conn, &actor, now, &new)?;
    let organization = Organization::Partner { id, tenant_id: Some(tenant_id) };
    let roles = [Role::AdminAgent];
    let (user, _) = users::set_roles(conn, &actor, now, organization, "agent@vistula.example", &roles)?;
    tokens::create(conn, now, user, &roles, TOKEN, None)?;
    Ok(id)
}

fn resellers(conn: &mut Conn, stamp: &Stamp, provider: PartnerKey, size: Size) -> StoreResult<()> {
    let placeholders = (0..size.resellers).map(|reseller| {
        let mpn_id = reseller_mpn_id(reseller);
        let name = format!("{} {reseller} IT Services", word(reseller));
        let name_key = search_key(&name);
        Ok(NewPlaceholder { id: reseller_key(provider, reseller), mpn_id, name, name_key, cloud: Cloud::Public })
    });
    insert::<_, StoreError>(conn, stamp, placeholders)?;
    let partnerships = (0..size.resellers).map(|reseller| {
        Ok(NewPartnership { id: PartnershipKey::new(1 + reseller), reseller_id: reseller_key(provider, reseller) })
    });
    insert::<_, StoreError>(conn, stamp, partnerships)?;
    Ok(())
}

fn customers(conn: &mut Conn, stamp: &Stamp, size: Size) -> StoreResult<()> {
    let all = || 0..size.customers;
    let tenant = |customer| guid(customer, 2).to_string();
    insert::<_, StoreError>(conn, stamp, all().map(|at| Ok(NewTenant { tenant_id: tenant(at) })))?;
    insert::<_, StoreError>(
        conn,
        stamp,
        all().map(|at| Ok(NewCustomer { id: CustomerKey::new(1 + at), tenant_id: tenant(at) })),
    )?;
    insert::<_, StoreError>(conn, stamp, all().map(|at| Ok(NewRecord(record(at)))))?;
    let relationships = all().map(|at| {
        let (id, customer_id) = (RelationshipKey::new(1 + at), CustomerKey::new(1 + at));
        Ok(NewRelationship { id, customer_id, relationship: RelationshipToPartner::Reseller })
    });
    insert::<_, StoreError>(conn, stamp, relationships)?;
    Ok(())
}

fn record(customer: i64) -> Record {
    let name = format!("{} {customer} GmbH", word(customer));
    let domain = format!("{}{customer}.onmicrosoft.example", word(customer).to_lowercase());
    let country = COUNTRIES[usize::try_from(customer).unwrap_or(0) % COUNTRIES.len()];
    let columns = CustomerRecordColumns {
        company_name: Some(name),
        domain: Some(domain),
        country: country.parse().ok(),
        tags: r#"["smb"]"#.to_owned(),
        ..CustomerRecordColumns::default()
    };
    Record {
        id: CustomerRecordKey::new(1 + customer),
        customer_id: CustomerKey::new(1 + customer),
        new_business_blocked: None,
        keys: columns.keys(),
        columns,
    }
}

/// Every customer has one subscription at least, the rest are spread at random. Nine in ten stay with the customer's own
/// reseller.
fn subscription(row: i64, provider: PartnerKey, size: Size) -> Subscription {
    let chance = mix(row);
    let customer = if row < size.customers { row } else { below(chance, size.customers) };
    let reseller = if chance.is_multiple_of(10) {
        below(mix(row + size.subscriptions), size.resellers)
    } else {
        customer % size.resellers
    };
    let (offer_id, offer_name) = OFFERS[usize::try_from(chance >> 8 & 0xff).unwrap_or(0) % OFFERS.len()];
    let usage = chance >> 16 & 0xf == 0;
    let bought = NaiveDate::from_ymd_opt(2025, 11, 3);
    Subscription {
        id: SubscriptionKey::new(1 + row),
        subscription_id: guid(row, 3).to_string(),
        customer_id: CustomerKey::new(1 + customer),
        reseller_id: Some(reseller_key(provider, reseller)),
        partner_of_record_since: None,
        offer_name_key: Some(search_key(offer_name)),
        name_sort: sort_key(Some(offer_name)),
        columns: SubscriptionColumns {
            offer_id: Some(offer_id.to_owned()),
            offer_name: Some(offer_name.to_owned()),
            friendly_name: (chance >> 20 & 3 == 0).then(|| format!("Seats of team {}", row % 97)),
            quantity: (!usage).then_some(1 + below(chance, 250)),
            unit_type: Some("Licenses".to_owned()),
            status: SubscriptionStatus::Active,
            billing_type: if usage { BillingType::Usage } else { BillingType::License },
            billing_cycle: BillingCycle::Monthly,
            term_duration: Some(TermDuration::P1Y),
            auto_renew_enabled: Some(true),
            creation_date: bought.and_then(|day| day.and_hms_opt(10, 12, 0)),
            effective_start_date: bought,
            commitment_end_date: NaiveDate::from_ymd_opt(2026, 11, 2),
            ..SubscriptionColumns::default()
        },
    }
}

/// Names that do not come in the order of the rows.
fn word(number: i64) -> &'static str {
    const WORDS: [&str; 12] = [
        "Adatum",
        "Brzoza",
        "Contoso",
        "Dunaj",
        "Fabrikam",
        "Graphic",
        "Lisbona",
        "Müller",
        "Northwind",
        "Proseware",
        "Tailspin",
        "Zakopane",
    ];
    WORDS[usize::try_from(mix(number) % 12).unwrap_or(0)]
}

/// A random-looking GUID that no other number of its kind has.
fn guid(number: i64, kind: u8) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mix(number ^ i64::from(kind) << 40).to_be_bytes());
    bytes[8..].copy_from_slice(&mix(number + 7).to_be_bytes());
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// SplitMix64, a permutation of 64-bit numbers: the same book on every run and on both databases.
fn mix(number: i64) -> u64 {
    let mut bits = number.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

fn below(chance: u64, end: i64) -> i64 {
    i64::try_from((chance >> 32).wrapping_mul(end.cast_unsigned()) >> 32).unwrap_or(0)
}
