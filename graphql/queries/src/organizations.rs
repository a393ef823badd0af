//! The queries about organisations: their people, the register, the directory of providers, the platform's mails.

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

use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::siblings::Member;
use partnergraph_types::filters::{Budget, MpnProfileFilter, PartnerFilter};
use partnergraph_types::{
    DirectoryEntry, DirectoryEntryConnection, MpnProfileConnection, OutboxMailConnection, UserConnection,
};

#[derive(Default)]
pub(super) struct OrganizationsQuery;

#[Object]
impl OrganizationsQuery {
    /// The people of the caller's own organisation, in the order of their names: of the partner account or the customer that the
    /// caller acts for, of its tenant where that has no account yet, and for an operator the platform's own.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<UserConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let organization = Organization::of(operation.actor()?)?;
            let order = Order::new(vec![By { field: UserOrder::Name, descending: false }]);
            let print = Fingerprint::of(Listing::Users, &order, &())?;
            let list = users::list(operation.database().backend(), organization, order);
            Slice::root(operation, &PageArgs { first, last, after, before }, print, list).await.map(UserConnection)
        };
        Nullable::from(answer.await)
    }

    /// The register of MPN profiles, in the order of their ids: all of it for operators; for a partner its own MPN IDs, its
    /// company's global one and the siblings of that. Nobody else finds any.
    async fn mpn_profiles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<MpnProfileFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<MpnProfileConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = Order::new(vec![By { field: MpnProfileOrder::MpnId, descending: false }]);
            let print = Fingerprint::of(Listing::MpnProfiles, &order, &filter)?;
            let list = mpn_profiles::list(&operation.scope()?, &filter, order);
            Slice::root(operation, &PageArgs { first, last, after, before }, print, list)
                .await
                .map(MpnProfileConnection)
        };
        Nullable::from(answer.await)
    }

    /// The directory of indirect providers, in the order of their names, for whoever chooses one (V-01): open to any
    /// token.
    ///
    /// Without a condition on country or region it shows the providers of the caller's region, since only those can
    /// become its partner (V-04); a caller whose region is not known sees all. It can be narrowed by name, country,
    /// region and services.
    async fn provider_directory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Narrows the list, by name, country, region and services only. Null: the caller's region.")]
        filter: Option<Box<PartnerFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<DirectoryEntryConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let region = if names_place(&filter)? { None } else { askers_region(operation).await? };
            let order = Order::new(vec![By { field: DirectoryOrder::Name, descending: false }]);
            let print =
                Fingerprint::of(Listing::ProviderDirectory, &order, &(&filter, region.map(|region| &region.code)))?;
            let list = directory::list(&operation.scope()?, &filter, region, order);
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, print, list).await.map(DirectoryEntryConnection)
        };
        Nullable::from(answer.await)
    }

    /// What the directory says of the caller's own account. Null unless the caller is an indirect provider.
    async fn my_directory_profile(&self, ctx: &Context<'_>) -> Nullable<DirectoryEntry> {
        let answer = async {
            let row = Operation::of(ctx).read(directory::own).await?;
            Ok(row.map(|row| DirectoryEntry(Member::alone(row))))
        };
        Nullable::maybe(answer.await)
    }

    /// The mails that the platform itself owes, the newest first. For operators; everybody else finds none.
    async fn outbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<OutboxMailConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let order = Order::new(vec![By { field: MailOrder::Row, descending: true }]);
            let print = Fingerprint::of(Listing::Outbox, &order, &())?;
            let list = outbox::list(&operation.scope()?, order);
            Slice::root(operation, &PageArgs { first, last, after, before }, print, list)
                .await
                .map(OutboxMailConnection)
        };
        Nullable::from(answer.await)
    }
}

/// Whether a filter of the directory says where, which replaces the caller's own region.
///
/// What the directory does not show cannot be found out by a condition on it either.
fn names_place(filter: &Filter<PartnerTerm>) -> Result<bool> {
    let mut place = false;
    for term in filter.terms() {
        match term {
            PartnerTerm::Field(PartnerField::Country | PartnerField::Region, _) => place = true,
            PartnerTerm::Field(PartnerField::Name, _) | PartnerTerm::Service(_) => {}
            PartnerTerm::Field(..) | PartnerTerm::Capability(_) => {
                let message = "the directory of providers is searched by name, country, region and services";
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
