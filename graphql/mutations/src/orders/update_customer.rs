use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, CustomerDetails};
use partnergraph_store::read::customers;
use partnergraph_store::read::customers::CustomerRow;
use partnergraph_store::write::customer_details::{self, DetailsChange};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn, Scope};

use super::placed;
use crate::task::{self, Attempt};
use partnergraph_domain::CustomerKey;
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::CustomerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::scalars::{CountryCode, Guid};
use partnergraph_types::Customer;

/// The changes to a customer. Fields that you leave out stay unchanged.
#[derive(InputObject, Debug, Clone)]
pub struct UpdateCustomerInput {
    /// The customer.
    customer: CustomerLookup,
    /// The company name. Null removes it.
    #[graphql(validator(custom = "Name"))]
    company_name: MaybeUndefined<String>,
    /// The default domain. Null removes it.
    #[graphql(validator(custom = "Name"))]
    domain: MaybeUndefined<String>,
    /// The country. Null removes it; new orders are then rejected until a country is set.
    country: MaybeUndefined<CountryCode>,
    /// The partner's tags for the customer. They replace the existing tags. Only partner users can set them. Null
    /// leaves them unchanged.
    #[graphql(validator(list, custom = "Name"))]
    tags: Option<Vec<String>>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of changing a customer.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct UpdateCustomerPayload {
    /// The customer as you see it after the change. Null if the change was rejected.
    customer: Option<Customer>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { UpdateCustomerPayload {
    /// `customer` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    customer_edge: customer => partnergraph_types::CustomerEdge,
} }

/// `updateCustomer`.
#[derive(Debug, Default)]
pub struct UpdateCustomer;

#[Object]
impl UpdateCustomer {
    /// Changes the details of a customer.
    ///
    /// A partner changes its own record of the customer, which no other partner sees. Helpdesk agents can do this too.
    /// The customer's Global admin and operators change the customer's own details, which they then see instead of any
    /// partner's record. The country must be in the partner's region. Correcting a country that an import
    /// accepted in violation of this rule allows new business again.
    async fn update_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `updateCustomer`.")] input: UpdateCustomerInput,
    ) -> Nullable<UpdateCustomerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| update(conn, actor, now, &input)).await?;
            Ok(match outcome {
                Ok(id) => {
                    UpdateCustomerPayload { customer: placed::customer(operation, id).await?, user_errors: Vec::new() }
                }
                Err(refusals) => UpdateCustomerPayload { customer: None, user_errors: user_errors(refusals) },
            })
        };
        Nullable::from(answer.await)
    }
}

fn update(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &UpdateCustomerInput) -> Attempt<CustomerKey> {
    let row = match input.customer.key() {
        Some(key) => customers::find(conn, &actor.scope, &key)?,
        None => None,
    };
    let row = row.ok_or_else(|| task::not_found("customer", "customer"))?;
    match actor.scope {
        Scope::Partner { .. } => update_record(conn, actor, now, input, &row),
        Scope::Customer { .. } | Scope::Operator | Scope::Nobody => update_own(conn, actor, now, input, &row),
    }
}

/// Updates a partner's own record. A caller that sees the customer through another partner's record belongs to another
/// organisation and is refused.
fn update_record(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &UpdateCustomerInput,
    row: &CustomerRow,
) -> Attempt<CustomerKey> {
    let partner_id = row.partner_id.ok_or_else(|| task::not_found("customer", "customer"))?;
    let (caller, partner) = (facts::actor(actor)?, facts::partner(conn, partner_id)?);
    let mut refusals = checks::update_customer_record(&caller, &partner, &stated(input));
    refusals.extend(task::stale(input.if_version, row.version));
    task::refuse_if(checks::visible_to_caller(refusals, &caller, &partner))?;
    customer_details::update_record(conn, actor, now, (partner_id, row.customer_id), &change(input))?;
    Ok(row.customer_id)
}

/// Updates the customer's own details.
fn update_own(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &UpdateCustomerInput,
    row: &CustomerRow,
) -> Attempt<CustomerKey> {
    let tenant_id = Guid::stored(&row.tenant_id)?.into();
    let mut refusals = checks::update_own_details(&facts::actor(actor)?, tenant_id, &stated(input));
    refusals.extend(task::stale(input.if_version, row.version));
    if input.tags.is_some() {
        refusals.push(task::bad_input("Only partner users can set tags.", &["tags"]));
    }
    task::refuse_if(refusals)?;
    customer_details::update_own(conn, actor, now, row.customer_id, &change(input))?;
    Ok(row.customer_id)
}

/// The values to set, for the rules.
fn stated(input: &UpdateCustomerInput) -> CustomerDetails {
    CustomerDetails {
        company_name: input.company_name.value().cloned(),
        domain: input.domain.value().cloned(),
        country: input.country.value().map(|country| country.0),
    }
}

fn change(input: &UpdateCustomerInput) -> DetailsChange {
    let tags = input.tags.as_ref().map(|tags| {
        let mut distinct: Vec<String> = Vec::new();
        for tag in tags.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty()) {
            if !distinct.iter().any(|known| known == tag) {
                distinct.push(tag.to_owned());
            }
        }
        distinct
    });
    DetailsChange {
        company_name: set(&input.company_name, |name| name.trim().to_owned()),
        domain: set(&input.domain, |domain| domain.trim().to_lowercase()),
        country: set(&input.country, |country| country.0),
        tags,
    }
}

/// `None` for a field that was left out, `Some(None)` for one that is removed.
fn set<T, U>(field: &MaybeUndefined<T>, spell: impl Fn(&T) -> U) -> Option<Option<U>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(spell(value))),
    }
}
