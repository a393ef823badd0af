use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::checks;
use partnergraph_domain::{
    Actor, BillingCycle, BillingType, ChangeRequestKey, ChangeRequestKind, ChangeRequestState, SubscriptionKey,
    TermDuration,
};
use partnergraph_store::read::change_requests::{self, ChangeRequestLineRow, ChangeRequestOrder, ChangeRequestRow};
use partnergraph_store::read::{orders, subscriptions};
use partnergraph_store::write::request_facts;
use partnergraph_store::{Scope, StoreResult};

use super::{Customer, CustomerSubscription, EligibilityVerdict, Order, Partner, customer_of, partner_of};
use partnergraph_operation::batch::{Batch, BatchRow, CellKey};
use partnergraph_operation::connection;
use partnergraph_operation::context::Operation;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::DateTime;

connection! { ChangeRequestConnection, ChangeRequestEdge, ChangeRequest, ChangeRequestOrder, "change requests" }

/// A change that a reseller requests from its provider, because it commits the provider (B-16): an order, more licences,
/// automatic renewal or an upgrade.
#[derive(Debug, Clone)]
pub struct ChangeRequest(pub BatchRow<ChangeRequestRow>);

impl From<BatchRow<ChangeRequestRow>> for ChangeRequest {
    fn from(row: BatchRow<ChangeRequestRow>) -> Self {
        Self(row)
    }
}

impl ChangeRequest {
    async fn end(&self, ctx: &Context<'_>, id: partnergraph_domain::PartnerKey) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.batch(), |row| [Some(row.seller_id), Some(row.reseller_id), None], Some(id)).await
    }
}

/// A change that a reseller requests from its provider, because it commits the provider (B-16): an order, more licences,
/// automatic renewal or an upgrade.
///
/// Visible to the reseller, the provider and operators. The customer sees only the resulting changes.
#[Object]
impl ChangeRequest {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::ChangeRequest(self.0.id).into()
    }

    /// What is asked for.
    fn kind(&self) -> ChangeRequestKind {
        self.0.kind
    }

    /// The current state. An open request becomes `EXPIRED` as soon as it expires.
    fn state(&self) -> ChangeRequestState {
        self.0.state
    }

    /// When the request was made.
    fn requested_at(&self) -> DateTime {
        self.0.requested_at.into()
    }

    /// The reseller that asks. Null if you cannot see it.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.end(ctx, self.0.reseller_id).await
    }

    /// The user principal name of the user who made the request.
    fn requested_by_user(&self) -> &str {
        &self.0.requested_by
    }

    /// The provider that decides. Null if you cannot see it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.end(ctx, self.0.seller_id).await
    }

    /// The customer. Null if you can no longer see it.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.0.batch(), |row| Some(row.customer_id), Some(self.0.customer_id)).await
    }

    /// The subscription to change or to upgrade. Null for an order, or if you can no longer see it.
    async fn subscription(&self, ctx: &Context<'_>) -> Result<Option<CustomerSubscription>> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let found: Arc<(HashMap<SubscriptionKey, usize>, Arc<Batch<_>>)> = batch
            .shared(CellKey::Name("subscriptions"), || async {
                let rows = batch.keys(|row| row.subscription_pk);
                let rows = operation.read(move |conn, scope| subscriptions::by_ids(conn, scope, &rows)).await?;
                let places = rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
                Ok((places, Batch::new(rows)))
            })
            .await?;
        let at = self.0.subscription_pk.and_then(|pk| found.0.get(&pk).copied());
        Ok(at.and_then(|at| BatchRow::at(&found.1, at)).map(CustomerSubscription))
    }

    /// The lines of the order that is asked for. Empty for a change and an upgrade.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<ChangeRequestLine>> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let lines = batch
            .shared(CellKey::Name("lines"), || async {
                let ids = batch.keys(|row| Some(row.id));
                let lines = operation.read(move |conn, _| change_requests::lines(conn, &ids)).await?;
                Ok(Batch::new(lines))
            })
            .await?;
        let all = (0..lines.rows().len()).filter_map(|at| BatchRow::at(&lines, at));
        Ok(all.filter(|line| line.request_id == self.0.id).map(ChangeRequestLine).collect())
    }

    /// The number of licences to have or to upgrade. Null for an order, if the number stays as it is, or if all are to be
    /// upgraded.
    fn quantity(&self) -> Option<i64> {
        self.0.quantity
    }

    /// Whether the subscription renews automatically. Null if that stays as it is, and for orders and upgrades.
    fn auto_renew_enabled(&self) -> Option<bool> {
        self.0.auto_renew_enabled
    }

    /// The id of the offer to upgrade to. Null for orders and changes.
    fn to_offer_id(&self) -> Option<&str> {
        self.0.to_offer_id.as_deref()
    }

    /// The name of the offer to upgrade to. Null for orders and changes.
    fn to_offer_name(&self) -> Option<&str> {
        self.0.to_offer_name.as_deref()
    }

    /// The version of the subscription that the reseller saw. The approval is rejected if it has changed since. Null if the
    /// version is not checked.
    fn if_version(&self) -> Option<i64> {
        self.0.if_version
    }

    /// The reseller's note. Null if there is none.
    fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// When the request expires if it is not decided.
    fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When the provider approved or declined the request. Null if it has not decided.
    fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime)
    }

    /// The user principal name of the provider's user who decided, or under whose name the request was approved automatically.
    /// Null if the provider has not decided.
    fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// The provider's note on its decision. Null if there is none.
    fn decision_note(&self) -> Option<&str> {
        self.0.decision_note.as_deref()
    }

    /// Whether the request was approved automatically (`Partnership.autoApprove`).
    fn auto_approved(&self) -> bool {
        self.0.is_automatic
    }

    /// When the reseller withdrew the request. Null if it did not.
    fn withdrawn_at(&self) -> Option<DateTime> {
        self.0.withdrawn_at.map(DateTime)
    }

    /// The order that the approval placed. Null if there is none, or if you cannot see it: a reseller sees the subscriptions
    /// on which it is named.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>> {
        let Some(id) = self.0.order_id else { return Ok(None) };
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let orders = batch
            .shared(CellKey::Name("orders"), || async {
                let ids = batch.keys(|row| row.order_id);
                Ok(Batch::new(operation.read(move |conn, scope| orders::by_ids(conn, scope, &ids)).await?))
            })
            .await?;
        let at = orders.rows().binary_search_by_key(&id, |row| row.id);
        Ok(at.ok().and_then(|at| BatchRow::at(&orders, at)).map(Order))
    }

    /// What each rule of the approval says now, for somebody with a role that can approve. Null if the request is no longer
    /// open, or if you are neither the provider nor an operator.
    async fn verdicts(&self, ctx: &Context<'_>) -> Result<Option<Vec<EligibilityVerdict>>> {
        let operation = Operation::of(ctx);
        let decides = match operation.scope()? {
            Scope::Operator => true,
            scope => scope.partner_id() == Some(self.0.seller_id),
        };
        if !decides || self.0.state != ChangeRequestState::Requested {
            return Ok(None);
        }
        let batch = self.0.batch();
        let facts = batch
            .shared(CellKey::Name("verdicts"), || async {
                let (requests, now) = (batch.rows().to_vec(), operation.now());
                operation
                    .read(move |conn, _| {
                        let open =
                            requests.into_iter().filter(|request| request.state == ChangeRequestState::Requested);
                        open.map(|request| {
                            let nobody = Actor { tenant_id: None, roles: Vec::new() };
                            Ok((request.id, request_facts::approval(conn, nobody, &request, now)?))
                        })
                        .collect::<StoreResult<HashMap<_, _>>>()
                    })
                    .await
            })
            .await?;
        Ok(facts.get(&self.0.id).map(|facts| EligibilityVerdict::distinct(checks::approval(facts))))
    }

    /// The version. Increases with every change.
    fn version(&self) -> i64 {
        self.0.version
    }
}

