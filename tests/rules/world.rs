//! One world in which every rule can be kept and broken.

use std::collections::HashMap;

use partnergraph_domain::{Cloud, TenantId};
use partnergraph_store::columns::CustomerRecordColumns;
use partnergraph_store::write::customers::{self, NewCustomer};
use serde_json::{Value, json};

use crate::support::{Api, Backend, Customer, Graph, Partner, Role, Subscription, TestDatabase};

/// The actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    Provider,
    ProviderHelpdesk,
    ProviderAgent,
    Unsigned,
    UnsignedAgent,
    Membership,
    Government,
    German,
    Reseller,
    ResellerAgent,
    ResellerHelpdesk,
    Unenrolled,
    Stranger,
    Former,
    Direct,
    Customer,
    CustomerUser,
    CustomerWithoutAgreement,
    Newcomer,
    NewcomerAgent,
    Operator,
}

pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) provider: Partner,
    pub(crate) reseller: Partner,
    pub(crate) unsigned_reseller: Partner,
    pub(crate) japanese: Partner,
    pub(crate) former: Partner,
    pub(crate) stranger: Partner,
    pub(crate) direct: Partner,
    pub(crate) customer: Customer,
    /// The provider is its advisor but not its reseller.
    pub(crate) advised: Customer,
    pub(crate) without_agreement: Customer,
    pub(crate) of_unsigned: Customer,
    pub(crate) subscription: Subscription,
    pub(crate) fixed: Subscription,
    pub(crate) of_advised: Subscription,
    tokens: HashMap<Who, String>,
    /// Secrets and ids from earlier requests, by name.
    pub(crate) given: HashMap<&'static str, String>,
    graph: Graph,
}

/// The MPN IDs of a newcomer's active profile, of an inactive one, and of one in another country.
pub(crate) const ACTIVE: u64 = 7_100_001;
pub(crate) const INACTIVE: u64 = 7_100_002;
pub(crate) const GERMAN: u64 = 7_100_003;
/// Three newcomers that have already enrolled: the contact of the first has not answered, those of the others have. The last one
/// claims the MPN ID of a placeholder.
const UNVERIFIED: u64 = 7_100_004;
const VERIFIED: u64 = 7_100_005;
const CLAIMED: u64 = 7_100_006;

impl World {
    pub(crate) fn token(&self, who: Who) -> &str {
        &self.tokens[&who]
    }

