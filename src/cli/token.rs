use clap::{Args, Subcommand};
use partnergraph_domain::{AccessTokenKey, PartnerType, Role, TenantId};
use partnergraph_store::write::tenants;
use partnergraph_store::write::tokens;
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::{Actor, Conn, clock};

use super::accounts::{self, AccountName};
use super::values::{name, one_of};
use super::{Done, Exit, Failure, print};
use crate::config::{Config, TokenSettings};
use partnergraph_operation::auth::Lifetime;

/// Create, list and revoke access tokens
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Create a token and print it; it cannot be shown again
    Create(Create),
    /// List tokens, without their secrets
    List,
    /// Revoke a token
    Revoke(Revoke),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  TOKEN=$(partnergraph token create --org 4500001 --user anna@northwind.example --role ADMIN_AGENT)
  partnergraph token create --org 0f6c2a7e-0000-4000-8000-000000000009 --user admin@contoso.example --role GLOBAL_ADMIN
  partnergraph token create --user ops@platform.example --role OPERATOR --expires 12h

The user is created if it does not exist. Its roles are replaced by the given ones. Standard output contains only the token.")]
pub(super) struct Create {
    /// Organisation of the user: a partner's MPN ID or tenant id, or a customer's tenant id; omit it for an operator
    #[arg(long, value_name = "ORGANISATION")]
    org: Option<AccountName>,
    /// The account type, if the partner has both a direct-bill and a reseller account
    #[arg(long = "type", value_name = "TYPE", value_parser = one_of::<PartnerType>())]
    partner_type: Option<PartnerType>,
    /// User principal name, such as anna@northwind.example; the audit log shows it
    #[arg(long, value_name = "UPN", value_parser = name)]
    user: String,
    /// Role of the user; repeat it or separate several with commas
    #[arg(long = "role", value_name = "ROLE", required = true, value_parser = one_of::<Role>(), num_args = 1.., value_delimiter = ',')]
    roles: Vec<Role>,
    /// Lifetime, such as 90d or 12h, or `never` [default: the setting token_lifetime, which is 90d unless you change it]
    #[arg(long, value_name = "TIME")]
    expires: Option<Lifetime>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  partnergraph token revoke 3")]
pub(super) struct Revoke {
    /// Number of the token, as `partnergraph token list` shows it
    #[arg(value_name = "NUMBER")]
    id: AccessTokenKey,
}

pub(super) fn run(command: &Token, config: &Config) -> Done {
    let mut conn = accounts::connect(config)?;
    match command {
        Token::Create(arguments) => {
            let secret = accounts::write_all(&mut conn, |conn| create(conn, &config.tokens, arguments))?;
            print::line(secret);
        }
        Token::List => list(&mut conn)?,
        Token::Revoke(arguments) => accounts::write_all(&mut conn, |conn| revoke(conn, arguments.id))?,
    }
    Ok(Exit::Done)
}

fn create(conn: &mut Conn, settings: &TokenSettings, arguments: &Create) -> Result<String, Failure> {
    let lifetime = arguments.expires.unwrap_or(settings.lifetime);
    if lifetime > settings.max_lifetime {
        let longest = settings.max_lifetime;
        return Err(Failure::usage(format!("the lifetime {lifetime} is longer than {longest}, the longest allowed"))
            .hint("choose a shorter one with --expires, or raise the setting token_max_lifetime"));
    }
    let organization = organization(conn, arguments)?;
    issue(conn, organization, &arguments.user, &arguments.roles, lifetime)
}

/// Adds the user if necessary, and creates a token for it.
pub(super) fn issue(
    conn: &mut Conn,
    organization: Organization,
    user: &str,
    roles: &[Role],
    lifetime: Lifetime,
) -> Result<String, Failure> {
    let name = user.trim();
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(Failure::usage(format!("`{user}` is not a valid user principal name"))
            .hint("use a name such as anna@northwind.example"));
    }
    let now = clock::now();
    let (user_id, _) = users::set_roles(conn, &Actor::command_line(), now, organization, name, roles)?;
    let secret = tokens::fresh_secret();
    tokens::create(conn, now, user_id, roles, &secret, lifetime.end(now))?;
    Ok(secret)
}

