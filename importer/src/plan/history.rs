//! Works out the periods of partners of record from everything that the sources stated and from what people set here.
//!
//! The result depends only on those statements and on the current partner of record, so the order in which months are
//! imported does not matter.

use chrono::{DateTime, NaiveDateTime};
use partnergraph_domain::partner_of_record::{Period, Point, periods};
use partnergraph_domain::{ImportRunKey, ImportSourceKey, MpnId, PartnerKey};
use partnergraph_store::imports::history::StoredEdit;
use partnergraph_store::imports::stored::StoredSubscription;

use super::fold::Sources;
use crate::baseline::{Holders, subscription as at};
use crate::reconcile::seconds_of;

/// What one source stated about the partner of record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stated {
    /// Its rank compared with other sources of the same day.
    pub(crate) rank: u8,
    pub(crate) holders: Holders,
}

/// The statements of the sources that stated anything.
pub(crate) fn stated(sources: &Sources) -> Vec<Stated> {
    let stating = sources.iter().filter(|(_, baseline)| !baseline.holders.is_empty());
    let one = |(_, baseline): &(ImportSourceKey, crate::baseline::Baseline)| Stated {
        rank: baseline.fields[at::RESELLER].as_ref().map_or(0, |stated| stated.rank),
        holders: baseline.holders.clone(),
    };
    stating.map(one).collect()
}

/// The periods that follow from the sources alone, to detect whether they state a different history than before.
pub(crate) fn bare(sources: &[Stated]) -> Vec<Holding> {
    periods(statements(sources, &[]))
}

/// What made a reseller the partner of record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A portal's statement.
    Import,
    /// A person's edit, and the run if it was a move.
    Person(String, Option<ImportRunKey>),
}

/// A period with one partner of record, by its MPN ID.
pub(crate) type Holding = Period<String, By>;

/// What a person set: from when, to which reseller, and by whom.
pub(crate) type Edit = Point<String, By>;

/// The resulting periods. The last one is open if there is a current partner of record, `current`.
pub(crate) fn timeline(sources: &[Stated], edits: &[Edit], current: Option<&str>) -> Vec<Holding> {
    let mut stated = statements(sources, edits);
    let points = |stated: &[Edit], more: Option<Edit>| stated.iter().chain(edits).cloned().chain(more).collect();
    loop {
        let found = periods(points(&stated, None));
        let open = found.last().filter(|period| period.to.is_none());
        if open.map(|period| period.reseller.as_str()) == current {
            return found;
        }
        // A newer statement that is not in effect: outranked, held, or decided against.
        if stated.pop().is_none() {
            let newest = edits.iter().filter_map(|edit| edit.at).max();
            let last = Edit { at: newest, reseller: current.map(str::to_owned), by: By::Import };
            return periods(points(&stated, Some(last)));
        }
    }
}

/// The statements of the sources in order of time. If a source only repeats its statement after a person set something
/// else, the repetition does not count: the file is unchanged, so the edit stays.
fn statements(sources: &[Stated], edits: &[Edit]) -> Vec<Edit> {
    let mut stated: Vec<(u8, Edit)> = Vec::new();
    for source in sources {
        let rank = source.rank;
        let mut silenced: Option<Option<String>> = None;
        let mut before: Option<(NaiveDateTime, Option<String>)> = None;
        for (day, holder) in source.holders.iter() {
            let at = moment_of(day);
            let reseller = holder.map(|id| id.to_string());
            let is_edited = |(from, _): &(NaiveDateTime, Option<String>)| {
                edits.iter().filter_map(|edit| edit.at).any(|edit| edit >= *from && edit < at)
            };
            if before.as_ref().is_some_and(is_edited) {
                silenced = before.as_ref().map(|(_, reseller)| reseller.clone());
            }
            if silenced.as_ref() != Some(&reseller) {
                silenced = None;
                stated.push((rank, Edit { at: Some(at), reseller: reseller.clone(), by: By::Import }));
            }
            before = Some((at, reseller));
        }
    }
    // If two portals have statements for one day, the one of the higher rank comes last and counts.
    stated.sort_by_key(|(rank, point)| (point.at, *rank));
    stated.into_iter().map(|(_, point)| point).collect()
}

fn moment_of(day: i32) -> NaiveDateTime {
    DateTime::from_timestamp(seconds_of(day), 0).unwrap_or_default().naive_utc()
}

impl By {
    /// The person.
    pub(crate) fn person(&self) -> Option<String> {
        match self {
            Self::Person(name, _) => Some(name.clone()),
            Self::Import => None,
        }
    }

