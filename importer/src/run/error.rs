use std::path::PathBuf;

use partnergraph_domain::{ImportRunKey, ImportStatus, counted};

use crate::issue::FileRefusal;
use crate::plan::PlanError;
use crate::profiles::MapError;
use crate::report::Report;

/// Why an import failed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be imported as a whole.
    #[error("{0}")]
    Refused(Box<FileRefusal>),
    /// A user's map cannot be read.
    #[error("the map cannot be used: {0}")]
    Map(MapError),
    /// Some rows are invalid, and the caller asked for all or nothing.
    #[error("{}; nothing was imported", invalid_rows(.0))]
    Invalid(Box<Report>),
    /// Rules refuse rows of a move, and the caller asked for all or nothing.
    #[error("{}; nothing was moved", refused_rows(.0))]
    MoveRefused(Box<Report>),
    /// Another import is running, and the caller did not want to wait.
    #[error("another import is running")]
    Busy,
    /// The caller stopped the import; see [`crate::Progress::is_cancelled`].
    #[error("the import was interrupted; nothing was changed")]
    Cancelled,
    /// The run does not exist.
    #[error("there is no import run {0}")]
    NoRun(ImportRunKey),
    /// The run has no plan that can be applied.
    #[error("import run {run_id} is {status} and has no plan to apply", status = .status.as_str())]
    NotPlanned {
        /// The run.
        run_id: ImportRunKey,
        /// Its status.
        status: ImportStatus,
    },
    /// The run has no plan that can be discarded.
    #[error("import run {run_id} is {status} and has no plan to discard", status = .status.as_str())]
    NothingToDiscard {
        /// The run.
        run_id: ImportRunKey,
        /// Its status.
        status: ImportStatus,
    },
    /// The run changed nothing, or has been reverted.
    #[error("import run {run_id} is {status}; only an APPLIED run can be reverted", status = .status.as_str())]
    NotApplied {
        /// The run.
        run_id: ImportRunKey,
        /// Its status.
        status: ImportStatus,
    },
    /// The upload does not exist, or is incomplete.
    #[error("there is no upload {0}")]
    NoUpload(String),
    /// The rejects file cannot be written.
    #[error("the rejects file {path} cannot be written: {source}", path = .path.display())]
    Rejects {
        /// The path.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The rejects would replace something that must not be lost.
    #[error("the rejects file {path} is {what}", path = .path.display())]
    RejectsInTheWay {
        /// The path.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// Planning or applying failed.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// `rules refuse 2 of 5 rows`.
fn refused_rows(report: &Report) -> String {
    format!("rules refuse {} of {}", report.rows.rejected, counted(report.rows.read, "row"))
}

/// `2 of 5 rows are invalid`.
fn invalid_rows(report: &Report) -> String {
    let verb = if report.rows.rejected == 1 { "is" } else { "are" };
    format!("{} of {} {verb} invalid", report.rows.rejected, counted(report.rows.read, "row"))
}

impl ImportError {
    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.code,
            Self::Map(_) => "map.invalid",
            Self::Invalid(_) => "rows.invalid",
            Self::MoveRefused(_) => "move.refused",
            Self::Busy => "run.busy",
            Self::Cancelled => "run.cancelled",
            Self::NoRun(_) => "run.unknown",
            Self::NotPlanned { .. } | Self::NothingToDiscard { .. } => "run.not_planned",
            Self::NotApplied { .. } => "run.not_applied",
            Self::NoUpload(_) => "upload.unknown",
            Self::Rejects { .. } | Self::RejectsInTheWay { .. } => "rejects.unwritable",
            Self::Plan(PlanError::NoPartner) => "partner.unknown",
            Self::Plan(PlanError::Stale(_)) => "plan.stale",
            Self::Plan(_) => "run.failed",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.hint.clone().unwrap_or_else(|| "export the file again".to_owned()),
            Self::Map(error) => error.hint.clone(),
            Self::NotApplied { .. } => "`partnergraph imports list` shows the runs".to_owned(),
            Self::NothingToDiscard { .. } => {
                "only a run that `import --plan` left PLANNED can be discarded; `partnergraph imports list` shows the runs"
                    .to_owned()
            }
            Self::Plan(PlanError::Store(error)) => error.hint().to_owned(),
            Self::Plan(PlanError::Spool(_)) => "check that the directory for temporary files has free space".to_owned(),
            Self::Plan(PlanError::Stale(_)) => format!("plan.stale: {}", hint_of("plan.stale")),
            Self::Plan(PlanError::Baseline(_)) => "run `partnergraph check`".to_owned(),
            error => hint_of(error.code()).to_owned(),
        }
    }
}

/// What to do about a run that failed with that code, if nothing else is known.
#[must_use]
pub fn hint_of(code: &str) -> &'static str {
    match code {
        "map.invalid" => "correct the map; `partnergraph profiles show bam-customers` shows a complete one",
        "rows.invalid" => "fix the rows, or import the others with --on-invalid skip",
        "run.busy" => "try again when it has finished; `partnergraph imports list` shows it",
        "run.cancelled" | "run.abandoned" => "start it again at any time; nothing has to be cleaned up",
        "run.unknown" => "`partnergraph imports list` shows the runs",
        "run.not_planned" => {
            "only a run that `import --plan` left PLANNED can be applied, and only once; `partnergraph imports list` shows the runs"
        }
        "upload.unknown" => "POST the file to /import and use the upload id from the response",
        "rejects.unwritable" => "choose another file with --rejects",
        "partner.unknown" => "`partnergraph partner list` shows the accounts",
        "plan.stale" => "plan the same files again and review the new plan",
        "plan.discarded" => "plan the files again if you want them imported after all",
        code if code.starts_with("file.") => "fix or export the file again, then import it",
        _ => "import the files again; if it fails the same way, run `partnergraph check`",
    }
}

impl From<FileRefusal> for ImportError {
    fn from(refusal: FileRefusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}
