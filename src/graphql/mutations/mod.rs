//! The root of all mutations: one object per area, merged.

use async_graphql::{EmptyMutation, MergedObject};

/// Everything that changes something.
///
/// Each field takes one input and answers a payload: the entity, and `userErrors` with all business refusals at once.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct MutationRoot(EmptyMutation);
