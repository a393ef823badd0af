use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, EnrolmentFacts, TenantHolder};
use partnergraph_domain::rules::enrolment::{EnrolmentForm, MpnIdUse};
use partnergraph_domain::rules::text_rules::is_email;
use partnergraph_domain::{
    Capability, Cloud, CompanyKey, MpnId, PartnerKey, PartnerType, Refusal, Role, RuleId, TenantId, VettingStatus,
};
use partnergraph_store::write::enrolment::{self, AccountRow, Enrolment, EnrolmentProfile, MpnIdClaim};
use partnergraph_store::write::profile::Profile;
use partnergraph_store::write::tenants::{self, TenantKind};
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::write::{facts, tokens};
use partnergraph_store::{Actor, Conn, StoreResult};

use super::{mails, partner};
use crate::organizations::{PartnerAddressInput, PartnerSupportInput, PrimaryContactInput, given};
use crate::task::{self, Attempt, Creation, Mode, bad_input};
use partnergraph_operation::Operation;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::policy::Policy;
use partnergraph_operation::scalars::CountryCode;
use partnergraph_types::Partner;

/// An enrolment in the CSP programme. A company that is new to the programme must set every field that is not described
/// as optional. A company that is already in the programme only needs `support`, and `type` unless the account is for
/// an indirect reseller (E-02).
#[derive(InputObject, Debug, Clone)]
pub struct EnrollPartnerInput {
    /// The type of account. A company that is new to CSP can enrol only as an indirect reseller (E-01).
    #[graphql(name = "type", default_with = "PartnerType::IndirectReseller")]
    kind: PartnerType,
    /// The company's legal name. Defaults to the existing one if the company is already in the programme.
    #[graphql(validator(custom = "Name"))]
    legal_name: Option<String>,
    /// The country of the tenant and therefore of the account. Defaults to the tenant's known country.
    country: Option<CountryCode>,
    /// The tenant's cloud. Defaults to the tenant's known cloud, or PUBLIC if none is known.
    cloud: Option<Cloud>,
    /// The MPN ID of the account (E-04). It must belong to an active profile in the tenant's country (E-05, E-06). If
    /// the company is already in the programme, it defaults to the MPN ID of its existing account.
    mpn_id: Option<String>,
    /// The legal address. Defaults to the existing one if the company is already in the programme.
    address: Option<PartnerAddressInput>,
    /// The primary contact, who is asked to verify the enrolment. If the company is already in the programme, it
    /// defaults to the existing contact, or to you if there is none.
    primary_contact: Option<PrimaryContactInput>,
    /// The contact details for customer support. Must not be null (E-02, E-03).
    support: Option<PartnerSupportInput>,
    /// The company's capabilities, required to apply for a direct-bill account (T-05). Optional.
    capabilities: Option<Vec<Capability>>,
    /// Whether to add you to the Admin agents, a role that completing the account setup requires.
    #[graphql(default)]
    join_admin_agents: bool,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    idempotency_key: Option<String>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of an enrolment.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct EnrollPartnerPayload {
    /// The new account, onboarded and waiting for its primary contact. Null if the enrolment was rejected or only
    /// validated.
    partner: Option<Partner>,
    /// Whether you are an Admin agent of the account. Null if the enrolment was rejected.
    admin_agent: Option<bool>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { EnrollPartnerPayload {
    /// `partner` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    partner_edge: partner => partnergraph_types::PartnerEdge,
} }

/// `enrollPartner`.
#[derive(Debug, Default)]
pub struct EnrollPartner;

#[Object]
impl EnrollPartner {
    /// Enrols your tenant in the CSP programme. Requires a Global admin with a work account. If you have no work
    /// account, create one outside this service first (E-14).
    ///
    /// As soon as you have enrolled, the users of the tenant act for the new account; if it is the tenant's second
    /// account, only you do. The account first waits for its primary contact, who gets an email (E-08), then for an
    /// operator's review (E-09). When it is authorised, it receives its MPN ID and everything recorded under the
    /// placeholder for that ID. You can enrol again after a rejection by review. If the request itself is rejected,
    /// nothing is stored (E-13).
    async fn enroll_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `enrollPartner`.")] input: EnrollPartnerInput,
    ) -> Nullable<EnrollPartnerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let (mode, policy) = (Mode::from(input.validate_only), operation.policy().clone());
            let outcome = task::write(operation, mode, move |conn, actor, now| {
                let creation = Creation::of("enrollPartner", input.idempotency_key.as_deref(), &input);
                let role = |_: &mut Conn| allowed(actor);
                let (made, _) = task::once(conn, actor, now, &creation, role, |conn| {
                    Ok((enrol(conn, actor, now, &policy, &input)?, ()))
                })?;
                Ok(made)
            })
            .await?;
            Ok(match outcome {
                Ok((id, admin_agent)) => EnrollPartnerPayload {
                    partner: partner(operation, id).await?,
                    admin_agent: Some(admin_agent),
                    user_errors: Vec::new(),
                },
                Err(refusals) => {
                    EnrollPartnerPayload { partner: None, admin_agent: None, user_errors: user_errors(refusals) }
                }
            })
        };
        Nullable::from(answer.await)
    }
}

