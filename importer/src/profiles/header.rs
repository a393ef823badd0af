//! Finds the profile that a header belongs to, and the column of each field.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Field, Profile, Spelling, list};

/// The columns that `--rejects` adds. A corrected rejects file still has them; they are ignored.
const REJECT_COLUMNS: [&str; 3] = ["import_line", "import_code", "import_message"];

/// Longer names are not considered to be misspelt.
const LONGEST_NAME: usize = 64;

/// A column's name, folded to ignore differences between exports of one portal: case, spaces, hyphens, underscores.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A header, prepared for comparison with profiles.
struct Header<'a> {
    names: &'a [String],
    folded: Vec<String>,
}

impl<'a> Header<'a> {
    fn new(names: &'a [String]) -> Self {
        Self { names, folded: names.iter().map(|name| folded(name)).collect() }
    }

    fn find(&self, spelling: &Spelling) -> Option<usize> {
        // A map may name a column that consists only of symbols. Folding such a name leaves nothing.
        let exact = spelling.folded.is_empty();
        let same = |at: &usize| {
            if exact { self.names[*at].trim() == spelling.text } else { self.folded[*at] == spelling.folded }
        };
        (0..self.names.len()).filter(same).nth(spelling.nth - 1)
    }
}

/// The columns of a file's fields.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The header's cells as the file spells them, without blank ones at the end and the columns of an earlier rejects
    /// file.
    pub(crate) names: Vec<String>,
    /// The number of cells in the file's header.
    pub(crate) cells: usize,
    /// Whether the header ends with the columns of an earlier rejects file.
    pub(crate) rejects: bool,
    columns: [Option<u16>; Field::COUNT],
    /// Columns that the profile neither maps nor knows.
    pub(crate) unknown: Vec<String>,
    /// The key fields that no column is mapped to.
    pub(crate) missing: Vec<Field>,
    /// The number of the header's columns that the profile maps or knows.
    recognised: usize,
    /// The profile's columns that the header lacks.
    lacking: Vec<String>,
    /// Columns that map to the same field as another one, which is used.
    pub(crate) twice: Vec<Twice>,
}

/// Two columns that a profile maps to the same field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Twice {
    pub(crate) field: Field,
    /// The one that is used.
    pub(crate) used: String,
    pub(crate) other: String,
}

/// How the number of cells in a row compares with its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Narrower,
    Exact,
    /// The row can still be valid if the cells after the last column are blank.
    Wider,
}

impl Layout {
    /// Compares a number of cells with the header. In a corrected rejects file, each row has additional cells after the
    /// last column, as its header shows.
    pub(crate) fn width(&self, cells: usize) -> Width {
        match cells.cmp(&self.names.len()) {
            Ordering::Less => Width::Narrower,
            Ordering::Equal => Width::Exact,
            Ordering::Greater if self.rejects && cells == self.cells => Width::Exact,
            Ordering::Greater => Width::Wider,
        }
    }

    /// The index of a field's column.
    pub(crate) fn column(&self, field: Field) -> Option<usize> {
        self.columns[field as usize].map(usize::from)
    }

    /// The field's column as the file spells it.
    pub(crate) fn name(&self, field: Field) -> Option<&str> {
        self.column(field).map(|at| self.names[at].as_str())
    }

    /// The mapped columns for which `wanted` holds.
    pub(crate) fn columns_of(&self, wanted: impl Fn(Field) -> bool) -> Vec<(Field, usize)> {
        Field::ALL
            .iter()
            .filter(|field| wanted(**field))
            .filter_map(|field| Some((*field, self.column(*field)?)))
            .collect()
    }

    /// The number of the header's columns that the profile knows.
    pub(crate) fn recognised(&self) -> usize {
        self.recognised
    }

    /// Whether rows with this header can be read with the profile without naming it explicitly.
    fn fits(&self) -> bool {
        // One known name among many others is a coincidence: such a file has another format.
        self.missing.is_empty() && self.recognised * 2 >= self.names.iter().filter(|name| !name.is_empty()).count()
    }
}

