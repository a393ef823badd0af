//! Checks a file as a whole: the account that it belongs to, what was assumed, and which columns are missing or unused.

use partnergraph_domain::counted;

use super::owner::Named;
use crate::decode::Readable;
use crate::issue::{FileRefusal, Issue, Severity};
use crate::parse::header::Header;
use crate::printable::escape_control;
use crate::profiles::{self, DateOrder, Field, Layout, Profile, folded, is_nearly, resembling};

/// Columns whose absence cannot be seen in the rows.
const EXPECTED: [(&[Field], &str); 3] = [
    (&[Field::ResellerMpnId], "the reseller"),
    (&[Field::Quantity, Field::BillableQuantity], "the number of seats"),
    (&[Field::Status], "the status"),
];

/// Refuses a file that belongs to another account. If the file names the account by its id, that decides; otherwise,
/// its own MPN ID does.
pub(super) fn check_owner(file: &str, layout: &Layout, named: &Named) -> Result<(), FileRefusal> {
    let by_mpn_id = if named.by_id { None } else { named.locations.first() };
    let Some(foreign) = named.foreign.as_ref().or(by_mpn_id) else { return Ok(()) };
    let column = layout.name(foreign.field).unwrap_or_default();
    let message =
        format!("the file belongs to another account: its {} is not the importing partner's", escape_control(column));
    Err(FileRefusal::new(file, "file.partner_mismatch", message)
        .line(foreign.line)
        .cell(column, &foreign.value)
        .hint("import it with --as for the account that it was exported from"))
}

/// A file of which everything is known.
pub(super) struct About<'a> {
    pub(super) file: u16,
    pub(super) readable: &'a Readable,
    pub(super) profile: &'a Profile,
    pub(super) layout: &'a Layout,
    pub(super) header: &'a Header,
    pub(super) rows: u64,
}

