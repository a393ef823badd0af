use async_graphql::{Context, Error, ID, Object, Result};
use partnergraph_domain::checks::actions;
use partnergraph_domain::{AcquisitionChannel, Cloud, RelationshipToPartner};
use partnergraph_store::read::customers::CustomerRow;
use partnergraph_store::read::{self, billing, history, orders, partners, relationships, subscriptions};
use partnergraph_store::write::action_facts;

use super::action::{self, Action};
use super::customer_direct::{resellers, sold};
use super::{
    Agreement, AuditRecordConnection, CustomerBillingProfile, CustomerPartner, CustomerResellerConnection,
    CustomerSubscriptionConnection, OrderConnection, Partner, partner_of,
};
use crate::filters::{PartnerFilter, SubscriptionFilter, SubscriptionOrder};
use partnergraph_operation::batch::{Batch, BatchRow, CellKey};
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{CountryCode, DateTime, Guid};
use partnergraph_store::read::page::{By, Order};

/// A customer: a tenant that buys from partners.
///
/// Each partner keeps its own record of a customer, and other partners cannot read it. The exception is a reseller without a
/// record of its own: it reads the record of the provider through which it sees the customer. For the customer itself and for
/// operators, each field shows the value that the customer has set, or else the most recent value. A partner that ended its
/// relationship can still read the customer's identity and what it sold to it (D-06).
#[derive(Debug, Clone)]
pub struct Customer(pub BatchRow<CustomerRow>);

impl From<BatchRow<CustomerRow>> for Customer {
    fn from(row: BatchRow<CustomerRow>) -> Self {
        Self(row)
    }
}

partnergraph_direct::shape! { Customer as "Customer" {
    "id" [] => |it| it.global_id();
    "tenantId" [] => |it| Guid::stored(&it.0.tenant_id);
    "companyName": company_name;
    "domain": domain;
    "country": country;
    "region" ["country"] => |it| it.region_code();
    "cloud" ["cloud"] => |it| it.tenant_cloud();
    "relationshipToPartner" ["relationship_to_partner"] => |it| it.relationship();
    "allowDelegatedAccess": allow_delegated_access;
    "associatedPartnerId" ["associated_partner_id"] => |it| it.portal_partner();
    "customDomains" [] => |it| it.list(&it.0.custom_domains);
    "tags" [] => |it| it.list(&it.0.tags);
    "acquisition" ["acquisition"] => |it| it.channel();
    "version": version;
    "createdAt": created_at;
    "updatedAt": updated_at;
} }

impl Customer {
    /// Whether the caller sees more than the customer's identity (B-14).
    fn is_open(&self) -> bool {
        self.0.level < 3
    }

    fn global_id(&self) -> Result<ID> {
        Ok(GlobalId::Customer(Guid::stored(&self.0.tenant_id)?.into()).into())
    }

    fn region_code(&self) -> Option<&'static str> {
        self.0.country.and_then(partnergraph_domain::region_of).map(|region| region.code.as_str())
    }

    fn tenant_cloud(&self) -> Result<Cloud> {
        self.0.cloud.ok_or_else(|| Error::new("a customer without a tenant"))
    }

    fn relationship(&self) -> RelationshipToPartner {
        self.0.relationship_to_partner.unwrap_or(RelationshipToPartner::None)
    }

    fn portal_partner(&self) -> Option<&str> {
        self.0.associated_partner_id.as_deref().filter(|_| self.is_open())
    }

    fn channel(&self) -> Option<AcquisitionChannel> {
        self.0.acquisition.filter(|_| self.is_open())
    }

    /// A list that is stored as JSON.
    fn list(&self, stored: &str) -> Result<Vec<String>> {
        if self.is_open() { Ok(read::json(stored, "a list of texts")?) } else { Ok(Vec::new()) }
    }
}

/// A customer: a tenant that buys from partners.
///
/// Each partner keeps its own record of a customer, and other partners cannot read it. The exception is a reseller without a
/// record of its own: it reads the record of the provider through which it sees the customer. For the customer itself and for
/// operators, each field shows the value that the customer has set, or else the most recent value. A partner that ended its
/// relationship can still read the customer's identity and what it sold to it (D-06).
#[Object]
impl Customer {
    /// The global id.
    pub async fn id(&self) -> Result<ID> {
        self.global_id()
    }

