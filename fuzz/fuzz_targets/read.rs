//! Reads any bytes as a file: either the file is refused, or each of its rows is counted and accepted or rejected with a reason.
#![no_main]

use std::convert::Infallible;

use chrono::{DateTime, NaiveDateTime};
use libfuzzer_sys::fuzz_target;
use partnergraph_importer::fact::Stated;
use partnergraph_importer::issue::Severity;
use partnergraph_importer::profiles::{self, DateOrder};
use partnergraph_importer::{Fact, Input, Issue, Parsed, ReadOptions, open};

/// The maximum length of a record. It is short, so that small inputs reach it.
const MAX_RECORD: usize = 4 * 1024;
/// The maximum length of a decompressed file.
const MAX_UNPACKED: u64 = 1024 * 1024;

fuzz_target!(|input: &[u8]| {
    let Some(([choice, profile], bytes)) = input.split_first_chunk::<2>() else { return };
    let options = options(*choice, *profile);
    let Ok(mut file) = open(Input::bytes("input", bytes), 0, &options) else { return };
    let first = records(&mut file);
    assert_eq!(first.len() as u64, file.description().rows, "every row is counted once");
    for row in &first {
        let faulty = row.issues.iter().any(|issue| issue.severity == Severity::Error);
        assert_eq!(row.outcome.is_err(), faulty, "a row is rejected exactly if an issue states why: {row:?}");
        survives_the_spool(row);
        // Rejected rows are reported with their original text, which must be readable from the file again.
        file.raw_record(row.offset).expect("a record that was read is there");
    }
    assert_eq!(records(&mut file), first, "reading again has the same result");
});

/// The first byte sets options that affect the reader. The second one selects a format, or none.
fn options(choice: u8, profile: u8) -> ReadOptions {
    let now = DateTime::from_timestamp(1_780_000_000, 0).map_or(NaiveDateTime::MIN, |at| at.naive_utc());
    let mut options = ReadOptions::new(now);
    options.max_record = MAX_RECORD;
    options.max_unpacked = MAX_UNPACKED;
    options.encoding = match choice & 0b11 {
        0 => Some("windows-1250".to_owned()),
        1 => Some("utf-16le".to_owned()),
        _ => None,
    };
    options.date_order = (choice & 0b100 != 0).then_some(DateOrder::Dmy);
    options.header_line = (choice & 0b1000 != 0).then_some(3);
    options.delimiter = (choice & 0b1_0000 != 0).then_some(b';');
    options.customer = Some(partnergraph_domain::TenantId(uuid::Uuid::from_u128(1)));
    options.own.ids = vec![uuid::Uuid::from_u128(2)];
    options.own.mpn_ids = vec![partnergraph_domain::MpnId(4_500_001)];
    options.profile = profiles::list().get(usize::from(profile)).map(|profile| profile.name.clone());
    options
}

fn records(file: &mut partnergraph_importer::OpenedFile) -> Vec<Parsed> {
    let mut all = Vec::new();
    file.records(|batch| {
        all.extend(batch.records);
        Ok::<_, Infallible>(())
    })
    .expect("a file that was opened can be read");
    all
}

/// Checks that facts and issues can be written to disk and read again, as between reading and planning.
fn survives_the_spool(row: &Parsed) {
    let issues = postcard::to_stdvec(&row.issues).expect("issues can be spooled");
    assert_eq!(postcard::from_bytes::<Vec<Issue>>(&issues).as_ref(), Ok(&row.issues));
    if let Some(fact) = row.outcome.as_ref().ok().and_then(Stated::customer) {
        let spooled = postcard::to_stdvec(fact).expect("facts can be spooled");
        assert_eq!(postcard::from_bytes::<Fact>(&spooled).as_ref(), Ok(fact));
    }
}
