//! What every stage is told, and what stays the same while the plan is made.

use partnergraph_domain::{CountryCode, ImportSourceKey};
use partnergraph_store::imports::sources::AccountRow;

use super::draft::Draft;
use super::snapshot::Snapshot;
use super::{PlanError, Policy};
use crate::intake::{Intake, IntakeFile};
use crate::profiles::{Field, PortalFamily};
use crate::watch::Watch;

/// The files, who imports them, and what was asked for.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) intake: &'a Intake,
    pub(crate) policy: Policy,
    pub(crate) partner: AccountRow,
    /// By source of the files: its key.
    pub(crate) source_ids: Vec<ImportSourceKey>,
    /// The day of the newest fact, as the tables write days.
    pub(crate) today: String,
    /// To whom it is told how far planning is, and who may stop it.
    pub(crate) watch: &'a Watch<'a>,
}

impl<'a> Context<'a> {
    /// The keys of the sources are found out here; one that nobody imported from yet gets the next.
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

    /// A file by its number, as rows and entries have it.
    pub(crate) fn file(&self, number: u16) -> &'a IntakeFile {
        &self.intake.files[usize::from(number)]
    }

    /// The key of the source that a file is from.
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

    /// The sources from which files of Microsoft's portals came.
    pub(crate) fn microsofts(&self) -> Vec<ImportSourceKey> {
        let of_microsoft = |file: &&IntakeFile| file.profile.portal_family == PortalFamily::Microsoft;
        self.intake.files.iter().filter(of_microsoft).map(|file| self.source_ids[file.source]).collect()
    }
}