    /// The id of the customer's tenant, called the Microsoft ID in Partner Center.
    fn tenant_id(&self) -> Result<Guid> {
        Ok(Guid::stored(&self.0.tenant_id)?)
    }

    /// The company name. Null if none has been provided.
    fn company_name(&self) -> Option<&str> {
        self.0.company_name.as_deref()
    }

    /// The default domain. Null if none has been provided.
    fn domain(&self) -> Option<&str> {
        self.0.domain.as_deref()
    }

    /// The country. Null if none has been provided; new business is blocked until it is set.
    fn country(&self) -> Option<CountryCode> {
        self.0.country.map(CountryCode)
    }

    /// The code of the country's CSP region, such as `EUROPE`. Null if the country is unknown or belongs to no region.
    fn region(&self) -> Option<&'static str> {
        self.region_code()
    }

    /// The Microsoft cloud that hosts the tenant.
    fn cloud(&self) -> Result<Cloud> {
        self.tenant_cloud()
    }

    /// Your relationship with the customer, if you are a partner. `NONE` for a reseller that sees the customer only through an
    /// association or a subscription. For the customer and operators: the relationship of the partner whose record is shown.
    fn relationship_to_partner(&self) -> RelationshipToPartner {
        self.relationship()
    }

    /// Whether you hold delegated admin privileges for the customer, if you are a partner. For the customer and operators: whether
    /// the partner whose record is shown holds them.
    fn allow_delegated_access(&self) -> bool {
        self.0.allow_delegated_access
    }

    /// The id of the partner that the portal associates with the customer. Null if there is none or you cannot see it.
    fn associated_partner_id(&self) -> Option<&str> {
        self.portal_partner()
    }

    /// Additional domains of the tenant. Empty if there are none or you cannot see them.
    fn custom_domains(&self) -> Result<Vec<String>> {
        self.list(&self.0.custom_domains)
    }

    /// The partner's tags for the customer. Empty if there are none or you cannot see them.
    fn tags(&self) -> Result<Vec<String>> {
        self.list(&self.0.tags)
    }

    /// How the partner acquired the customer. Null if not specified, as in imports, or if you cannot see it.
    fn acquisition(&self) -> Option<AcquisitionChannel> {
        self.channel()
    }

    /// The partner whose own use this tenant serves. Visible to every partner that sells to the tenant. Null for a
    /// third-party customer, or if you cannot see that partner.
    async fn internal_use_of(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        if !self.is_open() {
            return Ok(None);
        }
        partner_of(ctx, self.0.batch(), |row| [row.internal_use_of, None, None], self.0.internal_use_of).await
    }

    /// The partners that have a relationship with the customer or still hold an active grant of delegated admin privileges.
    /// Includes only the partners you can see.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<CustomerPartner>> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let partners = batch
            .shared(CellKey::Name("relationships"), || async {
                let ids = batch.keys(|row| Some(row.customer_id));
                Ok(Batch::new(operation.read(move |conn, scope| relationships::of_customers(conn, scope, &ids)).await?))
            })
            .await?;
        let own = (0..partners.rows().len()).filter_map(|at| BatchRow::at(&partners, at));
        Ok(own.filter(|row| row.customer_id == self.0.customer_id).map(CustomerPartner).collect())
    }

    /// The customer's indirect resellers: those associated at account level, and those that are partner of record of a live
    /// subscription (one that is not deleted) or of one of its entitlements. A provider sees its own resellers; a reseller
    /// sees only itself.
    async fn indirect_resellers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<PartnerFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<CustomerResellerConnection> {
        let args = PageArgs { first, last, after, before };
        let slice = Slice::below(
            ctx,
            &self.0,
            |row| row.customer_id,
            args,
            |scope| {
                let (fingerprint, order, filter) = resellers(filter)?;
                Ok((fingerprint, partners::resellers_of_customers(scope, &filter, order)))
            },
        )
        .await?;
        Ok(CustomerResellerConnection { slice, customer: self.0.clone() })
    }

    /// The customer's subscriptions that you can see.
    #[allow(clippy::too_many_arguments)]
    async fn subscriptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<SubscriptionFilter>>,
        #[graphql(desc = "The sort order. Defaults to `SUBSCRIPTION_ID`.")] order_by: Option<Vec<SubscriptionOrder>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<CustomerSubscriptionConnection> {
        let args = PageArgs { first, last, after, before };
        Slice::below(
            ctx,
            &self.0,
            |row| row.customer_id,
            args,
            |scope| {
                let (fingerprint, order, filter) = sold(filter, order_by)?;
                Ok((fingerprint, subscriptions::of_customers(scope, &filter, order)))
            },
        )
        .await
        .map(CustomerSubscriptionConnection)
    }

    /// The customer's orders that you can see, newest first.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<OrderConnection> {
        let args = PageArgs { first, last, after, before };
        Slice::below(
            ctx,
            &self.0,
            |row| row.customer_id,
            args,
            |scope| {
                let order = Order::new(vec![By { field: orders::OrderOrder::Row, descending: true }]);
                Ok((Fingerprint::of(Listing::OrdersOfCustomer, &order, &())?, orders::of_customers(scope, order)))
            },
        )
        .await
        .map(OrderConnection)
    }

    /// The billing profile that the partner recorded. Visible only to that partner and to operators. Null for everyone else, if
    /// the partner did not add the customer here, or if it has ended its relationship with the customer.
    async fn billing_profile(&self, ctx: &Context<'_>) -> Result<Option<CustomerBillingProfile>> {
        if !self.is_open() {
            return Ok(None);
        }
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let profiles = batch
            .shared(CellKey::Name("billing profiles"), || async {
                let ids = batch.keys(|row| Some(row.customer_id));
                operation.read(move |conn, scope| billing::of_customers(conn, scope, &ids)).await
            })
            .await?;
        let own = profiles
            .iter()
            .find(|row| row.customer_id == self.0.customer_id && Some(row.partner_id) == self.0.partner_id);
        Ok(own.map(CustomerBillingProfile::of))
    }

    /// The evidence that the customer accepted the Microsoft Customer Agreement: the last ten that were recorded, the latest
    /// first. Partners see only their own evidence, which they need to sell to the customer (C-03). The customer and
    /// operators see all evidence.
    async fn agreements(&self, ctx: &Context<'_>) -> Result<Vec<Agreement>> {
        if !self.is_open() {
            return Ok(Vec::new());
        }
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let agreements = batch
            .shared(CellKey::Name("agreements"), || async {
                let ids = batch.keys(|row| Some(row.customer_id));
                operation.read(move |conn, scope| relationships::agreements(conn, scope, &ids)).await
            })
            .await?;
        let own = agreements.iter().filter(|row| row.customer_id == self.0.customer_id);
        Ok(own.map(Agreement::of).collect())
    }

    /// The audit records about the customer that you can see, newest first.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<AuditRecordConnection> {
        let args = PageArgs { first, last, after, before };
        Slice::below(
            ctx,
            &self.0,
            |row| row.customer_id,
            args,
            |scope| {
                let order = Order::new(vec![By { field: history::EventOrder::Row, descending: true }]);
                Ok((Fingerprint::of(Listing::HistoryOfCustomer, &order, &())?, history::of_customers(scope, order)))
            },
        )
        .await
        .map(AuditRecordConnection)
    }

    /// What can be done with the customer, and whether you may do it now.
    async fn actions(&self, ctx: &Context<'_>) -> Result<Vec<Action>> {
        let facts = action::facts_of(ctx, self.0.batch(), action_facts::of_customers).await?;
        Ok(action::listed(facts.get(&self.0.customer_id).map(actions::on_customer)))
    }

    /// The version. Increases with every change to the record that you read.
    fn version(&self) -> i64 {
        self.0.version
    }

    /// When the record was created.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the record was last changed.
    fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
