//! The report as text.

use std::fmt::Write;

use partnergraph_domain::{ImportStatus, counted};

use super::Report;
use crate::issue::Issue;
use crate::moving::MoveReport;
use crate::plan::Counts;
use crate::printable::escape_control as shown;

/// Lines per code that are shown. The others are only counted.
const SHOWN: usize = 5;

pub(super) fn report(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(report, &mut out);
    out
}

fn write(report: &Report, out: &mut String) -> std::fmt::Result {
    match report.run {
        Some(run) if report.status == ImportStatus::Planned => {
            writeln!(out, "Import run {run}: PLANNED, nothing was changed")?;
            writeln!(out, "  partnergraph imports apply {run} applies the plan")?;
        }
        Some(run) if report.status == ImportStatus::Failed => {
            writeln!(out, "Import run {run}: FAILED, nothing was imported")?;
        }
        Some(run) => writeln!(out, "Import run {run}: {}", report.status.as_str())?,
        None if report.status == ImportStatus::Failed => writeln!(out, "Dry run: FAILED, nothing was written")?,
        None => writeln!(out, "Dry run: nothing was written")?,
    }
    for file in &report.files {
        let delimiter = if file.delimiter == "\t" { "tab".into() } else { shown(&file.delimiter) };
        writeln!(out, "  {}: {}, format {}", shown(&file.name), counted(file.rows, "row"), shown(&file.profile))?;
        writeln!(
            out,
            "    source {}, encoding {}, delimiter {delimiter}, dates {}, as of {}",
            shown(&file.source),
            file.encoding,
            file.date_order,
            file.as_of
        )?;
    }
    let rows = report.rows;
    if let Some(moved) = &report.moved {
        return moves(report, moved, out);
    }
    writeln!(out)?;
    writeln!(
        out,
        "Rows           {:>9} read = {} applied + {} merged + {} rejected + {} conflict",
        rows.read, rows.applied, rows.merged, rows.rejected, rows.conflict
    )?;
    counts(out, "Customers", report.customers)?;
    counts(out, "Subscriptions", report.subscriptions)?;
    counts(out, "Resellers", report.resellers)?;
    counts(out, "Associations", report.associations)?;
    if report.agreements != Counts::default() {
        counts(out, "Agreements", report.agreements)?;
    }
    for control in &report.controls {
        let sums: Vec<String> =
            control.subtotals.iter().map(|(currency, sum)| format!(", {sum} {}", shown(currency))).collect();
        writeln!(
            out,
            "Control totals {}: {}, {}, {}{}",
            shown(&control.file),
            counted(control.customers, "customer"),
            counted(control.subscriptions, "subscription"),
            counted(control.seats.unsigned_abs(), "seat"),
            sums.concat()
        )?;
    }
    absent(out, "customer", report.absent.customers_total, &report.absent.customers)?;
    absent(out, "subscription", report.absent.subscriptions_total, &report.absent.subscriptions)?;
    issues(out, report)?;
    for rejects in &report.rejects {
        if report.status == ImportStatus::Failed {
            let file = shown(&rejects.file);
            writeln!(
                out,
                "\nThe invalid rows are in {file}. Fix them in their original files, and import those files again."
            )?;
            continue;
        }
        writeln!(
            out,
            "\nRows that were not applied are in {}. Fix them, then:\n  {}",
            shown(&rejects.file),
            shown(&rejects.command)
        )?;
    }
    writeln!(out, "\n{:.1} seconds, {} rows per second", report.elapsed_seconds, report.rows_per_second)
}

/// What a move moves.
fn moves(report: &Report, moved: &MoveReport, out: &mut String) -> std::fmt::Result {
    let to = moved.to.as_deref().map_or("nobody".to_owned(), |to| format!("MPN ID {}", shown(to)));
    writeln!(out, "  moves from MPN ID {} to {to}\n", shown(&moved.from))?;
    writeln!(
        out,
        "Rows           {:>9} read = {} applied + {} rejected",
        report.rows.read, report.rows.applied, report.rows.rejected
    )?;
    writeln!(out, "Customers      {:>9}", moved.customers)?;
    writeln!(
        out,
        "Subscriptions  {:>9} with {}, {} with a term that ends within 30 days",
        moved.subscriptions,
        counted(moved.licenses.unsigned_abs(), "licence"),
        moved.ending_soon
    )?;
    writeln!(out, "Entitlements   {:>9}", moved.entitlements)?;
    writeln!(out, "Support        {:>9}", moved.support_contacts)?;
    writeln!(out, "Accounts       {:>9}", moved.accounts)?;
    writeln!(out, "Fixed          {:>9} reservations and savings plans that stay (B-03)", moved.fixed)?;
    for refused in &moved.refused {
        let rule = refused.rule.as_ref().map_or(String::new(), |rule| format!(" by rule {}", shown(rule)));
        writeln!(out, "\n{} rejected{rule}: {}", counted(refused.rows, "row"), shown(&refused.message))?;
    }
    writeln!(out, "\n{:.1} seconds, {} rows per second", report.elapsed_seconds, report.rows_per_second)
}

fn counts(out: &mut String, name: &str, counts: Counts) -> std::fmt::Result {
    let Counts { created, updated, unchanged } = counts;
    writeln!(out, "{name:<14} {created:>9} created, {updated} updated, {unchanged} unchanged")
}

fn absent(out: &mut String, what: &str, total: u64, keys: &[String]) -> std::fmt::Result {
    if total == 0 {
        return Ok(());
    }
    let first: Vec<&str> = keys.iter().take(SHOWN).map(String::as_str).collect();
    let more = if total > first.len() as u64 { ", …" } else { "" };
    let what = if total == 1 { what.to_owned() } else { format!("{what}s") };
    writeln!(out, "Absent         {total:>9} {what} from an earlier list, left unchanged: {}{more}", first.join(", "))
}

fn issues(out: &mut String, report: &Report) -> std::fmt::Result {
    let mut codes: Vec<&str> = Vec::new();
    for issue in &report.issues {
        if !codes.contains(&&*issue.code) {
            codes.push(&issue.code);
        }
    }
    for code in codes {
        let of_code: Vec<&Issue> = report.issues.iter().filter(|issue| issue.code == code).collect();
        let first = of_code[0];
        let rule = first.rule.as_ref().map_or(String::new(), |rule| format!(" (rule {rule})"));
        writeln!(out, "\n{} {code}{rule}: {}", first.severity.as_str().to_ascii_lowercase(), of_code.len())?;
        for issue in of_code.iter().take(SHOWN) {
            let file = report.files.get(usize::from(issue.file)).map_or("?", |file| file.name.as_str());
            let column = issue.column.as_ref().map_or(String::new(), |column| format!(" {}", shown(column)));
            let value = issue.value.as_ref().map_or(String::new(), |value| format!(" [{}]", shown(value)));
            let line = if issue.line > 0 { format!(":{}", issue.line) } else { String::new() };
            writeln!(out, "  {}{line}{column}: {}{value}", shown(file), shown(&issue.message))?;
        }
        if of_code.len() > SHOWN {
            writeln!(out, "  … and {} more", of_code.len() - SHOWN)?;
        }
        if let Some(hint) = &first.hint {
            writeln!(out, "  hint: {}", shown(hint))?;
        }
    }
    let left = report.issues_total - report.issues.len() as u64;
    if left > 0 {
        let (noun, verb) = if left == 1 { ("issue", "is") } else { ("issues", "are") };
        writeln!(out, "\n{left} more {noun} {verb} not listed; --max-issues lists more")?;
    }
    Ok(())
}
