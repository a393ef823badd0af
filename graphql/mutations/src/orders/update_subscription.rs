use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::rules::managing::WantedChange;
use partnergraph_domain::{OrderChannel, SubscriptionStatus, checks};
use partnergraph_store::write::subscription_changes::{self, SubscriptionChange};
use partnergraph_store::write::{facts, request_facts};
use partnergraph_store::{Actor, Conn};

use super::lines::filled;
use crate::payload::{Changed, subscription};
use crate::targets;
use crate::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::SubscriptionLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::CustomerSubscription;

/// The changes to a subscription. Fields that you leave out stay unchanged.
#[derive(InputObject, Debug, Clone)]
pub struct UpdateSubscriptionInput {
    /// The subscription.
    pub(crate) subscription: SubscriptionLookup,
    /// The friendly name. Null removes it.
    #[graphql(validator(custom = "Name"))]
    pub(crate) friendly_name: MaybeUndefined<String>,
    /// The number of licences of an active subscription. Adding licences is a sale and must meet its rules (B-01,
    /// C-02). Null leaves it unchanged.
    pub(crate) quantity: Option<i64>,
    /// `SUSPENDED` suspends the subscription, `ACTIVE` resumes it, and `DELETED` ends it permanently. Null leaves it
    /// unchanged.
    pub(crate) status: Option<SubscriptionStatus>,
    /// Whether the subscription renews automatically. Null leaves it unchanged.
    pub(crate) auto_renew_enabled: Option<bool>,
    /// The portal that the change comes from. It matters only if you add licences. Defaults to Partner Center.
    pub(crate) channel: Option<OrderChannel>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    pub(crate) if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    pub(crate) validate_only: bool,
}

/// Result of changing a subscription.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct UpdateSubscriptionPayload {
    /// The subscription after the change. Null if the change was rejected.
    customer_subscription: Option<CustomerSubscription>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { UpdateSubscriptionPayload {
    /// `customerSubscription` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    customer_subscription_edge: customer_subscription => partnergraph_types::CustomerSubscriptionEdge,
} }

/// `updateSubscription`.
#[derive(Debug, Default)]
pub struct UpdateSubscription;

#[Object]
impl UpdateSubscription {
    /// Changes the name, the number of licences, the status or the renewal of a subscription.
    ///
    /// The seller can make all changes. A reseller with an active partnership that is the partner of record, or associated
    /// with the customer account, can rename, reduce, suspend and resume it and switch its renewal off. It asks the seller
    /// for the rest with `requestChange` (B-16).
    ///
    /// Reducing licences, renaming and changing the renewal are allowed through every channel (B-01). A deleted
    /// subscription cannot be changed. After the relationship with the customer has ended, the seller can still suspend or end
    /// the subscription and stop its renewal; every other change requires the relationship (C-01, D-06). If the values are already as requested, nothing changes, including the version.
    async fn update_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `updateSubscription`.")] input: UpdateSubscriptionInput,
    ) -> Nullable<UpdateSubscriptionPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| update(conn, actor, now, &input)).await?;
            Ok(match outcome {
                Ok(changed) => UpdateSubscriptionPayload {
                    customer_subscription: subscription(operation, changed).await?,
                    user_errors: Vec::new(),
                },
                Err(refusals) => {
                    UpdateSubscriptionPayload { customer_subscription: None, user_errors: user_errors(refusals) }
                }
            })
        };
        Nullable::from(answer.await)
    }
}

/// Changes the subscription, after every check. The seller makes any change, and a reseller that manages the subscription
/// those that commit nobody (B-16).
pub(crate) fn update(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &UpdateSubscriptionInput,
) -> Attempt<Changed> {
    let row = targets::subscription(conn, actor, &input.subscription)?;
    let wanted = WantedChange {
        quantity: input.quantity,
        status: input.status,
        auto_renew: input.auto_renew_enabled,
        renamed: !input.friendly_name.is_undefined(),
    };
    let channel = input.channel.unwrap_or(OrderChannel::PartnerCenter);
    let facts = request_facts::change(conn, facts::actor(actor)?, &row, wanted, (channel, now.date()))?;
    let stale = task::stale(input.if_version, row.version);
    let refusals = match targets::manager(conn, actor, &row, &facts.seller)? {
        Some(management) => checks::manage_subscription(&facts, &management).into_iter().chain(stale).collect(),
        None => {
            let refusals = checks::update_subscription(&facts).into_iter().chain(stale).collect();
            checks::visible_to_caller(refusals, &facts.actor, &facts.seller)
        }
    };
    task::refuse_if(refusals)?;
    let change = SubscriptionChange {
        friendly_name: match &input.friendly_name {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(name) => Some(filled(Some(name))),
        },
        quantity: input.quantity,
        status: input.status,
        auto_renew_enabled: input.auto_renew_enabled,
    };
    subscription_changes::update(conn, actor, now, &row, &change)?;
    Ok(Changed { entitlement_id: None, subscription_pk: Some(row.id), customer_id: row.customer_id })
}