/// The organisation of the user. A tenant without an account belongs to someone who is about to enrol.
fn organization(conn: &mut Conn, arguments: &Create) -> Result<Organization, Failure> {
    let operator = arguments.roles.contains(&Role::Operator);
    let name = match (arguments.org, operator) {
        (None, true) if arguments.roles.len() == 1 => return Ok(Organization::Platform),
        (_, true) => {
            return Err(Failure::usage("an operator has no organisation and no other role")
                .hint("use --role OPERATOR alone, without --org"));
        }
        (None, false) => {
            return Err(Failure::usage("the organisation of the token is missing")
                .hint("pass --org with an MPN ID or a tenant id, or --role OPERATOR for an operator"));
        }
        (Some(name), false) => name,
    };
    organization_named(conn, name, arguments.partner_type, &arguments.roles)
}

/// The partner account or tenant with that name.
pub(super) fn organization_named(
    conn: &mut Conn,
    name: AccountName,
    partner_type: Option<PartnerType>,
    roles: &[Role],
) -> Result<Organization, Failure> {
    let accounts = accounts::find_all(conn, name)?;
    if let (AccountName::Tenant(tenant_id), true) = (name, accounts.is_empty()) {
        customer_roles(conn, tenant_id, roles)?;
        return Ok(Organization::Tenant(tenant_id));
    }
    let account = accounts::find(conn, name, partner_type)?;
    let tenant_id = match &account.tenant_id {
        Some(text) => {
            Some(text.parse::<TenantId>().map_err(|error| Failure::new(format!("{}: {error}", account.profile.name)))?)
        }
        None => {
            return Err(Failure::new(format!(
                "{} is a placeholder from an import and has no users",
                account.profile.name
            ))
            .hint("it can have users once it has enrolled"));
        }
    };
    Ok(Organization::Partner { id: account.id, tenant_id })
}

/// Checks that a customer's user has only the role GLOBAL_ADMIN.
fn customer_roles(conn: &mut Conn, tenant_id: TenantId, roles: &[Role]) -> Result<(), Failure> {
    let is_customer = tenants::kind(conn, tenant_id)? == Some(tenants::TenantKind::Customer);
    match roles.iter().find(|role| **role != Role::GlobalAdmin) {
        Some(role) if is_customer => Err(Failure::new(format!("a customer's user cannot have the role {role}"))
            .hint("a customer's users have the role GLOBAL_ADMIN")),
        _ => Ok(()),
    }
}

fn list(conn: &mut Conn) -> Result<(), Failure> {
    let now = clock::now();
    let moment = |at: chrono::NaiveDateTime| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut rows: Vec<[String; 7]> = Vec::new();
    for token in tokens::list(conn)? {
        let state = match (token.revoked_at, token.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(end)) if end <= now => "expired",
            (None, _) => "valid",
        };
        let roles = token.roles()?.join(" ");
        rows.push([
            token.id.to_string(),
            token.organization,
            token.user_principal_name,
            roles,
            moment(token.created_at),
            token.expires_at.map_or_else(|| "never".to_owned(), moment),
            state.to_owned(),
        ]);
    }
    print::table(["NUMBER", "ORGANISATION", "USER", "ROLES", "CREATED", "EXPIRES", "STATE"], &rows);
    Ok(())
}

fn revoke(conn: &mut Conn, id: AccessTokenKey) -> Result<(), Failure> {
    match tokens::revoke(conn, clock::now(), id)? {
        None => {
            Err(Failure::new(format!("there is no token {id}")).hint("`partnergraph token list` shows the numbers"))
        }
        Some(outcome) => {
            let outcome_text = if outcome.is_changed() { "is revoked" } else { "was already revoked" };
            print::line(format!("token {id} {outcome_text}"));
            Ok(())
        }
    }
}
