//! Enums for import runs and their issues.

closed_enums! {
    /// The status of an import run.
    ImportStatus, "the status of an import run" {
        /// Waiting for another run to finish.
        Queued = "QUEUED",
        /// Reading the files and computing the changes.
        Planning = "PLANNING",
        /// The plan is complete and stored. It can be applied (`applyImport`).
        Planned = "PLANNED",
        /// The dry run is complete. Its report, files and changes can be read; there is nothing to apply.
        Checked = "CHECKED",
        /// The plan is being applied.
        Applying = "APPLYING",
        /// The plan has been applied.
        Applied = "APPLIED",
        /// The run failed, or its plan was discarded. Nothing was written.
        Failed = "FAILED",
        /// The changes have been undone.
        Reverted = "REVERTED",
    }

    /// How far an import run goes.
    ImportMode, "the mode of an import" {
        /// Run all checks and write nothing. The run keeps the issues and the changes that it would make.
        DryRun = "DRY_RUN",
        /// Store the plan, to be reviewed and applied later.
        Plan = "PLAN",
        /// Apply the plan immediately.
        Apply = "APPLY",
    }

    /// The severity of an import issue.
    Severity, "the severity of an issue" {
        /// The row is rejected or put on hold.
        Error = "ERROR",
        /// The row is accepted, but something about it is doubtful.
        Warning = "WARNING",
        /// For information only.
        Info = "INFO",
    }

    /// The kind of portal in which a customer was known before its reseller enrolled (C-24, C-25).
    PortalFamily, "a family of portals" {
        /// Partner Center, the Microsoft 365 admin center or the Azure portal.
        Microsoft = "MICROSOFT",
        /// Any other portal.
        Other = "OTHER",
    }
}
