//! Words of import runs and their issues.

words! {
    /// How far an import run is.
    ImportStatus, "the status of an import run" {
        /// Waits for another run.
        Queued = "QUEUED",
        /// Reads the files and works out what would change.
        Planning = "PLANNING",
        /// The plan is made and kept, to be applied (`applyImport`).
        Planned = "PLANNED",
        /// A dry run is done: its report, files and changes are there to be read, and nothing is there to be applied.
        Checked = "CHECKED",
        /// The plan is being written.
        Applying = "APPLYING",
        /// All is written.
        Applied = "APPLIED",
        /// Nothing was written.
        Failed = "FAILED",
        /// What was written was taken back.
        Reverted = "REVERTED",
    }

    /// How far an import goes.
    ImportMode, "the mode of an import" {
        /// All checks, and nothing is written; the run keeps what was found and what would change.
        DryRun = "DRY_RUN",
        /// The plan is stored, to be looked at and applied later.
        Plan = "PLAN",
        /// The plan is applied at once.
        Apply = "APPLY",
    }

    /// How bad an issue of an import is.
    Severity, "the severity of an issue" {
        /// The row is rejected or held.
        Error = "ERROR",
        /// The row is taken, and something about it is doubtful.
        Warning = "WARNING",
        /// Worth knowing.
        Info = "INFO",
    }

    /// From which kind of portal a customer was known before its reseller enrolled (C-24, C-25).
    PortalFamily, "a family of portals" {
        /// Partner Center, the Microsoft 365 admin center or the Azure portal.
        Microsoft = "MICROSOFT",
        /// Any other.
        Other = "OTHER",
    }
}
