use async_graphql::Union;

use super::{Customer, Partner};

/// The organisation that a user acts for: a partner account or a customer.
#[derive(Union)]
#[allow(missing_debug_implementations)]
pub enum Organization {
    /// A partner account.
    Partner(Partner),
    /// A customer.
    Customer(Customer),
}
