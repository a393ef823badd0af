//! The root of all queries: one object per area, merged.

mod viewer;

use async_graphql::MergedObject;

/// Everything that can be asked. Each answer holds what the caller sees and nothing else.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct Query(viewer::ViewerQuery);
