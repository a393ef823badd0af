//! What every stage needs, and what stays the same while the plan is made.

use partnergraph_domain::{CountryCode, ImportSourceKey};
use partnergraph_store::imports::sources::AccountRow;

use super::draft::Draft;
use super::snapshot::Snapshot;
use super::{PlanError, Policy};
use crate::intake::{Intake, IntakeFile};
use crate::profiles::{Field, PortalFamily};
use crate::watch::Watch;

/// The files, the importing partner, and the request.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) intake: &'a Intake,
    pub(crate) policy: Policy,
    pub(crate) partner: AccountRow,
    /// By source of the files: its key.
    pub(crate) source_ids: Vec<ImportSourceKey>,
    /// The day of the newest fact, in the format of the tables.
    pub(crate) today: String,
    /// Receives the progress of planning and may stop it.
    pub(crate) watch: &'a Watch<'a>,
}

impl<'a> Context<'a> {
    /// Finds the keys of the sources. A source that nobody has imported from yet gets the next key.
    pub(crate) fn new(
        (intake, watch): (&'a Intake, &'a Watch<'a>),
        policy: Policy,
        partner: AccountRow,
        snapshot: &mut impl Snapshot,
        draft: &mut Draft<'_>,
    ) -> Result<Self, PlanError> {
        let known = snapshot.sources()?;
        let mut source_ids = Vec::with_capacity(intake.sources.len());
        for name in &intake.sources {
            let id = match known.iter().find(|(_, known)| known == name) {
                Some((id, _)) => *id,
                None => draft.source(name)?,
            };
            source_ids.push(id);
        }
        let today = chrono::DateTime::from_timestamp(intake.newest, 0).unwrap_or_default().date_naive().to_string();
        Ok(Self { intake, policy, partner, source_ids, today, watch })
    }

    /// A file by its number, as used in rows and entries.
    pub(crate) fn file(&self, number: u16) -> &'a IntakeFile {
        &self.intake.files[usize::from(number)]
    }

    /// The key of the file's source.
    pub(crate) fn source_id(&self, file: u16) -> ImportSourceKey {
        self.source_ids[self.file(file).source]
    }

    /// How the file of a row spells the column of a field.
    pub(crate) fn column(&self, file: u16, field: Field) -> Option<String> {
        self.file(file).profile.column_of(field).map(str::to_owned)
    }

    /// The importing partner's country.
    pub(crate) fn country(&self) -> Option<CountryCode> {
        self.partner.country
    }

    /// The sources of files from Microsoft's portals.
    pub(crate) fn microsofts(&self) -> Vec<ImportSourceKey> {
        let of_microsoft = |file: &&IntakeFile| file.profile.portal_family == PortalFamily::Microsoft;
        self.intake.files.iter().filter(of_microsoft).map(|file| self.source_ids[file.source]).collect()
    }
}
