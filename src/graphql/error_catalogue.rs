//! What the codes of errors mean to a client; `docs/ERRORS.md` is written from here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use partnergraph_operation::errors::code;

/// What a client can do about a code.
#[derive(Debug, Clone, Copy)]
pub struct Meaning {
    /// The code, in `extensions.code` of a top-level error or in `code` of a user error.
    pub code: &'static str,
    /// When it comes.
    pub when: &'static str,
    /// What to do.
    pub what_to_do: &'static str,
    /// Whether the same request may succeed later.
    pub is_worth_retrying: bool,
}

const fn fix(code: &'static str, when: &'static str, what_to_do: &'static str) -> Meaning {
    Meaning { code, when, what_to_do, is_worth_retrying: false }
}

const fn retry(code: &'static str, when: &'static str, what_to_do: &'static str) -> Meaning {
    Meaning { code, when, what_to_do, is_worth_retrying: true }
}

/// The codes of top-level errors: limits, access, and failures of the server.
#[rustfmt::skip]
pub const TOP_LEVEL: &[Meaning] = &[
    fix(code::UNAUTHENTICATED, "No access token, or one that is wrong, expired or revoked.", "Get a new token and send it as `Authorization: Bearer`."),
    fix(code::PARSE_FAILED, "The document is not GraphQL; `locations` says where.", "Correct the document."),
    fix(code::VALIDATION_FAILED, "The document does not fit the schema, or `operationName` names no operation of it.", "Correct the document; the schema is at `/schema.graphql`."),
    fix(code::BAD_INPUT, "A variable or argument is not of its type, is missing, too long or contains a NUL character. The message or `locations` says which.", "Correct the value."),
    fix("BAD_UUID", "A GUID is malformed.", "Send 32 hexadecimal digits with hyphens."),
    fix("BAD_DATE", "A date is malformed.", "Send `YYYY-MM-DD`."),
    fix("BAD_DATE_TIME", "A time is malformed.", "Send RFC 3339 with an offset."),
    fix("BAD_COUNTRY_CODE", "A country is not a code of ISO 3166-1.", "Send two letters."),
    fix(code::BAD_REQUEST, "The HTTP request is not a GraphQL request.", "Follow GraphQL over HTTP: `POST` JSON with `query`."),
    fix(code::METHOD_NOT_ALLOWED, "A mutation or subscription was sent by GET, or the address does not take this method (405).", "Send it by `POST`."),
    fix(code::TOO_LARGE, "The document has too many bytes, tokens, levels, aliases, directives, operations or fields.", "Split the document."),
    fix(code::TOO_EXPENSIVE, "The answer could hold more values than the server answers at once. `extensions.cost` has the figures, `extensions.field` the field that costs most, `extensions.first` a page size with which the operation passes.", "Ask for smaller pages or fewer fields."),
    fix(code::ANSWER_TOO_LARGE, "The answer has more than 32 MiB, which happens only when stored texts are unusually long. A mutation was executed all the same.", "Ask for smaller pages or fewer fields."),
    fix(code::BAD_PAGE_SIZE, "`first` or `last` is negative or above 100, or both are given.", "Ask for at most 100 entries in one direction."),
    fix(code::BAD_CURSOR, "A cursor belongs to another list, order or filter.", "Begin again without a cursor."),
    fix(code::BAD_FILTER, "A filter is empty where it must say something, or has too many terms or levels.", "Correct the filter."),
    retry(code::DEADLINE_EXCEEDED, "The operation was not answered in time. The field that says so wrote nothing, unless its message says that the change was made.", "Ask for less, or try again later; send an `idempotencyKey` with whatever creates something."),
    retry(code::BUSY, "The server has too much to do, or another write, such as an import, is under way. Nothing was done.", "Try again after some seconds."),
    retry(code::REQUEST_TIMEOUT, "The body of the request did not come in time.", "Send the request again."),
    retry("UPLOAD_QUOTA_EXCEEDED", "`POST /import`: the organisation keeps as much on the server as it may.", "Import what is there, or wait: an upload is removed after a day."),
    fix("FORBIDDEN", "`POST /import`: your roles do not import.", "Ask a Global admin or Admin agent to do the import."),
    retry(code::RATE_LIMITED, "The token has used up what it may ask for in a minute.", "Wait for as many seconds as `Retry-After` says."),
    retry(code::PERSISTED_QUERY_NOT_FOUND, "Only the hash of a document was sent, and the server does not have the document.", "Send the document with its hash once."),
    fix(code::DOCUMENT_NOT_TRUSTED, "The server runs only documents that it was configured with.", "Have the document added to the trusted ones."),
    fix("NO_SUCH_ADDRESS", "There is nothing at this address of the server (404).", "The graph is at `/graphql`."),
    fix(code::MORE_ERRORS, "Comes last where an answer has more errors than are listed; its message has the number.", "Correct the listed errors first."),
    retry(code::INTERNAL, "The server failed. Its log has the cause under `extensions.requestId`.", "Report the request id."),
];