/// Assigns the columns of a header to the fields of one profile.
pub(crate) fn fit(header: &[String], profile: &Profile) -> Layout {
    let cells = header.len();
    let mut names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    trim_blank(&mut names);
    let mut rejects = false;
    while names.len() >= REJECT_COLUMNS.len() && names[names.len() - REJECT_COLUMNS.len()..] == REJECT_COLUMNS {
        names.truncate(names.len() - REJECT_COLUMNS.len());
        rejects = true;
        trim_blank(&mut names);
    }
    let header = Header::new(&names);
    let mut columns = [None; Field::COUNT];
    let mut known = vec![false; names.len()];
    let mut lacking = Vec::new();
    for (field, spellings) in &profile.columns {
        match spellings.iter().find_map(|spelling| header.find(spelling)) {
            Some(at) => {
                columns[*field as usize] = u16::try_from(at).ok();
                known[at] = true;
            }
            None => lacking.extend(spellings.first().map(|spelling| spelling.text.clone())),
        }
    }
    for spelling in &profile.ignored {
        match header.find(spelling) {
            Some(at) => known[at] = true,
            None => lacking.push(spelling.text.clone()),
        }
    }
    let twice = twice(&header, profile, &columns, &mut known);
    let missing = profile.key.iter().copied().filter(|field| columns[*field as usize].is_none()).collect();
    let recognised = known.iter().filter(|known| **known).count();
    let unknown =
        names.iter().zip(known).filter(|(name, known)| !known && !name.is_empty()).map(|(name, _)| name.clone());
    Layout { unknown: unknown.collect(), names, cells, rejects, columns, missing, recognised, lacking, twice }
}

/// Columns that also match a field whose column was already found, by the same name or another spelling. They are
/// known, but not used.
fn twice(
    header: &Header<'_>,
    profile: &Profile,
    columns: &[Option<u16>; Field::COUNT],
    known: &mut [bool],
) -> Vec<Twice> {
    let mut all = Vec::new();
    for (field, spellings) in &profile.columns {
        let Some(used) = columns[*field as usize].map(usize::from) else { continue };
        for (at, known) in known.iter_mut().enumerate().filter(|(_, known)| !**known) {
            // A spelling with a number matches only the column with that number.
            let same = |spelling: &Spelling| {
                spelling.nth == 1 && !spelling.folded.is_empty() && spelling.folded == header.folded[at]
            };
            if spellings.iter().any(same) {
                *known = true;
                let (used, other) = (header.names[used].clone(), header.names[at].clone());
                all.push(Twice { field: *field, used, other });
            }
        }
    }
    all
}

/// The unknown column whose name is nearly one of the field's: a misspelt one.
pub(crate) fn resembling<'l>(profile: &Profile, field: Field, layout: &'l Layout) -> Option<&'l str> {
    let (_, spellings) = profile.columns.iter().find(|(mapped, _)| *mapped == field)?;
    let is_similar = |name: &&String| {
        let name = folded(name);
        spellings.iter().any(|spelling| is_nearly(&name, &spelling.folded))
    };
    layout.unknown.iter().find(is_similar).map(String::as_str)
}

/// Whether two names differ by a typing error: one letter in five, and two at most.
pub(crate) fn is_nearly(name: &str, other: &str) -> bool {
    let (name, other): (Vec<char>, Vec<char>) = (name.chars().collect(), other.chars().collect());
    let most = (name.len().min(other.len()) / 5).clamp(1, 2);
    if name.len() < 4 || name.len().abs_diff(other.len()) > most || name.len() > LONGEST_NAME {
        return false;
    }
    // The Damerau-Levenshtein distance: letters inserted, deleted, substituted or swapped with a neighbour.
    let mut rows = vec![vec![0; other.len() + 1]; name.len() + 1];
    for i in 0..=name.len() {
        for j in 0..=other.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let changed = usize::from(name[i - 1] != other[j - 1]);
                let step = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + changed);
                let swapped = i > 1 && j > 1 && name[i - 1] == other[j - 2] && name[i - 2] == other[j - 1];
                if swapped { step.min(rows[i - 2][j - 2] + 1) } else { step }
            };
        }
    }
    rows[name.len()][other.len()] <= most
}

fn trim_blank(names: &mut Vec<String>) {
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
}

