use clap::{Args, ValueEnum};
use partnergraph_domain::{MpnId, PartnerType, SubscriptionId, TenantId};
use partnergraph_store::read::customers::{self, CustomerBy};
use partnergraph_store::read::graph::{self, NodeKey};
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::read::subscriptions::{self, SubscriptionBy};
use partnergraph_store::{Access, Conn, Scope, StoreError, StoreResult, clock};
use uuid::Uuid;

use super::accounts::{self, AccountName};
use super::values::one_of;
use super::{Done, Exit, Failure, print};
use crate::config::Config;
use partnergraph_operation::diagram::{self, DEFAULT_DEPTH, DEFAULT_NODES, MAX_DEPTH, MAX_NODES};
use partnergraph_operation::ids::GlobalId;
use partnergraph_types::graph_nodes::nodes_of;

/// Print the relationship graph as Mermaid, Graphviz or JSON
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph graph --around 4500001 --depth 2 --format dot | dot -Tsvg > graph.svg
  partnergraph graph --around 0f6c2a7e-0000-4000-8000-000000000009 --as 4500001 --format mermaid

Nodes are partners, customers and subscriptions; edges are the relationships between them. Without --as, the graph shows everything, \
as an operator sees it.")]
pub(super) struct Graph {
    /// The node to start from: an MPN ID, a tenant id, a subscription id or a global id of the API
    #[arg(long, value_name = "ID")]
    around: String,
    /// Maximum number of edges between that node and the others, from 0 to 6
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_DEPTH, value_parser = clap::value_parser!(i32).range(0..=i64::from(MAX_DEPTH)))]
    depth: i32,
    /// Maximum number of nodes, from 1 to 500
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_NODES, value_parser = clap::value_parser!(i32).range(1..=i64::from(MAX_NODES)))]
    limit: i32,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
    /// Show only what this partner account sees: its MPN ID or tenant id
    #[arg(long = "as", value_name = "PARTNER")]
    partner: Option<AccountName>,
    /// The account type, if the partner has both a direct-bill and a reseller account
    #[arg(long = "type", value_name = "TYPE", requires = "partner", value_parser = one_of::<PartnerType>())]
    partner_type: Option<PartnerType>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Mermaid flowchart, which GitHub and other Markdown viewers render
    #[default]
    Mermaid,
    /// Graphviz DOT source
    Dot,
    /// Nodes and edges as JSON
    Json,
}

pub(super) fn run(arguments: &Graph, config: &Config) -> Done {
    let extent = diagram::extent(Some(arguments.depth), Some(arguments.limit))
        .ok_or_else(|| Failure::usage("the graph would be too large").hint("see `partnergraph graph --help`"))?;
    let mut conn = accounts::connect_existing(config)?;
    let scope = match arguments.partner {
        None => Scope::Operator,
        Some(name) => accounts::scope(&mut conn, name, arguments.partner_type)?.1,
    };
    let now = clock::now();
    let found = conn.transaction::<_, StoreError>(Access::Read, |conn| {
        let keys = named(conn, &scope, &arguments.around)?;
        graph::around(conn, &scope, now, &keys, extent)
    })?;
    let Some(graph) = found else {
        let who = if arguments.partner.is_some() { "this partner sees has" } else { "has" };
        return Err(Failure::new(format!("nothing {who} the id `{}`", arguments.around)).hint(
            "use an MPN ID, a tenant id, a subscription id, or the API's `id` of a partner, customer or subscription",
        ));
    };
    let diagram = diagram::diagram(&graph);
    if diagram.truncated {
        print::note(format!(
            "only the first {} shown; show more with --limit, or fewer levels with --depth",
            if arguments.limit == 1 { "node is".to_owned() } else { format!("{} nodes are", arguments.limit) }
        ));
    }
    print::raw(
        match arguments.format {
            Form::Mermaid => diagram.mermaid(),
            Form::Dot => diagram.dot(),
            Form::Json => diagram.json().map_err(Failure::new)? + "\n",
        }
        .as_bytes(),
    );
    Ok(Exit::Done)
}

/// Finds the nodes that a user's id refers to. A GUID can be the id of a partner's tenant, a customer's tenant or a subscription.
fn named(conn: &mut Conn, scope: &Scope, text: &str) -> StoreResult<Vec<NodeKey>> {
    let text = text.trim();
    if let Ok(id) = text.parse::<Uuid>() {
        let (tenant_id, subscription_id) = (TenantId(id), SubscriptionId(id));
        // A tenant can have one account of each type (T-01); then both are in the centre.
        let accounts = partners::by_tenant(conn, scope, tenant_id)?;
        if !accounts.is_empty() {
            return Ok(accounts.into_iter().map(|row| NodeKey::Partner(row.id)).collect());
        }
        if let Some(row) = customers::find(conn, scope, &CustomerBy::Tenant(tenant_id))? {
            return Ok(vec![NodeKey::Customer(row.customer_id)]);
        }
        let found = subscriptions::find(conn, scope, SubscriptionBy::Id(subscription_id))?;
        return Ok(found.map(|row| NodeKey::Subscription(row.id)).into_iter().collect());
    }
    if let Ok(mpn_id) = text.parse::<MpnId>() {
        let found = partners::find(conn, scope, PartnerBy::Mpn(mpn_id))?;
        return Ok(found.map(|row| NodeKey::Partner(row.id)).into_iter().collect());
    }
    match text.parse::<GlobalId>() {
        Ok(id) => nodes_of(conn, scope, id),
        Err(_) => Ok(Vec::new()),
    }
}
