//! Moving what a reseller has with a provider to another reseller, or to nobody.

use super::{reseller_for_account, reseller_on_transaction, start_import, support_contact};
use crate::refusal::refusals;
use crate::rules::{authz, customer, subscription};
use crate::{
    Actor, CustomerFacts, MovedKind, MovedPart, PartnerFacts, PartnerType, Refusal, ResellerChoice, RuleId,
    SubscriptionFacts, SupportContactChoice,
};

/// Checks whether the caller may move resellers of that provider. A move is a run, so the rights are those of an import
/// and only indirect providers have resellers.
#[must_use]
pub fn move_reseller(actor: &Actor, provider: &PartnerFacts) -> Vec<Refusal> {
    let mut found = start_import(actor, provider);
    if found.is_empty() && provider.partner_type != PartnerType::IndirectProvider {
        found.push(authz::not_for(RuleId::A_01, "Only an indirect provider can move what a reseller has with it."));
    }
    found
}

/// Checks whether what is moved may go to that reseller, with the rules of each part.
#[must_use]
pub fn moves_to(provider: &PartnerFacts, parts: &[MovedPart], to: &ResellerChoice) -> Vec<Refusal> {
    let mut found: Vec<Refusal> = Vec::new();
    for part in parts {
        let verdicts = match part {
            MovedPart::PartnerOfRecord => reseller_on_transaction(provider, to),
            MovedPart::SupportContact => support_contact(provider, &SupportContactChoice::Reseller(to.clone())),
            MovedPart::Account => reseller_for_account(provider, to),
        };
        for refusal in refusals(verdicts).into_iter().map(|refusal| refusal.field(["to"])) {
            if !found.contains(&refusal) {
                found.push(refusal);
            }
        }
    }
    found
}

/// Whether a move sets another reseller, or leaves nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Successor {
    /// Another reseller.
    Reseller,
    /// Nobody.
    Nobody,
}

