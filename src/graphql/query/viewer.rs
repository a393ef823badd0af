use async_graphql::{Context, Object, Result};

use crate::graphql::types::Viewer;

#[derive(Default)]
pub(super) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Whoever asks: the user that the token belongs to, and the user's organisation.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        Viewer::of(ctx)
    }
}
