use partnergraph_domain::MpnId;
use partnergraph_store::write::mpn_profiles::{self, Home, ProfileEntry};
use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{MPN_ID, World, errors, form, rules};
use crate::support::{Backend, Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_agreement_is_accepted_after_the_enrolment_and_shown_on_the_profile(#[case] backend: Backend) {
    let world = World::on(backend);
    assert_eq!(rules(&world.as_tenant().accept_partner_agreement()), ["A-05"]);
    world.enroll(form());
    assert_eq!(rules(&world.as_tenant().accept_partner_agreement()), ["M-05"]);
    world.verify(true, true);
    world.review("AUTHORIZE");
    assert_eq!(
        rules(&world.as_tenant().with(json!({"confirm": false})).accept_partner_agreement()),
        ["CONFIRMATION_MISSING"]
    );
    let validated = world.as_tenant().validating().accept_partner_agreement();
    assert_eq!((errors(&validated).len(), &validated["partner"]["status"]["mpaSigned"]), (0, &json!(true)));
    let signed = world.as_tenant().accept_partner_agreement();
    assert_eq!(errors(&signed), [] as [Value; 0]);
    let status = json!({"onboarded": true, "enrolled": true, "mpaSigned": true, "missing": []});
    assert_eq!(signed["partner"]["status"], status);
    let again = world.as_tenant().accept_partner_agreement();
    assert_eq!(again, signed);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_a_global_admin_accepts_the_agreement_and_only_after_the_mpn_profile_has_moved(#[case] backend: Backend) {
    let world = World::on(backend);
    let agent = world.colleague("ola@fabrikam.example", &[Role::AdminAgent]);
    world.enrolled();
    let refused = world.as_user(&agent).accept_partner_agreement();
    assert_eq!((rules(&refused), &errors(&refused)[0]["microsoftCode"]), (vec!["A-05".to_owned()], &json!(900_150)));
    let home = |home| ProfileEntry { home: Some(home), ..ProfileEntry::default() };
    let in_membership_center = home(Home::PartnerMembershipCenter);
    world.graph.write(|conn, actor, now| mpn_profiles::upsert(conn, actor, now, MpnId(MPN_ID), &in_membership_center));
    assert_eq!(rules(&world.as_tenant().accept_partner_agreement()), ["E-12"]);
    let in_partner_center = home(Home::PartnerCenter);
    world.graph.write(|conn, actor, now| mpn_profiles::upsert(conn, actor, now, MpnId(MPN_ID), &in_partner_center));
    assert_eq!(errors(&world.as_tenant().accept_partner_agreement()), [] as [Value; 0]);
}
