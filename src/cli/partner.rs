use clap::{Args, Subcommand};
use partnergraph_domain::checks::{self, PartnershipAcceptanceFacts};
use partnergraph_domain::rules::partnership::p_01_requested_by_provider;
use partnergraph_domain::rules::takeover::e_17_refusals;
use partnergraph_domain::rules::types::t_01_account_fits_tenant;
use partnergraph_domain::{
    Capability, Cloud, CountryCode, InvitationState, MpnId, PartnerKey, PartnerType, Refusal, RelationshipToPartner,
    Role, RuleId, TenantId, VettingStatus, counted,
};
use partnergraph_store::read::partners::PartnerRow;
use partnergraph_store::read::{partner_reviews, subscriptions};
use partnergraph_store::write::agreements;
use partnergraph_store::write::partners::{self, NewPartner, TakenOver};
use partnergraph_store::write::tenants::{self, TenantKind};
use partnergraph_store::write::{customers, facts, partnerships, takeover};
use partnergraph_store::{Actor, Conn, Scope, clock};

use super::accounts::{self, AccountName};
use super::values::{name, one_of};
use super::{Done, Exit, Failure, print};
use crate::config::Config;

/// Add, list and link partner accounts
#[derive(Debug, Subcommand)]
pub(super) enum Partner {
    /// Add an account that is onboarded and enrolled and has signed its agreement
    Add(Add),
    /// List accounts
    List,
    /// Create an active partnership between a provider and a reseller
    Link(Link),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph partner add --type INDIRECT_PROVIDER --name 'Northwind Distribution' --country PL \\
      --mpn-id 4500001 --tenant-id 0f6c2a7e-0000-4000-8000-000000000001
  partnergraph partner add --type INDIRECT_RESELLER --name Fabrikam --country DE --mpn-id 4500002 \\
      --tenant-id 0f6c2a7e-0000-4000-8000-000000000002 --capability SUPPORT --without-mpa
  partnergraph partner add --type INDIRECT_RESELLER --name 'Fabrikam Berlin' --country DE --mpn-id 4500003 \\
      --tenant-id 0f6c2a7e-0000-4000-8000-000000000003 --confirm-takeover \\
      --takeover-reason 'The contract of 2024 names this MPN ID'")]
pub(super) struct Add {
    /// Account type
    #[arg(long = "type", value_name = "TYPE", value_parser = one_of::<PartnerType>())]
    partner_type: PartnerType,
    /// Display name
    #[arg(long, value_parser = name)]
    name: String,
    /// Country as a two-letter ISO 3166 code, such as PL; determines the region
    #[arg(long, value_name = "COUNTRY")]
    country: CountryCode,
    /// MPN ID of the location account, which identifies the partner in transactions
    #[arg(long, value_name = "MPN_ID")]
    mpn_id: MpnId,
    /// Tenant id
    #[arg(long, value_name = "GUID")]
    tenant_id: TenantId,
    /// MPN ID of the company's global account
    #[arg(long, value_name = "MPN_ID")]
    global_mpn_id: Option<MpnId>,
    /// Name of the legal company; accounts with the same company name belong to one company [default: the account's name]
    #[arg(long, value_parser = name)]
    company: Option<String>,
    /// Cloud of the tenant
    #[arg(long, default_value = "PUBLIC", value_parser = one_of::<Cloud>())]
    cloud: Cloud,
    /// What the account offers; repeat it or separate several with commas
    #[arg(long = "capability", value_name = "CAPABILITY", value_parser = one_of::<Capability>(), value_delimiter = ',')]
    capabilities: Vec<Capability>,
    /// Add an account that has not signed the Microsoft Partner Agreement yet
    #[arg(long)]
    without_mpa: bool,
    /// Let the account take over the placeholder that imports created for its MPN ID, with all that they recorded under it
    #[arg(long)]
    confirm_takeover: bool,
    /// Why the takeover is right, if the register of MPN profiles has another company name for the MPN ID, or none
    #[arg(long, value_name = "REASON", value_parser = name)]
    takeover_reason: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  partnergraph partner link 4500001 4500002")]
pub(super) struct Link {
    /// The provider's MPN ID or tenant id
    #[arg(value_name = "PROVIDER")]
    provider: AccountName,
    /// The reseller's MPN ID or tenant id
    #[arg(value_name = "RESELLER")]
    reseller: AccountName,
}

pub(super) fn run(command: &Partner, config: &Config) -> Done {
    let mut conn = accounts::connect(config)?;
    match command {
        Partner::Add(arguments) => accounts::write_all(&mut conn, |conn| add(conn, arguments))?,
        Partner::List => list(&mut conn)?,
        Partner::Link(arguments) => accounts::write_all(&mut conn, |conn| link(conn, arguments))?,
    }
    Ok(Exit::Done)
}

fn add(conn: &mut Conn, arguments: &Add) -> Result<(), Failure> {
    let name = arguments.name.trim();
    refuse_what_is_taken(conn, arguments)?;
    let takeover = takeover(conn, arguments)?;
    let (actor, now) = (Actor::command_line(), clock::now());
    let new = NewPartner {
        partner_type: arguments.partner_type,
        name: name.to_owned(),
        country: arguments.country,
        cloud: arguments.cloud,
        mpn_id: arguments.mpn_id,
        global_mpn_id: arguments.global_mpn_id,
        tenant_id: arguments.tenant_id,
        company: arguments.company.clone(),
        capabilities: arguments.capabilities.clone(),
    };
    let over = takeover.as_ref().map(|takeover| &takeover.over);
    let id = partners::add_over(conn, &actor, now, &new, over)?;
    if !arguments.without_mpa {
        agreements::sign(conn, &actor, now, id)?;
    }
    print::line(format!("added {} {} (MPN ID {}, tenant {})", new.partner_type, new.name, new.mpn_id, new.tenant_id));
    if let Some(takeover) = takeover {
        print::line(format!("took over the placeholder {}: {}", takeover.over.placeholder.name, takeover.hangs_on_it));
        list_concerned(conn, id, new.partner_type)?;
    }
    Ok(())
}

/// The takeover of the placeholder that has the MPN ID of a new account.
struct Takeover {
    over: TakenOver,
    /// In words: what it hands over.
    hangs_on_it: String,
}

/// The placeholder that has the MPN ID, if there is one and the takeover is authorised (E-17).
fn takeover(conn: &mut Conn, arguments: &Add) -> Result<Option<Takeover>, Failure> {
    let Some(placeholder) = takeover::placeholder(conn, arguments.mpn_id)? else { return Ok(None) };
    let reason = arguments.takeover_reason.as_deref().map(str::trim);
    let claimed = arguments.company.as_deref().unwrap_or(&arguments.name);
    let facts = takeover::facts(conn, arguments.mpn_id, claimed, arguments.confirm_takeover, reason)?;
    let hangs_on_it = match partner_reviews::placeholder_counts(conn, &Scope::Operator, &[placeholder.id])?.first() {
        Some(counts) => format!(
            "{}, {}, {} and {}",
            counted(counts.providers.unsigned_abs(), "provider"),
            counted(counts.customers.unsigned_abs(), "customer"),
            counted(counts.subscriptions.unsigned_abs(), "subscription"),
            counted(counts.licenses.unsigned_abs(), "licence"),
        ),
        None => "nothing".to_owned(),
    };
    let refusals = e_17_refusals(&facts);
    if !refusals.is_empty() {
        let hint = format!(
            "the placeholder {} has {hangs_on_it}; pass --confirm-takeover, and --takeover-reason if `partnergraph mpn list` \
             does not show this company for the MPN ID",
            placeholder.name
        );
        return Err(Failure::refused(&refusals, hint));
    }
    Ok(Some(Takeover { over: TakenOver { placeholder, reason: reason.map(str::to_owned) }, hangs_on_it }))
}

/// The most subscriptions that are listed one by one.
const MOST_CONCERNED: u32 = 500;

/// Lists the subscriptions that name the account although its type cannot be a reseller's.
fn list_concerned(conn: &mut Conn, id: PartnerKey, partner_type: PartnerType) -> Result<(), Failure> {
    if partner_type == PartnerType::IndirectReseller {
        return Ok(());
    }
    let mut keys = subscriptions::naming(conn, &Scope::Operator, id, MOST_CONCERNED + 1)?;
    let there_are_more = keys.len() > MOST_CONCERNED as usize;
    keys.truncate(MOST_CONCERNED as usize);
    let rows = subscriptions::by_ids(conn, &Scope::Operator, &keys)?;
    if rows.is_empty() {
        return Ok(());
    }
    print::line(format!(
        "these subscriptions name it as reseller, which {partner_type} cannot be; assign another one:"
    ));
    let shown: Vec<[String; 2]> =
        rows.into_iter().map(|row| [row.subscription_id.clone(), row.offer_name.clone().unwrap_or_default()]).collect();
    print::table(["SUBSCRIPTION", "OFFER"], &shown);
    if there_are_more {
        print::line(format!("and more than these {MOST_CONCERNED}; filter subscriptions by their partner of record"));
    }
    Ok(())
}

/// Checks the account against the rules and against what is already stored.
fn refuse_what_is_taken(conn: &mut Conn, arguments: &Add) -> Result<(), Failure> {
    let takes_it = |row: &PartnerRow| {
        let is_placeholder = row.tenant_id.is_none() && !row.onboarded;
        // The tenant's other account can share the MPN ID (T-01), an undecided enrolment does not hold it yet, and a
        // placeholder is taken over.
        let undecided = matches!(row.vetting_status, VettingStatus::Pending | VettingStatus::Rejected);
        let other_tenant = row.tenant_id.as_deref() != Some(&*arguments.tenant_id.to_string());
        !undecided && !is_placeholder && (other_tenant || row.partner_type == arguments.partner_type)
    };
    let known = accounts::find_all(conn, AccountName::Mpn(arguments.mpn_id))?;
    if let Some(other) = known.into_iter().find(takes_it) {
        return Err(Failure::new(format!("the MPN ID {} belongs to {}", arguments.mpn_id, other.profile.name))
            .hint("an MPN ID belongs to one account; `partnergraph partner list` shows the accounts"));
    }
    if Some(arguments.mpn_id) == arguments.global_mpn_id {
        return Err(Failure::usage("the location account and the global account have the same MPN ID").hint(
            "--mpn-id is the MPN ID of the location account, --global-mpn-id that of the company's global account",
        ));
    }
    if tenants::kind(conn, arguments.tenant_id)? == Some(TenantKind::Customer) {
        return Err(Failure::new(format!("the tenant {} belongs to a customer (Q-06)", arguments.tenant_id))
            .hint("a tenant belongs to a partner or a customer, never both; use the partner's own CSP tenant"));
    }
    let held = accounts::find_all(conn, AccountName::Tenant(arguments.tenant_id))?
        .iter()
        .map(|row| row.partner_type)
        .collect::<Vec<_>>();
    let verdict = t_01_account_fits_tenant(&held, arguments.partner_type);
    match verdict.refusal() {
        Some(refusal) => Err(Failure::refused(&[refusal], "`partnergraph partner list` shows the tenant's accounts")),
        None => Ok(()),
    }
}

fn list(conn: &mut Conn) -> Result<(), Failure> {
    let rows: Vec<[String; 6]> = partners::list(conn)?
        .into_iter()
        .map(|row| {
            let status = match (row.onboarded, row.enrolled, row.mpa_signed) {
                (false, ..) => "placeholder",
                (_, false, _) => "not enrolled",
                (_, _, false) => "agreement not signed",
                _ => "active",
            };
            [
                row.mpn_id.clone().unwrap_or_default(),
                row.partner_type.to_string(),
                row.country.map(|country| country.to_string()).unwrap_or_default(),
                row.tenant_id.unwrap_or_default(),
                status.to_owned(),
                row.profile.name,
            ]
        })
        .collect();
    print::table(["MPN ID", "TYPE", "COUNTRY", "TENANT", "STATUS", "NAME"], &rows);
    Ok(())
}

fn link(conn: &mut Conn, arguments: &Link) -> Result<(), Failure> {
    let provider = of_type(conn, arguments.provider, PartnerType::IndirectProvider)?;
    let reseller = of_type(conn, arguments.reseller, PartnerType::IndirectReseller)?;
    let refusals = against_link(conn, provider.id, reseller.id)?;
    if !refusals.is_empty() {
        let hint = if reseller.onboarded {
            "`partnergraph partner list` shows the accounts, their types and countries".to_owned()
        } else {
            let mpn_id = reseller.mpn_id.as_deref().unwrap_or_default();
            format!(
                "{} is a placeholder from an import; `partnergraph partner add --mpn-id {mpn_id} …` takes it over",
                reseller.profile.name
            )
        };
        return Err(Failure::refused(&refusals, hint));
    }
    let outcome = partnerships::activate(conn, &Actor::command_line(), clock::now(), provider.id, reseller.id)?;
    let outcome_text = if outcome.is_changed() { "are now partners" } else { "were already partners" };
    print::line(format!("{} and {} {outcome_text}", provider.profile.name, reseller.profile.name));
    Ok(())
}

/// The account with that name. If there are several, the one of the expected type; if there is one of another type, the rules
/// refuse it.
fn of_type(conn: &mut Conn, name: AccountName, partner_type: PartnerType) -> Result<PartnerRow, Failure> {
    let several = accounts::find_all(conn, name)?.len() > 1;
    accounts::find(conn, name, several.then_some(partner_type))
}

/// The refusals for requesting and accepting the partnership, with the operator acting for both sides.
fn against_link(conn: &mut Conn, provider_id: PartnerKey, reseller_id: PartnerKey) -> Result<Vec<Refusal>, Failure> {
    let provider = facts::partner(conn, provider_id)?;
    let reseller = facts::partner(conn, reseller_id)?;
    let customer = match reseller.tenant_id {
        Some(tenant_id) => customers::by_tenant(conn, tenant_id)?,
        None => None,
    };
    let customer_relationship = match customer {
        Some(customer_id) => customers::relationship(conn, provider_id, customer_id)?,
        None => RelationshipToPartner::None,
    };
    let requested = p_01_requested_by_provider(&provider).refusal();
    let accepted = checks::accept_partnership(&PartnershipAcceptanceFacts {
        actor: partnergraph_domain::Actor { tenant_id: reseller.tenant_id, roles: vec![Role::GlobalAdmin] },
        provider,
        reseller: Some(reseller),
        invitation: InvitationState::Done,
        // An active partnership is not an error here: linking the same accounts again does nothing.
        partnership: None,
        customer_relationship,
        confirmed: true,
    });
    // A placeholder has no tenant, so nobody could accept for it; P-07 already says what is missing.
    let other = accepted.into_iter().filter(|refusal| refusal.rule != Some(RuleId::P_08));
    Ok(requested.into_iter().chain(other).collect())
}
