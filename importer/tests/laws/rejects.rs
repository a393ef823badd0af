//! The law of rejects: if the rejects of a damaged file are fixed and imported, the result is that of the clean file.

use std::collections::BTreeMap;
use std::path::Path;

use partnergraph_importer::{FileInput, FileRequest, ImportRequest, Report};
use rstest::rstest;

use crate::bench::{Bench, file_request};
use crate::book::rng::Rng;
use crate::book::{BookFile, Format};
use crate::projection::difference;
use crate::runner::{Verdict, hold, otherwise, reference};
use crate::support::Kind;

type Records = Vec<Vec<String>>;

#[rstest]
fn rejects_that_are_fixed_and_imported_give_the_tables_of_the_clean_files(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    hold(kind, |bench, book| {
        let reference = reference(bench, book)?;
        let mut rng = book.rng(4);
        let mut done = String::new();
        let found = otherwise(bench, book, &reference.edits, |bench, files| {
            damaged_and_fixed(bench, &files, &mut rng, &mut done)
        })?;
        let difference = difference(&reference.projection, &found);
        difference.map_or(Ok(()), |difference| Err(format!("{done}\n{difference}")))
    });
}

fn damaged_and_fixed(bench: &mut Bench, files: &[BookFile], rng: &mut Rng, done: &mut String) -> Verdict {
    let files: Vec<&BookFile> = files.iter().filter(|file| !file.rows.is_empty()).collect();
    if files.is_empty() {
        return Ok(());
    }
    let clean: Vec<Records> =
        files.iter().map(|file| file.rows.iter().map(|row| row.record(file.format)).collect()).collect();
    let mut damaged = clean.clone();
    for ((file, records), clean) in files.iter().zip(&mut damaged).zip(&clean) {
        for (number, record) in records.iter_mut().enumerate() {
            if file.format.is_charges() && rng.chance(15) {
                let has_twin = clean.iter().filter(|other| *other == record).count() > 1;
                let what = damage((file.format, has_twin), record, rng);
                done.push_str(&format!("line {} of {}: {what}\n", number + 2, file.name));
            }
        }
    }
    let path = bench.world.dir.path().join("rejects.csv");
    let mut request = bench.request(&[]);
    request.rejects = Some(path);
    request.files = files.iter().zip(&damaged).map(|(file, records)| with_text(file, records)).collect();
    let report = bench.run(&request).map_err(|error| error.to_string())?;
    if report.rejects.is_empty() {
        return Ok(());
    }
    let again = fixed(&report, &files, &clean)?;
    let again = ImportRequest { files: again, rejects: None, ..request };
    let report = bench.run(&again).map_err(|error| error.to_string())?;
    if report.rows.rejected > 0 {
        return Err(format!("{done}fixed rows are rejected: {:?}", report.issues));
    }
    Ok(())
}

/// Damages a record, and returns how. A record that is in the file twice keeps its subscription id: otherwise its duplicate would
/// be applied without it, and the fixed record in another file would be the same line.
fn damage((format, has_twin): (Format, bool), record: &mut Vec<String>, rng: &mut Rng) -> String {
    let columns: &[(&str, &str)] = if format == Format::Legacy {
        &[
            ("Quantity", "ten"),
            ("CustomerId", "1234"),
            ("SyndicationPartnerSubscriptionNumber", "no-guid"),
            ("ChargeStartDate", "soon"),
        ]
    } else {
        &[
            ("CustomerCountry", "nan"),
            ("Quantity", "ten"),
            ("BillableQuantity", "1.5"),
            ("SubscriptionId", "no-guid"),
            ("CustomerId", "1234"),
            ("OrderDate", "soon"),
        ]
    };
    if !has_twin && rng.chance(15) {
        // Truncated, as by a full disk. The rest does not name the subscription.
        record.truncate(4);
        return "cut after 4 cells".to_owned();
    }
    let hides = |column: &str| matches!(column, "SubscriptionId" | "SyndicationPartnerSubscriptionNumber");
    let columns: Vec<(&str, &str)> =
        columns.iter().filter(|(column, _)| !(has_twin && hides(column))).copied().collect();
    let (column, cell) = rng.pick(&columns);
    let place = format.header().split(',').position(|name| name == column).expect("the header has it");
    record[place] = cell.to_owned();
    format!("{column} is {cell}")
}

fn text(header: &[String], records: &Records) -> Vec<u8> {
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    out.write_record(header).unwrap();
    for record in records {
        out.write_record(record).unwrap();
    }
    out.into_inner().unwrap()
}

fn with_text(file: &BookFile, records: &Records) -> FileRequest {
    let header: Vec<String> = file.format.header().split(',').map(str::to_owned).collect();
    FileRequest { input: FileInput::Bytes(file.name.clone(), text(&header, records)), ..file_request(file) }
}

/// The files of rejects, with each row as it was before it was damaged, and the options that the report prints for them.
fn fixed(report: &Report, files: &[&BookFile], clean: &[Records]) -> Result<Vec<FileRequest>, String> {
    let mut all = Vec::new();
    for rejects in &report.rejects {
        let stem = Path::new(&rejects.file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let number =
            stem.strip_prefix("rejects-").map_or(Ok(1), str::parse::<usize>).map_err(|error| error.to_string())? - 1;
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_path(&rejects.file)
            .map_err(|e| e.to_string())?;
        let mut rows = reader.records();
        let header: Vec<String> =
            rows.next().ok_or("no header")?.map_err(|e| e.to_string())?.iter().map(str::to_owned).collect();
        let mut records = Vec::new();
        for row in rows {
            let row = row.map_err(|error| error.to_string())?;
            let marks: Vec<String> = row.iter().skip(row.len() - 3).map(str::to_owned).collect();
            let line: usize = marks[0].parse().map_err(|_| format!("{row:?} does not say its line"))?;
            records.push([clean[number][line - 2].clone(), marks].concat());
        }
        let mut request = with_text(files[number], &records);
        request.input = FileInput::Bytes(rejects.file.clone(), text(&header, &records));
        options(&mut request, &rejects.command)?;
        all.push(request);
    }
    Ok(all)
}

/// Applies the options of the command.
fn options(request: &mut FileRequest, command: &str) -> Result<(), String> {
    let parts: Vec<&str> = command.split_whitespace().collect();
    let options: BTreeMap<&str, &str> =
        parts.windows(2).filter(|pair| pair[0].starts_with("--")).map(|pair| (pair[0], pair[1])).collect();
    request.profile = options.get("--profile").map(|value| (*value).to_owned());
    request.source = options.get("--source").map(|value| value.trim_matches('\'').to_owned());
    request.date_order = match options.get("--date-order") {
        Some(value) => {
            Some(serde_json::from_value(serde_json::Value::from(*value)).map_err(|error| error.to_string())?)
        }
        None => None,
    };
    request.as_of = options.get("--as-of").and_then(|value| value.parse().ok());
    request.partial = parts.contains(&"--partial");
    Ok(())
}
