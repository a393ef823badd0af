use async_graphql::{Context, Error, ID, Object, Result};
use partnergraph_direct::{Direct, NestedField, Outline, RequestedField, Values};
use partnergraph_domain::checks::actions;
use partnergraph_domain::{
    BillingCycle, BillingType, PartnerKey, PartnerType, SalesRole, SubscriptionStatus, TermDuration,
};
use partnergraph_store::read::entitlements::{self, EntitlementOrder};
use partnergraph_store::read::page::{By, Order};
use partnergraph_store::read::partner_of_record;
use partnergraph_store::read::subscriptions::{self, SubscriptionRow};
use partnergraph_store::write::action_facts;

use super::action::{self, Action};
use super::support_contact::ContactField;
use super::{
    Customer, EntitlementConnection, NamedPartner, Partner, PartnerOfRecordPeriod, SalesLink, SupportContact, buyer_of,
    partner_of,
};
use crate::filters::{Budget, EntitlementFilter};
use partnergraph_operation::batch::{Batch, BatchRow, CellKey};
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{Date, DateTime, Guid};

/// A customer's subscription, sold by one provider or direct-bill partner.
#[derive(Debug, Clone)]
pub struct CustomerSubscription(pub BatchRow<SubscriptionRow>);

impl From<BatchRow<SubscriptionRow>> for CustomerSubscription {
    fn from(row: BatchRow<SubscriptionRow>) -> Self {
        Self(row)
    }
}

/// All partners that a subscription names.
pub(super) fn named(row: &SubscriptionRow) -> [Option<PartnerKey>; 3] {
    [Some(row.seller_id), row.reseller_id, row.support_contact_id]
}

partnergraph_direct::shape! { CustomerSubscription as "CustomerSubscription" {
    "id" [] => |it| it.global_id();
    "subscriptionId" [] => |it| Guid::stored(&it.0.subscription_id);
    "offerId": offer_id;
    "offerName": offer_name;
    "friendlyName": friendly_name;
    "quantity": quantity;
    "unitType": unit_type;
    "status": status;
    "billingType": billing_type;
    "billingCycle": billing_cycle;
    "termDuration": term_duration;
    "autoRenewEnabled": auto_renew_enabled;
    "creationDate": creation_date;
    "effectiveStartDate": effective_start_date;
    "commitmentEndDate": commitment_end_date;
    "orderId": order_id;
    "isTrial": is_trial;
    "partnerOfRecordFixed": partner_of_record_fixed;
    "publisherName": publisher_name;
    "productType": product_type;
    "version": version;
    "createdAt": created_at;
    "updatedAt": updated_at;
} }

impl Direct for CustomerSubscription {
    type Row = SubscriptionRow;

    fn nested(requested: &RequestedField<'_>) -> Option<Box<dyn NestedField<SubscriptionRow>>> {
        let partner = |pick| Some(NamedPartner { outline: Outline::of(requested.selection())?, named, pick });
        Some(match requested.name() {
            "partnerOfRecord" => Box::new(partner((|row| row.reseller_id, &["reseller_id"]))?),
            "provider" => Box::new(partner((|row| Some(row.seller_id), &[]))?),
            "supportContact" => Box::new(ContactField(Values::of(requested.selection())?)),
            _ => return None,
        })
    }
}

impl CustomerSubscription {
    fn global_id(&self) -> Result<ID> {
        Ok(GlobalId::CustomerSubscription(Guid::stored(&self.0.subscription_id)?.into()).into())
    }

    /// A partner that the subscription names. `None` if it names none or the caller cannot see it.
    async fn named(&self, ctx: &Context<'_>, id: Option<PartnerKey>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.batch(), named, id).await
    }

    async fn buyer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        buyer_of(ctx, self.0.batch(), |row| Some(row.customer_id), self.0.customer_id).await
    }
}

/// A customer's subscription, sold by one provider or direct-bill partner.
#[Object]
impl CustomerSubscription {
    /// The global id.
    pub async fn id(&self) -> Result<ID> {
        self.global_id()
    }

