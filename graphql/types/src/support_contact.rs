use async_graphql::SimpleObject;

use partnergraph_operation::scalars::Guid;

/// Who supports a subscription: the designated reseller, or the seller itself where none is designated.
///
/// A contact that the caller may not know of is there without its names.
#[derive(SimpleObject, Debug, Clone)]
pub struct SupportContact {
    /// The id of its tenant. Null where the caller may not know, or where it has none.
    pub support_tenant_id: Option<Guid>,
    /// Its MPN ID. Null where the caller may not know, or where it has none.
    pub support_mpn_id: Option<String>,
    /// Its name. Null where the caller may not know.
    pub name: Option<String>,
    /// Whether it is the seller itself, because no other was designated.
    pub is_default: bool,
}
