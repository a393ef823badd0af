//! A tenant that is about to enrol, and an operator.

use partnergraph_domain::{MpnId, MpnKind, TenantId};
use partnergraph_store::write::mpn_profiles::{self, Activity};
use partnergraph_store::write::users::Organization;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Api, Backend, Graph, Partner, Role, TestDatabase, User};

pub(crate) const ENROLL: &str = "mutation($input: EnrollPartnerInput!) { enrollPartner(input: $input) { \
     partner { id mpnId name type country vettingStatus vettingSubStatus companyName \
       primaryContact { firstName email } support { email } status { onboarded enrolled mpaSigned missing } version } \
     adminAgent userErrors { code message field rule microsoftCode } } }";
pub(crate) const VERIFY: &str = "mutation($input: VerifyPrimaryContactInput!) { verifyPrimaryContact(input: $input) { \
     partner { vettingStatus vettingSubStatus } userErrors { code message field rule } } }";
pub(crate) const REVIEW: &str = "mutation($input: ReviewPartnerInput!) { reviewPartner(input: $input) { \
     partner { id vettingStatus vettingSubStatus status { enrolled missing } } subscriptions { subscriptionId } userErrors { code message field rule microsoftCode } } }";
const ACCEPT: &str = "mutation($input: AcceptPartnerAgreementInput!) { acceptPartnerAgreement(input: $input) { \
     partner { status { onboarded enrolled mpaSigned missing } version } userErrors { code message field rule microsoftCode } } }";
pub(crate) const OUTBOX: &str = "{ outbox(first: 100) { totalCount nodes { id kind recipient subject body createdAt sentAt attempts lastError } } }";

const USER_ROLES: &str = "mutation($input: UpdateUserRolesInput!) { updateUserRoles(input: $input) { \
     user { id userPrincipalName displayName roles version } userErrors { code field rule microsoftCode } } }";
const PROFILE: &str = "mutation($input: UpdatePartnerProfileInput!) { updatePartnerProfile(input: $input) { \
     partner { id name capabilities address { addressLine1 city } primaryContact { firstName email } support { email telephone } version } \
     userErrors { code field rule microsoftCode } } }";
/// The documents of mutations that select more fields than those in `docs/operations`.
const DOCUMENTS: &[(&str, &str)] =
    &[("AcceptPartnerAgreement", ACCEPT), ("UpdateUserRoles", USER_ROLES), ("UpdatePartnerProfile", PROFILE)];

/// The MPN ID of the newcomer's active profile.
pub(crate) const MPN_ID: u64 = 2_000_001;

pub(crate) struct World {
    pub(crate) graph: Graph,
    pub(crate) api: Api,
    /// A tenant without an account.
    pub(crate) tenant_id: Uuid,
    /// The token of a Global admin of the tenant.
    pub(crate) token: String,
    pub(crate) operator: String,
}

