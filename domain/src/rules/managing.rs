//! What a reseller manages of what its provider sold, and what it has to ask the provider for (B-16).

use super::authz;
use super::partnership::is_active;
use super::standing::Standing;
use super::subscription::adds_licences;
use crate::{
    Actor, PartnerFacts, PartnershipState, Refusal, Role, RuleId, SubscriptionFacts, SubscriptionStatus, Verdict,
};

/// The roles of a reseller that can manage and ask.
const MANAGING: &[Role] = &[Role::GlobalAdmin, Role::AdminAgent, Role::SalesAgent];

/// How a reseller stands to a provider, and to what the provider sold to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Management {
    /// The reseller.
    pub reseller: PartnerFacts,
    /// The state of the latest partnership between the two. `None` if there never was one.
    pub partnership: Option<PartnershipState>,
    /// Its connection with the subscription. For an order, with any live subscription of the customer that the provider
    /// sold.
    pub standing: Standing,
}

/// Who reads the refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The reseller that manages.
    Reseller,
    /// The provider that decides.
    Provider,
}

/// B-16 (and A-01): the people of a reseller that can manage, ask its provider for a change, or withdraw the request.
pub fn b_16_acts(actor: &Actor, reseller: &PartnerFacts) -> Verdict {
    authz::a_01_roles(actor, reseller, MANAGING)
}

/// B-16: a reseller manages in an active partnership, as partner of record of the subscription or associated with the
/// customer account. Its own relationship with the customer and being the support contact do not count.
pub fn b_16_manages(management: &Management, reader: Reader) -> Verdict {
    let mpn_id = management.reseller.mpn_id;
    if !is_active(management.partnership) {
        let message = match reader {
            Reader::Reseller => {
                "You have no active partnership with the provider, so you cannot manage what it sold.".to_owned()
            }
            Reader::Provider => {
                format!("You have no active partnership with MPN ID {mpn_id}, so it cannot ask you for changes.")
            }
        };
        return Verdict::given(false, RuleId::B_16, "NO_ACTIVE_PARTNERSHIP", message);
    }
    let standing = management.standing;
    let message = match reader {
        Reader::Reseller => "You are neither the partner of record here nor associated with the customer account. Ask \
             the provider to associate you."
            .to_owned(),
        Reader::Provider => {
            format!("MPN ID {mpn_id} is neither the partner of record here nor associated with the customer account.")
        }
    };
    let manages = standing.account_association || standing.partner_of_record;
    Verdict::given(manages, RuleId::B_16, "NOT_MANAGED", message)
}

/// A change of a subscription, as far as it decides who may make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WantedChange {
    /// The number of licences. `None` to keep it.
    pub quantity: Option<i64>,
    /// The status. `None` to keep it.
    pub status: Option<SubscriptionStatus>,
    /// Whether it renews automatically. `None` to keep it.
    pub auto_renew: Option<bool>,
    /// Whether another name is wanted.
    pub renamed: bool,
}

impl WantedChange {
    fn renews(self, held: &SubscriptionFacts) -> bool {
        self.auto_renew == Some(true) && held.auto_renew_enabled != Some(true)
    }
}

/// B-16: what a reseller may not do itself. Licences and renewal commit the provider, which has to be asked for them;
/// cancelling is the provider's. Returns one verdict for each.
#[must_use]
pub fn b_16_does_itself(held: &SubscriptionFacts, wanted: WantedChange) -> Vec<Verdict> {
    let ask = |holds, what: &str, field| {
        let message = format!("{what} commits the provider. Request it with requestChange.");
        Verdict::given(holds, RuleId::B_16, "REQUEST_FROM_PROVIDER", message).field([field])
    };
    let cancels = wanted.status == Some(SubscriptionStatus::Deleted) && held.status != SubscriptionStatus::Deleted;
    let message = "Only the provider can cancel a subscription that it sold.";
    vec![
        ask(!adds_licences(held.quantity, wanted.quantity), "Adding licences", "quantity"),
        ask(!wanted.renews(held), "Automatic renewal", "autoRenewEnabled"),
        Verdict::given(!cancels, RuleId::B_16, "PROVIDER_CANCELS", message).field(["status"]),
    ]
}

