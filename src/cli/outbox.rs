use clap::{Args, Subcommand};
use partnergraph_domain::counted;
use partnergraph_store::read::outbox;
use partnergraph_store::{Conn, Scope};

use super::import::Form;
use super::{Done, Exit, Failure, accounts, print};
use crate::config::Config;

/// List the e-mails that the platform itself has to send
#[derive(Debug, Subcommand)]
pub(super) enum Outbox {
    /// List e-mails, newest first; the JSON output includes their bodies
    List(List),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph outbox list
  partnergraph outbox list --format json --limit 1")]
pub(super) struct List {
    /// Maximum number of e-mails to list
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
}

pub(super) fn run(command: &Outbox, config: &Config) -> Done {
    let mut conn = accounts::connect(config)?;
    match command {
        Outbox::List(arguments) => list(&mut conn, arguments)?,
    }
    Ok(Exit::Done)
}

fn list(conn: &mut Conn, arguments: &List) -> Result<(), Failure> {
    let mails = outbox::newest(conn, &Scope::Operator, arguments.limit)?;
    let moment = |at: chrono::NaiveDateTime| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    if arguments.format == Form::Json {
        let mails: serde_json::Value = mails
            .into_iter()
            .map(|mail| {
                serde_json::json!({
                    "id": mail.id, "kind": mail.kind, "recipient": mail.recipient, "subject": mail.subject, "body": mail.body,
                    "createdAt": moment(mail.created_at), "sentAt": mail.sent_at.map(moment), "attempts": mail.attempts,
                    "lastError": mail.last_error,
                })
            })
            .collect();
        print::line(serde_json::to_string_pretty(&mails).map_err(Failure::new)?);
        return Ok(());
    }
    let rows: Vec<[String; 6]> = mails
        .into_iter()
        .map(|mail| {
            let state = match (mail.sent_at, mail.last_error) {
                (Some(at), _) => format!("sent {}", moment(at)),
                (None, Some(error)) => {
                    format!("failed after {}: {error}", counted(mail.attempts.unsigned_abs(), "attempt"))
                }
                (None, None) => "not sent".to_owned(),
            };
            [mail.id.to_string(), mail.kind.to_string(), moment(mail.created_at), mail.recipient, state, mail.subject]
        })
        .collect();
    print::table(["MAIL", "KIND", "CREATED", "RECIPIENT", "STATE", "SUBJECT"], &rows);
    Ok(())
}
