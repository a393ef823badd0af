//! The words of portals, in the languages in which they are exported, as the domain's words.

use partnergraph_domain::{BillingCycle, BillingType, RelationshipToPartner, SubscriptionStatus, TermDuration};

use crate::fact::ChargeKind;
use crate::profiles;

/// Longer texts are no words that anybody knows.
const LONGEST: usize = 48;

/// Looks a word up without what differs between two exports: case, spaces, hyphens. Most words are ASCII, and are
/// folded without asking for memory, as every row has several.
fn look_up<T>(text: &str, known: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    if text.len() > LONGEST {
        return None;
    }
    if !text.is_ascii() {
        return known(&profiles::folded(text));
    }
    let mut folded = [0; LONGEST];
    let mut length = 0;
    for byte in text.bytes().filter(u8::is_ascii_alphanumeric) {
        folded[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    known(std::str::from_utf8(&folded[..length]).unwrap_or_default())
}

/// The state of a subscription; `None` for a word that is not known.
pub(super) fn status(text: &str) -> Option<SubscriptionStatus> {
    look_up(text, |word| {
        Some(match word {
            "active" | "aktywny" | "aktywna" | "aktywne" | "aktiv" => SubscriptionStatus::Active,
            "pending" | "oczekujący" | "oczekująca" | "oczekujące" | "ausstehend" => SubscriptionStatus::Pending,
            "suspended" | "zawieszony" | "zawieszona" | "zawieszone" | "ausgesetzt" | "angehalten" => {
                SubscriptionStatus::Suspended
            }
            "deleted" | "usunięty" | "usunięta" | "usunięte" | "gelöscht" => SubscriptionStatus::Deleted,
            "expired" | "wygasły" | "wygasła" | "wygasłe" | "wygasło" | "abgelaufen" => SubscriptionStatus::Expired,
            "disabled" | "wyłączony" | "wyłączona" | "wyłączone" | "deaktiviert" => SubscriptionStatus::Disabled,
            "none" => SubscriptionStatus::None,
            _ => return None,
        })
    })
}

pub(super) fn relationship(text: &str) -> Option<RelationshipToPartner> {
    look_up(text, |word| {
        Some(match word {
            "reseller"
            | "cloudreseller"
            | "indirectreseller"
            | "indirectcloudreseller"
            | "odsprzedawca"
            | "odsprzedawcarozwiązańwchmurze"
            | "händler"
            | "cloudhändler"
            | "wiederverkäufer" => RelationshipToPartner::Reseller,
            "advisor" | "doradca" | "berater" => RelationshipToPartner::Advisor,
            "syndication" => RelationshipToPartner::Syndication,
            "microsoftsupport" => RelationshipToPartner::MicrosoftSupport,
            "none" | "brak" | "keine" => RelationshipToPartner::None,
            _ => return None,
        })
    })
}

pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    look_up(text, |word| {
        Some(match word {
            "true" | "yes" | "1" | "on" | "enabled" | "tak" | "ja" | "prawda" | "wahr" => true,
            "false" | "no" | "0" | "off" | "disabled" | "nie" | "nein" | "fałsz" | "falsch" => false,
            _ => return None,
        })
    })
}

pub(super) fn billing_type(text: &str) -> Option<BillingType> {
    look_up(text, |word| {
        Some(match word {
            "license" | "licence" | "licensebased" | "licencebased" => BillingType::License,
            "usage" | "usagebased" | "metered" => BillingType::Usage,
            "none" => BillingType::None,
            _ => return None,
        })
    })
}

pub(super) fn billing_cycle(text: &str) -> Option<BillingCycle> {
    look_up(text, |word| {
        Some(match word {
            "monthly" | "month" | "1month" | "p1m" => BillingCycle::Monthly,
            "annual" | "annually" | "yearly" | "year" | "1year" | "p1y" => BillingCycle::Annual,
            "biennial" | "2years" | "p2y" => BillingCycle::Biennial,
            "triennial" | "3years" | "3year" | "p3y" => BillingCycle::Triennial,
            "onetime" | "once" | "upfront" => BillingCycle::OneTime,
            "none" => BillingCycle::None,
            _ => return None,
        })
    })
}

pub(super) fn term(text: &str) -> Option<TermDuration> {
    look_up(text, |word| match word {
        "p1m" | "monthly" | "month" | "1month" | "onemonth" => Some(TermDuration::P1M),
        "p1y" | "annual" | "yearly" | "year" | "1year" | "oneyear" | "12months" => Some(TermDuration::P1Y),
        "p3y" | "triennial" | "3years" | "3year" | "threeyears" | "threeyear" | "three3years" | "36months" => {
            Some(TermDuration::P3Y)
        }
        _ => None,
    })
}

/// `One-Year commitment for monthly/yearly billing`, `1 year, monthly`: a term and, where it says but one, a cycle.
pub(super) fn term_and_cycle(text: &str) -> (Option<TermDuration>, Option<BillingCycle>) {
    let (first, second) = text.split_once(" for ").or_else(|| text.split_once(',')).unwrap_or((text, ""));
    fn without<'t>(text: &'t str, end: &str) -> &'t str {
        let text = text.trim();
        let cut = text.len().saturating_sub(end.len());
        match text.get(cut..) {
            Some(tail) if tail.eq_ignore_ascii_case(end) => &text[..cut],
            _ => text,
        }
    }
    (term(without(first, "commitment")), billing_cycle(without(second, "billing")))
}

