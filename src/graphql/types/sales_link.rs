use async_graphql::{Enum, SimpleObject};

/// The part that somebody has in selling a subscription.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum SalesRole {
    /// Microsoft, where every chain begins.
    Microsoft,
    /// The indirect provider, which buys from Microsoft and sells through resellers.
    IndirectProvider,
    /// The direct-bill partner, which buys from Microsoft and sells itself.
    DirectBill,
    /// The indirect reseller.
    IndirectReseller,
    /// The customer, where every chain ends.
    Customer,
}

/// One link of the chain through which a subscription is sold.
#[derive(SimpleObject, Debug, Clone)]
pub struct SalesLink {
    /// Who it is. Null for a customer whose name nobody has stated.
    pub name: Option<String>,
    /// Which part it has.
    pub role: SalesRole,
}