    /// The subscription id shown in the portals.
    fn subscription_id(&self) -> Result<Guid> {
        Ok(Guid::stored(&self.0.subscription_id)?)
    }

    /// The id of the offer: a GUID for legacy offers, `product:sku:availability` for new commerce. Null if unknown.
    fn offer_id(&self) -> Option<&str> {
        self.0.offer_id.as_deref()
    }

    /// The name of the offer. Null if unknown.
    fn offer_name(&self) -> Option<&str> {
        self.0.offer_name.as_deref()
    }

    /// The friendly name of the subscription. Null if it has none.
    fn friendly_name(&self) -> Option<&str> {
        self.0.friendly_name.as_deref()
    }

    /// The number of licences. Null for a usage-based subscription.
    fn quantity(&self) -> Option<i64> {
        self.0.quantity
    }

    /// The unit that the quantity counts. Null if unknown.
    fn unit_type(&self) -> Option<&str> {
        self.0.unit_type.as_deref()
    }

    /// The status.
    fn status(&self) -> SubscriptionStatus {
        self.0.status
    }

    /// Licence-based or usage-based billing.
    fn billing_type(&self) -> BillingType {
        self.0.billing_type
    }

    /// The billing cycle: how often the subscription is charged.
    fn billing_cycle(&self) -> BillingCycle {
        self.0.billing_cycle
    }

    /// The duration of the term commitment. Null if there is none or it is unknown.
    fn term_duration(&self) -> Option<TermDuration> {
        self.0.term_duration
    }

    /// Whether the subscription renews automatically. Null if unknown.
    fn auto_renew_enabled(&self) -> Option<bool> {
        self.0.auto_renew_enabled
    }

    /// When the subscription was purchased. Null if unknown.
    fn creation_date(&self) -> Option<DateTime> {
        self.0.creation_date.map(DateTime)
    }

    /// The first day of the term. Null if unknown.
    fn effective_start_date(&self) -> Option<Date> {
        self.0.effective_start_date.map(Date)
    }

    /// The last day of the term. Null if unknown.
    fn commitment_end_date(&self) -> Option<Date> {
        self.0.commitment_end_date.map(Date)
    }

    /// The number of the order that created the subscription. Null if unknown.
    fn order_id(&self) -> Option<&str> {
        self.0.order_id.as_deref()
    }

