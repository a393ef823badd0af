use async_graphql::{Context, Object};

use partnergraph_operation::nullable::Nullable;
use partnergraph_types::Viewer;

#[derive(Default)]
pub(super) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// The signed-in user and the organisation that the user acts for.
    async fn viewer(&self, ctx: &Context<'_>) -> Nullable<Viewer> {
        Nullable::from(Viewer::of(ctx))
    }
}