/// B-16: a request is for something that commits the provider. The rest the reseller does itself.
pub fn b_16_needs_provider(held: &SubscriptionFacts, wanted: WantedChange) -> Verdict {
    let holds = adds_licences(held.quantity, wanted.quantity) || wanted.renews(held);
    let message = "This change does not need the provider. Make it yourself with updateSubscription.";
    Verdict::given(holds, RuleId::B_16, "REQUEST_NOT_NEEDED", message)
}

/// B-16: a line of a requested order names the reseller that asks, or nobody.
#[must_use]
pub fn b_16_names_another(field: &'static str) -> Refusal {
    let message = "Lines of a change request can name only your own organization.";
    Refusal::of(RuleId::B_16, "RESELLER_NOT_REQUESTER", message).field([field])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IntoEnumIterator;
    use crate::refusal::refusals;
    use crate::testing::{actor, admin_of, operator, passes, provider, refuses, reseller, subscription};

    const OF_RECORD: Standing = Standing {
        own_relationship: false,
        account_association: false,
        partner_of_record: true,
        support_contact: false,
        tenant_owner: false,
    };

    fn manager(partnership: Option<PartnershipState>, standing: Standing) -> Management {
        Management { reseller: reseller(), partnership, standing }
    }

    #[test]
    fn a_reseller_manages_in_an_active_partnership_what_it_is_associated_with() {
        let active = Some(PartnershipState::Active);
        let associated = Standing { account_association: true, ..Standing::default() };
        for reader in [Reader::Reseller, Reader::Provider] {
            passes("B-16", b_16_manages(&manager(active, OF_RECORD), reader));
            passes("B-16", b_16_manages(&manager(active, associated), reader));
            let others =
                Standing { own_relationship: true, support_contact: true, tenant_owner: true, ..Standing::default() };
            assert_eq!(refuses("B-16", b_16_manages(&manager(active, others), reader)).code, "NOT_MANAGED");
            for partnership in PartnershipState::iter().map(Some).chain([None]).filter(|state| *state != active) {
                let refusal = refuses("B-16", b_16_manages(&manager(partnership, OF_RECORD), reader));
                assert_eq!(refusal.code, "NO_ACTIVE_PARTNERSHIP");
            }
        }
    }

    #[test]
    fn three_roles_of_the_reseller_manage() {
        let reseller = reseller();
        let at_home = |role| b_16_acts(&actor(reseller.tenant_id.unwrap(), role), &reseller).passed() == Some(true);
        assert_eq!(Role::iter().filter(|role| at_home(*role)).collect::<Vec<_>>(), MANAGING);
        for other in [admin_of(&provider()), operator()] {
            assert_eq!(refuses("A-01", b_16_acts(&other, &reseller)).microsoft_code, Some(900_150));
        }
    }

    #[test]
    fn what_commits_the_provider_is_asked_for_and_the_rest_is_done() {
        let held = SubscriptionFacts { auto_renew_enabled: Some(false), ..subscription() };
        let quantity = |quantity| WantedChange { quantity: Some(quantity), ..WantedChange::default() };
        let renewal = |on| WantedChange { auto_renew: Some(on), ..WantedChange::default() };
        for (wanted, commits) in [
            (quantity(11), true),
            (quantity(10), false),
            (quantity(9), false),
            (renewal(true), true),
            (renewal(false), false),
        ] {
            assert_eq!(refusals(b_16_does_itself(&held, wanted)).len(), usize::from(commits), "{wanted:?}");
            assert_eq!(b_16_needs_provider(&held, wanted).passed(), Some(commits), "{wanted:?}");
        }
        let code = |wanted| refusals(b_16_does_itself(&held, wanted))[0].code;
        assert_eq!(code(quantity(11)), "REQUEST_FROM_PROVIDER");
        let status = |status| WantedChange { status: Some(status), ..WantedChange::default() };
        assert_eq!(code(status(SubscriptionStatus::Deleted)), "PROVIDER_CANCELS");
        for own in [SubscriptionStatus::Suspended, SubscriptionStatus::Active] {
            assert_eq!(refusals(b_16_does_itself(&held, status(own))), []);
        }
        assert_eq!(refuses("B-16", b_16_needs_provider(&held, quantity(9))).code, "REQUEST_NOT_NEEDED");
        // A renewal that is not known counts as off.
        let unknown = SubscriptionFacts { auto_renew_enabled: None, ..held };
        passes("B-16", b_16_needs_provider(&unknown, renewal(true)));
        assert_eq!(b_16_names_another("reseller").code, "RESELLER_NOT_REQUESTER");
    }
}
