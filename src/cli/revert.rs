use clap::Args;
use partnergraph_domain::{ImportRunKey, counted};
use partnergraph_importer::printable::escape_control;
use partnergraph_importer::{Left, Reverted};
use partnergraph_store::{Actor, clock};

use super::import::{self, Form};
use super::{Done, Exit, Failure, print};
use crate::config::Config;

/// How many keys are shown of what is kept for the same reason.
const EXAMPLES: usize = 3;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph imports revert 7
  partnergraph imports revert 7 --format json

Earlier values are restored if they are still as the run left them. What the run created is removed if nothing depends on it and \
nobody has edited it. Everything else is kept, and the exit code is then 3. The result counts what is kept by reason; the issues \
of the run (code revert.kept) list every item.")]
pub(super) struct Revert {
    /// Number of the run
    #[arg(value_name = "RUN")]
    run: ImportRunKey,
    /// Maximum number of kept items to list in JSON
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
}

pub(super) fn run(arguments: &Revert, config: &Config) -> Done {
    let actor = Actor::command_line();
    let reverted = partnergraph_importer::revert(&config.database_url, arguments.run, &actor, clock::now());
    let mut reverted = reverted.map_err(|error| import::failure(&error))?;
    if arguments.format == Form::Json {
        reverted.left.truncate(arguments.limit);
        print::line(serde_json::to_string_pretty(&reverted).map_err(Failure::new)?);
    } else {
        print::raw(text(&reverted).as_bytes());
    }
    Ok(if reverted.kept > 0 { Exit::WithRejects } else { Exit::Done })
}

/// The result as text. Thousands of items are often kept for the same reason, so reasons are listed and not items.
fn text(reverted: &Reverted) -> String {
    let Reverted { run, status, restored, removed, kept, left } = reverted;
    let mut text = format!("Import run {run}: {status}\n  {restored} restored, {removed} removed, {kept} kept\n");
    for group in grouped(left) {
        let first = group[0];
        let items = counted(group.len() as u64, noun(&first.entity));
        let what = first.field.as_ref().map_or(items.clone(), |field| format!("{field} of {items}"));
        let keys: Vec<_> = group.iter().take(EXAMPLES).map(|left| escape_control(&left.key)).collect();
        let more = match group.len().saturating_sub(EXAMPLES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        text.push_str(&format!("  kept {what}: {}\n    {}{more}\n", escape_control(&first.reason), keys.join(", ")));
    }
    let unlisted = kept.saturating_sub(left.len() as u64);
    if unlisted > 0 {
        text.push_str(&format!("  … and {unlisted} more\n"));
    }
    if *kept > 0 {
        text.push_str(&format!("  `partnergraph imports show {run}` lists each of them\n"));
    }
    text
}

/// Items of one kind, or the same field of items of one kind, that are kept for the same reason. In the order of their first items.
fn grouped(left: &[Left]) -> Vec<Vec<&Left>> {
    let mut groups: Vec<Vec<&Left>> = Vec::new();
    for left in left {
        let is_alike = |group: &&mut Vec<&Left>| {
            let first = group[0];
            (&first.entity, &first.field, &first.reason) == (&left.entity, &left.field, &left.reason)
        };
        match groups.iter_mut().find(is_alike) {
            Some(group) => group.push(left),
            None => groups.push(vec![left]),
        }
    }
    groups
}

/// What an entity in the list of changes is called in a sentence.
fn noun(entity: &str) -> &str {
    match entity {
        "CUSTOMER" => "customer",
        "SUBSCRIPTION" => "subscription",
        "ENTITLEMENT" => "entitlement",
        "DELEGATED_ADMIN" => "delegated admin relationship",
        "RELATIONSHIP" => "reseller relationship",
        "PARTNERSHIP" => "partnership",
        _ => "item",
    }
}

#[cfg(test)]
mod tests {
    use partnergraph_domain::ImportStatus;

    use super::*;

    fn left(entity: &str, key: &str, field: Option<&str>, reason: &str) -> Left {
        Left {
            entity: entity.to_owned(),
            key: key.to_owned(),
            field: field.map(str::to_owned),
            reason: reason.to_owned(),
            message: String::new(),
        }
    }

    #[test]
    fn equal_reasons_are_counted_and_shown_with_a_few_examples() {
        let mut all: Vec<Left> =
            ["A", "B", "C", "D"].map(|key| left("CUSTOMER", key, None, "one of its subscriptions is kept")).into();
        all.insert(1, left("SUBSCRIPTION", "S", Some("quantity"), "changed since the import"));
        all.push(left("CUSTOMER", "E", None, "changed since the import"));
        let reverted = Reverted {
            run: ImportRunKey::new(7),
            status: ImportStatus::Reverted,
            restored: 2,
            removed: 1,
            kept: 8,
            left: all,
        };
        assert_eq!(
            text(&reverted),
            "Import run 7: REVERTED\n  2 restored, 1 removed, 8 kept\n\
             \x20 kept 4 customers: one of its subscriptions is kept\n    A, B, C and 1 more\n\
             \x20 kept quantity of 1 subscription: changed since the import\n    S\n\
             \x20 kept 1 customer: changed since the import\n    E\n\
             \x20 … and 2 more\n\
             \x20 `partnergraph imports show 7` lists each of them\n"
        );
    }
}
