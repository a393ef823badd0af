use super::{Done, Exit, print};

/// Prints the schema definition; `schema.graphql` in the repository is identical to it.
pub(super) fn run() -> Done {
    print::raw(crate::graphql::sdl().as_bytes());
    Ok(Exit::Done)
}
