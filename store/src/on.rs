//! Conditions on a row, whatever the statement around them calls it.
//!
//! Scopes and filters know the columns of a row and not its name: that is chosen by the statement that has the row, where it is used, and
//! nowhere else. What a condition is on is its type, so that one on a customer does not end up on a partner.

use std::marker::PhantomData;

use crate::sql::Sql;

/// A condition on a row of `R`.
#[derive(Debug, Clone)]
#[must_use]
pub struct On<R> {
    /// With [`ROW`] where the name of the row will stand.
    condition: Sql,
    row: PhantomData<fn() -> R>,
}

/// What stands for the row in the text of a condition.
pub(crate) const ROW: &str = "@";

impl<R> On<R> {
    /// A condition in whose text `@` is the row.
    pub(crate) fn new(condition: Sql) -> Self {
        Self { condition, row: PhantomData }
    }

    /// The condition on the row of that name.
    pub fn of(self, name: &'static str) -> Sql {
        self.condition.with(ROW, name)
    }

    /// The condition as a part of another one on the same row.
    pub(crate) fn of_the_same(self) -> Sql {
        self.condition
    }
}

macro_rules! rows {
    ($($(#[$doc:meta])* $row:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $row {}
    )+};
}
rows! {
    /// A partner account.
    Partner,
    /// A customer, as [`Scope::customers`](crate::Scope::customers) gives it.
    Customer,
    /// What a provider and a reseller share of a customer, a row of `reseller_customers`.
    Shared,
    /// A subscription.
    Subscription,
    /// An entitlement.
    Entitlement,
    /// A grant of delegated administration, as it is listed.
    Grant,
    /// An event, as it is listed.
    Event,
    /// An invitation, as it is listed.
    Invitation,
    /// An MPN profile.
    MpnProfile,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::sql;

    #[test]
    fn a_condition_takes_the_name_of_its_row() {
        let condition = On::<Subscription>::new(sql("@.seller_id = ").bind(1_i64).push(" AND +@.id = s.id"));
        assert_eq!(condition.of("x").text(), "x.seller_id = ? AND +x.id = s.id");
    }

    #[test]
    fn what_is_bound_is_no_text() {
        let condition = On::<Partner>::new(sql("@.name_key = ").bind("ada@nord.example"));
        assert_eq!(format!("{:?}", condition.of("p")).matches("ada@nord.example").count(), 1);
    }
}
