//! As GraphQL enums: the words of import runs and their issues.

use async_graphql::Enum;

/// How far an import run is.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::ImportStatus")]
pub enum ImportStatus {
    /// Waits for another run.
    #[graphql(name = "QUEUED")]
    Queued,
    /// Reads the files and works out what would change.
    #[graphql(name = "PLANNING")]
    Planning,
    /// The plan is made and kept, to be applied (`applyImport`).
    #[graphql(name = "PLANNED")]
    Planned,
    /// A dry run is done: its report, files and changes are there to be read, and nothing is there to be applied.
    #[graphql(name = "CHECKED")]
    Checked,
    /// The plan is being written.
    #[graphql(name = "APPLYING")]
    Applying,
    /// All is written.
    #[graphql(name = "APPLIED")]
    Applied,
    /// Nothing was written.
    #[graphql(name = "FAILED")]
    Failed,
    /// What was written was taken back.
    #[graphql(name = "REVERTED")]
    Reverted,
}

/// How far an import goes.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::ImportMode")]
pub enum ImportMode {
    /// All checks, and nothing is written; the run keeps what was found and what would change.
    #[graphql(name = "DRY_RUN")]
    DryRun,
    /// The plan is stored, to be looked at and applied later.
    #[graphql(name = "PLAN")]
    Plan,
    /// The plan is applied at once.
    #[graphql(name = "APPLY")]
    Apply,
}

/// How bad an issue of an import is.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::Severity")]
pub enum Severity {
    /// The row is rejected or held.
    #[graphql(name = "ERROR")]
    Error,
    /// The row is taken, and something about it is doubtful.
    #[graphql(name = "WARNING")]
    Warning,
    /// Worth knowing.
    #[graphql(name = "INFO")]
    Info,
}
