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

/// Generate exports of other portals
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the sample exports, a description of their contents, and the expected result of importing them
    Samples {
        /// Directory to write to; created if necessary
        dir: PathBuf,
    },
    /// Write a month's new-commerce reconciliation file
    NewCommerce {
        /// Number of rows
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        rows: u32,
        /// Percentage of rows that repeat an earlier one; all others have their own subscription
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=99))]
        repeated: u32,
        /// Month of the invoice, from 1
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=60))]
        month: u32,
        /// Percentage of subscriptions that change their reseller in each month after the first
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=100))]
        moved: u32,
        /// Number of customers [default: a tenth of the rows]
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        customers: Option<u32>,
        /// Number of indirect resellers
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        resellers: u32,
        /// Tenant id of the importing partner
        #[arg(long, default_value = PROVIDER.tenant_id)]
        partner_tenant: Uuid,
        /// MPN ID of the importing partner
        #[arg(long, default_value_t = PROVIDER.mpn_id)]
        mpn: u32,
        /// Output file [default: standard output]
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

/// A reader such as `head` can close the pipe early; that is not an error.
fn end_quietly_on_closed_pipe(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}
