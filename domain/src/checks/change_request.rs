//! Whether a change request is open, whether there is room for another one, and whether it is approved at once (B-16).

use crate::{AutoApproval, ChangeRequestKind, ChangeRequestState, Refusal};

/// The most open requests of one reseller to one provider.
pub const MOST_OPEN_REQUESTS: i64 = 1_000;

/// Checks whether a request is still open: it is decided or withdrawn once.
#[must_use]
pub fn open_request(state: ChangeRequestState) -> Option<Refusal> {
    let message = match state {
        ChangeRequestState::Requested => return None,
        ChangeRequestState::Approved => "The request has already been approved.",
        ChangeRequestState::Declined => "The request has already been declined.",
        ChangeRequestState::Withdrawn => "The request has been withdrawn.",
        ChangeRequestState::Expired => "The request has expired. Ask for a new one.",
    };
    Some(Refusal::plain("CHANGE_REQUEST_CLOSED", message))
}

/// Checks that the reseller has no more open requests to the provider than one of them could look through.
#[must_use]
pub fn room_for_request(open: i64) -> Option<Refusal> {
    (open >= MOST_OPEN_REQUESTS).then(|| {
        let message = format!(
            "You have {MOST_OPEN_REQUESTS} open requests to this provider. Withdraw some, or wait for its decisions."
        );
        Refusal::plain("TOO_MANY_CHANGE_REQUESTS", message)
    })
}

/// Whether such a request is approved without asking the provider's users.
#[must_use]
pub fn approves_automatically(setting: AutoApproval, kind: ChangeRequestKind, renews: bool) -> bool {
    match setting {
        AutoApproval::None => false,
        AutoApproval::Updates => kind == ChangeRequestKind::Update && !renews,
        AutoApproval::All => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_closed_once_and_there_are_not_too_many() {
        assert_eq!(open_request(ChangeRequestState::Requested), None);
        for state in [
            ChangeRequestState::Approved,
            ChangeRequestState::Declined,
            ChangeRequestState::Withdrawn,
            ChangeRequestState::Expired,
        ] {
            assert_eq!(open_request(state).unwrap().code, "CHANGE_REQUEST_CLOSED");
        }
        assert_eq!(room_for_request(MOST_OPEN_REQUESTS - 1), None);
        assert_eq!(room_for_request(MOST_OPEN_REQUESTS).unwrap().code, "TOO_MANY_CHANGE_REQUESTS");
    }

    #[test]
    fn what_is_approved_automatically_is_chosen() {
        use ChangeRequestKind::{Order, Update, Upgrade};
        let approved = |setting| {
            [(Update, false), (Update, true), (Upgrade, false), (Order, false)]
                .map(|(kind, renews)| approves_automatically(setting, kind, renews))
        };
        assert_eq!(approved(AutoApproval::None), [false; 4]);
        assert_eq!(approved(AutoApproval::Updates), [true, false, false, false]);
        assert_eq!(approved(AutoApproval::All), [true; 4]);
    }
}
