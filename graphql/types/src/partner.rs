use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use partnergraph_direct::Direct;
use partnergraph_domain::checks::actions;
use partnergraph_domain::{Capability, Cloud, PartnerKey, PartnerType, VettingStatus, VettingSubStatus};
use partnergraph_store::read::locations::{self, LocationRow};
use partnergraph_store::read::partners::{self, PartnerCounts, PartnerOrder, PartnerRow};
use partnergraph_store::write::action_facts;
use partnergraph_store::{Actor, Conn};

use super::action::{self, Action};
use super::{PartnerAddress, PartnerContact, PartnerReview, PartnerStatus, PartnerSupport};
use partnergraph_operation::batch::{Batch, BatchRow, CellKey};
use partnergraph_operation::connection;
use partnergraph_operation::context::Operation;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{CountryCode, DateTime, Guid};

partnergraph_direct::shape! { Partner as "Partner" {
    "id" [] => |it| ID::from(GlobalId::Partner(it.0.id));
    "tenantId" ["tenant_id"] => |it| it.tenant();
    "mpnId": mpn_id;
    "globalMpnId": global_mpn_id;
    "name" ["name"] => |it| &it.0.profile.name;
    "type": partner_type;
    "country": country;
    "region" ["country"] => |it| it.region_code();
    "cloud": cloud;
    "capabilities" ["capabilities"] => |it| it.0.profile.capabilities();
    "vettingStatus": vetting_status;
    "vettingSubStatus": vetting_sub_status;
    "companyName": company;
    "version": version;
    "createdAt": created_at;
    "updatedAt": updated_at;
} }

impl Direct for Partner {
    type Row = PartnerRow;
}

connection! { PartnerConnection, PartnerEdge, Partner, PartnerOrder, "partner accounts" }

/// A partner account in the Cloud Solution Provider programme: one tenant, one company, one type.
#[derive(Debug, Clone)]
pub struct Partner(pub BatchRow<PartnerRow>);

impl From<BatchRow<PartnerRow>> for Partner {
    fn from(row: BatchRow<PartnerRow>) -> Self {
        Self(row)
    }
}

impl Partner {
    fn tenant(&self) -> Result<Option<Guid>> {
        Ok(self.0.tenant_id.as_deref().map(Guid::stored).transpose()?)
    }

    fn region_code(&self) -> Option<&'static str> {
        self.0.country.and_then(partnergraph_domain::region_of).map(|region| region.code.as_str())
    }

    /// Whether the caller is the account itself or an operator. Only they can read the account's private data.
    fn is_own(&self, ctx: &Context<'_>) -> Result<bool> {
        let scope = Operation::of(ctx).scope()?;
        Ok(scope == partnergraph_store::Scope::Operator || scope.partner_id() == Some(self.0.id))
    }

    async fn counts(&self, ctx: &Context<'_>) -> Result<PartnerCounts> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let counts: Arc<HashMap<PartnerKey, PartnerCounts>> = batch
            .shared(CellKey::Name("counts"), || async {
                let ids = batch.keys(|row| Some(row.id));
                let rows = operation.read(move |conn, scope| partners::counts(conn, scope, &ids)).await?;
                Ok(rows.into_iter().map(|row| (row.partner_id, row)).collect())
            })
            .await?;
        let none = PartnerCounts { partner_id: self.0.id, customers: 0, subscriptions: 0, licenses: 0 };
        Ok(counts.get(&self.0.id).copied().unwrap_or(none))
    }
}

/// The locations of the companies of a page of partners.
struct Locations {
    pairs: Vec<LocationRow>,
    rows: Arc<Batch<PartnerRow>>,
}

impl Locations {
    fn of(&self, id: PartnerKey) -> impl Iterator<Item = Partner> + '_ {
        let own = self.pairs.iter().filter(move |pair| pair.of_id == id);
        own.filter_map(|pair| {
            let at = self.rows.rows().iter().position(|row| row.id == pair.location_id)?;
            BatchRow::at(&self.rows, at).map(Partner)
        })
    }
}

