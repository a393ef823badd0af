//! The database that is queried, which `benches/graphql` has filled.

use anyhow::{Context, ensure};
use partnergraph_domain::{MpnId, Role};
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::read::tokens as known;
use partnergraph_store::sql::sql;
use partnergraph_store::write::tokens;
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::{Access, Actor, Conn, DatabaseUrl, Scope, StoreResult, clock};

/// The token of the provider's user. It is not secret: the database has only invented rows and is deleted afterwards.
pub(crate) const TOKEN: &str = "pgr_benchmark";

/// The provider whose data the database has.
const PROVIDER: MpnId = MpnId(9_900_100);

/// Creates the user and its token. Returns the MPN IDs of up to 100 resellers with at least this many customers, in a mixed order.
pub(crate) fn open(url: &DatabaseUrl, customers: i64) -> anyhow::Result<Vec<String>> {
    let mut conn = Conn::open(url)?;
    let provider = partners::find(&mut conn, &Scope::Operator, PartnerBy::Mpn(PROVIDER))?;
    let provider = provider.context("the database is empty: benches/graphql fills it")?;
    let now = clock::now();
    conn.transaction(Access::Write, |conn| -> StoreResult<()> {
        if known::actor(conn, &partnergraph_operation::auth::token_hash(TOKEN), now)?.is_none() {
            let tenant_id = provider.tenant_id.as_deref().and_then(|id| id.parse().ok());
            let organization = Organization::Partner { id: provider.id, tenant_id };
            let roles = [Role::AdminAgent];
            let actor = Actor::command_line();
            let (user, _) = users::set_roles(conn, &actor, now, organization, "agent@vistula.example", &roles)?;
            tokens::create(conn, now, user, &roles, TOKEN, None)?;
        }
        Ok(())
    })?;
    let resellers = sql("SELECT rc.reseller_id AS id FROM reseller_customers rc WHERE rc.provider_id = ")
        .bind(provider.id)
        .push(" GROUP BY rc.reseller_id HAVING COUNT(*) >= ")
        .bind(customers)
        .push(" ORDER BY rc.reseller_id % 97, rc.reseller_id LIMIT 100");
    let resellers = conn.keys(&resellers)?;
    ensure!(!resellers.is_empty(), "no reseller has {customers} customers");
    let found = partners::by_ids(&mut conn, &Scope::Operator, &resellers)?;
    Ok(found.into_iter().filter_map(|row| row.columns.mpn_id).collect())
}
