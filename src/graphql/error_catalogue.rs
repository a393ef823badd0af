//! What error codes mean to a client. `docs/ERRORS.md` is generated from this file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use partnergraph_operation::errors::code;

/// What an error code means and what a client can do about it.
#[derive(Debug, Clone, Copy)]
pub struct Meaning {
    /// The code, in `extensions.code` of a top-level error or in `code` of a user error.
    pub code: &'static str,
    /// When the code is returned.
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
    fix(code::PARSE_FAILED, "The document is not valid GraphQL. `locations` states where.", "Correct the document."),
    fix(code::VALIDATION_FAILED, "The document does not match the schema, or `operationName` does not name one of its operations.", "Correct the document. The schema is at `/schema.graphql`."),
    fix(code::BAD_INPUT, "A variable or argument is missing, has the wrong type, is too long or contains a NUL character. The message or `locations` states which.", "Correct the value."),
    fix("BAD_UUID", "A GUID is malformed.", "Send 32 hexadecimal digits with hyphens, such as `6f1d3a52-9c0e-4b7d-8a11-2f5e7c9b0d34`."),
    fix("BAD_DATE", "A date is malformed.", "Send `YYYY-MM-DD`."),
    fix("BAD_DATE_TIME", "A time is malformed.", "Send RFC 3339 with an offset."),
    fix("BAD_COUNTRY_CODE", "A country is not an ISO 3166-1 code.", "Send a two-letter code such as `DE`."),
    fix(code::BAD_REQUEST, "The HTTP request is not a GraphQL request.", "Follow GraphQL over HTTP: `POST` JSON with `query`."),
    fix(code::METHOD_NOT_ALLOWED, "A mutation was sent by GET, or the endpoint does not support the HTTP method.", "Use a method that the `Allow` header lists: `POST` for a mutation."),
    fix(code::TOO_LARGE, "The request is too large: its body, an uploaded file, or the document's bytes, tokens, nesting levels, aliases, directives, operations or fields. The message states which limit is exceeded.", "Split the document or the file, or send fewer variables."),
    fix(code::TOO_EXPENSIVE, "The response could hold more values than the server returns at once. `extensions.cost` has the figures, `extensions.field` the field that costs most, and `extensions.first` a page size that would be accepted.", "Request smaller pages or fewer fields."),
    fix(code::ANSWER_TOO_LARGE, "The response is larger than 32 MiB, because stored texts are unusually long, and was not sent. A mutation was executed nevertheless.", "Request smaller pages or fewer fields. Do not repeat a mutation; query its result instead."),
    fix(code::BAD_PAGE_SIZE, "`first` or `last` is negative or above 100, or both are given.", "Request at most 100 items in one direction."),
    fix(code::BAD_CURSOR, "A cursor is malformed, or belongs to another list, order or filter.", "Start again without a cursor."),
    fix(code::BAD_FILTER, "A field of the filter has no comparison or is null, is compared with null although it is never null, or names an unknown region; or the filter has more than 100 conditions or is nested more than 5 levels deep. In the provider directory: the field cannot be filtered by.", "Correct the filter as the message states."),
    retry(code::DEADLINE_EXCEEDED, "The operation timed out. The field with this error wrote nothing, unless its message says that the change was made.", "Request less, or try again later. Send an `idempotencyKey` with mutations that create something."),
    retry(code::BUSY, "The server is overloaded, or another write, such as an import, is in progress. Nothing was done.", "Try again after a few seconds."),
    retry(code::REQUEST_TIMEOUT, "The body of the request did not arrive in time.", "Send the request again."),
    retry("UPLOAD_QUOTA_EXCEEDED", "`POST /import`: the organisation's upload quota is used up.", "Import the files already uploaded, or wait: an upload is removed after a day."),
    fix("FORBIDDEN", "`POST /import`: your roles do not allow imports.", "Ask a Global admin or Admin agent to do the import."),
    retry(code::RATE_LIMITED, "The token has used up its query budget for this minute.", "Wait for the number of seconds in `Retry-After`."),
    retry(code::PERSISTED_QUERY_NOT_FOUND, "Only the hash of a document was sent, and the server does not know the document.", "Send the document once together with its hash. After that, the hash is enough."),
    fix(code::DOCUMENT_NOT_TRUSTED, "The server runs only the documents in its configuration.", "Have the document added to the trusted documents."),
    fix("NO_SUCH_ADDRESS", "There is nothing at this URL (404).", "Check the URL. The API is at `/graphql`."),
    fix(code::MORE_ERRORS, "The response has more errors than it lists. This is the last one; its message states how many are left out.", "Correct the listed errors first."),
    retry(code::INTERNAL, "Something failed in the server. Its log has the cause under `extensions.requestId`. If it was a mutation, its change may have been made.", "Try again once; after a mutation, check first whether the change was made. If the error persists, report the request id to the operator."),
];