/// A partner account in the Cloud Solution Provider programme: one tenant, one company, one type.
#[Object]
impl Partner {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::Partner(self.0.id).into()
    }

    /// The id of the account's tenant. Null for a placeholder that is known only by its MPN ID from an import.
    fn tenant_id(&self) -> Result<Option<Guid>> {
        self.tenant()
    }

    /// The location MPN ID to which the account is tied. Null if there is none.
    fn mpn_id(&self) -> Option<&str> {
        self.0.mpn_id.as_deref()
    }

    /// The MPN ID of the company's global account, which cannot be used on transactions. Null if unknown.
    fn global_mpn_id(&self) -> Option<&str> {
        self.0.global_mpn_id.as_deref()
    }

    /// The name. For a placeholder, the name in the provider's list of resellers that named it first, else its MPN ID.
    fn name(&self) -> &str {
        &self.0.profile.name
    }

    /// The account's type. Each account has exactly one (T-01).
    #[graphql(name = "type")]
    fn kind(&self) -> PartnerType {
        self.0.partner_type
    }

    /// The country, which determines the market and the region. Null for a placeholder unless a list of resellers states it.
    fn country(&self) -> Option<CountryCode> {
        self.0.country.map(CountryCode)
    }

    /// The code of the country's CSP region, such as `EUROPE`. Null if the country is unknown or belongs to no region.
    fn region(&self) -> Option<&'static str> {
        self.region_code()
    }

    /// The Microsoft cloud that hosts the tenant.
    fn cloud(&self) -> Cloud {
        self.0.cloud
    }

    /// What the partner offers or is capable of.
    fn capabilities(&self) -> Result<Vec<Capability>> {
        Ok(self.0.profile.capabilities()?)
    }

    /// Whether the partner meets the three requirements for doing business (M-04).
    fn status(&self) -> PartnerStatus {
        PartnerStatus::of(&self.0)
    }

    /// The status of the enrolment review.
    fn vetting_status(&self) -> VettingStatus {
        self.0.vetting_status
    }

    /// What the enrolment review is waiting for, or why the enrolment was rejected.
    fn vetting_sub_status(&self) -> VettingSubStatus {
        self.0.vetting_sub_status
    }

    /// The other locations of the company that you can see, by MPN ID: accounts and placeholders that share its global MPN ID.
    async fn locations(&self, ctx: &Context<'_>) -> Result<Vec<Self>> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let locations: Arc<Locations> = batch
            .shared(CellKey::Name("locations"), || async {
                let ids = batch.keys(|row| Some(row.id));
                let read = operation.read(move |conn, scope| {
                    let pairs = locations::of_partners(conn, scope, &ids)?;
                    let mut wanted: Vec<PartnerKey> = pairs.iter().map(|pair| pair.location_id).collect();
                    wanted.sort_unstable();
                    wanted.dedup();
                    Ok((pairs, partners::by_ids(conn, scope, &wanted)?))
                });
                let (pairs, rows) = read.await?;
                Ok(Locations { pairs, rows: Batch::new(rows) })
            })
            .await?;
        Ok(locations.of(self.0.id).collect())
    }

    /// What the review of the enrolment is about, and what would be taken over (E-17). Visible only to operators. Null unless
    /// the enrolment is under review.
    async fn review(&self, ctx: &Context<'_>) -> Result<Option<PartnerReview>> {
        PartnerReview::of(ctx, &self.0).await
    }

    /// The company's legal name. Null if unknown.
    fn company_name(&self) -> Option<&str> {
        self.0.company.as_deref()
    }

    /// The legal address. Visible only to the account itself and to operators. Null if there is none or you cannot see it.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<PartnerAddress>> {
        Ok(if self.is_own(ctx)? { PartnerAddress::of(&self.0) } else { None })
    }

    /// The primary contact. Visible only to the account itself and to operators. Null if there is none or you cannot see it.
    async fn primary_contact(&self, ctx: &Context<'_>) -> Result<Option<PartnerContact>> {
        Ok(if self.is_own(ctx)? { PartnerContact::of(&self.0) } else { None })
    }

    /// The contact details for customer support. Null if not specified.
    fn support(&self) -> Option<PartnerSupport> {
        PartnerSupport::of(&self.0)
    }

    /// The number of customers, among those you can see, that buy from the partner or have it as their reseller.
    async fn customer_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.counts(ctx).await?.customers)
    }

    /// The number of subscriptions, among those you can see, that the partner sold or is partner of record of. Excludes deleted
    /// subscriptions.
    async fn subscription_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.counts(ctx).await?.subscriptions)
    }

    /// The number of licences on those subscriptions. Excludes trials and usage-based subscriptions.
    async fn license_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.counts(ctx).await?.licenses)
    }

    /// What can be done with the account, and whether you may do it now.
    async fn actions(&self, ctx: &Context<'_>) -> Result<Vec<Action>> {
        let load =
            |conn: &mut Conn, actor: &Actor, rows: &[PartnerRow], _| action_facts::of_partners(conn, actor, rows);
        let facts = action::facts_of(ctx, self.0.batch(), load).await?;
        Ok(action::listed(facts.get(&self.0.id).map(actions::on_partner)))
    }

    /// The version. Increases with every change.
    fn version(&self) -> i64 {
        self.0.version
    }

    /// When the account was first recorded.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the account was last changed.
    fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
