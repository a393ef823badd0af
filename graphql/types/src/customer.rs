use async_graphql::{Context, Error, ID, Object, Result};
use partnergraph_domain::{AcquisitionChannel, Cloud, RelationshipToPartner};
use partnergraph_store::read::customers::CustomerRow;
use partnergraph_store::read::relationships::AgreementRow;
use partnergraph_store::read::{self, billing, history, orders, partners, relationships, subscriptions};

use super::customer_direct::{resellers, sold};
use super::{
    Agreement, AuditRecordConnection, CustomerBillingProfile, CustomerPartner, CustomerResellerConnection,
    CustomerSubscriptionConnection, OrderConnection, Partner, partner_of,
};
use crate::filters::{PartnerFilter, SubscriptionFilter, SubscriptionOrder};
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{CountryCode, DateTime, Guid};
use partnergraph_operation::siblings::{CellKey, Level, Member};
use partnergraph_store::read::page::{By, Order};

/// A customer: a tenant that buys from partners.
///
/// Each partner keeps its own record of a customer; other partners cannot read it, except that a reseller without
/// one of its own reads that of the provider through which it sees the customer. The customer itself and operators
/// read field by field what the customer says, else the newest.
#[derive(Debug, Clone)]
pub struct Customer(pub Member<CustomerRow>);

impl From<Member<CustomerRow>> for Customer {
    fn from(row: Member<CustomerRow>) -> Self {
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
    /// Whether the caller sees more than the identity (B-14).
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

    /// A list that is kept as JSON.
    fn list(&self, stored: &str) -> Result<Vec<String>> {
        if self.is_open() { Ok(read::json(stored, "a list of texts")?) } else { Ok(Vec::new()) }
    }
}

/// A customer: a tenant that buys from partners.
///
/// Each partner keeps its own record of a customer; other partners cannot read it, except that a reseller without
/// one of its own reads that of the provider through which it sees the customer. The customer itself and operators
/// read field by field what the customer says, else the newest.
#[Object]
impl Customer {
    /// The global id.
    pub async fn id(&self) -> Result<ID> {
        self.global_id()
    }

    /// The id of the customer's tenant, which Partner Center calls the Microsoft ID.
    fn tenant_id(&self) -> Result<Guid> {
        Ok(Guid::stored(&self.0.tenant_id)?)
    }

    /// The name. Null where nobody has stated one.
    fn company_name(&self) -> Option<&str> {
        self.0.company_name.as_deref()
    }

    /// The default domain. Null where nobody has stated one.
    fn domain(&self) -> Option<&str> {
        self.0.domain.as_deref()
    }

    /// The country. Null where nobody has stated one; new business waits for it.
    fn country(&self) -> Option<CountryCode> {
        self.0.country.map(CountryCode)
    }

    /// The code of the CSP region of the country, such as `EUROPE`. Null where the country is not known or in no region.
    fn region(&self) -> Option<&'static str> {
        self.region_code()
    }

    /// The cloud that the tenant lives in.
    fn cloud(&self) -> Result<Cloud> {
        self.tenant_cloud()
    }

    /// What the calling partner is to the customer; `NONE` for a reseller that sees it through an association or a
    /// subscription only. For the customer and operators: the role of the partner whose record is shown.
    fn relationship_to_partner(&self) -> RelationshipToPartner {
        self.relationship()
    }

    /// Whether the calling partner holds delegated administration of the customer.
    fn allow_delegated_access(&self) -> bool {
        self.0.allow_delegated_access
    }

    /// The partner that the portal names with the customer. Null where it names none.
    fn associated_partner_id(&self) -> Option<&str> {
        self.portal_partner()
    }

    /// Further domains of the tenant.
    fn custom_domains(&self) -> Result<Vec<String>> {
        self.list(&self.0.custom_domains)
    }

    /// The words with which the partner has tagged the customer.
    fn tags(&self) -> Result<Vec<String>> {
        self.list(&self.0.tags)
    }

    /// How the partner came by the customer. Null where nobody said, as in imports.
    fn acquisition(&self) -> Option<AcquisitionChannel> {
        self.channel()
    }

