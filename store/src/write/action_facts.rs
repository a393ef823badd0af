//! The facts that decide what a caller may do with the entities of a page, read in as many statements for many as for one.
//!
//! They are the facts that the mutations read, found in the caller's scope as the mutations find them.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use partnergraph_domain::checks::actions::{
    CustomerActionFacts, KnownCustomer, ManagementFacts, PartnerActionFacts, PartnershipActionFacts, RecordRead,
    SubscriptionActionFacts,
};
use partnergraph_domain::checks::callers::{ActsFor, is_sellers_own};
use partnergraph_domain::checks::{BuyerFacts, OrderFacts};
use partnergraph_domain::rules::managing::Management;
use partnergraph_domain::rules::scenario::{OwnUseTenant, TenantUse};
use partnergraph_domain::rules::standing::Standing;
use partnergraph_domain::{
    CustomerFacts, CustomerKey, OrderChannel, PartnerFacts, PartnerKey, PartnerType, PartnershipKey, PartnershipState,
    ResellerChoice, SubscriptionFacts, SubscriptionKey, TenantId,
};

use super::facts::{self, several};
use super::request_facts::reseller_of;
use super::{associations, change_requests};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::customers::{self as read_customers, CustomerRow};
use crate::read::parse_stored;
use crate::read::partners::PartnerRow;
use crate::read::partnerships::PartnershipRow;
use crate::read::subscriptions::SubscriptionRow;
use crate::scope::{Actor, Scope};

type Latest = HashMap<(PartnerKey, PartnerKey), (PartnershipKey, PartnershipState)>;

/// For whom the caller acts.
fn acts_for(scope: &Scope) -> ActsFor {
    match scope {
        Scope::Operator => ActsFor::Platform,
        Scope::Partner { partner_type: PartnerType::IndirectReseller, .. } => ActsFor::Reseller,
        Scope::Partner { .. } => ActsFor::Seller,
        Scope::Customer { .. } => ActsFor::Customer,
        Scope::Nobody => ActsFor::Nobody,
    }
}

