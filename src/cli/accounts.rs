//! What the commands share: the database, and finding an account by what a person types.

use partnergraph_domain::{MpnId, PartnerType, TenantId, VettingStatus};
use partnergraph_store::read::partners::PartnerRow;
use partnergraph_store::{Access, Conn, DatabaseUrl, Scope, StoreResult, migrate, write};

use super::{Failure, print};
use crate::config::Config;

/// A connection to the configured database. A fresh one is given its tables; one of an older program is left alone.
///
/// # Errors
/// It cannot be reached, or its tables are not this program's.
pub(super) fn connect(config: &Config) -> Result<Conn, Failure> {
    let mut conn = Conn::open(&config.database_url)?;
    let pending = migrate::pending(&mut conn)?;
    if pending.is_empty() {
        return Ok(conn);
    }
    let is_fresh = pending.len() == migrate::known()?.len();
    if !is_fresh {
        return Err(Failure::new(format!(
            "the database {} is behind by {} migrations",
            config.database_url,
            pending.len()
        ))
        .hint("run `partnergraph migrate` first"));
    }
    migrate::run(&mut conn)?;
    print::note(format!("made the tables of the new database {}", config.database_url));
    Ok(conn)
}

/// The same for commands that find nothing in a new database: a mistyped path must not look like an empty book.
///
/// # Errors
/// There is no such database, and what [`connect`] gives.
pub(super) fn connect_existing(config: &Config) -> Result<Conn, Failure> {
    if let DatabaseUrl::Sqlite(path) = &config.database_url
        && !path.exists()
    {
        return Err(Failure::new(format!("there is no database {}", config.database_url))
            .hint("check --database-url; `partnergraph partner add` sets up an account, and a new database with it"));
    }
    connect(config)
}

/// Runs `work` in one write transaction.
///
/// # Errors
/// What `work` gives; nothing is written then.
pub(super) fn write_all<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Failure>) -> Result<T, Failure> {
    conn.transaction(Access::Write, work)
}

/// What a person names an account by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountName {
    /// Its MPN ID.
    Mpn(MpnId),
    /// Its tenant.
    Tenant(TenantId),
}

impl std::str::FromStr for AccountName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(mpn_id) = text.parse() {
            return Ok(Self::Mpn(mpn_id));
        }
        text.parse()
            .map(Self::Tenant)
            .map_err(|_| "it is neither an MPN ID (digits) nor a tenant id (a GUID)".to_owned())
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

/// The one account of that name, and what it sees.
///
/// # Errors
/// There is none, or there are several.
pub(super) fn scope(
    conn: &mut Conn,
    name: AccountName,
    partner_type: Option<PartnerType>,
) -> Result<(PartnerRow, Scope), Failure> {
    let account = find(conn, name, partner_type)?;
    let scope = Scope::Partner { id: account.id, partner_type: account.partner_type };
    Ok((account, scope))
}

/// The accounts of that name: a tenant, or an MPN ID within one company, may be that of a reseller and of a direct-bill
/// account (T-01).
///
/// Of those with an MPN ID, the accounts that stand are meant; without any, the enrolments that are not decided; without those, the
/// placeholder of an import.
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

/// How far an account is from bearing its MPN ID and having people.
fn distance(row: &PartnerRow) -> u8 {
    match (row.tenant_id.is_some(), row.vetting_status) {
        (true, VettingStatus::Pending | VettingStatus::Rejected) => 1,
        (true, _) => 0,
        (false, _) => 2,
    }
}

/// The one account of that name, of that type where one is given.
///
/// # Errors
/// There is none, or there are several.
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
                .hint(format!("say which one is meant with --type: {}", types.join(" or "))))
        }
    }
}
