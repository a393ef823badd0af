use async_graphql::{Context, Object};
use chrono::NaiveDate;
use partnergraph_domain::checks::{self, BuyerFacts, SaleFacts};
use partnergraph_domain::{PartnerKey, TenantId};
use partnergraph_store::read::customers::{self, CustomerBy};
use partnergraph_store::read::partners;
use partnergraph_store::write::facts;
use partnergraph_store::write::sale_facts::{self, OwnUse};
use partnergraph_store::{Conn, Scope, StoreResult};

use partnergraph_operation::context::Operation;
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::{SalesEligibility, SalesEligibilityInput};

#[derive(Default)]
pub(super) struct EligibilityQuery;

#[Object]
impl EligibilityQuery {
    /// Whether a sale would be allowed. The sale is checked by the same rules as an order: sales chain, region, partner
    /// agreements, internal use and, if the seller asks about one of its customers, the customer agreement. Returns a
    /// verdict for each rule. Does not require an existing relationship with the customer.
    ///
    /// The seller and operators can ask about any reseller. A reseller can ask about itself and its providers. Anyone
    /// who can see the seller can ask about a sale without a reseller. Only the seller, the named reseller and the
    /// buyer can ask about internal use. Null if you cannot see the seller or are not allowed to ask.
    async fn sales_eligibility(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sale to check.")] input: SalesEligibilityInput,
    ) -> Nullable<SalesEligibility> {
        let answer = async {
            let operation = Operation::of(ctx);
            let on = operation.now().date();
            operation.read(move |conn, scope| eligibility(conn, scope, &input, on)).await
        };
        Nullable::maybe(answer.await)
    }
}

fn eligibility(
    conn: &mut Conn,
    scope: &Scope,
    input: &SalesEligibilityInput,
    on: NaiveDate,
) -> StoreResult<Option<SalesEligibility>> {
    let seller = match input.seller.key() {
        Some(key) => partners::find(conn, scope, key)?,
        None => None,
    };
    let Some(seller_id) = seller.map(|row| row.id) else { return Ok(None) };
    let reseller = match &input.reseller {
        Some(lookup) => match lookup.key().map(|key| facts::named_partner(conn, scope, seller_id, key)).transpose()? {
            Some(Some(named)) => Some(named),
            _ => return Ok(None),
        },
        None => None,
    };
    let reseller_id = reseller.as_ref().and_then(|named| named.id);
    if !may_ask(scope, seller_id, reseller.is_some(), reseller_id) {
        return Ok(None);
    }
    // Only the parties to the sale learn what an own-use tenant and its buyer mean for it.
    let is_seller = matches!(scope, Scope::Operator) || scope.partner_id() == Some(seller_id);
    let takes_part = is_seller || reseller_id.is_some_and(|reseller| scope.partner_id() == Some(reseller));
    let tenant_id = input.customer_tenant_id.map(TenantId::from);
    let known = match tenant_id {
        Some(tenant_id) => customers::find(conn, scope, &CustomerBy::Tenant(tenant_id))?,
        None => None,
    };
    let buyer_id = match (&input.buyer, tenant_id) {
        (Some(lookup), _) => {
            let found = lookup.key().map(|key| sale_facts::buyer(conn, scope, key)).transpose()?.flatten();
            let Some(found) = found.filter(|found| takes_part || scope.partner_id() == Some(*found)) else {
                return Ok(None);
            };
            Some(found)
        }
        // What a tenant that the caller does not see is marked for would reveal that it is another partner's customer.
        (None, Some(tenant_id)) if known.is_some() => sale_facts::internal_use_of(conn, tenant_id)?,
        (None, _) => None,
    };
    // A tenant that is not yet the caller's customer would be marked when it accepts an invitation.
    let marked = known.as_ref().map(|row| row.internal_use_of);
    let own_use = buyer_id.map(|buyer_id| OwnUse {
        buyer_id,
        tenant_id,
        marked: marked.is_none_or(|marked| marked == Some(buyer_id)),
    });
    let customer = match &known {
        // The seller's orders are checked against its own record of the customer. Other callers are answered from the
        // record they can read.
        Some(row) if scope.partner_id() == Some(seller_id) => Some(facts::customer(conn, seller_id, row.customer_id)?),
        _ => None,
    };
    let read = known.as_ref().and_then(|row| row.country);
    let recorded = customer.as_ref().map_or(read, |customer| customer.country);
    let verdicts = checks::sales_eligibility(
        &SaleFacts {
            seller: facts::partner(conn, seller_id)?,
            reseller: reseller.map(|named| named.choice),
            country: input.country.map(|country| country.0).or(recorded),
            // Whether the tenant is a partner's own is revealed here in the same way as by an import.
            tenant_use: facts::tenant_use(conn, tenant_id)?,
            partnership_with_tenant: match tenant_id {
                Some(tenant_id) if is_seller => facts::partnership_with_tenant(conn, seller_id, tenant_id)?,
                _ => None,
            },
            buyer: BuyerFacts {
                tie_to_reseller: sale_facts::tie(conn, buyer_id, reseller_id)?,
                ..sale_facts::buyer_facts(conn, seller_id, own_use)?
            },
            new_business_blocked: customer.as_ref().map(|it| it.new_business_blocked.clone()).unwrap_or_default(),
        },
        customer.as_ref(),
        on,
    );
    Ok(Some(SalesEligibility::of(verdicts)))
}

/// Whether the caller may learn how the seller and the reseller are related.
fn may_ask(scope: &Scope, seller_id: PartnerKey, names_reseller: bool, reseller_id: Option<PartnerKey>) -> bool {
    match scope {
        Scope::Operator => true,
        Scope::Partner { id, .. } => *id == seller_id || !names_reseller || reseller_id == Some(*id),
        Scope::Customer { .. } => !names_reseller,
        Scope::Nobody => false,
    }
}