/// Checks only the caller's role.
fn allowed(actor: &Actor) -> Attempt<()> {
    let caller = facts::actor(actor)?;
    let tenant_id = caller.tenant_id.ok_or_else(no_tenant)?;
    task::refuse_if(checks::enrols(&caller, tenant_id))
}

fn no_tenant() -> Refusal {
    let message = "Only a Global admin of a tenant can enrol it, and you do not belong to a tenant.";
    task::not_for_caller(RuleId::A_03, message)
}

/// What is known about the tenant that enrols.
struct Known {
    tenant_id: TenantId,
    accounts: Vec<AccountRow>,
    /// An account of the same company that is already in the programme. The tenant's own account is preferred.
    sibling: Option<(AccountRow, Profile)>,
}

impl Known {
    fn of(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Self> {
        let accounts = enrolment::held(conn, tenant_id)?;
        let sibling = match accounts.iter().find(|account| account.enrolled) {
            Some(account) => Some((account.clone(), Profile::of(conn, account.id)?)),
            None => None,
        };
        Ok(Self { tenant_id, accounts, sibling })
    }

    fn types(&self, wanted: impl Fn(&&AccountRow) -> bool) -> Vec<PartnerType> {
        self.accounts.iter().filter(wanted).map(|account| account.partner_type).collect()
    }

    /// A rejected enrolment of the same tenant and account type.
    fn turned_down(&self, wanted: PartnerType) -> Option<PartnerKey> {
        let mut own = self.accounts.iter().filter(|account| account.is_of(self.tenant_id));
        let is_meant =
            |account: &&AccountRow| account.partner_type == wanted && account.vetting_status == VettingStatus::Rejected;
        own.find(is_meant).map(|account| account.id)
    }

    fn companies(&self) -> Vec<CompanyKey> {
        self.accounts.iter().filter_map(|account| account.company_id).collect()
    }
}

/// Returns the key of the account, and whether the user is one of its Admin agents.
fn enrol(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    policy: &Policy,
    input: &EnrollPartnerInput,
) -> Attempt<(PartnerKey, bool)> {
    let caller = facts::actor(actor)?;
    let tenant_id = caller.tenant_id.ok_or_else(no_tenant)?;
    let known = Known::of(conn, tenant_id)?;
    let wanted = input.kind;
    let again = known.turned_down(wanted);
    // What partners say of the tenant, such as an import that has it as a customer, keeps it from nothing.
    let about = tenants::held(conn, tenant_id)?;
    let profile = stated(input, actor, &known);
    let mut malformed = Vec::new();
    let mpn_id = mpn_id(input, &known).map_err(|refusal| malformed.push(refusal)).unwrap_or_default();
    malformed.extend(cloud_elsewhere(input, about.map(|held| held.cloud)));
    malformed.extend(address_elsewhere(input, about.and_then(|held| held.country)));
    let facts = EnrolmentFacts {
        actor: caller,
        tenant_id,
        is_customers: match about.map(|held| held.kind) {
            Some(TenantKind::Customer) => TenantHolder::Customer,
            Some(TenantKind::Partner) | None => TenantHolder::PartnerOrNobody,
        },
        tenant_country: about.and_then(|held| held.country),
        stated_country: stated_country(input, &known),
        wanted,
        held: known.types(|account| account.enrolled),
        held_by_tenant: known
            .types(|account| account.is_of(tenant_id) && account.vetting_status != VettingStatus::Rejected),
        capabilities: profile.capabilities.clone(),
        mpn_id,
        mpn_id_use: match mpn_id {
            Some(mpn_id) => {
                let companies = known.companies();
                let claim = MpnIdClaim {
                    mpn_id,
                    partner_type: wanted,
                    tenant_id: Some(tenant_id),
                    companies: &companies,
                    account: again,
                };
                enrolment::mpn_id_use(conn, &claim)?
            }
            None => MpnIdUse::Free,
        },
        mpn_profile: mpn_id.map_or(Ok(None), |mpn_id| facts::mpn_profile(conn, mpn_id))?,
        form: form(input, &profile),
        on: now.date(),
    };
    let mut refusals = checks::enrol_partner(&facts);
    if !malformed.is_empty() {
        // A malformed MPN ID is reported as malformed, not also as missing.
        refusals.retain(|refusal| refusal.rule != Some(RuleId::E_04));
        refusals.extend(malformed);
    }
    let country = facts.tenant_country.or(facts.stated_country);
    let (Some(mpn_id), Some(country), true) = (mpn_id, country, refusals.is_empty()) else {
        return Err(refusals.into());
    };
    let cloud = about.map(|held| held.cloud).or(input.cloud);
    let enrolment = Enrolment {
        tenant_id,
        partner_type: wanted,
        country,
        cloud: cloud.unwrap_or(Cloud::Public),
        mpn_id,
        sibling: known.sibling.as_ref().map(|(account, _)| account.id),
        again,
        profile,
    };
    let id = enrolment::enrol(conn, actor, now, &enrolment)?;
    let admin_agent = enrolling_user(conn, actor, now, (id, tenant_id), input)?;
    let profile = Profile::of(conn, id)?;
    mails::ask_contact(conn, now, policy, id, &profile)?;
    Ok((id, admin_agent))
}

/// Makes the enrolling user a Global admin of the account, and an Admin agent if the input asks for it.
fn enrolling_user(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (id, tenant_id): (PartnerKey, TenantId),
    input: &EnrollPartnerInput,
) -> StoreResult<bool> {
    let organization = Organization::Partner { id, tenant_id: Some(tenant_id) };
    let name = &actor.user_principal_name;
    let mut roles = match users::find(conn, organization, name)? {
        Some(user_id) => users::roles_of(conn, user_id)?,
        None => vec![Role::GlobalAdmin],
    };
    let joins = input.join_admin_agents && !roles.contains(&Role::AdminAgent);
    if joins {
        roles.push(Role::AdminAgent);
    }
    let (user_id, _) = users::set_roles(conn, actor, now, organization, name, &roles)?;
    if joins {
        tokens::carry(conn, user_id, Role::AdminAgent)?;
    }
    Ok(roles.contains(&Role::AdminAgent))
}

/// The MPN ID of the account: the one in the input, or that of the company's existing account in the programme.
fn mpn_id(input: &EnrollPartnerInput, known: &Known) -> Result<Option<MpnId>, Refusal> {
    match input.mpn_id.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map(Some).map_err(|_| bad_input("An MPN ID must be a number.", &["mpnId"])),
        None => Ok(known.sibling.as_ref().and_then(|(account, _)| account.mpn_id.as_deref()?.parse().ok())),
    }
}

