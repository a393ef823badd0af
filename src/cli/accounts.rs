//! What the commands share: the database connection, and the lookup of an account by what the user typed.

use partnergraph_domain::{MpnId, PartnerType, TenantId, VettingStatus, counted};
use partnergraph_store::read::partners::PartnerRow;
use partnergraph_store::{Access, Conn, DatabaseUrl, Scope, StoreResult, migrate, write};

use super::{Failure, print};
use crate::config::Config;

/// Connects to the configured database. Creates the tables of a new database; does not migrate an older one.
///
/// # Errors
/// The database cannot be reached, or its tables are not at this program's version.
pub(super) fn connect(config: &Config) -> Result<Conn, Failure> {
    let mut conn = Conn::open(&config.database_url)?;
    let pending = migrate::pending(&mut conn)?;
    if pending.is_empty() {
        return Ok(conn);
    }
    let is_fresh = pending.len() == migrate::known()?.len();
    if !is_fresh {
        return Err(Failure::new(format!(
            "the database {} is behind by {}",
            config.database_url,
            counted(pending.len() as u64, "migration")
        ))
        .hint("run `partnergraph migrate` first"));
    }
    migrate::run(&mut conn)?;
    print::note(format!("created the tables of the new database {}", config.database_url));
    Ok(conn)
}

/// Connects like [`connect`], for commands that find nothing in a new database: a mistyped path must not look like an empty one.
///
/// # Errors
/// The database does not exist, or any error of [`connect`].
pub(super) fn connect_existing(config: &Config) -> Result<Conn, Failure> {
    if let DatabaseUrl::Sqlite(path) = &config.database_url
        && !path.exists()
    {
        return Err(Failure::new(format!("the database {} does not exist", config.database_url))
            .hint("check --database-url; `partnergraph partner add` adds an account and creates the database"));
    }
    connect(config)
}

/// Runs `work` in one write transaction.
///
/// # Errors
/// Any error of `work`; nothing is written in that case.
pub(super) fn write_all<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Failure>) -> Result<T, Failure> {
    conn.transaction(Access::Write, work)
}

/// How a user names an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountName {
    /// Its MPN ID.
    Mpn(MpnId),
    /// Its tenant id.
    Tenant(TenantId),
}

impl std::str::FromStr for AccountName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(mpn_id) = text.parse() {
            return Ok(Self::Mpn(mpn_id));
        }
        text.parse().map(Self::Tenant).map_err(|_| "neither an MPN ID (digits) nor a tenant id (a GUID)".to_owned())
    }
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mpn(id) => write!(f, "the MPN ID {id}"),
            Self::Tenant(id) => write!(f, "the tenant id {id}"),
        }
    }
}

/// The one account with that name, and the scope of what it sees.
///
/// # Errors
/// There is no such account, or there is more than one.
pub(super) fn scope(
    conn: &mut Conn,
    name: AccountName,
    partner_type: Option<PartnerType>,
) -> Result<(PartnerRow, Scope), Failure> {
    let account = find(conn, name, partner_type)?;
    let scope = Scope::Partner { id: account.id, partner_type: account.partner_type };
    Ok((account, scope))
}

/// All accounts with that name. A tenant, or an MPN ID within one company, can belong to both a reseller account and a
/// direct-bill account (T-01).
///
/// For an MPN ID, authorised accounts take precedence over undecided enrolments, and those over a placeholder from an import.
pub(super) fn find_all(conn: &mut Conn, name: AccountName) -> StoreResult<Vec<PartnerRow>> {
    let text = match name {
        AccountName::Mpn(id) => id.to_string(),
        AccountName::Tenant(id) => id.to_string(),
    };
    let mut named = write::partners::list(conn)?;
    named.retain(|row| match name {
        AccountName::Mpn(_) => row.mpn_id.as_deref() == Some(&*text),
        AccountName::Tenant(_) => row.tenant_id.as_deref() == Some(&*text),
    });
    if matches!(name, AccountName::Tenant(_)) {
        return Ok(named);
    }
    let nearest = named.iter().map(distance).min();
    named.retain(|row| Some(distance(row)) == nearest);
    Ok(named)
}

/// The precedence of an account: how far it is from holding its MPN ID and having users. Lower is preferred.
fn distance(row: &PartnerRow) -> u8 {
    match (row.tenant_id.is_some(), row.vetting_status) {
        (true, VettingStatus::Pending | VettingStatus::Rejected) => 1,
        (true, _) => 0,
        (false, _) => 2,
    }
}

/// The one account with that name, and of that type if one is given.
///
/// # Errors
/// There is no such account, or there is more than one.
pub(super) fn find(
    conn: &mut Conn,
    name: AccountName,
    partner_type: Option<PartnerType>,
) -> Result<PartnerRow, Failure> {
    let mut found = find_all(conn, name)?;
    found.retain(|row| partner_type.is_none_or(|wanted| row.partner_type == wanted));
    match (found.len(), partner_type) {
        (1, _) => Ok(found.remove(0)),
        (0, Some(wanted)) => Err(Failure::new(format!("no {wanted} account has {name}"))
            .hint("`partnergraph partner list` shows the accounts and their types")),
        (0, None) => Err(Failure::new(format!("no partner account has {name}"))
            .hint("`partnergraph partner list` shows the accounts; `partnergraph partner add` adds one")),
        _ => {
            let types: Vec<&str> = found.iter().map(|row| row.partner_type.as_str()).collect();
            Err(Failure::new(format!("{} accounts have {name}", found.len()))
                .hint(format!("choose one with --type {}", types.join(" or --type "))))
        }
    }
}
