//! The command `partnergraph-exports`.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use partnergraph_exports::benchmark::{self, NewCommerce};
use partnergraph_exports::book;
use partnergraph_exports::book::partners::PROVIDER;
use uuid::Uuid;

/// Makes exports of other portals.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the sample exports, what they contain and what an import of them must give.
    Samples {
        /// The directory to write to; it is made if need be.
        dir: PathBuf,
    },
    /// Write a month's new-commerce reconciliation file.
    NewCommerce {
        /// How many rows.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        rows: u32,
        /// How many of a hundred rows repeat an earlier one; each other has a subscription of its own.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=99))]
        repeated: u32,
        /// Which month's invoice it is.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=60))]
        month: u32,
        /// How many of a hundred subscriptions change their reseller in each month after the first.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=100))]
        moved: u32,
        /// Over how many customers they are spread [default: a tenth of the rows].
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        customers: Option<u32>,
        /// Over how many indirect resellers.
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        resellers: u32,
        /// The importing partner's tenant id.
        #[arg(long, default_value = PROVIDER.tenant_id)]
        partner_tenant: Uuid,
        /// The importing partner's MPN ID.
        #[arg(long, default_value_t = PROVIDER.mpn_id)]
        mpn: u32,
        /// Where to write it; standard output if not said.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Samples { dir } => write_samples(&dir),
        Command::NewCommerce { rows, repeated, month, moved, customers, resellers, partner_tenant, mpn, out } => {
            let customers = customers.unwrap_or(rows.div_ceil(10)).min(rows);
            let file = NewCommerce { rows, repeated, month, moved, customers, resellers, partner_tenant, mpn };
            match out {
                Some(path) => {
                    let out = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
                    benchmark::write(&file, out).with_context(|| format!("cannot write {}", path.display()))
                }
                None => end_quietly_on_closed_pipe(benchmark::write(&file, io::stdout().lock())),
            }
        }
    }
}

fn write_samples(dir: &std::path::Path) -> anyhow::Result<()> {
    for file in book::files()? {
        let path = dir.join(&file.path);
        let parent = path.parent().expect("a file's path has a parent");
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let mut out = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        out.write_all(&file.bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// `… | head` closes the pipe early, and that is no fault of anybody's.
fn end_quietly_on_closed_pipe(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}
