use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::DelegatedAdminPolicy;
use partnergraph_domain::checks::callers;
use partnergraph_domain::checks::{self, CustomerRemovalFacts};
use partnergraph_domain::rules::removal::{LeftBehind, d_02_grant_survives, d_06_renewal_warning, x_07_legal_notice};
use partnergraph_store::read::customers as read_customers;
use partnergraph_store::read::customers::CustomerRow;
use partnergraph_store::write::grants::{self, GrantOf, Notified};
use partnergraph_store::write::{customers, facts, invitations};
use partnergraph_store::{Actor, Conn};

use crate::partnerships::RepresentationInput;
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::lookups::CustomerLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::Customer;

/// The customer relationship to end.
#[derive(InputObject, Debug, Clone)]
pub struct RemoveCustomerRelationshipInput {
    /// The customer.
    customer: CustomerLookup,
    /// Must be true to end the relationship while subscriptions that you sold to the customer are active, suspended or pending
    /// (D-06). You then leave them as they are: you go on reading them, and can still suspend or end them and stop their renewal.
    #[graphql(default)]
    leave_subscriptions: bool,
    /// Must be true to end the relationship (D-04).
    #[graphql(default)]
    confirm: bool,
    /// The statements that you must confirm. All are required, so null is rejected (D-03).
    representation: Option<RepresentationInput>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// What you leave with a customer.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct CustomerRelationshipRemaining {
    /// The number of subscriptions that you sold and that are active, suspended or pending (D-06).
    subscriptions: i64,
    /// The number of their licences, without those of trials and usage-based subscriptions.
    licenses: i64,
    /// The number of your active grants of delegated admin privileges (D-02).
    delegated_admin: i64,
}

impl From<LeftBehind> for CustomerRelationshipRemaining {
    fn from(left: LeftBehind) -> Self {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            subscriptions: count(left.subscriptions),
            licenses: count(left.licenses),
            delegated_admin: count(left.delegated_admin),
        }
    }
}

/// Result of ending a customer relationship.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct RemoveCustomerRelationshipPayload {
    /// The customer as you knew it. It is no longer on your list (D-01). Null if the change was rejected.
    customer: Option<Customer>,
    /// What you leave with the customer. Null if the change was rejected.
    remaining: Option<CustomerRelationshipRemaining>,
    /// What you must do yourself, because no notice is sent (D-03), what happens to delegated admin privileges (D-02), and how
    /// many of the subscriptions that you leave renew automatically (D-06). Empty if the change was rejected.
    warnings: Vec<String>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

/// `removeCustomerRelationship`.
#[derive(Debug, Default)]
pub struct RemoveCustomerRelationship;

#[Object]
impl RemoveCustomerRelationship {
    /// Ends your own relationship with a customer.
    ///
    /// The customer is removed from your list (D-01). You go on reading what you sold to it, with the customer's identity (D-06), in
    /// `formerCustomers`. Your delegated admin privileges stay or end, depending on the
    /// policy of this installation (D-02). Nobody is notified (D-03).
    async fn remove_customer_relationship(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `removeCustomerRelationship`.")] input: RemoveCustomerRelationshipInput,
    ) -> Nullable<RemoveCustomerRelationshipPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let policy = operation.policy().delegated_admin_on_removal;
            let work = move |conn: &mut Conn, actor: &Actor, now| remove(conn, actor, now, policy, &input);
            Ok(match task::write(operation, mode, work).await? {
                Ok(removed) => RemoveCustomerRelationshipPayload {
                    customer: Some(Customer(BatchRow::alone(removed.row))),
                    remaining: Some(removed.remaining.into()),
                    warnings: [x_07_legal_notice(), removed.warning]
                        .into_iter()
                        .map(str::to_owned)
                        .chain(d_06_renewal_warning(removed.remaining))
                        .collect(),
                    user_errors: Vec::new(),
                },
                Err(refusals) => RemoveCustomerRelationshipPayload {
                    customer: None,
                    remaining: None,
                    warnings: Vec::new(),
                    user_errors: user_errors(refusals),
                },
            })
        };
        Nullable::from(answer.await)
    }
}

struct Removed {
    row: CustomerRow,
    remaining: LeftBehind,
    warning: &'static str,
}

fn remove(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    policy: DelegatedAdminPolicy,
    input: &RemoveCustomerRelationshipInput,
) -> Attempt<Removed> {
    let Some(partner_id) = actor.scope.partner_id() else {
        return Err(callers::ends_anothers_relationship().into());
    };
    let row = match input.customer.key() {
        Some(key) => read_customers::find(conn, &actor.scope, &key)?,
        None => None,
    };
    let row = row.ok_or_else(|| not_found("customer", "customer"))?;
    let pair = (partner_id, row.customer_id);
    let representation = input.representation.unwrap_or_default();
    let facts = CustomerRemovalFacts {
        actor: facts::actor(actor)?,
        partner: facts::partner(conn, partner_id)?,
        customer: facts::customer(conn, partner_id, row.customer_id)?,
        left: facts::left_behind(conn, now, pair)?,
        leave_subscriptions: input.leave_subscriptions,
        confirmed: input.confirm,
        representation: representation.facts(),
    };
    let mut refusals = checks::remove_customer_relationship(&facts);
    refusals.extend(task::stale(input.if_version, row.version));
    task::refuse_if(refusals)?;
    customers::end_relationship(conn, actor, now, pair, &representation.recorded())?;
    for invitation in invitations::open_reinstatements(conn, now, pair)? {
        invitations::revoke(conn, actor, now, &invitation)?;
    }
    let warning = if d_02_grant_survives(policy) {
        "Delegated admin privileges that the customer granted stay in place. The customer can remove them at any time."
    } else {
        grants::revoke(conn, actor, now, GrantOf { partner_id, customer_id: row.customer_id }, Notified::Nobody)?;
        "Delegated admin privileges that the customer granted ended with the relationship."
    };
    // Returns the partner's own record of the customer one last time. Its connected fields are closed, as for a caller
    // that sees only the customer's identity.
    let remaining = facts::left_behind(conn, now, pair)?;
    Ok(Removed { row: CustomerRow { level: IDENTITY_ONLY, ..row }, remaining, warning })
}

/// The access level at which the caller sees only a customer's identity.
const IDENTITY_ONLY: i64 = 3;