    /// The partner whose own use this tenant serves, which whoever sells to it sees. Null for a customer in its own right,
    /// and where the caller does not see that partner.
    async fn internal_use_of(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.level(), |row| [row.internal_use_of, None, None], self.0.internal_use_of).await
    }

    /// The partners that have a relationship with the customer, or a grant of delegated administration that still stands, as
    /// far as the caller may know of them.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<CustomerPartner>> {
        let operation = Operation::of(ctx);
        let level = self.0.level();
        let partners = level
            .shared(CellKey::Name("relationships"), || async {
                let ids = level.keys(|row| Some(row.customer_id));
                Ok(Level::new(operation.read(move |conn, scope| relationships::of_customers(conn, scope, &ids)).await?))
            })
            .await?;
        let own = (0..partners.rows().len()).filter_map(|at| Member::at(&partners, at));
        Ok(own.filter(|row| row.customer_id == self.0.customer_id).map(CustomerPartner).collect())
    }

    /// The indirect resellers of the customer: at account level, or as partner of record of a subscription. A provider sees its
    /// own resellers there, a reseller itself.
    async fn indirect_resellers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Narrows the list. Null: all.")] filter: Option<Box<PartnerFilter>>,
        #[graphql(desc = "Returns the first n items (at most 100). Default: 20, unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last n items (at most 100).")] last: Option<i32>,
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
                let (print, order, filter) = resellers(filter)?;
                Ok((print, partners::resellers_of_customers(scope, &filter, order)))
            },
        )
        .await?;
        Ok(CustomerResellerConnection { slice, customer: self.0.clone() })
    }

    /// The subscriptions of the customer that the caller sees.
    #[allow(clippy::too_many_arguments)]
    async fn subscriptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Narrows the list. Null: all.")] filter: Option<Box<SubscriptionFilter>>,
        #[graphql(desc = "The order; `SUBSCRIPTION_ID` where nothing is said.")] order_by: Option<
            Vec<SubscriptionOrder>,
        >,
        #[graphql(desc = "Returns the first n items (at most 100). Default: 20, unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last n items (at most 100).")] last: Option<i32>,
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
                let (print, order, filter) = sold(filter, order_by)?;
                Ok((print, subscriptions::of_customers(scope, &filter, order)))
            },
        )
        .await
        .map(CustomerSubscriptionConnection)
    }

    /// The orders for the customer that the caller sees, the newest first.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (at most 100). Default: 20, unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last n items (at most 100).")] last: Option<i32>,
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

    /// Billing details that the partner recorded. Visible to that partner and to operators. Null for everyone else, and
    /// if the partner did not add the customer here.
    async fn billing_profile(&self, ctx: &Context<'_>) -> Result<Option<CustomerBillingProfile>> {
        let operation = Operation::of(ctx);
        let level = self.0.level();
        let profiles = level
            .shared(CellKey::Name("billing profiles"), || async {
                let ids = level.keys(|row| Some(row.customer_id));
                operation.read(move |conn, scope| billing::of_customers(conn, scope, &ids)).await
            })
            .await?;
        let own = profiles
            .iter()
            .find(|row| row.customer_id == self.0.customer_id && Some(row.partner_id) == self.0.partner_id);
        Ok(own.map(CustomerBillingProfile::of))
    }

    /// The agreements that the customer accepted and that are in force.
    async fn agreements(&self, ctx: &Context<'_>) -> Result<Vec<Agreement>> {
        if !self.is_open() {
            return Ok(Vec::new());
        }
        let operation = Operation::of(ctx);
        let level = self.0.level();
        let agreements = level
            .shared(CellKey::Name("agreements"), || async {
                let ids = level.keys(|row| Some(row.customer_id));
                operation.read(move |conn, scope| relationships::agreements(conn, scope, &ids)).await
            })
            .await?;
        let own = agreements.iter().filter(|row| row.customer_id == self.0.customer_id);
        let agreement = |row: &AgreementRow| Agreement {
            kind: row.agreement_type,
            accepted_at: row.accepted_at.into(),
            accepted_by: row.accepted_by.clone(),
        };
        Ok(own.map(agreement).collect())
    }

    /// What happened with the customer, the newest first, as far as it concerns the caller.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (at most 100). Default: 20, unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last n items (at most 100).")] last: Option<i32>,
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

    /// Rises with every change of the record that the caller reads.
    fn version(&self) -> i64 {
        self.0.version
    }

    /// When the record was made.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the record last changed.
    fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
