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

    /// What a reseller has with a provider that can be moved to another reseller.
    MovedPart, "what can be moved from a reseller" {
        /// The partners of record of subscriptions and entitlements.
        PartnerOfRecord = "PARTNER_OF_RECORD",
        /// The support contacts of subscriptions.
        SupportContact = "SUPPORT_CONTACT",
        /// The associations with customer accounts.
        Account = "ACCOUNT",
    }

    /// What a move moves in one row, stored with the row.
    MovedKind, "a kind of moved row" {
        /// The partner of record of a subscription.
        PartnerOfRecord = "PARTNER_OF_RECORD",
        /// The partner of record of an entitlement.
        Entitlement = "ENTITLEMENT",
        /// The support contact of a subscription.
        SupportContact = "SUPPORT_CONTACT",
        /// The association with a customer account.
        Account = "ACCOUNT",
        /// Nothing: a subscription that the filter matches, kept to check the accounts.
        Matched = "MATCHED",
    }

    /// What happens to the other items if one is rejected.
    ErrorPolicy, "an error policy" {
        /// If any item is rejected, nothing is saved.
        RejectEverything = "REJECT_EVERYTHING",
        /// Rejected items are skipped; the others are saved.
        RejectFailedRows = "REJECT_FAILED_ROWS",
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