/// Each key once.
fn distinct<K: Ord>(keys: impl IntoIterator<Item = K>) -> Vec<K> {
    let mut keys: Vec<K> = keys.into_iter().collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What decides about these customers. Those that the caller left are read too (D-06).
///
/// # Errors
/// Any database error.
pub fn of_customers(
    conn: &mut Conn,
    actor: &Actor,
    read: &[CustomerRow],
    now: NaiveDateTime,
) -> StoreResult<HashMap<CustomerKey, CustomerActionFacts>> {
    let caller = facts::actor(actor)?;
    let customer_ids = distinct(read.iter().map(|row| row.customer_id));
    let rows = read_customers::by_ids(conn, &actor.scope, &customer_ids)?;
    let page = CustomerPage::read(conn, actor, &rows)?;
    let mut known: HashMap<CustomerKey, KnownCustomer> = HashMap::with_capacity(rows.len());
    for row in &rows {
        known.insert(row.customer_id, page.known(&caller, row, now)?);
    }
    let acts_for = acts_for(&actor.scope);
    let facts = customer_ids
        .into_iter()
        .map(|id| (id, CustomerActionFacts { actor: caller.clone(), acts_for, known: known.remove(&id) }));
    Ok(facts.collect())
}

/// What a page of customers needs.
struct CustomerPage {
    own_id: Option<PartnerKey>,
    partners: HashMap<PartnerKey, PartnerFacts>,
    customers: HashMap<(PartnerKey, CustomerKey), CustomerFacts>,
    used_as: HashMap<TenantId, TenantUse>,
    visibly_used_as: HashMap<TenantId, TenantUse>,
    partnerships: HashMap<TenantId, PartnershipState>,
}

impl CustomerPage {
    fn read(conn: &mut Conn, actor: &Actor, rows: &[CustomerRow]) -> StoreResult<Self> {
        let own_id = actor.scope.partner_id();
        let named =
            rows.iter().flat_map(|row| [row.partner_id, row.internal_use_of.and(own_id).and(row.internal_use_of)]);
        let partners = several::partners(conn, &distinct(named.chain([own_id]).flatten()))?;
        let of = rows.iter().flat_map(|row| {
            [row.partner_id, own_id].into_iter().flatten().map(|partner_id| (partner_id, row.customer_id))
        });
        let customers = several::customers(conn, &distinct(of))?;
        let mut page = Self {
            own_id,
            partners,
            customers,
            used_as: HashMap::new(),
            visibly_used_as: HashMap::new(),
            partnerships: HashMap::new(),
        };
        if let Some(own_id) = own_id {
            let tenants: StoreResult<Vec<TenantId>> = rows.iter().map(tenant_of).collect();
            let tenants = tenants?;
            page.used_as = several::tenant_uses(conn, &tenants)?;
            page.visibly_used_as = several::visible_uses(conn, &actor.scope, &tenants)?;
            page.partnerships = several::partnerships_with_tenants(conn, own_id, &tenants)?;
        }
        Ok(page)
    }

    fn known(
        &self,
        caller: &partnergraph_domain::Actor,
        row: &CustomerRow,
        now: NaiveDateTime,
    ) -> StoreResult<KnownCustomer> {
        let tenant_id = tenant_of(row)?;
        let used_as =
            |uses: &HashMap<TenantId, TenantUse>| uses.get(&tenant_id).copied().unwrap_or(TenantUse::Customer);
        let at = |partner_id: PartnerKey| {
            let partner = self.partners.get(&partner_id)?;
            Some((partner.clone(), self.customers.get(&(partner_id, row.customer_id))?.clone()))
        };
        let order = self.own_id.and_then(at).map(|(seller, customer)| OrderFacts {
            actor: caller.clone(),
            seller,
            customer: Some(customer),
            tenant_use: used_as(&self.used_as),
            partnership_with_tenant: self.partnerships.get(&tenant_id).copied(),
            buyer: self.buyer(row, tenant_id, used_as(&self.used_as)),
            channel: OrderChannel::PartnerCenter,
            lines: Vec::new(),
            on: now.date(),
        });
        let record = row.partner_id.and_then(|id| Some((id, at(id)?)));
        let record = record.map(|(id, (partner, customer))| RecordRead {
            partner,
            is_callers: self.own_id == Some(id),
            customer,
        });
        Ok(KnownCustomer { tenant_id, order, visible_use: used_as(&self.visibly_used_as), record })
    }

    /// The own use that the customer's tenant serves. How the buyer is linked with the sellers is decided for each line.
    fn buyer(&self, row: &CustomerRow, tenant_id: TenantId, used_as: TenantUse) -> BuyerFacts {
        let own_use = row.internal_use_of.map(|buyer_id| OwnUseTenant {
            tenant_id: Some(tenant_id),
            buyer_csp_tenant: self.partners.get(&buyer_id).and_then(|buyer| buyer.tenant_id),
            used_as,
            marked_internal: true,
        });
        BuyerFacts { own_use, ..BuyerFacts::default() }
    }
}

fn tenant_of(row: &CustomerRow) -> StoreResult<TenantId> {
    parse_stored(&row.tenant_id, "a tenant id")
}

/// What decides about these subscriptions. The caller must already be known to read them.
///
/// # Errors
/// Any database error.
pub fn of_subscriptions(
    conn: &mut Conn,
    actor: &Actor,
    rows: &[SubscriptionRow],
    now: NaiveDateTime,
) -> StoreResult<HashMap<SubscriptionKey, SubscriptionActionFacts>> {
    let caller = facts::actor(actor)?;
    let own_id = reseller_of(&actor.scope);
    let named = rows.iter().flat_map(|row| [Some(row.seller_id), row.reseller_id]).chain([own_id]).flatten();
    let partners = several::partners(conn, &distinct(named))?;
    let customers = several::customers(conn, &distinct(rows.iter().map(|row| (row.seller_id, row.customer_id))))?;
    let buyers = several::buyers(conn, &distinct(rows.iter().map(|row| row.customer_id)))?;
    let of = rows.iter().flat_map(|row| [row.reseller_id, own_id].into_iter().flatten().map(|id| (row.seller_id, id)));
    let latest = several::latest_partnerships(conn, &distinct(of))?;
    let managed = match own_id.and_then(|id| Some((id, partners.get(&id)?.clone()))) {
        Some((id, reseller)) => Some(ManagedPage::read(conn, (id, reseller), rows, now)?),
        None => None,
    };
    let found = rows.iter().filter_map(|row| {
        let seller = partners.get(&row.seller_id)?.clone();
        let customer = customers.get(&(row.seller_id, row.customer_id))?.clone();
        let for_another = managed.as_ref().filter(|_| !is_sellers_own(&caller, &seller));
        let must_keep = seller.partner_type == PartnerType::IndirectProvider && buyers.contains_key(&row.customer_id);
        let facts = SubscriptionActionFacts {
            actor: caller.clone(),
            acts_for: acts_for(&actor.scope),
            management: for_another.map(|page| page.of(row, &latest)),
            kept: row.reseller_id.filter(|id| must_keep && *id != row.seller_id).and_then(|id| {
                let account = partners.get(&id)?.clone();
                Some(choice(account, latest.get(&(row.seller_id, id)).map(|(_, state)| *state)))
            }),
            subscription: subscription(row, &partners),
            seller,
            customer,
            on: now.date(),
        };
        Some((row.id, facts))
    });
    Ok(found.collect())
}

fn choice(account: PartnerFacts, partnership: Option<PartnershipState>) -> ResellerChoice {
    ResellerChoice { mpn_id: account.mpn_id, profile: account.mpn_profile, account: Some(account), partnership }
}

fn subscription(row: &SubscriptionRow, partners: &HashMap<PartnerKey, PartnerFacts>) -> SubscriptionFacts {
    let partner_of_record = row.reseller_id.and_then(|id| partners.get(&id)).map(|account| account.mpn_id);
    facts::subscription_of(row, partner_of_record)
}

/// What a page of subscriptions needs for a reseller.
struct ManagedPage {
    own_id: PartnerKey,
    own: PartnerFacts,
    associated: HashSet<(PartnerKey, CustomerKey)>,
    open_requests: HashMap<PartnerKey, i64>,
}

impl ManagedPage {
    fn read(
        conn: &mut Conn,
        (own_id, own): (PartnerKey, PartnerFacts),
        rows: &[SubscriptionRow],
        now: NaiveDateTime,
    ) -> StoreResult<Self> {
        let of = distinct(rows.iter().map(|row| (row.seller_id, row.customer_id)));
        let sellers = distinct(rows.iter().map(|row| row.seller_id));
        Ok(Self {
            own_id,
            own,
            associated: associations::of_reseller(conn, own_id, &of)?,
            open_requests: change_requests::open_by_seller(conn, now, own_id, &sellers)?,
        })
    }

    fn of(&self, row: &SubscriptionRow, latest: &Latest) -> ManagementFacts {
        let management = Management {
            reseller: self.own.clone(),
            partnership: latest.get(&(row.seller_id, self.own_id)).map(|(_, state)| *state),
            standing: Standing {
                account_association: self.associated.contains(&(row.seller_id, row.customer_id)),
                partner_of_record: row.reseller_id == Some(self.own_id),
                ..Standing::default()
            },
        };
        ManagementFacts { management, open_requests: self.open_requests.get(&row.seller_id).copied().unwrap_or(0) }
    }
}

/// What decides about these partner accounts. The caller must already be known to see them.
///
/// # Errors
/// Any database error.
pub fn of_partners(
    conn: &mut Conn,
    actor: &Actor,
    rows: &[PartnerRow],
) -> StoreResult<HashMap<PartnerKey, PartnerActionFacts>> {
    let caller = facts::actor(actor)?;
    let own_id = actor.scope.partner_id();
    let partners = several::partners(conn, &distinct(rows.iter().map(|row| row.id).chain(own_id)))?;
    let of: Vec<_> = own_id.into_iter().flat_map(|own_id| rows.iter().map(move |row| (own_id, row.id))).collect();
    let latest = several::latest_partnerships(conn, &of)?;
    let found = rows.iter().filter_map(|row| {
        let facts = PartnerActionFacts {
            actor: caller.clone(),
            acts_for: acts_for(&actor.scope),
            own: own_id.and_then(|id| partners.get(&id)).cloned(),
            is_own: own_id == Some(row.id),
            partner: partners.get(&row.id)?.clone(),
            partnership: own_id.and_then(|own_id| latest.get(&(own_id, row.id))).map(|(_, state)| *state),
            status: row.vetting_status,
            sub_status: row.vetting_sub_status,
        };
        Some((row.id, facts))
    });
    Ok(found.collect())
}

/// What decides about these partnerships. The caller must already be known to read them. A mutation names the two ends and finds
/// their latest partnership, so an earlier one is left out.
///
/// # Errors
/// Any database error.
pub fn of_partnerships(
    conn: &mut Conn,
    actor: &Actor,
    rows: &[PartnershipRow],
) -> StoreResult<HashMap<PartnershipKey, PartnershipActionFacts>> {
    let caller = facts::actor(actor)?;
    let partners = several::partners(conn, &distinct(rows.iter().flat_map(|row| [row.provider_id, row.reseller_id])))?;
    let of = distinct(rows.iter().map(|row| (row.provider_id, row.reseller_id)));
    let latest = several::latest_partnerships(conn, &of)?;
    let found = rows.iter().filter_map(|row| {
        let (_, state) = latest.get(&(row.provider_id, row.reseller_id)).filter(|(id, _)| *id == row.id)?;
        let facts = PartnershipActionFacts {
            actor: caller.clone(),
            acts_for: acts_for(&actor.scope),
            provider: partners.get(&row.provider_id)?.clone(),
            reseller: partners.get(&row.reseller_id)?.clone(),
            state: *state,
        };
        Some((row.id, facts))
    });
    Ok(found.collect())
}