/// What an Azure commitment is, by its words in `TermAndBillingCycle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commitment {
    Reservation,
    SavingsPlan,
}

/// Tells a reservation or savings plan by its words. `keyed`: the row has a reservation order, so that a bare length
/// of time (`1 Year`) is one too; a licence's term is always called a commitment.
pub(super) fn commitment(text: &str, keyed: bool) -> Option<Commitment> {
    let words = text.to_lowercase();
    if words.contains("savings plan") || words.contains("saving plan") {
        Some(Commitment::SavingsPlan)
    } else if words.contains("reservation") || words.contains("reserved") {
        Some(Commitment::Reservation)
    } else {
        (keyed && !words.is_empty() && !words.contains("commitment")).then_some(Commitment::Reservation)
    }
}

/// What a charge is for.
pub(super) fn charge_kind(text: &str) -> ChargeKind {
    let known = |word: &str| {
        Some(match word {
            "new" | "purchase" | "activationfee" | "onetimefee" => ChargeKind::New,
            "purchasefee" => ChargeKind::PurchaseFee,
            "renew" | "renewal" | "renewfee" => ChargeKind::Renew,
            "cyclecharge" | "cyclefee" => ChargeKind::CycleCharge,
            "addquantity" => ChargeKind::AddQuantity,
            "removequantity" => ChargeKind::RemoveQuantity,
            "movequantity" => ChargeKind::MoveQuantity,
            "changebillingplan" => ChargeKind::ChangeBillingPlan,
            "extendterm" => ChargeKind::ExtendTerm,
            "cycleinstanceprorate"
            | "instanceprorate"
            | "prorate"
            | "proratefeeswhenpurchase"
            | "proratefeewhenpurchase"
            | "proratefeeswhenrenew"
            | "proratefeewhenrenew"
            | "proratefeeswhencancel"
            | "proratefeewhencancel"
            | "proratefees"
            | "cancelinstanceprorate"
            // Not the end of the subscription: what is given back for the seats it had before they were changed.
            | "cancelfee" => ChargeKind::Prorate,
            "convert" => ChargeKind::Convert,
            "cancel" | "cancelimmediate" => ChargeKind::Cancel,
            "customercredit" | "customercredits" | "credit" | "partnercredit" => ChargeKind::CustomerCredit,
            "usage" | "meteredusage" => ChargeKind::Usage,
            _ => return None,
        })
    };
    look_up(text, known).unwrap_or(ChargeKind::Other)
}

/// Whether a product's name says that it is a trial. The word must stand alone: "Industrial" is not one.
pub(super) fn is_trial(name: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("trial"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_and_cycles_are_read_from_one_text() {
        use {BillingCycle as Cycle, TermDuration as Term};
        let cases = [
            ("One-Year commitment for monthly/yearly billing", (Some(Term::P1Y), None)),
            ("One-Year commitment for yearly billing", (Some(Term::P1Y), Some(Cycle::Annual))),
            ("One-Month commitment for monthly billing", (Some(Term::P1M), Some(Cycle::Monthly))),
            ("Three-3 Years commitment for monthly/3 years/yearly billing", (Some(Term::P3Y), None)),
            ("1 year, monthly", (Some(Term::P1Y), Some(Cycle::Monthly))),
            ("1 Cache Instance Hour", (None, None)),
            ("", (None, None)),
            ("ż for ż", (None, None)),
        ];
        for (text, expected) in cases {
            assert_eq!(term_and_cycle(text), expected, "{text}");
        }
    }

    #[test]
    fn commitments_of_azure_are_told_from_terms_of_licences() {
        assert_eq!(commitment("1 Year Reservation", false), Some(Commitment::Reservation));
        assert_eq!(commitment("3 Years Savings Plan, monthly", true), Some(Commitment::SavingsPlan));
        assert_eq!(commitment("1 Year", true), Some(Commitment::Reservation));
        assert_eq!(commitment("1 Year", false), None);
        assert_eq!(commitment("One-Year commitment for monthly/yearly billing", true), None);
    }

    #[test]
    fn a_trial_is_told_by_the_word_alone() {
        assert!(is_trial("Microsoft 365 Business Premium (Trial)"));
        assert!(!is_trial("Industrial IoT"));
    }
}