    pub(crate) fn on(backend: Backend) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let provider = graph.provider("Northwind").add();
        let unsigned = graph.provider("Unsigned").without_agreement().add();
        let membership = graph.provider("Membership").without_agreement().add();
        let government = graph.provider("Government").country("US").add();
        let german = graph.provider("German").country("DE").add();
        let reseller = graph.reseller("Fabrikam").global_mpn_id(6_000_001).partner_of(&provider).add();
        let unsigned_reseller = graph.reseller("Late").without_agreement().partner_of(&provider).add();
        let japanese = graph.reseller("Nippon").country("JP").partner_of(&provider).add();
        let former = graph.reseller("Former").partner_of(&provider).add();
        let stranger = graph.reseller("Stranger").add();
        let unenrolled = graph.reseller("Unenrolled").without_agreement().add();
        let direct = graph.direct_bill("Adatum").add();
        graph.end_partnership(&provider, &former);
        let customer = graph.customer(&provider, "Contoso");
        graph.customer_also_of(&direct, &customer);
        let advised = graph.customer(&provider, "Advised");
        let of_unsigned = graph.customer(&unsigned, "Tailspin");
        let subscription = graph.subscription(&provider, &customer).quantity(5).reseller(&former).add();
        let fixed = graph.subscription(&provider, &customer).fixed().add();
        let of_advised = graph.subscription(&provider, &advised).add();
        graph.association(&provider, &customer, &reseller);
        let without_agreement = Self::customer_without_agreement(&graph, &provider);
        graph.write(|conn, _, _| {
            conn.batch(&format!(
                "UPDATE partners SET cloud = 'US_GOVERNMENT' WHERE id = {}; \
                 UPDATE partners SET cloud = 'GERMANY' WHERE id = {}; \
                 UPDATE partners SET enrolled = FALSE WHERE id = {}; \
                 UPDATE mpn_profiles SET in_partner_membership_center = TRUE WHERE mpn_id = '{}'; \
                 UPDATE reseller_relationships SET relationship_to_partner = 'ADVISOR' WHERE customer_id = {}",
                government.id, german.id, unenrolled.id, membership.mpn_id, advised.id
            ))
        });
        let of = |partner: &Partner, role| graph.token(partner, &[role]);
        let newcomer = TenantId(graph.guid());
        let tokens = HashMap::from([
            (Who::Provider, of(&provider, Role::GlobalAdmin)),
            (Who::ProviderAgent, of(&provider, Role::AdminAgent)),
            (Who::ProviderHelpdesk, of(&provider, Role::HelpdeskAgent)),
            (Who::Unsigned, of(&unsigned, Role::GlobalAdmin)),
            (Who::UnsignedAgent, of(&unsigned, Role::AdminAgent)),
            (Who::Membership, of(&membership, Role::GlobalAdmin)),
            (Who::Government, of(&government, Role::GlobalAdmin)),
            (Who::German, of(&german, Role::GlobalAdmin)),
            (Who::Reseller, of(&reseller, Role::GlobalAdmin)),
            (Who::ResellerAgent, of(&reseller, Role::AdminAgent)),
            (Who::ResellerHelpdesk, of(&reseller, Role::HelpdeskAgent)),
            (Who::Stranger, of(&stranger, Role::GlobalAdmin)),
            (Who::Former, of(&former, Role::GlobalAdmin)),
            (Who::Unenrolled, of(&unenrolled, Role::GlobalAdmin)),
            (Who::Direct, of(&direct, Role::GlobalAdmin)),
            (Who::Customer, graph.customer_token(&customer)),
            (
                Who::CustomerUser,
                graph.newcomer_token(customer.tenant_id, "user@contoso.example", &[Role::HelpdeskAgent]),
            ),
            (Who::CustomerWithoutAgreement, graph.customer_token(&without_agreement)),
            (Who::Newcomer, graph.newcomer_token(newcomer, "boss@newcomer.example", &[Role::GlobalAdmin])),
            (Who::NewcomerAgent, graph.newcomer_token(newcomer, "agent@newcomer.example", &[Role::AdminAgent])),
            (Who::Operator, graph.operator_token()),
        ]);
        let mut world = Self {
            api: Api::on(&graph.database),
            provider,
            reseller,
            unsigned_reseller,
            japanese,
            former,
            stranger,
            direct,
            customer,
            advised,
            without_agreement,
            of_unsigned,
            subscription,
            fixed,
            of_advised,
            tokens,
            given: HashMap::new(),
            graph,
        };
        world.prepare();
        world
    }

    fn customer_without_agreement(graph: &Graph, provider: &Partner) -> Customer {
        let new = NewCustomer {
            tenant_id: TenantId(graph.guid()),
            cloud: Cloud::Public,
            columns: CustomerRecordColumns {
                company_name: Some("Hesitant".to_owned()),
                domain: Some("hesitant.example".to_owned()),
                country: Some("PL".parse().unwrap()),
                ..CustomerRecordColumns::default()
            },
        };
        let id = graph.write(|conn, actor, now| customers::add(conn, actor, now, provider.id, &new));
        Customer {
            id,
            tenant_id: new.tenant_id,
            company_name: "Hesitant".to_owned(),
            domain: "hesitant.example".to_owned(),
        }
    }

    /// A request that must succeed.
    fn done(&self, who: Who, mutation: &str, selection: &str, input: Value) -> Value {
        let input_type = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let document = format!(
            "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message field rule }} }} }}"
        );
        let answer = self.api.data(self.token(who), &document, json!({ "input": input }))[mutation].clone();
        assert_eq!(answer["userErrors"], json!([]), "{mutation}");
        answer
    }

    /// Prepares what the requests depend on: MPN profiles, a grant, invitations in several states, pending enrolments.
    fn prepare(&mut self) {
        for (mpn_id, country, active) in [
            (ACTIVE, "PL", true),
            (INACTIVE, "PL", false),
            (GERMAN, "DE", true),
            (UNVERIFIED, "PL", true),
            (VERIFIED, "PL", true),
            (CLAIMED, "PL", true),
        ] {
            let profile = json!({"mpnId": mpn_id.to_string(), "kind": "LOCATION", "country": country, "active": active, "inPartnerMembershipCenter": false});
            self.done(Who::Operator, "upsertMpnProfile", "mpnProfile { mpnId }", profile);
        }
        let affiliates =
            json!({"a": {"mpnId": self.direct.mpn_id}, "b": {"mpnId": self.stranger.mpn_id}, "kind": "AFFILIATE"});
        self.done(Who::Operator, "linkOrganizations", "", affiliates);
        self.invitations();
        self.enrolments();
    }

    fn invitations(&mut self) {
        let open = json!({"resellerEmail": "boss@somebody.example"});
        let request = self.done(Who::Provider, "requestPartnership", "invitation { id link }", open.clone());
        self.keep("partnership", &request["invitation"]["id"]);
        self.keep_token("partnershipToken", &request["invitation"]["link"]);
        let closed = self.done(Who::Provider, "requestPartnership", "invitation { id }", open);
        self.keep("closedPartnership", &closed["invitation"]["id"]);
        let closed = json!({"invitation": closed["invitation"]["id"]});
        self.done(Who::Provider, "revokeInvitation", "invitation { id }", closed);

        let invite = |delegated: bool| json!({"customerEmail": "boss@customer.example", "country": "PL", "delegatedAdmin": delegated});
        let open = self.done(Who::ResellerAgent, "inviteCustomer", "invitation { id link }", invite(true));
        self.keep("invitation", &open["invitation"]["id"]);
        self.keep_token("invitationToken", &open["invitation"]["link"]);
        let closed = self.done(Who::ResellerAgent, "inviteCustomer", "invitation { id }", invite(true));
        self.keep("closedInvitation", &closed["invitation"]["id"]);
        let closed = json!({"invitation": closed["invitation"]["id"]});
        self.done(Who::ResellerAgent, "revokeInvitation", "invitation { id }", closed);

        let mut own_use = invite(false);
        own_use["tenantId"] = json!(self.customer.tenant_id);
        own_use["internalUseOf"] = json!({"mpnId": self.former.mpn_id});
        let own_use = self.done(Who::ResellerAgent, "inviteCustomer", "invitation { link }", own_use);
        self.keep_token("internalUseToken", &own_use["invitation"]["link"]);

        // The provider has delegated admin privileges for the customer.
        let mut reinstate = invite(true);
        reinstate["customer"] = json!({"tenantId": self.customer.tenant_id});
        let again = self.done(Who::Provider, "inviteCustomer", "invitation { link }", reinstate);
        let token = token_of(&again["invitation"]["link"]);
        self.done(Who::Customer, "acceptInvitation", "customer { tenantId }", json!({"token": token}));
    }

    fn enrolments(&mut self) {
        for (name, mpn_id) in [("unverified", UNVERIFIED), ("verified", VERIFIED), ("claimed", CLAIMED)] {
            let tenant = TenantId(self.graph.guid());
            let token = self.graph.newcomer_token(tenant, &format!("boss@{name}.example"), &[Role::GlobalAdmin]);
            let document = "mutation($input: EnrollPartnerInput!) { enrollPartner(input: $input) { partner { id } userErrors { code message field } } }";
            let answer = self.api.data(&token, document, json!({"input": enrolment(mpn_id)}))["enrollPartner"].clone();
            assert_eq!(answer["userErrors"], json!([]), "{name}");
            self.keep(name, &answer["partner"]["id"]);
        }
        self.graph.write(|conn, _, now| {
            conn.batch(&format!(
                "INSERT INTO partners (partner_type, name, name_key, name_sort, cloud, mpn_id, capabilities, onboarded, enrolled, \
                 vetting_status, vetting_sub_status, version, created_at, updated_at) VALUES ('INDIRECT_RESELLER', 'MPN {CLAIMED}', \
                 'mpn {CLAIMED}', 'mpn {CLAIMED}', 'PUBLIC', '{CLAIMED}', '[]', FALSE, FALSE, 'NONE', 'NONE', 1, '{now}', '{now}')"
            ))
        });
        self.verify(VERIFIED);
        self.verify(CLAIMED);
    }

    /// The primary contact of an enrolment answers. The e-mail to the contact has the token.
    fn verify(&self, mpn_id: u64) {
        let outbox = "{ outbox(first: 100) { nodes { recipient kind body } } }";
        let mails = self.api.data(self.token(Who::Operator), outbox, json!({}));
        let body = mails["outbox"]["nodes"].as_array().unwrap().iter().find_map(|mail| {
            let body = mail["body"].as_str()?;
            (mail["recipient"] == format!("anna@company{mpn_id}.example") && body.contains("#token="))
                .then(|| body.to_owned())
        });
        let token = token_in(&body.expect("a mail to the contact"));
        let yes = json!({"token": token, "signedUp": true, "emailBelongsToCompany": true});
        self.done(Who::Operator, "verifyPrimaryContact", "partner { vettingStatus }", yes);
    }

    fn keep(&mut self, name: &'static str, value: &Value) {
        self.given.insert(name, value.as_str().unwrap_or_else(|| panic!("{name}: {value}")).to_owned());
    }

    fn keep_token(&mut self, name: &'static str, link: &Value) {
        self.given.insert(name, token_of(link));
    }
}

fn token_of(link: &Value) -> String {
    token_in(link.as_str().unwrap())
}

/// The token in a text that contains a link.
fn token_in(text: &str) -> String {
    let rest = text.split("#token=").nth(1).unwrap();
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// A newcomer's complete enrolment form.
pub(crate) fn enrolment(mpn_id: u64) -> Value {
    json!({
        "type": "INDIRECT_RESELLER", "legalName": format!("Company {mpn_id}"), "country": "PL", "mpnId": mpn_id.to_string(),
        "address": {"addressLine1": "ul. Prosta 1", "city": "Warszawa", "postalCode": "00-001", "country": "PL"},
        "primaryContact": {"firstName": "Anna", "lastName": "Nowak", "email": format!("anna@company{mpn_id}.example")},
        "support": {"email": "help@company.example", "telephone": "+48 22 000 00 00", "website": "https://company.example"}
    })
}