impl World {
    pub(crate) fn on(backend: Backend) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let tenant_id = graph.guid();
        let token = graph.newcomer_token(TenantId(tenant_id), "anna@fabrikam.example", &[Role::GlobalAdmin]);
        let operator = graph.operator_token();
        let api = Api::on(&graph.database);
        let world = Self { graph, api, tenant_id, token, operator };
        world.profile(MPN_ID, "PL");
        world
    }

    /// An active location MPN profile.
    pub(crate) fn profile(&self, mpn_id: u64, country: &str) {
        let country = Some(country.parse().unwrap());
        self.graph.write(|conn, actor, now| {
            mpn_profiles::enter(conn, actor, now, MpnId(mpn_id), MpnKind::Location, None, country)
        });
    }

    pub(crate) fn end_profile(&self, mpn_id: u64) {
        self.graph
            .write(|conn, actor, now| mpn_profiles::set_activity(conn, actor, now, MpnId(mpn_id), Activity::Inactive));
    }

    /// A token of another user of the tenant.
    pub(crate) fn colleague(&self, name: &str, roles: &[Role]) -> String {
        self.graph.newcomer_token(TenantId(self.tenant_id), name, roles)
    }

    /// A token of the user of that account with that name.
    pub(crate) fn person(&self, partner: &Partner, name: &str, roles: &[Role]) -> String {
        let organization = Organization::Partner { id: partner.id, tenant_id: Some(partner.tenant_id) };
        self.graph.token_of(organization, name, roles)
    }

    /// A Global admin of the tenant.
    pub(crate) fn as_tenant(&self) -> User<'_> {
        self.as_user(&self.token)
    }

    pub(crate) fn as_operator(&self) -> User<'_> {
        self.as_user(&self.operator)
    }

    pub(crate) fn as_user(&self, token: &str) -> User<'_> {
        self.api.as_user(token).selecting(DOCUMENTS)
    }

    /// Runs a mutation and returns its payload.
    pub(crate) fn run(&self, token: &str, document: &str, input: Value) -> Value {
        self.as_user(token).run(document, input)
    }

    pub(crate) fn enroll(&self, input: Value) -> Value {
        self.run(&self.token, ENROLL, input)
    }

    /// The e-mails in the outbox, newest first.
    pub(crate) fn mails(&self) -> Vec<Value> {
        self.api.data(&self.operator, OUTBOX, json!({}))["outbox"]["nodes"].as_array().unwrap().clone()
    }

    /// The token in the newest verification e-mail.
    pub(crate) fn mailed_token(&self) -> String {
        let mails = self.mails();
        let mail = mails.iter().find(|mail| mail["kind"] == "CONTACT_VERIFICATION").unwrap();
        let body = mail["body"].as_str().unwrap();
        body.split_once("token=").unwrap().1.split_whitespace().next().unwrap().to_owned()
    }

    pub(crate) fn verify(&self, signed_up: bool, belongs: bool) -> Value {
        let input = json!({"token": self.mailed_token(), "signedUp": signed_up, "emailBelongsToCompany": belongs});
        self.run(&self.token, VERIFY, input)
    }

    pub(crate) fn review(&self, decision: &str) -> Value {
        self.run(&self.operator, REVIEW, json!({"partner": {"tenantId": self.tenant_id}, "decision": decision}))
    }

    /// The operator authorises the enrolment, and confirms that it takes over the placeholder of its MPN ID.
    pub(crate) fn authorize_takeover(&self) -> Value {
        let input = json!({"partner": {"tenantId": self.tenant_id}, "decision": "AUTHORIZE",
            "confirmTakeover": true, "takeoverReason": "The contract names this MPN ID."});
        let reviewed = self.run(&self.operator, REVIEW, input);
        assert_eq!(rules(&reviewed), [] as [&str; 0], "{reviewed:#}");
        reviewed
    }

    /// The newcomer enrols, confirms and is authorised.
    pub(crate) fn enrolled(&self) -> Value {
        let payload = self.enroll(form());
        assert_eq!(rules(&payload), [] as [&str; 0], "{payload:#}");
        assert_eq!(rules(&self.verify(true, true)), [] as [&str; 0]);
        let reviewed = self.review("AUTHORIZE");
        assert_eq!(rules(&reviewed), [] as [&str; 0], "{reviewed:#}");
        payload["partner"].clone()
    }
}

/// A complete enrolment form of a newcomer.
pub(crate) fn form() -> Value {
    json!({
        "type": "INDIRECT_RESELLER", "legalName": "Fabrikam Sp. z o.o.", "country": "PL", "mpnId": MPN_ID.to_string(),
        "address": {"addressLine1": "ul. Prosta 1", "city": "Warszawa", "postalCode": "00-001", "country": "PL"},
        "primaryContact": {"firstName": "Ewa", "lastName": "Nowak", "email": "ewa.nowak@fabrikam.example"},
        "support": support()
    })
}

pub(crate) fn support() -> Value {
    json!({"email": "help@fabrikam.example", "telephone": "+48 22 000 00 00", "website": "https://fabrikam.example"})
}

pub(crate) fn with(mut input: Value, name: &str, value: Value) -> Value {
    input[name] = value;
    input
}

pub(crate) fn without(mut input: Value, name: &str) -> Value {
    input.as_object_mut().unwrap().remove(name);
    input
}

pub(crate) fn errors(payload: &Value) -> Vec<Value> {
    payload["userErrors"].as_array().unwrap().clone()
}

/// The rules in a payload's errors, or the code of an error without a rule.
pub(crate) fn rules(payload: &Value) -> Vec<String> {
    errors(payload).iter().map(|error| error["rule"].as_str().or(error["code"].as_str()).unwrap().to_owned()).collect()
}
