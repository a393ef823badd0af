use std::path::PathBuf;

use partnergraph_domain::ImportStatus;

use crate::issue::FileRefusal;
use crate::plan::PlanError;
use crate::report::Report;

/// Why an import came to nothing. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be imported as a whole.
    #[error("{0}")]
    Refused(Box<FileRefusal>),
    /// A map of one's own cannot be read.
    #[error("the map cannot be used: {0}")]
    Map(String),
    /// Some rows are invalid, and the caller asked for all or nothing.
    #[error("{} of {} rows cannot be taken; nothing was imported", .0.rows.rejected, .0.rows.read)]
    Invalid(Box<Report>),
    /// Another import is under way, and the caller did not want to wait.
    #[error("another import is under way")]
    Busy,
    /// There is no such run.
    #[error("there is no import run {0}")]
    NoRun(i64),
    /// A run that has no plan that waits to be applied.
    #[error("import run {run_id} is {status} and has no plan to apply", status = .status.as_str())]
    NotPlanned {
        /// The run.
        run_id: i64,
        /// How far it is.
        status: ImportStatus,
    },
    /// A run that changed nothing, or not any more.
    #[error("import run {run_id} is {status}; only an APPLIED run is reverted", status = .status.as_str())]
    NotApplied {
        /// The run.
        run_id: i64,
        /// How far it is.
        status: ImportStatus,
    },
    /// An upload does not exist, or is not whole.
    #[error("there is no upload {0}")]
    NoUpload(String),
    /// The file of rejects could not be written. What was imported stays imported.
    #[error("the file of rejects {path} could not be written: {source}", path = .path.display())]
    Rejects {
        /// Where to.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Planning or applying failed.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl ImportError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.code,
            Self::Map(_) => "map.invalid",
            Self::Invalid(_) => "rows.invalid",
            Self::Busy => "run.busy",
            Self::NoRun(_) => "run.unknown",
            Self::NotPlanned { .. } => "run.not_planned",
            Self::NotApplied { .. } => "run.not_applied",
            Self::NoUpload(_) => "upload.unknown",
            Self::Rejects { .. } => "rejects.unwritable",
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
            Self::Map(_) => "`partnergraph profiles new FILE` writes a first map from a file's header".to_owned(),
            Self::Invalid(_) => "mend the rows, or import the others with --on-invalid skip".to_owned(),
            Self::Busy => "try again when it is over; `partnergraph imports list` shows it".to_owned(),
            Self::NoRun(_) | Self::NotApplied { .. } => "`partnergraph imports list` shows the runs".to_owned(),
            Self::NotPlanned { .. } => {
                "only a run that `import --plan` left PLANNED is applied, and once; `partnergraph imports list` shows them".to_owned()
            }
            Self::NoUpload(_) => "POST the file to /import and name the id that it answers".to_owned(),
            Self::Rejects { .. } => {
                "the import is done; check the path and import again, which changes nothing".to_owned()
            }
            Self::Plan(PlanError::Store(error)) => error.hint().to_owned(),
            Self::Plan(PlanError::Spool(_)) => "check that the directory for temporary files has room".to_owned(),
            Self::Plan(PlanError::NoPartner) => "`partnergraph partner list` shows the accounts".to_owned(),
            Self::Plan(PlanError::Stale(_)) => "plan.stale: plan the same files again, and look at the new plan".to_owned(),
            Self::Plan(PlanError::Baseline(_)) => "run `partnergraph check`".to_owned(),
        }
    }
}

impl From<FileRefusal> for ImportError {
    fn from(refusal: FileRefusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}