/// The codes of user errors that no rule of the catalogue stands behind.
#[rustfmt::skip]
pub const WITHOUT_RULE: &[Meaning] = &[
    fix("NOT_FOUND", "Something that the input names does not exist, or you cannot see it.", "Check the id."),
    fix("BAD_INPUT", "The input is contradictory or incomplete in a way that the schema cannot express.", "Correct the field that `field` names."),
    fix("STALE_VERSION", "`ifVersion` is not the current version: somebody else changed the entity.", "Reload it and retry."),
    fix("IDEMPOTENCY_KEY_REUSED", "The key was used with another input.", "Use a new key for a new request."),
    fix("TOKEN_USED", "The token of an invitation or verification was answered already.", "Nothing is left to do."),
    fix("TOKEN_EXPIRED", "The token of an invitation or verification has expired.", "Ask for a new one."),
    fix("RUN_NOT_PLANNED", "`applyImport`, `discardImport`: the run has no plan that waits to be applied.", "Look at its status; plan the files again."),
    fix("RUN_NOT_APPLIED", "`revertImport`: the run is not in force.", "Look at its status."),
    fix("NOT_ENROLLED", "The account is not authorised yet.", "Wait until its enrolment is approved."),
    fix("COMPANY_NAME_MISSING", "A company name is needed here and is blank.", "Give it."),
    fix("PLAN_STALE", "Something that a kept plan relies on has changed since.", "Plan the files again."),
    fix("ROLE_NOT_ALLOWED", "Your roles do not allow this. `rule` names the rule, if there is one.", "Ask somebody with one of the roles that the message names."),
    fix("ROLE_NOT_GRANTABLE", "A role cannot be given in this organisation.", "Give one of those that the message names."),
    fix("OWN_ROLES_NOT_RAISED", "You would give yourself a role.", "Ask another Admin agent."),
    fix("LAST_GLOBAL_ADMIN", "The organisation would have no Global admin.", "Make somebody else one first."),
    fix("MPN_ID_TAKEN", "Another account has this MPN ID.", "Enrol with the MPN ID of your own company's location."),
    fix("SAME_COMPANY", "Two accounts of one company would be affiliates.", "Nothing is left to do."),
    fix("INVITATION_CLOSED", "The invitation was answered, or has expired or been withdrawn.", "Make a new one."),
    fix("LINES_MISSING", "The order has no line.", "Send from 1 to 100 lines."),
    fix("LINES_TOO_MANY", "The order has more than 100 lines.", "Place several orders."),
    fix("OFFER_MISSING", "A line does not say which offer is ordered.", "Give the offer's id and name."),
    fix("BILLING_TYPE_UNKNOWN", "A line does not say whether the offer is charged by licence or by use.", "Say which."),
    fix("SAME_OFFER", "The subscription has the offer that it is to be upgraded to.", "Change its number of licences instead."),
    fix("SUBSCRIPTION_DELETED", "The subscription is deleted, and never changes again.", "Order a new one."),
    fix("SUBSCRIPTION_NOT_ACTIVE", "Only an active subscription is changed so.", "Activate it first."),
    fix("STATUS_NOT_ALLOWED", "A subscription does not go from its status to the one that is asked for.", "Ask for one that the message names."),
    fix("DOMAIN_INVALID", "The domain is no name of a domain.", "Send a name such as `contoso.example`."),
    fix("ALREADY_PARTNERS", "The partnership is active already.", "Nothing is left to do."),
    fix("PARTNERSHIP_ENDED", "The partnership that is invited to is over.", "Send a new request."),
];

/// The document for people, with the codes of rules as `domain/data/refusal-codes.tsv` has them.
#[must_use]
pub fn document(rules: &str) -> String {
    let mut text = String::from(
        "# Errors\n\n\
         There are two kinds of errors.\n\n\
         - **Top-level errors** (`errors`) are about limits, access and failures. Each has `extensions.code` and \
         `extensions.requestId`. Only `INTERNAL_SERVER_ERROR` is in the server's log, under that id.\n\
         - **User errors** (`userErrors` of a mutation's payload) are business refusals, all of them at once. Each has `code`, \
         `message`, `field` (the path of the input field), `rule` (see [RULES.md](RULES.md)) and, where Microsoft refuses the same, \
         `microsoftCode`.\n\n\
         Codes are stable. Messages are for people and may change. *Retry* says whether the same request may succeed later.\n\n\
         ## Top-level errors\n",
    );
    table(&mut text, TOP_LEVEL);
    text.push_str("\n## User errors without a rule\n");
    table(&mut text, WITHOUT_RULE);
    text.push_str("\n## User errors of rules\n\n| code | rules |\n|---|---|\n");
    let mut by_code: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (rule, codes) in rules.lines().skip(1).filter_map(|line| line.split_once('\t')) {
        codes.split_whitespace().for_each(|code| by_code.entry(code).or_default().push(rule));
    }
    for (code, rules) in by_code {
        let _ = writeln!(text, "| `{code}` | {} |", rules.join(", "));
    }
    text
}

fn table(text: &mut String, meanings: &[Meaning]) {
    text.push_str("\n| code | when | what to do | retry |\n|---|---|---|---|\n");
    for Meaning { code, when, what_to_do, is_worth_retrying } in meanings {
        let retry = if *is_worth_retrying { "yes" } else { "no" };
        let _ = writeln!(text, "| `{code}` | {when} | {what_to_do} | {retry} |");
    }
}
