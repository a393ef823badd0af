//! Spools issues to disk. Only their sort keys stay in memory.

use std::io;

use partnergraph_domain::Severity;

use crate::issue::Issue;
use crate::spool::{Spool, Spooled};

/// The position of an issue. The order of its fields is the order of the report: severity first, so that a truncated
/// report has the most severe issues; then file and line; then the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    severity: Severity,
    file: u16,
    line: u64,
    place: u64,
}

/// Issues of one stage.
#[derive(Debug)]
pub(crate) struct IssueSpool {
    keys: Vec<Key>,
    spool: Spool<Issue>,
}

impl IssueSpool {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { keys: Vec::new(), spool: Spool::new()? })
    }

    pub(crate) fn add(&mut self, issue: &Issue) -> io::Result<()> {
        let place = self.spool.append(issue)?;
        self.keys.push(Key { severity: issue.severity, file: issue.file, line: issue.line, place });
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<SpooledIssues> {
        Ok(SpooledIssues { keys: self.keys, spool: self.spool.finish()? })
    }
}

/// Issues of a completed stage.
#[derive(Debug)]
pub(crate) struct SpooledIssues {
    keys: Vec<Key>,
    spool: Spooled<Issue>,
}

/// The issues of several stages in the order of the report.
pub(crate) fn in_order<'a>(stages: &[&'a SpooledIssues]) -> (u64, impl Iterator<Item = io::Result<Issue>> + use<'a>) {
    let mut keys: Vec<(Key, usize)> =
        stages.iter().zip(0..).flat_map(|(stage, number)| stage.keys.iter().map(move |key| (*key, number))).collect();
    keys.sort_unstable_by_key(|(key, number)| (key.severity, key.file, key.line, *number, key.place));
    let mut cursors: Vec<_> = stages.iter().map(|stage| stage.spool.cursor()).collect();
    let total = keys.len() as u64;
    (total, keys.into_iter().map(move |(key, number)| cursors[number].get(key.place)))
}

/// The errors of one file by line, for the rejects file.
pub(crate) fn errors_of<'a>(
    stages: &[&'a SpooledIssues],
    file: u16,
) -> impl Iterator<Item = io::Result<Issue>> + use<'a> {
    let mut keys: Vec<(u64, usize, u64)> = stages
        .iter()
        .zip(0..)
        .flat_map(|(stage, number)| {
            let errors = stage.keys.iter().filter(move |key| key.severity == Severity::Error && key.file == file);
            errors.map(move |key| (key.line, number, key.place))
        })
        .collect();
    keys.sort_unstable();
    let mut cursors: Vec<_> = stages.iter().map(|stage| stage.spool.cursor()).collect();
    keys.into_iter().map(move |(_, number, place)| cursors[number].get(place))
}