/// Checks whether one row may be moved, by the rules of the single change that do not depend on the reseller.
#[must_use]
pub fn moves_row(
    kind: MovedKind,
    successor: Successor,
    customer: &CustomerFacts,
    subscription: Option<&SubscriptionFacts>,
) -> Vec<Refusal> {
    let is_on_transaction = matches!(kind, MovedKind::PartnerOfRecord | MovedKind::Entitlement);
    let mut found = refusals([customer::c_01_related_to_manage(customer)]);
    if is_on_transaction && successor == Successor::Reseller {
        found.extend(refusals([customer::c_02_related_to_sell(customer)]));
    }
    if let Some(held) = subscription {
        found.extend(subscription::deleted_does_not_change(held));
        if is_on_transaction {
            found.extend(refusals([subscription::b_03_partner_of_record_open(held)]));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{
        assign_support_contact, associate_reseller_to_customer, associate_reseller_to_subscription,
        clear_support_contact, dissociate_reseller,
    };
    use crate::testing::{admin_of, choice, customer, direct_bill, ids, provider, reseller, subscription};
    use crate::{
        AssociateCustomerFacts, AssociateFacts, DissociateFacts, IntoEnumIterator, PartnershipState,
        RelationshipToPartner, SubscriptionStatus, SupportContactFacts,
    };

    #[test]
    fn only_a_provider_moves_resellers() {
        let own = provider();
        assert_eq!(move_reseller(&admin_of(&own), &own), []);
        for other in [direct_bill(), reseller()] {
            assert_eq!(ids(&move_reseller(&admin_of(&other), &other)), ["A-01"]);
        }
        assert_eq!(ids(&move_reseller(&admin_of(&direct_bill()), &own)), ["A-02"]);
    }

    #[test]
    fn the_new_reseller_meets_the_rules_of_each_part() {
        let parts: Vec<MovedPart> = MovedPart::iter().collect();
        assert_eq!(moves_to(&provider(), &parts, &choice(reseller())), []);
        let unsigned = choice(PartnerFacts { mpa_signed: false, ..reseller() });
        assert_eq!(ids(&moves_to(&provider(), &parts, &unsigned)), ["M-02", "B-06", "M-03", "M-04"]);
        assert_eq!(moves_to(&provider(), &[MovedPart::SupportContact], &unsigned), []);
        let left = ResellerChoice { partnership: Some(PartnershipState::Removed), ..choice(reseller()) };
        let found = moves_to(&provider(), &parts, &left);
        assert_eq!(ids(&found), ["P-06", "N-09", "X-09", "K-02"]);
        assert!(found.iter().all(|refusal| refusal.field == ["to"]));
    }

    /// A row is refused exactly where the single change is, which a provider's admin makes for a reseller in good standing.
    #[test]
    fn a_row_is_refused_where_the_single_change_is() {
        let seller = provider();
        let actor = admin_of(&seller);
        let fixed = [false, true].map(|fixed| SubscriptionFacts { partner_of_record_fixed: fixed, ..subscription() });
        let statuses = SubscriptionStatus::iter();
        let held = statuses.flat_map(|status| fixed.clone().map(|held| SubscriptionFacts { status, ..held }));
        let related = [RelationshipToPartner::Reseller, RelationshipToPartner::None].map(|relationship| {
            [vec![], vec![RuleId::C_07]].map(|blocked| CustomerFacts {
                relationship,
                new_business_blocked: blocked,
                ..customer()
            })
        });
        let customers: Vec<CustomerFacts> = related.into_iter().flatten().collect();
        let cases: Vec<(SubscriptionFacts, CustomerFacts)> = held
            .flat_map(|held| customers.iter().map(move |customer| (held.clone(), customer.clone())).collect::<Vec<_>>())
            .collect();
        for (held, customer) in cases {
            let dissociate = DissociateFacts {
                actor: actor.clone(),
                seller: seller.clone(),
                customer: customer.clone(),
                subscription: Some(held.clone()),
            };
            let associate = AssociateFacts {
                actor: actor.clone(),
                seller: seller.clone(),
                customer: customer.clone(),
                subscription: held.clone(),
                reseller: choice(reseller()),
            };
            let contact = SupportContactFacts {
                actor: actor.clone(),
                seller: seller.clone(),
                customer: customer.clone(),
                subscription: held.clone(),
                contact: SupportContactChoice::Reseller(choice(reseller())),
            };
            let row = |kind, successor| ids(&moves_row(kind, successor, &customer, Some(&held)));
            for kind in [MovedKind::PartnerOfRecord, MovedKind::Entitlement] {
                assert_eq!(row(kind, Successor::Reseller), ids(&associate_reseller_to_subscription(&associate)));
                assert_eq!(row(kind, Successor::Nobody), ids(&dissociate_reseller(&dissociate)));
            }
            let kind = MovedKind::SupportContact;
            assert_eq!(row(kind, Successor::Reseller), ids(&assign_support_contact(&contact)));
            assert_eq!(row(kind, Successor::Nobody), ids(&clear_support_contact(&dissociate)));
            let account = AssociateCustomerFacts {
                actor: actor.clone(),
                provider: seller.clone(),
                customer: customer.clone(),
                reseller: choice(reseller()),
            };
            let of_account = |successor| ids(&moves_row(MovedKind::Account, successor, &customer, None));
            assert_eq!(of_account(Successor::Reseller), ids(&associate_reseller_to_customer(&account)));
            let taken = DissociateFacts { subscription: None, ..dissociate };
            assert_eq!(of_account(Successor::Nobody), ids(&dissociate_reseller(&taken)));
        }
    }

    #[test]
    fn a_row_meets_the_rules_of_the_single_change() {
        let fixed = SubscriptionFacts { partner_of_record_fixed: true, ..subscription() };
        let row = |kind, successor, held: &SubscriptionFacts| ids(&moves_row(kind, successor, &customer(), Some(held)));
        assert_eq!(row(MovedKind::PartnerOfRecord, Successor::Reseller, &subscription()), [] as [&str; 0]);
        assert_eq!(row(MovedKind::PartnerOfRecord, Successor::Reseller, &fixed), ["B-03"]);
        assert_eq!(row(MovedKind::Entitlement, Successor::Nobody, &fixed), ["B-03"]);
        assert_eq!(row(MovedKind::SupportContact, Successor::Reseller, &fixed), [] as [&str; 0]);
        let deleted = SubscriptionFacts { status: SubscriptionStatus::Deleted, ..subscription() };
        assert_eq!(row(MovedKind::SupportContact, Successor::Nobody, &deleted), ["-"]);
        let left = CustomerFacts { relationship: RelationshipToPartner::None, ..customer() };
        let of_left = |kind, successor| ids(&moves_row(kind, successor, &left, None));
        assert_eq!(of_left(MovedKind::Account, Successor::Reseller), ["C-01"]);
        assert_eq!(of_left(MovedKind::PartnerOfRecord, Successor::Reseller), ["C-01", "C-02"]);
        assert_eq!(of_left(MovedKind::PartnerOfRecord, Successor::Nobody), ["C-01"]);
    }
}