/// The codes of user errors that belong to no rule of the catalogue.
#[rustfmt::skip]
pub const WITHOUT_RULE: &[Meaning] = &[
    fix("NOT_FOUND", "The input names something that does not exist or that you cannot see.", "Check the id."),
    fix("BAD_INPUT", "Fields of the input are missing, superfluous or contradict each other.", "Correct the field that `field` names."),
    fix("STALE_VERSION", "`ifVersion` is not the current version: someone else changed the entity.", "Reload it and retry."),
    fix("IDEMPOTENCY_KEY_REUSED", "The key was already used with another input.", "Use a new key for a new request."),
    fix("TOKEN_USED", "`verifyPrimaryContact`: the token was already used, or a newer e-mail replaced it.", "Use the link in the newest e-mail. If you have answered already, no action is needed."),
    fix("TOKEN_EXPIRED", "`verifyPrimaryContact`: the token has expired.", "Set the primary contact in the partner's profile again. A new e-mail is sent."),
    fix("RUN_NOT_PLANNED", "`applyImport`, `discardImport`: the run has no plan, or its plan was already applied or discarded.", "Check the run's status. To import the files, plan them again."),
    fix("RUN_NOT_APPLIED", "`revertImport`: the run was not applied, or was already reverted.", "Check the run's status."),
    fix("NOT_ENROLLED", "The enrolment of this account is not authorised yet.", "Wait until the enrolment is authorised."),
    fix("COMPANY_NAME_MISSING", "The company name is required but blank.", "Enter the company name."),
    fix("PLAN_STALE", "The database has changed since the import was planned, in a way that affects the plan.", "Plan the files again."),
    fix("ROLE_NOT_ALLOWED", "Your roles do not allow this. `rule` has the rule, if there is one.", "Ask someone with one of the roles that the message names."),
    fix("ROLE_NOT_GRANTABLE", "The role does not exist in this kind of organisation.", "Use one of the roles that the message names."),
    fix("OWN_ROLES_NOT_RAISED", "You cannot change your own roles, except to join Admin agents.", "Ask another Admin agent."),
    fix("LAST_GLOBAL_ADMIN", "The organisation would have no Global admin left.", "Make someone else a Global admin first."),
    fix("MPN_ID_TAKEN", "Another account has this MPN ID.", "Enrol with the MPN ID of your own company's location."),
    fix("SAME_COMPANY", "The two accounts belong to the same company, so they cannot be affiliates.", "No action is needed: accounts of one company need no link."),
    fix("INVITATION_CLOSED", "The invitation was already answered or withdrawn, or it has expired.", "Ask the partner for a new invitation or request."),
    fix("LINES_MISSING", "The order has no lines.", "Send 1 to 100 lines."),
    fix("LINES_TOO_MANY", "The order has more than 100 lines.", "Place several orders."),
    fix("OFFER_MISSING", "A line does not name the offer.", "Enter the offer's id and name."),
    fix("BILLING_TYPE_UNKNOWN", "A line does not state whether the offer is licence-based or usage-based.", "Enter the billing type."),
    fix("SAME_OFFER", "The subscription already has the offer to upgrade to.", "To add licences, change the subscription's quantity instead."),
    fix("SUBSCRIPTION_DELETED", "The subscription is deleted and cannot be changed.", "Order a new one."),
    fix("SUBSCRIPTION_NOT_ACTIVE", "Only the licences and the offer of an active subscription can be changed.", "Reactivate the subscription if it is suspended. Otherwise order a new one."),
    fix("STATUS_NOT_ALLOWED", "The subscription cannot change from its current status to the requested one.", "Request one of the statuses that the message names."),
    fix("DOMAIN_INVALID", "The domain is not a valid domain name.", "Send a name such as `contoso.example`."),
    fix("ALREADY_PARTNERS", "The partnership is already active.", "No action is needed."),
    fix("PARTNERSHIP_ENDED", "There is no partnership to change or remove; it was already removed, declined or has expired.", "To work with the reseller again, request a new partnership."),
    fix("CHANGE_REQUEST_CLOSED", "The change request was already approved, declined or withdrawn, or it has expired.", "Read its state. The reseller can make a new request."),
    fix("TOO_MANY_CHANGE_REQUESTS", "The reseller has 1,000 open requests to this provider.", "Withdraw some, or wait until the provider has decided some."),
];

/// The generated document, including the codes of rules in `domain/data/refusal-codes.tsv`.
#[must_use]
pub fn document(rules: &str) -> String {
    let mut text = String::from(
        "# Errors\n\n\
         There are two kinds of errors.\n\n\
         - **Top-level errors** (`errors`) are about limits, access and failures of the server. Each has `extensions.code` and \
         `extensions.requestId`. Only `INTERNAL_SERVER_ERROR` is in the server's log, under that id.\n\
         - **User errors** (`userErrors` in a mutation's payload) are refusals by a business rule or because of the input. All of them are \
         returned at once, and nothing is changed. Each has `code`, `message`, `field` (the path of the input field), `rule` (see \
         [RULES.md](RULES.md)) and, if Microsoft has an error for the same case, `microsoftCode`.\n\n\
         Codes are stable. Messages are for people and may change. *Retry* tells whether the same request may succeed later.\n\n\
         ## Top-level errors\n",
    );
    table(&mut text, TOP_LEVEL);
    text.push_str("\n## User errors without a rule\n");
    table(&mut text, WITHOUT_RULE);
    text.push_str(
        "\n## User errors of rules\n\n\
         A rule refuses the request. [RULES.md](RULES.md) states what each rule requires; `message` states what is wrong and, if possible, what \
         to do. The same request is refused again until the input or the data has changed. `UNDECIDED` means that the country of a partner or \
         customer is not known. Some codes also occur without a `rule`, for a similar requirement that is not in the catalogue.\n\n\
         | code | rules |\n|---|---|\n",
    );
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
