use async_graphql::{Context, Object, Result};
use partnergraph_store::read::page::{By, Order};
use partnergraph_store::read::partner_reviews;
use partnergraph_store::read::partners::{self, PartnerOrder};
use partnergraph_store::read::partnerships::{self, End, PartnershipOrder};

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::filters::{Budget, PartnerFilter, PartnershipFilter};
use partnergraph_types::{
    IndirectProviderConnection, IndirectResellerConnection, Partner, PartnerConnection, PartnershipConnection,
};

#[derive(Default)]
pub(super) struct PartnersQuery;

async fn ends(
    ctx: &Context<'_>,
    end: End,
    filter: Option<Box<PartnerFilter>>,
    args: &PageArgs,
) -> Result<Slice<PartnershipOrder>> {
    let operation = Operation::of(ctx);
    let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
    let order = Order::new(vec![By { field: PartnershipOrder::Name, descending: false }]);
    let fingerprint = Fingerprint::of(Listing::Partnerships, &order, &(end, &filter))?;
    Slice::root(operation, args, fingerprint, partnerships::list(&operation.scope()?, end, &filter, order)).await
}

#[Object]
impl PartnersQuery {
    /// The indirect resellers that have a partnership with your provider account, ordered by name. Operators see
    /// those of all providers.
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
    ) -> Nullable<IndirectResellerConnection> {
        let answer = async {
            let args = PageArgs { first, last, after, before };
            ends(ctx, End::Reseller, filter, &args).await.map(IndirectResellerConnection)
        };
        Nullable::from(answer.await)
    }

    /// The indirect providers that have a partnership with your reseller account, ordered by name. Operators see
    /// those of all resellers.
    async fn indirect_providers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<PartnerFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<IndirectProviderConnection> {
        let answer = async {
            let args = PageArgs { first, last, after, before };
            ends(ctx, End::Provider, filter, &args).await.map(IndirectProviderConnection)
        };
        Nullable::from(answer.await)
    }

    /// The partnerships that your organisation removed, ordered by the reseller's name. Nobody else can read them.
    /// Operators see all that were removed.
    async fn former_partnerships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<PartnershipFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<PartnershipConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = Order::new(vec![By { field: PartnershipOrder::Name, descending: false }]);
            let fingerprint = Fingerprint::of(Listing::FormerPartnerships, &order, &filter)?;
            let list = partnerships::former(&operation.scope()?, &filter, order);
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(PartnershipConnection)
        };
        Nullable::from(answer.await)
    }

    /// The partner accounts that you can see, ordered by name: your own and those you deal with. Operators see all
    /// accounts, including enrolments under review (`{vettingStatus: {eq: PENDING}}`).
    async fn partners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<PartnerFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<PartnerConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = Order::new(vec![By { field: PartnerOrder::Name, descending: false }]);
            let fingerprint = Fingerprint::of(Listing::Partners, &order, &filter)?;
            let list = partners::list(&operation.scope()?, &filter, order);
            Slice::root(operation, &PageArgs { first, last, after, before }, fingerprint, list)
                .await
                .map(PartnerConnection)
        };
        Nullable::from(answer.await)
    }

    /// The accounts whose enrolment is under review, ordered by name. Operators only; empty for everyone else. `review` of each
    /// shows what its review is about.
    async fn partner_reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<PartnerFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<PartnerConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = Order::new(vec![By { field: PartnerOrder::Name, descending: false }]);
            let fingerprint = Fingerprint::of(Listing::PartnerReviews, &order, &filter)?;
            let list = partner_reviews::list(&operation.scope()?, &filter, order);
            Slice::root(operation, &PageArgs { first, last, after, before }, fingerprint, list)
                .await
                .map(PartnerConnection)
        };
        Nullable::from(answer.await)
    }

    /// A partner account. Null if there is none or you cannot see it.
    async fn partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The partner to return.")] by: PartnerLookup,
    ) -> Nullable<Partner> {
        let answer = async {
            let Some(key) = by.key() else { return Ok(None) };
            let row = Operation::of(ctx).read(move |conn, scope| partners::find(conn, scope, key)).await?;
            Ok(row.map(|row| Partner(BatchRow::alone(row))))
        };
        Nullable::maybe(answer.await)
    }
}
