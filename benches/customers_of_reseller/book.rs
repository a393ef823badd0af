//! The book of business that is asked, as `benches/graphql` has imported it.

use anyhow::{Context, ensure};
use partnergraph_domain::{MpnId, Role};
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::read::tokens as known;
use partnergraph_store::sql::sql;
use partnergraph_store::write::tokens;
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::{Access, Actor, Conn, DatabaseUrl, Scope, StoreResult, clock};

/// The token of the provider's agent. It opens a database of made-up rows that is thrown away.
pub(crate) const TOKEN: &str = "pgr_benchmark";

/// The provider whose book it is.
const PROVIDER: MpnId = MpnId(9_900_100);

/// Lets the agent in, and gives the MPN IDs of a hundred resellers with at least so many customers, in an order of no meaning.
pub(crate) fn open(url: &DatabaseUrl, customers: i64) -> anyhow::Result<Vec<String>> {
    let mut conn = Conn::open(url)?;
    let provider = partners::find(&mut conn, &Scope::Operator, PartnerBy::Mpn(PROVIDER))?;
    let provider = provider.context("the database holds no book: benches/graphql imports one")?;
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