/// A line of a requested order.
#[derive(Debug, Clone)]
pub struct ChangeRequestLine(BatchRow<ChangeRequestLineRow>);

/// A line of a requested order.
#[Object]
impl ChangeRequestLine {
    /// The line number, starting at 1.
    fn line_number(&self) -> i64 {
        self.0.line_number
    }

    /// The id of the offer.
    fn offer_id(&self) -> &str {
        &self.0.offer_id
    }

    /// The name of the offer in the price list.
    fn offer_name(&self) -> &str {
        &self.0.offer_name
    }

    /// The number of licences. Null for a usage-based offer.
    fn quantity(&self) -> Option<i64> {
        self.0.quantity
    }

    /// Licence-based or usage-based billing.
    fn billing_type(&self) -> BillingType {
        self.0.billing_type.unwrap_or(BillingType::License)
    }

    /// The billing cycle: how often the subscription will be charged.
    fn billing_cycle(&self) -> BillingCycle {
        self.0.billing_cycle.unwrap_or(BillingCycle::Monthly)
    }

    /// The duration of the term commitment. Null for no commitment.
    fn term_duration(&self) -> Option<TermDuration> {
        self.0.term_duration
    }

    /// Whether the subscription will renew automatically.
    fn auto_renew_enabled(&self) -> bool {
        self.0.auto_renew_enabled.unwrap_or(true)
    }

    /// The friendly name of the subscription. Null for none.
    fn friendly_name(&self) -> Option<&str> {
        self.0.friendly_name.as_deref()
    }

    /// The publisher of the offer. Null if unknown.
    fn publisher_name(&self) -> Option<&str> {
        self.0.publisher_name.as_deref()
    }

    /// Whether the reseller that asks becomes the partner of record. Otherwise nobody does.
    fn through_requester(&self) -> bool {
        self.0.is_through_requester
    }

    /// Whether the reseller that asks becomes the support contact. Otherwise the provider is.
    fn supported_by_requester(&self) -> bool {
        self.0.is_supported_by_requester
    }
}

/// Returns the change request `id`. As in [`partner_of`], those of the whole batch are read in one statement.
pub(super) async fn change_request_of<R: Send + Sync + 'static>(
    ctx: &Context<'_>,
    batch: &Batch<R>,
    key: fn(&R) -> Option<ChangeRequestKey>,
    id: Option<ChangeRequestKey>,
) -> Result<Option<ChangeRequest>> {
    let Some(id) = id else { return Ok(None) };
    let operation = Operation::of(ctx);
    let now = operation.now();
    let found = batch
        .shared(CellKey::Name("change requests"), || async move {
            let wanted = batch.keys(key);
            let rows = operation.read(move |conn, scope| change_requests::by_ids(conn, scope, &wanted, now)).await?;
            Ok(Batch::new(rows))
        })
        .await?;
    let at = found.rows().binary_search_by_key(&id, |row| row.id);
    Ok(at.ok().and_then(|at| BatchRow::at(&found, at)).map(ChangeRequest))
}
