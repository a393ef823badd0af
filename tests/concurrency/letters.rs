//! The model of links: requests of partnerships and invitations of customers.

use std::collections::BTreeSet;

use crate::act::Act;
use crate::answers::Answer;
use crate::model::{Footprint, Judgement, State, unless};
use crate::world::{Org, customer_of_reseller};

/// A drafted link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Letter {
    /// The provider that drafted it.
    pub(crate) from: usize,
    /// The addressee. Anyone with an invitation can answer it, but here it is sent to the addressee.
    pub(crate) to: Org,
    pub(crate) open: bool,
}

impl State {
    pub(crate) fn accept_request(&self, me: usize, act: &Act) -> Judgement {
        let letter = self.letters[&act.token];
        let mut refused = BTreeSet::new();
        if customer_of_reseller(me).is_some_and(|customer| self.related.contains(&(letter.from, customer))) {
            refused.insert("Q-09".to_owned());
        }
        if !letter.open {
            refused.insert("INVITATION_CLOSED".to_owned());
        }
        if self.is_active(letter.from, me) {
            refused.insert("ALREADY_PARTNERS".to_owned());
        }
        unless(refused, || {
            Footprint::of(&["CREATE_PARTNER_RELATIONSHIP", "EXTEND_PARTNER_RELATIONSHIP"], &["ACCEPT_INVITATION"])
        })
    }

    pub(crate) fn accept_invitation(&self, me: usize, act: &Act) -> Judgement {
        let letter = self.letters[&act.token];
        let mut refused: BTreeSet<String> = self.both(letter.from, me).into_iter().collect();
        if !letter.open {
            refused.insert("INVITATION_CLOSED".to_owned());
        }
        unless(refused, || {
            Footprint::of(
                &["ACCEPT_INVITATION"],
                &[
                    "ADD_CUSTOMER",
                    "CREATE_PARTNER_CUSTOMER_RELATIONSHIP",
                    "CREATE_AGREEMENT",
                    "DAP_ADMIN_RELATIONSHIP_APPROVED",
                ],
            )
        })
    }

    pub(crate) fn draft(&mut self, from: usize, to: Org, answer: &Answer) {
        let token = answer.token.clone().unwrap_or_else(|| panic!("no link in {answer:?}"));
        let earlier = self.letters.insert(token, Letter { from, to, open: true });
        assert_eq!(earlier, None, "a token was given twice");
    }

    /// Closes the letter and returns its sender.
    pub(crate) fn close(&mut self, token: &str) -> usize {
        let letter = self.letters.get_mut(token).unwrap();
        letter.open = false;
        letter.from
    }
}
