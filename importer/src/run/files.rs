//! The files of a request: opened, read, taken in.

use std::io;
use std::sync::Arc;

use chrono::NaiveDateTime;
use partnergraph_domain::{ImportStatus, PartnerType};
use partnergraph_store::DatabaseUrl;
use partnergraph_store::imports::runs::FileRow;
use partnergraph_store::imports::sources::PartnerRow;
use partnergraph_store::imports::uploads::{self, UploadReader};

use crate::decode::Input;
use crate::intake::{Collector, Intake};
use crate::plan::PlanError;
use crate::profiles::Profile;
use crate::progress::Phase;
use crate::read::{self, OwnIdentities, ReadOptions, RecordsError};
use crate::request::{FileInput, FileRequest, ImportRequest};
use crate::run::ImportError;
use crate::run::watch::Watch;

/// Opens all files before any is read, so that one that cannot be imported refuses the run at once.
pub(crate) fn read(
    url: &DatabaseUrl,
    request: &ImportRequest,
    now: NaiveDateTime,
    partner: &PartnerRow,
    watch: &Watch<'_>,
) -> Result<Intake, ImportError> {
    watch.phase(ImportStatus::Planning, Phase::Opening);
    let mut opened = Vec::with_capacity(request.files.len());
    for (file, number) in request.files.iter().zip(0..) {
        let options = options(request, file, now, partner)?;
        opened.push(read::open(input(url, file)?, number, &options)?);
    }
    watch.total(opened.iter().map(|file| file.description().rows).sum());
    watch.phase(ImportStatus::Planning, Phase::Reading);
    let importer = partner.partner_type.parse().unwrap_or(PartnerType::IndirectProvider);
    let mut collector = Collector::new(importer).map_err(PlanError::from)?;
    let mut files = Vec::with_capacity(opened.len());
    for (number, (mut file, asked)) in opened.into_iter().zip(&request.files).enumerate() {
        let number = u16::try_from(number).unwrap_or(u16::MAX);
        collector.begin(number, &file).map_err(PlanError::from)?;
        let taken = file.records(|batch| {
            watch.rows(batch.records.len() as u64);
            batch.records.into_iter().try_for_each(|parsed| collector.take(parsed))
        });
        match taken {
            Ok(()) => {}
            Err(RecordsError::Read(refusal)) => return Err(refusal.into()),
            Err(RecordsError::Sink(error)) => return Err(PlanError::from(error).into()),
        }
        files.push(collector.end(file, asked.customer));
    }
    Ok(collector.finish(files).map_err(PlanError::from)?)
}

fn options(
    request: &ImportRequest,
    file: &FileRequest,
    now: NaiveDateTime,
    partner: &PartnerRow,
) -> Result<ReadOptions, ImportError> {
    let map = match &file.map {
        Some(text) => Some(Arc::new(Profile::parse("map", text).map_err(ImportError::Map)?)),
        None => None,
    };
    let delimiter = match file.delimiter {
        Some(delimiter) => Some(
            u8::try_from(delimiter).map_err(|_| ImportError::Map("the delimiter is no ASCII character".to_owned()))?,
        ),
        None => None,
    };
    let ids = partner.tenant_id.as_deref().and_then(|id| id.parse().ok());
    let mpn_ids = [&partner.mpn_id, &partner.global_mpn_id].into_iter().flatten().filter_map(|id| id.parse().ok());
    Ok(ReadOptions {
        profile: file.profile.clone(),
        map,
        customer: file.customer,
        encoding: file.encoding.clone(),
        delimiter,
        date_order: file.date_order,
        as_of: file.as_of,
        partial: file.partial,
        source: file.source.clone(),
        max_record: request.max_record,
        max_unpacked: request.max_unpacked,
        header_line: file.header_line,
        own: OwnIdentities { ids: ids.into_iter().collect(), mpn_ids: mpn_ids.collect() },
        now,
    })
}

fn input(url: &DatabaseUrl, file: &FileRequest) -> Result<Input, ImportError> {
    Ok(match &file.input {
        FileInput::Path(path) => Input::Path(path.clone()),
        FileInput::Stdin => Input::Stream { name: "-".to_owned(), reader: Box::new(io::stdin()) },
        FileInput::Bytes(name, bytes) => Input::bytes(name, bytes.clone()),
        FileInput::Upload(id) => {
            let mut conn = partnergraph_store::Conn::open(url)?;
            let upload = uploads::find(&mut conn, id)?.ok_or_else(|| ImportError::NoUpload(id.clone()))?;
            Input::Stream { name: upload.name, reader: Box::new(UploadReader::open(url, id)?) }
        }
    })
}

/// The run's files as they were read.
pub(crate) fn rows(run_id: i64, request: &ImportRequest, intake: &Intake) -> Vec<FileRow> {
    intake
        .files
        .iter()
        .zip(&request.files)
        .zip(0..)
        .map(|((file, asked), ordinal)| {
            let description = &file.description;
            FileRow {
                run_id,
                ordinal,
                name: description.name.clone(),
                upload_id: match &asked.input {
                    FileInput::Upload(id) => Some(id.clone()),
                    _ => None,
                },
                profile: Some(description.profile.clone()),
                source: Some(description.source.clone()),
                encoding: Some(description.encoding.clone()),
                delimiter: Some(description.delimiter.to_string()),
                date_order: Some(description.date_order.as_str().to_owned()),
                as_of: description.as_of.and_hms_opt(0, 0, 0),
                sha256: Some(description.sha256.clone()),
                row_count: i64::try_from(description.rows).ok(),
                options: "{}".to_owned(),
            }
        })
        .collect()
}
