//! Maps each rule to its function, so that a reader of a refusal finds the code and a test finds rules without a
//! function.

use crate::RuleId;

/// How a rule is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforcement {
    /// A function passes or refuses.
    Decides,
    /// A function returns a value, or a check allows what the rule allows.
    Computes,
}

/// A rule and its function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The rule's id.
    pub id: RuleId,
    /// How it is enforced.
    pub enforcement: Enforcement,
    /// The path of the function within this package.
    pub function: &'static str,
}

/// Lists the rules. Does not compile if a function that it names does not exist.
macro_rules! registry {
    ($($id:ident $enforcement:ident $($segment:ident)::+),+ $(,)?) => {
        /// Every rule that has a function, in the order of the catalogue. The others are in
        /// `domain/data/not-enforced.tsv`.
        pub static REGISTRY: &[Entry] = &[
            $(Entry { id: RuleId::$id, enforcement: Enforcement::$enforcement, function: stringify!($($segment)::+) },)+
        ];
        $(const _: () = { let _ = crate::$($segment)::+; };)+
    };
}

registry! {
    A_01 Decides rules::authz::a_01_provider_task,
    A_02 Decides rules::authz::a_02_invites_customer,
    A_03 Decides rules::authz::a_03_enrols,
    A_04 Decides rules::authz::a_04_changes_users,
    A_05 Decides rules::authz::a_05_accepts_partner_agreement,
    A_06 Decides rules::authz::a_06_decides_for_customer,
    A_07 Decides rules::authz::a_07_takes_admin_access_away,
    T_01 Decides rules::types::t_01_account_fits_tenant,
    T_03 Decides rules::types::t_03_reseller_orders_through_provider,
    T_04 Decides rules::types::t_04_direct_chain_without_reseller,
    T_05 Decides rules::types::t_05_direct_bill_requirements,
    E_01 Decides rules::enrolment::e_01_newcomer_is_reseller,
    E_02 Decides rules::enrolment::e_02_support_given,
    E_03 Decides rules::enrolment::e_03_company_given,
    E_04 Decides rules::enrolment::e_04_mpn_id_given,
    E_05 Decides rules::enrolment::e_05_profile_active,
    E_06 Decides rules::enrolment::e_06_same_country,
    E_07 Decides rules::webmail::e_07_not_webmail,
    E_08 Decides rules::enrolment::e_08_contact_verified,
    E_09 Decides rules::enrolment::e_09_review_pending,
    E_10 Computes checks::enrol_partner,
    E_11 Decides rules::subscription::e_11_is_indirect_reseller,
    E_12 Decides rules::enrolment::e_12_moved_to_partner_center,
    E_15 Computes rules::enrolment::e_15_ground_of_rejection,
    E_16 Computes rules::enrolment::e_16_after_answer,
    E_17 Decides rules::takeover::e_17_confirmed,
    M_01 Decides rules::agreement::m_01_own_agreement_signed,
    M_02 Decides rules::agreement::m_02_reseller_signed_for_association,
    M_03 Decides rules::agreement::m_03_reseller_signed_for_business,
    M_04 Decides rules::agreement::m_04_reseller_transactable,
    M_05 Decides rules::agreement::m_05_enrolled_before_agreement,
    P_01 Decides rules::partnership::p_01_requested_by_provider,
    P_02 Decides rules::partnership::p_02_reseller_email_given,
    P_04 Decides rules::partnership::p_04_request_keeps_link,
    P_05 Decides rules::partnership::p_05_draft_marked_done,
    P_06 Decides rules::partnership::p_06_partnership_active,
    P_07 Decides rules::partnership::p_07_enrolled_as_reseller,
    P_08 Decides rules::partnership::p_08_accepted_with_confirmation,
    P_10 Computes checks::submit_order,
    P_11 Computes rules::partnership::p_11_terms_on_acceptance,
    P_12 Computes rules::partnership::p_12_terms_without_admin_access,
    P_13 Computes checks::add_customer,
    P_14 Computes checks::accept_partnership,
    P_15 Computes checks::request_partnership,
    P_17 Decides rules::region::p_17_partnership_within_region,
    X_01 Decides rules::removal::x_01_removal_confirmed,
    X_04 Computes rules::removal::x_04_listed,
    X_05 Computes rules::removal::x_05_is_notified_of_removal,
    X_06 Decides rules::removal::x_06_represented,
    X_07 Computes rules::removal::x_07_legal_notice,
    X_08 Computes rules::removal::x_08_channel,
    X_09 Decides rules::partnership::x_09_not_removed,
    X_10 Computes rules::removal::x_10_advice,
    X_11 Computes rules::partnership::x_11_revives,
    C_01 Decides rules::customer::c_01_related_to_manage,
    C_02 Decides rules::customer::c_02_related_to_sell,
    C_03 Decides rules::customer::c_03_right,
    C_04 Computes rules::customer::c_03_right,
    C_05 Decides rules::invitation::c_05_06_cloud_allows,
    C_06 Decides rules::invitation::c_05_06_cloud_allows,
    C_07 Decides rules::region::c_07_invites_within_region,
    C_08 Decides rules::invitation::c_08_says_delegated_admin,
    C_09 Decides rules::invitation::c_09_invitation_keeps_link,
    C_10 Decides rules::invitation::c_10_agreement_accepted,
    C_11 Computes rules::invitation::c_10_agreement_accepted,
    C_12 Computes rules::customer::c_12_on_the_list,
    C_13 Computes rules::invitation::c_13_acceptance_portal,
    C_14 Decides rules::customer::c_14_reassigned_among_partners,
    C_15 Computes rules::customer::c_15_relationship_without_admin,
    C_16 Computes rules::customer::c_16_support_responsible,
    C_17 Computes rules::customer::c_17_service_request_path,
    C_18 Decides rules::invitation::c_18_reinstates,
    C_19 Decides rules::invitation::c_19_joint_by_reseller,
    C_21 Computes rules::invitation::c_21_joint_grants,
    C_22 Decides rules::invitation::c_22_joint_partnership_active,
    C_23 Decides rules::invitation::c_23_customer_email_given,
    C_24 Computes rules::invitation::c_24_appears_on_enrolment,
    C_25 Computes rules::invitation::c_24_appears_on_enrolment,
    C_26 Decides rules::customer::c_26_account_and_relationship,
    C_28 Computes rules::standing::c_28_shared,
    C_29 Decides rules::invitation::c_29_draft_marked_done,
    C_30 Decides rules::new_customer::c_30_new_tenant,
    C_31 Decides rules::attestation::c_31_complete,
    C_32 Computes rules::attestation::c_32_proves,
    D_01 Computes rules::customer::c_12_on_the_list,
    D_02 Computes rules::removal::d_02_grant_survives,
    D_03 Decides rules::removal::d_03_represented,
    D_04 Decides rules::removal::d_04_removal_confirmed,
    D_06 Decides rules::removal::d_06_live_subscriptions,
    N_01 Computes checks::add_customer,
    N_02 Computes rules::standing::n_02_access,
    N_04 Decides rules::subscription::n_04_licence_count_fits,
    N_05 Decides rules::new_customer::n_05_token_is_valid,
    N_09 Decides rules::partnership::n_09_associates_partners_only,
    N_10 Decides rules::customer::n_10_tenant_owner_is_associated,
    N_11 Computes rules::standing::n_02_access,
    B_01 Decides rules::subscription::b_01_sold_through,
    B_02 Computes checks::submit_order,
    B_03 Decides rules::subscription::b_03_partner_of_record_open,
    B_04 Computes rules::standing::b_04_earns_credit,
    B_05 Decides rules::subscription::b_05_mpn_id_is_accounts_location,
    B_06 Decides rules::agreement::b_06_reseller_signed_for_transaction,
    B_07 Computes checks::submit_order,
    B_11 Decides rules::customer::b_11_related_to_order,
    B_12 Computes checks::submit_order,
    B_13 Computes rules::standing::n_02_access,
    B_14 Computes rules::standing::n_02_access,
    B_15 Computes rules::subscription::b_15_upgrade,
    B_16 Decides rules::managing::b_16_manages,
    K_02 Decides rules::support::k_02_contact_is_partner,
    K_03 Computes rules::standing::n_02_access,
    K_04 Computes checks::submit_order,
    Q_01 Decides rules::scenario::q_01_supported_chain,
    Q_02 Computes checks::sale_refusals,
    Q_03 Computes checks::sale_refusals,
    Q_04 Decides rules::scenario::q_04_own_use_from_reseller_or_direct_bill,
    Q_05 Decides rules::scenario::q_05_own_use_tenant,
    Q_06 Decides rules::scenario::q_06_not_a_partner_tenant,
    Q_07 Decides rules::scenario::q_07_not_to_itself,
    Q_08 Decides rules::scenario::q_08_not_to_affiliate,
    Q_09 Decides rules::scenario::q_09_not_both,
    Q_10 Computes rules::scenario::q_09_not_both,
    Q_11 Computes rules::scenario::q_09_not_both,
    Q_12 Computes rules::scenario::q_09_not_both,
    Q_13 Computes rules::scenario::q_13_ways_out,
    Q_14 Decides rules::region::q_14_sells_within_region,
    Q_15 Decides rules::region::q_15_partners_within_region,
    Q_16 Decides rules::scenario::q_16_own_use_not_from_provider,
    Q_17 Decides rules::scenario::q_17_provider_not_buyers_own,
    R_01 Decides rules::region::r_01_same_region,
    R_02 Decides rules::region::r_02_same_country,
    V_01 Computes rules::directory::v_01_listed,
    V_02 Decides rules::directory::v_02_changed_by_operator,
    V_04 Computes rules::directory::v_04_region,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    static NOT_ENFORCED: &str = include_str!("../../data/not-enforced.tsv");

    /// The text of every file of rules and checks, without white space, so that no line break hides a call.
    fn sources() -> String {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = ["rules", "checks", "checks/actions"]
            .into_iter()
            .flat_map(|folder| source.join(folder).read_dir().unwrap());
        files
            .map(|file| file.unwrap().path())
            .filter(|path| path.is_file() && !path.ends_with("registry.rs"))
            .flat_map(|path| std::fs::read_to_string(path).unwrap().into_bytes())
            .filter(|byte| !byte.is_ascii_whitespace())
            .map(char::from)
            .collect()
    }

    fn explained() -> Vec<&'static str> {
        let rows = NOT_ENFORCED.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
        rows.map(|cells| {
            assert!(cells.len() == 3 && cells.iter().all(|cell| !cell.trim().is_empty()), "{cells:?}");
            cells[0]
        })
        .collect()
    }

    #[test]
    fn every_rule_of_the_catalogue_has_a_function_or_an_explanation_and_not_both() {
        let mut known: Vec<_> = REGISTRY.iter().map(|entry| entry.id.as_str()).chain(explained()).collect();
        known.sort_unstable();
        let once: BTreeSet<_> = known.iter().copied().collect();
        assert_eq!(known.len(), once.len(), "a rule is in two places");
        let catalogue: BTreeSet<_> = crate::rules().iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(catalogue.difference(&once).collect::<Vec<_>>(), Vec::<&&str>::new(), "rules without a place");
        assert_eq!(once.difference(&catalogue).collect::<Vec<_>>(), Vec::<&&str>::new(), "places without a rule");
    }

    #[test]
    fn every_registered_rule_has_tests_that_name_it() {
        let sources = sources();
        let missing: Vec<_> = REGISTRY
            .iter()
            .filter(|entry| {
                let calls = |assertion: &str| sources.contains(&format!("{assertion}(\"{}\",", entry.id));
                match entry.enforcement {
                    Enforcement::Decides => !calls("passes") || !calls("refuses"),
                    Enforcement::Computes => !calls("shows"),
                }
            })
            .map(|entry| entry.id)
            .collect();
        assert_eq!(missing, Vec::<RuleId>::new(), "rules without a test of each kind");
    }
}
