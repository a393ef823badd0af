//! Queries about organisations: their users, the register of MPN profiles, the provider directory and the outbox of the
//! service.

use async_graphql::{Context, Object, Result};
use partnergraph_domain::regions::Region;
use partnergraph_domain::rules::directory::v_04_region;
use partnergraph_store::read::directory::{self, DirectoryOrder};
use partnergraph_store::read::filter::{Filter, PartnerField, PartnerTerm};
use partnergraph_store::read::mpn_profiles::{self, MpnProfileOrder};
use partnergraph_store::read::outbox::{self, MailOrder};
use partnergraph_store::read::page::{By, Order};
use partnergraph_store::read::users::{self, UserOrder};
use partnergraph_store::write::users::Organization;

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::filters::{Budget, MpnProfileFilter, PartnerFilter};
use partnergraph_types::{
    DirectoryEntry, DirectoryEntryConnection, MpnProfileConnection, OutboxMailConnection, UserConnection,
};

#[derive(Default)]
pub(super) struct OrganizationsQuery;

#[Object]
impl OrganizationsQuery {
    /// The users of your own organisation, ordered by name: the partner account or customer that you act for, or your
    /// tenant if it has no account yet. Operators see the other operators.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<UserConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let organization = Organization::of(operation.actor()?)?;
            let order = Order::new(vec![By { field: UserOrder::Name, descending: false }]);
            let fingerprint = Fingerprint::of(Listing::Users, &order, &())?;
            let list = users::list(operation.database().backend(), organization, order);
            Slice::root(operation, &PageArgs { first, last, after, before }, fingerprint, list)
                .await
                .map(UserConnection)
        };
        Nullable::from(answer.await)
    }

    /// The register of MPN profiles, ordered by MPN ID. Operators see all profiles. A partner sees its own MPN IDs, its
    /// company's global MPN ID and the other MPN IDs under it. For everyone else, the list is empty.
    async fn mpn_profiles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<MpnProfileFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<MpnProfileConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = Order::new(vec![By { field: MpnProfileOrder::MpnId, descending: false }]);
            let fingerprint = Fingerprint::of(Listing::MpnProfiles, &order, &filter)?;
            let list = mpn_profiles::list(&operation.scope()?, &filter, order);
            Slice::root(operation, &PageArgs { first, last, after, before }, fingerprint, list)
                .await
                .map(MpnProfileConnection)
        };
        Nullable::from(answer.await)
    }

    /// The directory of indirect providers, ordered by name (V-01). Available to every signed-in user.
    ///
    /// Without a condition on country or region, only the providers of your region are listed, because only they can
    /// become your partner (V-04). If your region is unknown, all are listed. You can filter by name, country, region
    /// and services.
    async fn provider_directory(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Returns only the items that match. Only name, country, region and services are allowed. Defaults to your region."
        )]
        filter: Option<Box<PartnerFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<DirectoryEntryConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let region = if names_place(&filter)? { None } else { askers_region(operation).await? };
            let order = Order::new(vec![By { field: DirectoryOrder::Name, descending: false }]);
            let fingerprint =
                Fingerprint::of(Listing::ProviderDirectory, &order, &(&filter, region.map(|region| &region.code)))?;
            let list = directory::list(&operation.scope()?, &filter, region, order);
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(DirectoryEntryConnection)
        };
        Nullable::from(answer.await)
    }

    /// Your own account's entry in the provider directory. Null unless you are an indirect provider.
    async fn my_directory_profile(&self, ctx: &Context<'_>) -> Nullable<DirectoryEntry> {
        let answer = async {
            let row = Operation::of(ctx).read(directory::own).await?;
            Ok(row.map(|row| DirectoryEntry(BatchRow::alone(row))))
        };
        Nullable::maybe(answer.await)
    }

    /// The emails that the platform itself sends, newest first. Operators only; empty for everyone else.
    async fn outbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<OutboxMailConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let order = Order::new(vec![By { field: MailOrder::Row, descending: true }]);
            let fingerprint = Fingerprint::of(Listing::Outbox, &order, &())?;
            let list = outbox::list(&operation.scope()?, order);
            Slice::root(operation, &PageArgs { first, last, after, before }, fingerprint, list)
                .await
                .map(OutboxMailConnection)
        };
        Nullable::from(answer.await)
    }
}

/// Whether a directory filter states a place, which replaces the caller's own region.
///
/// Fields that the directory does not show are refused, so that a filter cannot reveal them.
fn names_place(filter: &Filter<PartnerTerm>) -> Result<bool> {
    let mut place = false;
    for term in filter.terms() {
        match term {
            PartnerTerm::Field(PartnerField::Country | PartnerField::Region, _) => place = true,
            PartnerTerm::Field(PartnerField::Name, _) | PartnerTerm::Service(_) => {}
            PartnerTerm::Field(..) | PartnerTerm::Capability(_) => {
                let message = "the provider directory can be filtered only by name, country, region and services";
                return Err(error(code::BAD_FILTER, message));
            }
        }
    }
    Ok(place)
}

async fn askers_region(operation: &Operation) -> Result<Option<&'static Region>> {
    let actor = operation.actor()?.clone();
    let country = operation.read(move |conn, _| directory::country_of(conn, &actor)).await?;
    Ok(v_04_region(None, country))
}
