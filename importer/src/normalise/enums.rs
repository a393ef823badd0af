//! Maps the values of portals, in the languages of their exports, to the domain's enums.

use partnergraph_domain::{BillingCycle, BillingType, RelationshipToPartner, SubscriptionStatus, TermDuration};

use crate::fact::ChargeKind;
use crate::profiles;

/// Longer texts are not known values.
const LONGEST: usize = 48;

/// Looks a value up, ignoring differences between exports in case, spaces and hyphens. Most values are ASCII and are
/// folded without an allocation, because every row has several.
pub(super) fn look_up<T>(text: &str, known: impl FnOnce(&str) -> Option<T>) -> Option<T> {
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

/// Subscription statuses in the languages in which Partner Center documents them. `None` for an unknown value.
pub(super) fn status(text: &str) -> Option<SubscriptionStatus> {
    look_up(text, |word| {
        Some(match word {
            "active" | "aktywny" | "aktywna" | "aktywne" | "aktiv" | "activo" | "activa" | "actif" | "attivo"
            | "attiva" | "ativo" | "ativa" | "actief" | "aktivní" | "アクティブ" | "有効" => {
                SubscriptionStatus::Active
            }
            "pending"
            | "oczekujący"
            | "oczekująca"
            | "oczekujące"
            | "ausstehend"
            | "pendiente"
            | "enattente"
            | "insospeso"
            | "pendente"
            | "inbehandeling"
            | "čekající"
            | "čekánavyřízení"
            | "保留中" => SubscriptionStatus::Pending,
            "suspended" | "zawieszony" | "zawieszona" | "zawieszone" | "ausgesetzt" | "angehalten" | "suspendido"
            | "suspendida" | "suspendu" | "suspendue" | "sospeso" | "sospesa" | "suspenso" | "suspensa"
            | "opgeschort" | "onderbroken" | "pozastaveno" | "pozastavené" | "中断" | "一時停止" => {
                SubscriptionStatus::Suspended
            }
            "deleted" | "usunięty" | "usunięta" | "usunięte" | "gelöscht" | "eliminado" | "eliminada" | "supprimé"
            | "supprimée" | "eliminato" | "eliminata" | "excluído" | "excluída" | "verwijderd" | "odstraněno"
            | "odstraněné" | "削除済み" => SubscriptionStatus::Deleted,
            "expired" | "wygasły" | "wygasła" | "wygasłe" | "wygasło" | "abgelaufen" | "expirado" | "expirada"
            | "caducado" | "caducada" | "expiré" | "expirée" | "scaduto" | "scaduta" | "verlopen" | "vypršelo"
            | "期限切れ" => SubscriptionStatus::Expired,
            "disabled" | "wyłączony" | "wyłączona" | "wyłączone" | "deaktiviert" | "deshabilitado"
            | "deshabilitada" | "désactivé" | "désactivée" | "disabilitato" | "disabilitata" | "desabilitado"
            | "desabilitada" | "uitgeschakeld" | "zakázáno" | "zakázané" | "無効" => SubscriptionStatus::Disabled,
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
            | "wiederverkäufer"
            | "revendedor"
            | "revendedorenlanube"
            | "revendedorindirecto"
            | "revendedordenuvem"
            | "revendedorindireto"
            | "revendeur"
            | "revendeurcloud"
            | "revendeurindirect"
            | "rivenditore"
            | "rivenditorecloud"
            | "rivenditoreindiretto"
            | "wederverkoper"
            | "prodejce"
            | "prodejcecloudu"
            | "リセラー"
            | "クラウドリセラー" => RelationshipToPartner::Reseller,
            "advisor" | "doradca" | "berater" | "asesor" | "conseiller" | "consulente" | "consultor" | "adviseur"
            | "poradce" | "アドバイザー" => RelationshipToPartner::Advisor,
            "syndication" => RelationshipToPartner::Syndication,
            "microsoftsupport" => RelationshipToPartner::MicrosoftSupport,
            "none" | "brak" | "keine" | "ninguno" | "ninguna" | "aucun" | "aucune" | "nessuno" | "nessuna"
            | "nenhum" | "nenhuma" | "geen" | "žádný" | "なし" => RelationshipToPartner::None,
            _ => return None,
        })
    })
}

/// Statuses of a granular delegated admin relationship.
pub(super) fn gdap_status(text: &str) -> Option<()> {
    look_up(text, |word| {
        matches!(
            word,
            "active"
                | "activating"
                | "approved"
                | "approvalpending"
                | "created"
                | "pending"
                | "expiring"
                | "expired"
                | "terminating"
                | "terminated"
                | "terminationrequested"
        )
        .then_some(())
    })
}

/// Units of licences.
pub(super) fn license_unit(text: &str) -> Option<()> {
    look_up(text, |word| {
        matches!(
            word,
            "license"
                | "licenses"
                | "licence"
                | "licences"
                | "seat"
                | "seats"
                | "user"
                | "users"
                | "device"
                | "devices"
                | "core"
                | "cores"
                | "server"
                | "servers"
                | "unit"
                | "units"
                | "none"
        )
        .then_some(())
    })
}

pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    look_up(text, |word| {
        Some(match word {
            "true" | "yes" | "1" | "on" | "enabled" | "tak" | "ja" | "prawda" | "wahr" | "sí" | "si" | "verdadero"
            | "oui" | "vrai" | "sì" | "vero" | "sim" | "verdadeiro" | "waar" | "ano" => true,
            "false" | "no" | "0" | "off" | "disabled" | "nie" | "nein" | "fałsz" | "falsch" | "falso" | "non"
            | "faux" | "não" | "nee" | "onwaar" | "ne" => false,
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

/// A term, or a value that means that there is none.
pub(super) fn term_or_none(text: &str) -> Option<Option<TermDuration>> {
    let none = |word: &str| matches!(word, "none" | "onetime" | "perpetual" | "trial").then_some(None);
    term(text).map(Some).or_else(|| look_up(text, none))
}

/// Term and billing cycle from one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) term: Option<TermDuration>,
    pub(super) cycle: Option<BillingCycle>,
}

/// Parses `One-Year commitment for monthly/yearly billing` or `1 year, monthly`: a term and, if there is exactly one, a
/// billing cycle. `None` if the text is neither.
pub(super) fn term_and_cycle(text: &str) -> Option<Terms> {
    let (first, second) = text.split_once(" for ").or_else(|| text.split_once(',')).unwrap_or((text, ""));
    let (first, second) = (without(first, "commitment"), without(second, "billing"));
    let term = term_or_none(first)?;
    let mut cycles = second.split('/').map(str::trim).filter(|cycle| !cycle.is_empty());
    if !cycles.clone().all(|cycle| billing_cycle(cycle).is_some() || cycle.eq_ignore_ascii_case("trial")) {
        return None;
    }
    let cycle = match (cycles.next(), cycles.next()) {
        (Some(cycle), None) => billing_cycle(cycle),
        (None, _) if is_one_time(first) => Some(BillingCycle::OneTime),
        _ => None,
    };
    Some(Terms { term, cycle })
}

/// A text without the given suffix.
fn without<'t>(text: &'t str, end: &str) -> &'t str {
    let text = text.trim();
    let cut = text.len().saturating_sub(end.len());
    match text.get(cut..) {
        Some(tail) if tail.eq_ignore_ascii_case(end) => text[..cut].trim_end(),
        _ => text,
    }
}

/// Whether a term means a one-time purchase.
pub(super) fn is_one_time(text: &str) -> bool {
    let first = text.split_once(" for ").or_else(|| text.split_once(',')).map_or(text, |(first, _)| first);
    look_up(without(first, "commitment"), |word| matches!(word, "onetime" | "once" | "perpetual").then_some(()))
        .is_some()
}

/// Whether a charge type means a one-time purchase.
pub(super) fn is_one_time_charge(text: &str) -> bool {
    let known = |word: &str| {
        matches!(word, "onetime" | "onetimefee" | "onetimepurchase" | "onetimepurchasefee" | "onetimerefund")
            .then_some(())
    };
    look_up(text, known).is_some()
}

/// The kind of an Azure commitment, from `TermAndBillingCycle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commitment {
    Reservation,
    SavingsPlan,
}

/// Detects a reservation or savings plan from its text. `keyed`: the row has a reservation order, so that a duration
/// alone (`1 Year`) is one too; a licence's term is always called a commitment.
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

/// The type of a charge.
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
            // Not the end of the subscription, but the credit for its seats before they were changed.
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

/// Whether a product's name marks it as a trial. It must be a separate word: "Industrial" does not count.
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
            ("One-Year commitment for monthly/yearly billing", Some((Some(Term::P1Y), None))),
            ("One-Year commitment for yearly billing", Some((Some(Term::P1Y), Some(Cycle::Annual)))),
            ("One-Month commitment for monthly billing", Some((Some(Term::P1M), Some(Cycle::Monthly)))),
            ("One-Month commitment for trial", Some((Some(Term::P1M), None))),
            ("Three-3 Years commitment for monthly/3 years/yearly billing", Some((Some(Term::P3Y), None))),
            ("1 year, monthly", Some((Some(Term::P1Y), Some(Cycle::Monthly)))),
            ("P1Y", Some((Some(Term::P1Y), None))),
            ("One-Time", Some((None, Some(Cycle::OneTime)))),
            ("One-Time commitment for one-time billing", Some((None, Some(Cycle::OneTime)))),
            ("1 Cache Instance Hour", None),
            ("One-Year commitment for weekly billing", None),
            ("", None),
            ("ż for ż", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(term, cycle)| Terms { term, cycle });
            assert_eq!(term_and_cycle(text), expected, "{text}");
        }
    }

    #[test]
    fn one_time_purchases_are_recognised_by_their_term() {
        for text in ["One-Time", "OneTime", "one time, one time", "One-Time commitment for one-time billing"] {
            assert!(is_one_time(text), "{text}");
        }
        for text in ["One-Year commitment for monthly billing", "", "Monthly", "One-Month"] {
            assert!(!is_one_time(text), "{text}");
        }
        assert!(is_one_time_charge("One time fee"));
        assert!(!is_one_time_charge("new"));
    }

    #[test]
    fn states_are_known_in_each_language_and_no_others() {
        use SubscriptionStatus as Status;
        for (text, expected) in [
            ("Active", Some(Status::Active)),
            ("activo", Some(Status::Active)),
            ("En attente", Some(Status::Pending)),
            ("Zawieszone", Some(Status::Suspended)),
            ("Gelöscht", Some(Status::Deleted)),
            ("期限切れ", Some(Status::Expired)),
            ("Uitgeschakeld", Some(Status::Disabled)),
            ("None", Some(Status::None)),
            ("Canceled", None),
            ("Cancelled", None),
            ("Deactivated", None),
            ("Expired (will be deleted)", None),
            ("Activeish", None),
        ] {
            assert_eq!(status(text), expected, "{text}");
        }
    }

    #[test]
    fn commitments_of_azure_are_distinguished_from_terms_of_licences() {
        assert_eq!(commitment("1 Year Reservation", false), Some(Commitment::Reservation));
        assert_eq!(commitment("3 Years Savings Plan, monthly", true), Some(Commitment::SavingsPlan));
        assert_eq!(commitment("1 Year", true), Some(Commitment::Reservation));
        assert_eq!(commitment("1 Year", false), None);
        assert_eq!(commitment("One-Year commitment for monthly/yearly billing", true), None);
    }

    #[test]
    fn a_trial_is_recognised_by_the_word_alone() {
        assert!(is_trial("Microsoft 365 Business Premium (Trial)"));
        assert!(!is_trial("Industrial IoT"));
    }
}