    /// The MPN ID of the partner of record. Null if there is none or you cannot see it.
    async fn partner_id(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.named(ctx, self.0.reseller_id).await?.and_then(|partner| partner.0.mpn_id.clone()))
    }

    /// The id of the subscription that this one belongs to or was upgraded from. Null if there is none or you cannot see it
    /// (B-14).
    async fn parent_subscription_id(&self, ctx: &Context<'_>) -> Result<Option<Guid>> {
        let Some(parent) = self.0.parent_subscription_id.as_deref() else { return Ok(None) };
        let batch = self.0.batch();
        let known = batch
            .shared(CellKey::Name("known parents"), || async {
                let ids = batch.keys(|row| row.parent_subscription_id.as_ref().map(|_| row.id));
                let operation = Operation::of(ctx);
                operation.read(move |conn, scope| subscriptions::with_known_parent(conn, scope, &ids)).await
            })
            .await?;
        Ok(known.contains(&self.0.id).then(|| Guid::stored(parent)).transpose()?)
    }

    /// Whether the subscription is a trial. The licences of trials are not counted.
    fn is_trial(&self) -> bool {
        self.0.is_trial
    }

    /// Whether the partner of record cannot be changed, as with reservations and savings plans (B-03).
    fn partner_of_record_fixed(&self) -> bool {
        self.0.partner_of_record_fixed
    }

    /// The publisher of the offer. Null if unknown.
    fn publisher_name(&self) -> Option<&str> {
        self.0.publisher_name.as_deref()
    }

    /// The type of product. Null if unknown.
    fn product_type(&self) -> Option<&str> {
        self.0.product_type.as_deref()
    }

    /// The customer. After its relationship with the customer has ended, the seller sees only the customer's identity (D-06).
    async fn customer(&self, ctx: &Context<'_>) -> Result<Customer> {
        self.buyer(ctx).await?.ok_or_else(|| Error::new("a visible subscription of an invisible customer"))
    }

    /// The reseller that earns the incentives for this subscription. Null if there is none or you cannot see it (B-14).
    async fn partner_of_record(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.named(ctx, self.0.reseller_id).await
    }

    /// The resellers that have been partner of record, earliest first. Periods never overlap. There is a gap only if the
    /// subscription had no partner of record. The last period has no end date if there is a partner of record now. A reseller
    /// sees only its own periods (B-14).
    async fn partner_of_record_history(&self, ctx: &Context<'_>) -> Result<Vec<PartnerOfRecordPeriod>> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let periods = batch
            .shared(CellKey::Name("partners of record"), || async {
                let ids = batch.keys(|row| Some(row.id));
                let read = operation.read(move |conn, scope| partner_of_record::periods(conn, scope, &ids));
                Ok(Batch::new(read.await?))
            })
            .await?;
        let all = (0..periods.rows().len()).filter_map(|at| BatchRow::at(&periods, at));
        Ok(all.filter(|period| period.subscription_pk == self.0.id).map(PartnerOfRecordPeriod).collect())
    }

    /// The entitlements under an Azure plan, ordered by `entitlementId`. A reseller that is partner of record only of individual
    /// entitlements sees just those (B-14).
    async fn entitlements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<EntitlementFilter>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<EntitlementConnection> {
        let args = PageArgs { first, last, after, before };
        Slice::below(
            ctx,
            &self.0,
            |row| row.id,
            args,
            |scope| {
                let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
                let order = Order::new(vec![By { field: EntitlementOrder::EntitlementId, descending: false }]);
                let fingerprint = Fingerprint::of(Listing::EntitlementsOfSubscription, &order, &filter)?;
                Ok((fingerprint, entitlements::of_subscriptions(scope, &filter, order)))
            },
        )
        .await
        .map(EntitlementConnection)
    }

    /// Who supports the subscription: the designated reseller, or the seller if none is designated.
    async fn support_contact(&self, ctx: &Context<'_>) -> Result<SupportContact> {
        let partner = self.named(ctx, Some(SupportContact::key(&self.0))).await?;
        SupportContact::of(&self.0, partner.as_ref().map(|partner| &*partner.0))
    }

    /// The provider or direct-bill partner that sold the subscription. Null if you cannot see it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.named(ctx, Some(self.0.seller_id)).await
    }

    /// The sales chain of the subscription, from Microsoft to the customer. Partners that you cannot see are left out.
    async fn sales_chain(&self, ctx: &Context<'_>) -> Result<Vec<SalesLink>> {
        let mut chain = vec![SalesLink { name: Some("Microsoft".to_owned()), role: SalesRole::Microsoft }];
        if let Some(seller) = self.named(ctx, Some(self.0.seller_id)).await? {
            let role = match seller.0.partner_type {
                PartnerType::DirectBill => SalesRole::DirectBill,
                _ => SalesRole::IndirectProvider,
            };
            chain.push(SalesLink { name: Some(seller.0.profile.name.clone()), role });
        }
        if let Some(reseller) = self.named(ctx, self.0.reseller_id).await? {
            chain.push(SalesLink { name: Some(reseller.0.profile.name.clone()), role: SalesRole::IndirectReseller });
        }
        let name = self.buyer(ctx).await?.and_then(|customer| customer.0.company_name.clone());
        chain.push(SalesLink { name, role: SalesRole::Customer });
        Ok(chain)
    }

    /// What can be done with the subscription, and whether you may do it now.
    async fn actions(&self, ctx: &Context<'_>) -> Result<Vec<Action>> {
        let facts = action::facts_of(ctx, self.0.batch(), action_facts::of_subscriptions).await?;
        Ok(action::listed(facts.get(&self.0.id).map(actions::on_subscription)))
    }

    /// The version. Increases with every change.
    fn version(&self) -> i64 {
        self.0.version
    }

    /// When the subscription was first recorded.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the subscription was last changed.
    fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
