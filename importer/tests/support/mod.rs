//! Reads files and converts what is reported about them to text that is easy to compare.

// A module of each test binary, each of which uses only a part of it.
#![allow(dead_code)]

use std::fmt::Write as _;

use chrono::NaiveDate;
use partnergraph_importer::fact::Stated;
use partnergraph_importer::{FileRefusal, Input, OpenedFile, Parsed, ReadOptions, open};

/// The importing account of all samples.
pub(crate) const OWN_ID: &str = "0e195b37-4574-4539-bc42-0e539b9684c0";
pub(crate) const OWN_MPN_ID: &str = "6034453";
pub(crate) const TENANT: &str = "6f1c2a34-9b0d-4e51-8a77-0c1d2e3f4a5b";

pub(crate) fn options() -> ReadOptions {
    let now = NaiveDate::from_ymd_opt(2024, 8, 1).and_then(|day| day.and_hms_opt(9, 0, 0)).expect("a day");
    let mut options = ReadOptions::new(now);
    options.own.ids = vec![OWN_ID.parse().expect("a GUID")];
    options.own.mpn_ids = vec![OWN_MPN_ID.parse().expect("an MPN ID")];
    options
}

pub(crate) fn opened(bytes: impl Into<Vec<u8>>, options: &ReadOptions) -> Result<OpenedFile, FileRefusal> {
    open(Input::bytes("sample.csv", bytes), 0, options)
}

pub(crate) fn refusal(bytes: impl Into<Vec<u8>>, options: &ReadOptions) -> FileRefusal {
    opened(bytes, options).expect_err("the file is refused")
}

pub(crate) fn records(file: &mut OpenedFile) -> Vec<Parsed> {
    let mut all = Vec::new();
    file.records(|batch| {
        all.extend(batch.records);
        Ok::<_, std::convert::Infallible>(())
    })
    .expect("the file is read");
    all
}

pub(crate) fn read(bytes: impl Into<Vec<u8>>, options: &ReadOptions) -> Vec<Parsed> {
    records(&mut opened(bytes, options).expect("the file is read"))
}

/// The codes of all issues of a file and its rows, with the lines.
pub(crate) fn codes(bytes: impl Into<Vec<u8>>, options: &ReadOptions) -> Vec<String> {
    let mut file = opened(bytes, options).expect("the file is read");
    let rows = records(&mut file);
    let issues = file.issues().iter().chain(rows.iter().flat_map(|row| &row.issues));
    issues.map(|issue| format!("{}:{}", issue.line, issue.code)).collect()
}

/// Everything that is read from a file, without blank values.
pub(crate) fn transcript(file: &mut OpenedFile) -> String {
    let rows = records(file);
    let mut text = format!("{:#?}\n", file.description());
    for issue in file.issues() {
        let _ = writeln!(text, "{issue:#?}");
    }
    for row in rows {
        let _ = writeln!(text, "--- line {}: {}", row.line, if row.outcome.is_ok() { "taken" } else { "rejected" });
        for issue in &row.issues {
            let column = issue.column.as_deref().unwrap_or("-");
            let _ = writeln!(text, "{} {} [{column}] {} {:?}", issue.severity, issue.code, issue.message, issue.value);
        }
        match row.outcome {
            Ok(Stated::Customer(fact)) => {
                let _ = writeln!(text, "{fact:#?}");
            }
            Ok(stated) => {
                let _ = writeln!(text, "{stated:#?}");
            }
            Err(_) => {}
        }
    }
    let silent = |line: &&str| !line.ends_with(": None,") && !line.ends_with(": Silent,");
    text.lines().filter(silent).fold(String::new(), |all, line| all + line + "\n")
}