    /// The run of a move.
    pub(crate) fn moved_by(&self) -> Option<ImportRunKey> {
        match self {
            Self::Person(_, run) => *run,
            Self::Import => None,
        }
    }
}

/// What people set, and a partner of record that nobody and no file has stated.
pub(crate) fn edits(
    stored: &StoredSubscription,
    set: Vec<StoredEdit>,
    sources: &[Stated],
    mpn_of: impl Fn(PartnerKey) -> String + Copy,
) -> Vec<Edit> {
    let edit = |row: StoredEdit| Edit {
        at: Some(row.at),
        reseller: row.reseller_id.map(mpn_of),
        by: By::Person(row.set_by, row.run_id),
    };
    let mut edits: Vec<Edit> = set.into_iter().map(edit).collect();
    if let Some(mpn_id) = stored.reseller_id.map(mpn_of) {
        let is_set = edits.iter().any(|edit| edit.reseller.as_ref() == Some(&mpn_id));
        let is_it = |holder: Option<MpnId>| holder.is_some_and(|id| id.to_string() == mpn_id);
        if !is_set && !sources.iter().any(|source| source.holders.iter().any(|(_, holder)| is_it(holder))) {
            // It precedes all statements.
            edits.push(Edit { at: stored.partner_of_record_since, reseller: Some(mpn_id), by: By::Import });
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i32 = 739_000;

    fn source(points: &[(i32, Option<u64>)]) -> Stated {
        let mut holders = Holders::default();
        points.iter().for_each(|(day, holder)| holders.state(DAY + day, holder.map(MpnId)));
        Stated { rank: 50, holders }
    }

    fn edit(day: i32, reseller: Option<&str>) -> Edit {
        let by = By::Person("ola".to_owned(), None);
        Edit { at: Some(moment_of(DAY + day)), reseller: reseller.map(str::to_owned), by }
    }

    /// `7 3-5` is MPN ID 7 from day 3 to day 5; `*` marks what a person set.
    fn shown(periods: &[Holding]) -> String {
        let day =
            |at: Option<NaiveDateTime>| at.map_or(String::new(), |at| ((at - moment_of(DAY)).num_days()).to_string());
        let one = |period: &Holding| {
            let person = if period.by == By::Import { "" } else { "*" };
            format!("{}{person} {}-{}", period.reseller, day(period.from), day(period.to))
        };
        periods.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn periods_follow_from_statements_edits_and_who_holds() {
        let monthly = [(0, Some(7)), (30, Some(7)), (60, Some(7))];
        let between = [(0, Some(7)), (10, Some(8)), (30, Some(7)), (60, Some(7))];
        let moved = [(0, Some(7)), (30, Some(8)), (60, Some(8))];
        type Case<'a> = (&'a str, Vec<Stated>, Vec<Edit>, Option<&'a str>, &'a str);
        let cases: Vec<Case<'_>> = vec![
            ("nothing", vec![], vec![], None, ""),
            ("one holder", vec![source(&monthly)], vec![], Some("7"), "7 0-"),
            ("another in between", vec![source(&between)], vec![], Some("7"), "7 0-10, 8 10-30, 7 30-"),
            ("moved", vec![source(&moved)], vec![], Some("8"), "7 0-30, 8 30-"),
            ("no longer anyone", vec![source(&[(0, Some(7)), (30, None)])], vec![], None, "7 0-30"),
            (
                "two portals",
                vec![source(&[(0, Some(7))]), source(&[(20, Some(8))])],
                vec![],
                Some("8"),
                "7 0-20, 8 20-",
            ),
            ("outvoted", vec![source(&[(0, Some(7))]), source(&[(20, Some(8))])], vec![], Some("7"), "7 0-"),
            ("a person's edit stays", vec![source(&monthly)], vec![edit(40, Some("9"))], Some("9"), "7 0-40, 9* 40-"),
            (
                "the portal moves on after an edit",
                vec![source(&[(0, Some(7)), (30, Some(7)), (60, Some(7)), (90, Some(8))])],
                vec![edit(40, Some("9"))],
                Some("8"),
                "7 0-40, 9* 40-90, 8 90-",
            ),
            ("taken away here", vec![source(&monthly)], vec![edit(40, None)], None, "7 0-40"),
            ("who holds is known, and not since when", vec![], vec![], Some("7"), "7 -"),
        ];
        for (name, sources, edits, current, expected) in cases {
            assert_eq!(shown(&timeline(&sources, &edits, current)), expected, "{name}");
        }
    }
}