impl About<'_> {
    /// What was assumed about the file, and which of its columns are unused. `assumed`: the date order, if nothing
    /// shows it.
    pub(super) fn issues(&self, assumed: Option<DateOrder>, named: &Named) -> Vec<Issue> {
        let mut issues = Vec::new();
        issues.extend(self.readable.assumed.then(|| self.encoding()));
        issues.extend(self.readable.doubtful.then(|| self.doubtful_encoding()));
        issues.extend(assumed.map(|order| self.date_order(order)));
        issues.extend(named.by_id.then(|| self.locations(named)).into_iter().flatten());
        issues.extend((self.rows == 0).then(|| self.no_rows()));
        issues.extend(self.absent());
        issues.extend(self.twice());
        issues.extend(self.layout.unknown.iter().map(|column| self.unknown(column)));
        issues
    }

    fn issue(&self, severity: Severity, line: u64, code: &'static str, message: impl Into<String>) -> Issue {
        Issue::new(severity, self.file, line, code, message)
    }

    /// The line of the header. 0 if the columns are the keys of objects.
    fn header_line(&self) -> u64 {
        self.header.line - 1
    }

    fn encoding(&self) -> Issue {
        let message = format!("the file's encoding is assumed to be {}", self.readable.encoding.name());
        self.issue(Severity::Warning, 0, "file.encoding.assumed", message)
            .hint("if characters look wrong, set the encoding with --encoding")
    }

    fn doubtful_encoding(&self) -> Issue {
        let chosen = self.readable.encoding.name();
        let message =
            format!("the file appears to be UTF-8, but it is read as {chosen}, because that encoding was chosen");
        self.issue(Severity::Warning, 0, "file.encoding.doubtful", message)
            .hint("if characters look wrong, leave out the encoding")
    }

    fn date_order(&self, order: DateOrder) -> Issue {
        let message = format!("the file's dates do not show the order of day and month; {} is assumed", order.as_str());
        self.issue(Severity::Warning, 0, "file.date_order.assumed", message)
            .hint("set it with --date-order mdy, dmy or ymd")
    }

    fn no_rows(&self) -> Issue {
        self.issue(Severity::Warning, self.header_line(), "file.no_rows", "the file has a header but no rows")
            .hint("check whether the export was truncated, or its filter matched nothing")
    }

    /// MPN IDs of other locations that are used with the right account id.
    fn locations(&self, named: &Named) -> Vec<Issue> {
        let issue = |location: &super::owner::Foreign| {
            let message = format!(
                "the MPN ID is another location's, although the partner id is the importing partner's: {}",
                counted(location.lines, "line")
            );
            let column = self.layout.name(location.field).unwrap_or_default();
            self.issue(Severity::Warning, location.line, "file.own_mpn.other", message)
                .column(column)
                .value(&location.value)
                .hint("the lines are imported as the account's own; check that it is one of its locations")
        };
        named.locations.iter().map(issue).collect()
    }

    /// Columns that the format has and the file lacks, whose absence the rows cannot show.
    fn absent(&self) -> Vec<Issue> {
        let lacks = |fields: &&(&[Field], &str)| {
            let expected = fields.0.iter().any(|field| self.profile.column_of(*field).is_some());
            expected && fields.0.iter().all(|field| self.layout.column(*field).is_none())
        };
        let issue = |(fields, what): &(&[Field], &str)| {
            let column = fields.iter().find_map(|field| self.profile.column_of(*field)).unwrap_or_default();
            let message = format!("the file has no column for {what}, which the format {} has", self.profile.name);
            let similar = fields.iter().find_map(|field| resembling(self.profile, *field, self.layout));
            let hint = match similar {
                Some(similar) => format!("is \"{}\" meant to be \"{column}\"?", escape_control(similar)),
                None => "export the file again with that column, or check that it was not renamed".to_owned(),
            };
            self.issue(Severity::Warning, self.header_line(), "file.column.absent", message).column(column).hint(hint)
        };
        EXPECTED.iter().filter(lacks).map(issue).collect()
    }

    /// Two columns that map to the same field. Only one is used.
    fn twice(&self) -> impl Iterator<Item = Issue> + '_ {
        self.layout.twice.iter().map(|twice| {
            let (used, field) = (escape_control(&twice.used), twice.field);
            let message = format!("two columns map to \"{field}\"; \"{used}\" is used and this one is ignored");
            self.issue(Severity::Warning, self.header_line(), "file.column.duplicate", message)
                .column(twice.other.as_str())
                .hint("remove one of them, or choose one with --map")
        })
    }

    /// A column that the format does not know. It is a warning if other formats use its name for data, or if it is
    /// nearly the name of a column that the file lacks.
    fn unknown(&self, column: &str) -> Issue {
        let name = folded(column);
        let code = "file.column.ignored";
        let meant = self
            .profile
            .columns
            .iter()
            .filter(|(field, _)| self.layout.column(*field).is_none())
            .find_map(|(_, spellings)| spellings.iter().find(|spelling| is_nearly(&name, &spelling.folded)));
        if let Some(meant) = meant {
            let message =
                format!("the format has no such column; it is ignored. Is it meant to be \"{}\"?", meant.text);
            return self
                .issue(Severity::Warning, self.header_line(), code, message)
                .column(column)
                .hint("rename the column in the file, or map it with --map");
        }
        let elsewhere = profiles::list().iter().find(|profile| {
            let spellings = profile.columns.iter().flat_map(|(_, spellings)| spellings);
            spellings.into_iter().any(|spelling| !name.is_empty() && spelling.folded == name)
        });
        match elsewhere {
            Some(profile) => {
                let message = format!("the format has no such column, but {} has; it is ignored", profile.name);
                self.issue(Severity::Warning, self.header_line(), code, message)
                    .column(column)
                    .hint("check the format and set it with --profile, or map the column with --map")
            }
            None => {
                let message = "the format has no such column; it is ignored";
                self.issue(Severity::Info, self.header_line(), code, message).column(column)
            }
        }
    }
}
