//! The activity log: Partner Center's columns, and after them what each record changed, field by field, and where an import read it.

use std::io::Write;

use partnergraph_domain::OperationType;
use partnergraph_store::read::exports::{self, ActivityLine, Period};
use partnergraph_store::write::Change;
use partnergraph_store::{Conn, Scope};

use super::{Stopped, capitalised, finish, write};

const HEADER: [&str; 14] = [
    "Date-Time",
    "Affected customer",
    "Action",
    "Partner user",
    "Customer ID",
    "Subject type",
    "Subject",
    "Field",
    "Old value",
    "New value",
    "Source",
    "Import run",
    "File",
    "Line",
];

/// What all lines of an event have in common.
struct Head<'a> {
    date: String,
    action: String,
    line: &'a ActivityLine,
    run: String,
}

impl Head<'_> {
    fn write(
        &self,
        out: &mut csv::Writer<impl Write>,
        (customer, tenant_id): (&str, &str),
        (kind, subject): (&str, &str),
        [field, before, after]: [&str; 3],
    ) -> Result<(), Stopped> {
        let Self { date, action, line, run } = self;
        let user = &line.event.user_principal_name;
        let (source, file) = (shown(line.event.source.as_ref()), line.event.file_name().unwrap_or_default());
        let number = line.event.line.map(|line| line.to_string()).unwrap_or_default();
        write(
            out,
            [date, customer, action, user, tenant_id, kind, subject, field, before, after, source, run, file, &number],
        )
    }
}

/// Writes the records of a period that the caller sees. A record that changed no field has one line.
pub(super) fn write_all(
    conn: &mut Conn,
    scope: &Scope,
    period: Period,
    out: &mut csv::Writer<impl Write>,
) -> Result<(), Stopped> {
    out.write_record(HEADER)?;
    let mut before = None;
    loop {
        let piece = exports::activity(conn, scope, period, before)?;
        let Some(last) = piece.last() else { break };
        before = Some(last.event.id);
        for line in &piece {
            let head = Head {
                date: line.event.operation_date.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                action: action(line.event.operation_type),
                run: line.event.run_id.map(|run| run.to_string()).unwrap_or_default(),
                line,
            };
            of_record(&head, out)?;
        }
    }
    finish(out)
}

fn of_record(head: &Head<'_>, out: &mut csv::Writer<impl Write>) -> Result<(), Stopped> {
    let subject = subject(head.line);
    let subject = (&*subject.0, &*subject.1);
    let customer = (shown(head.line.customer.as_ref()), shown(head.line.event.customer_tenant_id.as_ref()));
    let changes = head.line.event.visible_changes()?;
    if changes.is_empty() {
        return head.write(out, customer, subject, ["", "", ""]);
    }
    for Change { field, before, after } in &changes {
        head.write(out, customer, subject, [field, shown(before.as_ref()), shown(after.as_ref())])?;
    }
    Ok(())
}

fn shown(value: Option<&String>) -> &str {
    value.map_or("", String::as_str)
}

/// The entity that the record is about, by the key that users know.
fn subject(line: &ActivityLine) -> (String, String) {
    let (event, partner) = (&line.event, || line.partner.clone().unwrap_or_default());
    let (kind, key) = match event {
        _ if event.change_entity.is_some() => (shown(event.change_entity.as_ref()), event.key.clone()),
        _ if event.subscription_id.is_some() => ("SUBSCRIPTION", event.subscription_id.clone()),
        _ if event.invitation_id.is_some() => ("INVITATION", Some(partner())),
        _ if event.partnership_id.is_some() => ("PARTNERSHIP", Some(partner())),
        _ if event.customer_tenant_id.is_some() => ("CUSTOMER", event.customer_tenant_id.clone()),
        _ if event.run_id.is_some() => ("IMPORT_RUN", event.run_id.map(|run_id| run_id.to_string())),
        _ if event.partner_id.is_some() => ("PARTNER", Some(partner())),
        _ => ("", None),
    };
    (kind.to_owned(), key.unwrap_or_default())
}

/// What was done, as readable text.
fn action(operation: OperationType) -> String {
    match operation {
        OperationType::CreateMpnAssociation => "Set the partner of record".to_owned(),
        OperationType::UpdateMpnAssociation => "Replaced the partner of record".to_owned(),
        OperationType::RemoveMpnAssociation => "Removed the partner of record".to_owned(),
        OperationType::CreateCustomerAssociation => "Associated a reseller with the customer".to_owned(),
        OperationType::RemoveCustomerAssociation => "Ended a reseller's association with the customer".to_owned(),
        OperationType::ExtendPartnerRelationship => "Accepted a partnership".to_owned(),
        OperationType::DapAdminRelationshipApproved => "Granted delegated administration".to_owned(),
        OperationType::DapAdminRelationshipReassigned => "Reassigned delegated administration".to_owned(),
        OperationType::DapAdminRelationshipTerminated => "Ended delegated administration".to_owned(),
        other => in_words(other.as_str()),
    }
}

/// Turns `CREATE_MPN_PROFILE` into "Created MPN profile".
fn in_words(word: &str) -> String {
    let mut words: Vec<String> = word.split('_').map(str::to_ascii_lowercase).collect();
    for name in words.iter_mut().filter(|name| *name == "mpn") {
        *name = "MPN".to_owned();
    }
    if let Some(verb) = words.first_mut() {
        let ending = if verb.ends_with('e') { "d" } else { "ed" };
        *verb = match verb.as_str() {
            "apply" => "Applied".to_owned(),
            other => capitalised(&other.to_ascii_uppercase()) + ending,
        };
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_shown_as_text() {
        for (operation, expected) in [
            (OperationType::AddCustomer, "Added customer"),
            (OperationType::CreateOrder, "Created order"),
            (OperationType::UpdateSupportContact, "Updated support contact"),
            (OperationType::CreateMpnProfile, "Created MPN profile"),
            (OperationType::ApplyImport, "Applied import"),
            (OperationType::RemovePartnerCustomerRelationship, "Removed partner customer relationship"),
            (OperationType::DapAdminRelationshipTerminated, "Ended delegated administration"),
        ] {
            assert_eq!(action(operation), expected);
        }
    }
}