fn stated_country(input: &EnrollPartnerInput, known: &Known) -> Option<partnergraph_domain::CountryCode> {
    let of_sibling = || known.sibling.as_ref().and_then(|(account, _)| account.country);
    input.country.map(|country| country.0).or_else(of_sibling)
}

/// An account has one country, and its legal address must be there.
fn address_elsewhere(
    input: &EnrollPartnerInput,
    tenant_country: Option<partnergraph_domain::CountryCode>,
) -> Option<Refusal> {
    let stated = input.address.as_ref()?.country?;
    let country = tenant_country.or(input.country.map(|country| country.0))?;
    let message = format!("The account's country is {country}, so its legal address cannot be in {}.", stated.0);
    (stated.0 != country).then(|| bad_input(&message, &["address", "country"]))
}

fn cloud_elsewhere(input: &EnrollPartnerInput, tenants: Option<Cloud>) -> Option<Refusal> {
    let (stated, cloud) = input.cloud.zip(tenants)?;
    let message = format!("The tenant is in the {cloud} cloud, so the account cannot be in {stated}.");
    (stated != cloud).then(|| bad_input(&message, &["cloud"]))
}

/// The profile from the input. If the company is already in the programme, the contact email defaults to the known one,
/// or to the user's own address.
fn stated(input: &EnrollPartnerInput, actor: &Actor, known: &Known) -> EnrolmentProfile {
    let address = input.address.clone().unwrap_or_default();
    let contact = input.primary_contact.clone().unwrap_or_default();
    let support = input.support.clone().unwrap_or_default();
    let own_address = || Some(actor.user_principal_name.clone()).filter(|name| is_email(name));
    let known_contact =
        known.sibling.as_ref().and_then(|(_, profile)| profile.contact_email.clone().or_else(own_address));
    EnrolmentProfile {
        legal_name: input.legal_name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned),
        address_line1: given(&address.address_line1),
        city: given(&address.city),
        postal_code: given(&address.postal_code),
        contact_first_name: given(&contact.first_name),
        contact_last_name: given(&contact.last_name),
        contact_email: given(&contact.email).or(known_contact),
        contact_phone: given(&contact.phone_number),
        support_email: given(&support.email),
        support_telephone: given(&support.telephone),
        support_website: given(&support.website),
        capabilities: input.capabilities.clone().unwrap_or_default(),
    }
}

fn form(input: &EnrollPartnerInput, profile: &EnrolmentProfile) -> EnrolmentForm {
    let profile = profile.clone();
    EnrolmentForm {
        legal_name: profile.legal_name,
        address_line: profile.address_line1,
        city: profile.city,
        postal_code: profile.postal_code,
        address_country: input
            .address
            .as_ref()
            .and_then(|address| address.country)
            .map(|country| country.0.to_string()),
        contact_first_name: profile.contact_first_name,
        contact_last_name: profile.contact_last_name,
        contact_email: profile.contact_email,
        support_email: profile.support_email,
        support_telephone: profile.support_telephone,
        support_website: profile.support_website,
    }
}