/// The profile that is nearest to a header.
pub struct Nearest {
    /// The profile.
    pub profile: Arc<Profile>,
    /// Whether the header has the key, and the profile knows at least half of its columns.
    pub fits: bool,
    /// All columns of the format that the header lacks.
    pub lacking: Vec<String>,
    /// The number of the header's columns that the profile knows.
    pub recognised: usize,
    pub(crate) layout: Layout,
}

impl Nearest {
    /// Whether the header clearly belongs to that format, and only lacks a required column.
    pub(crate) fn is_nearly(&self) -> bool {
        let all = self.recognised + self.lacking.len();
        self.recognised * 2 >= self.layout.names.len() && self.recognised * 2 >= all && self.recognised >= 2
    }
}

/// The profile that has most of a header's columns. If two are equal, the one with fewer columns that the header lacks.
pub(crate) fn nearest(header: &[String]) -> Nearest {
    list()
        .iter()
        .map(|profile| {
            let layout = fit(header, profile);
            Nearest {
                profile: Arc::clone(profile),
                fits: layout.fits(),
                lacking: layout.lacking.clone(),
                recognised: layout.recognised,
                layout,
            }
        })
        .max_by_key(|one| (one.fits, one.recognised, std::cmp::Reverse(one.lacking.len())))
        .expect("there are built-in profiles")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<String> {
        line.split(',').map(str::to_owned).collect()
    }

    fn found(line: &str) -> String {
        let best = nearest(&names(line));
        if best.fits { best.profile.name.clone() } else { "none".to_owned() }
    }

    /// The header lines from the documentation and from real files.
    const HEADERS: &str = include_str!("../../tests/data/headers.txt");

    #[test]
    fn every_known_header_finds_its_profile() {
        for line in HEADERS.lines().filter(|line| !line.is_empty()) {
            let (profile, header) = line.split_once(' ').expect("a profile, a space and a header line");
            assert_eq!(found(header), profile, "{header}");
            assert_eq!(found(&header.to_uppercase()), profile, "{header} in capitals");
        }
    }

    #[test]
    fn the_second_column_of_a_name_is_distinguished_from_the_first() {
        let header =
            names("Id,CustomerDelegatedAdminRelationshipId,DisplayName,TenantId,DisplayName,TenantId,Duration,Status");
        let layout = nearest(&header).layout;
        assert_eq!(layout.column(Field::PartnerTenantId), Some(3));
        assert_eq!(layout.column(Field::CustomerTenantId), Some(5));
        assert_eq!(layout.column(Field::CustomerName), Some(4));
    }

    #[test]
    fn one_known_name_among_strangers_is_no_match() {
        assert_eq!(found("TenantId,CompanyName,Colour,Weight,Height,Depth"), "none");
    }

    #[test]
    fn columns_of_an_earlier_rejects_file_are_left_out() {
        let layout = nearest(&names("Microsoft ID,Company name,,import_line,import_code,import_message")).layout;
        assert_eq!(layout.names, ["Microsoft ID", "Company name"]);
        assert_eq!(layout.cells, 6);
    }

    #[test]
    fn two_columns_of_one_field_are_reported_and_the_first_is_used() {
        let layout = nearest(&names(
            "CustomerId,SubscriptionId,ChargeType,OrderDate,Quantity,ResellerMpnId,Tier2MpnId,quantity",
        ))
        .layout;
        let reported: Vec<_> = layout.twice.iter().map(|twice| (twice.used.as_str(), twice.other.as_str())).collect();
        assert_eq!(reported, [("Quantity", "quantity"), ("ResellerMpnId", "Tier2MpnId")]);
        assert!(layout.unknown.is_empty());
    }

    #[test]
    fn a_slip_of_a_letter_or_two_is_distinguished_from_another_name() {
        for (name, other) in
            [("custmerid", "customerid"), ("cusotmerid", "customerid"), ("statuss", "status"), ("quantiti", "quantity")]
        {
            assert!(is_nearly(name, other), "{name} {other}");
        }
        for (name, other) in
            [("customername", "customerid"), ("id", "ids"), ("total", "tags"), ("", "status"), ("orderid", "offerid")]
        {
            assert!(!is_nearly(name, other), "{name} {other}");
        }
    }

    #[test]
    fn unknown_columns_are_named() {
        let layout = nearest(&names("Microsoft ID,Company name,Shoe size")).layout;
        assert_eq!(layout.unknown, ["Shoe size"]);
    }
}
