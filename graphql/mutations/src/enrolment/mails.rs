//! The emails that the service sends to the primary contact of an enrolment.

use chrono::NaiveDateTime;
use partnergraph_domain::{MailKind, PartnerKey, VettingStatus, VettingSubStatus};
use partnergraph_store::write::outbox::Mail;
use partnergraph_store::write::profile::Profile;
use partnergraph_store::write::verifications::{self, Question};
use partnergraph_store::{Conn, StoreResult};

use partnergraph_operation::policy::Policy;

/// Emails the two verification questions to the primary contact. The token appears only in the email.
pub(crate) fn ask_contact(
    conn: &mut Conn,
    now: NaiveDateTime,
    policy: &Policy,
    partner_id: PartnerKey,
    profile: &Profile,
) -> StoreResult<()> {
    let Some(recipient) = profile.contact_email.clone() else { return Ok(()) };
    let token = verifications::fresh_token();
    let expires_at = now + policy.invitation_lasts();
    let mail = Mail {
        kind: MailKind::ContactVerification,
        recipient,
        subject: format!("Please verify your address for the enrolment of {}", profile.name),
        body: format!(
            "{greeting}\n\n{name} enrols in the Cloud Solution Provider programme and names you as its primary contact. \
             Before the review can continue, please answer two questions:\n\n\
             1. Did you, or a colleague with your knowledge, sign up?\n2. Does this address belong to the company?\n\n\
             Sign in and answer here:\n{url}/verify#token={token}\n\n\
             If you use the API, pass the token from the link to verifyPrimaryContact. It can be used once, until \
             {until} UTC. If you did not expect this email, answer no to the first question.\n",
            greeting = greeting(profile),
            name = profile.name,
            url = policy.public_url,
            until = expires_at.format("%Y-%m-%d %H:%M"),
        ),
    };
    verifications::ask(conn, now, &Question { partner_id, token: &token, expires_at, mail })
}

/// The email about a review's decision. `None` if the account has no contact email.
pub(super) fn news(
    profile: &Profile,
    (status, sub_status): (VettingStatus, VettingSubStatus),
    note: Option<&str>,
) -> Option<Mail> {
    let outcome = match (status, sub_status) {
        (VettingStatus::Authorized, _) => {
            "The enrolment is authorised. A Global admin of the company can now accept the Microsoft Partner Agreement."
        }
        (VettingStatus::Rejected, VettingSubStatus::EmailOwnership) => {
            "The enrolment was rejected because its primary contact did not confirm signing up."
        }
        (VettingStatus::Rejected, VettingSubStatus::EmailDomain) => {
            "The enrolment was rejected because its primary contact's email address does not belong to the company."
        }
        (VettingStatus::Rejected, VettingSubStatus::EmploymentVerification) => {
            "The enrolment was rejected because we could not confirm that the person who enrolled may act for the company."
        }
        (VettingStatus::Rejected, _) => {
            "The enrolment was rejected because we could not find an established profile of the company."
        }
        (VettingStatus::None | VettingStatus::Pending, _) => "The enrolment is under review.",
    };
    let note = note.map_or_else(String::new, |note| format!("\n\nNote from the reviewer: {note}"));
    let again =
        if status == VettingStatus::Rejected { "\n\nA Global admin of the company may enrol again." } else { "" };
    Some(Mail {
        kind: MailKind::EnrolmentNews,
        recipient: profile.contact_email.clone()?,
        subject: format!("The enrolment of {} is {}", profile.name, status.as_str().to_lowercase()),
        body: format!("{}\n\n{outcome}{note}{again}\n", greeting(profile)),
    })
}

fn greeting(profile: &Profile) -> String {
    let name: Vec<&str> =
        [&profile.contact_first_name, &profile.contact_last_name].into_iter().flatten().map(String::as_str).collect();
    if name.is_empty() { "Hello,".to_owned() } else { format!("Dear {},", name.join(" ")) }
}
