//! A plan that is stored in the database to be applied later: its head, what it was made from, and its operations,
//! compressed.

use std::io::{self, Read as _, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use partnergraph_domain::{CustomerKey, ImportRunKey, ImportSourceKey, PartnerKey};
use partnergraph_store::imports::plans::{PlanReader, PlanWriter};
use partnergraph_store::{Conn, StoreError};
use serde::{Deserialize, Serialize};

use super::ops::{Keys, Written};
use super::reads::{self, PlanInputs, Read};
use super::{Plan, PlanError, Shift};
use crate::spool::{Spool, Spooled};

/// The version of the stored form. Rows of other versions cannot be read. If the form changes within a version, its
/// number increases.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " form 6");
/// A head is small compared with its operations: it has one key for each customer touched.
const LARGEST_HEAD: u64 = 1 << 30;

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    partner_id: PartnerKey,
    base: Keys,
    inputs: PlanInputs,
    microsofts: Vec<ImportSourceKey>,
    touched: Vec<CustomerKey>,
    changes: u64,
}

/// A plan and what it was made from.
#[derive(Debug)]
pub(crate) struct StoredPlan {
    head: Head,
    reads: Spooled<Read>,
    pub(crate) ops: Written,
}

/// Stores a plan without its list of changes, which is stored with the run. The caller holds a write transaction open.
pub(crate) fn store(
    conn: &mut Conn,
    (run_id, partner_id): (ImportRunKey, PartnerKey),
    plan: &mut Plan,
    (inputs, reads): (PlanInputs, Spooled<Read>),
) -> Result<(), PlanError> {
    plan.ops.changes = Spool::new()?.finish()?;
    let head = Head {
        partner_id,
        base: plan.base.clone(),
        inputs,
        microsofts: plan.microsofts.clone(),
        touched: std::mem::take(&mut plan.touched),
        changes: plan.changes,
    };
    let mut out = GzEncoder::new(PlanWriter::new(conn, run_id), Compression::fast());
    write(&mut out, &head, &reads, &plan.ops).map_err(failed)?;
    Ok(out.finish().map_err(failed)?.finish()?)
}

fn write(out: &mut impl Write, head: &Head, reads: &Spooled<Read>, ops: &Written) -> io::Result<()> {
    let bytes = postcard::to_stdvec(&(VERSION, head)).map_err(io::Error::other)?;
    out.write_all(&(bytes.len() as u64).to_le_bytes())?;
    out.write_all(&bytes)?;
    reads.save(out)?;
    ops.save(out)
}

impl StoredPlan {
    /// Reads the plan of a run.
    pub(crate) fn open(conn: &mut Conn, run_id: ImportRunKey) -> Result<Self, PlanError> {
        let mut input = GzDecoder::new(PlanReader::new(conn, run_id));
        let (head, reads) = read_head(&mut input)?;
        let ops = Written::load(&mut input).map_err(failed)?;
        Ok(Self { head, reads, ops })
    }

    /// Whether the stored plan of a run could be applied now. Reads only what the plan was made from.
    pub(crate) fn check_stored(conn: &mut Conn, run_id: ImportRunKey) -> Result<(), PlanError> {
        let (head, reads) = read_head(&mut GzDecoder::new(PlanReader::new(conn, run_id)))?;
        reads::check(conn, head.partner_id, &head.inputs, &reads)
    }

    /// Whether everything that the plan was made from is unchanged.
    pub(crate) fn check(&self, conn: &mut Conn) -> Result<(), PlanError> {
        reads::check(conn, self.head.partner_id, &self.head.inputs, &self.reads)
    }

    /// The shift from its keys to those that are free now.
    pub(crate) fn shift(&self, conn: &mut Conn) -> Result<Shift, PlanError> {
        Ok(Shift::between(&self.head.base, Keys::read(conn)?))
    }

    pub(crate) fn microsofts(&self) -> &[ImportSourceKey] {
        &self.head.microsofts
    }

    pub(crate) fn touched(&self) -> &[CustomerKey] {
        &self.head.touched
    }

    pub(crate) fn changes(&self) -> u64 {
        self.head.changes
    }
}

fn read_head(input: &mut impl io::Read) -> Result<(Head, Spooled<Read>), PlanError> {
    let mut length = [0; 8];
    input.read_exact(&mut length).map_err(failed)?;
    let length = u64::from_le_bytes(length).min(LARGEST_HEAD);
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes).map_err(failed)?;
    let (version, rest) = postcard::take_from_bytes::<String>(&bytes).map_err(io::Error::other)?;
    if version != VERSION {
        return Err(PlanError::Stale("the program".to_owned()));
    }
    let head = postcard::from_bytes(rest).map_err(io::Error::other)?;
    let reads = Spooled::load(input).map_err(failed)?;
    Ok((head, reads))
}

/// Recovers the database's own errors, which pass through readers and writers.
fn failed(error: io::Error) -> PlanError {
    match error.downcast::<StoreError>() {
        Ok(error) => PlanError::Store(error),
        Err(error) => PlanError::Spool(error),
    }
}
