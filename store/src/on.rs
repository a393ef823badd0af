//! Conditions on a row, independent of its alias in the surrounding statement.
//!
//! Scopes and filters know the columns of a row but not its alias, which is chosen only by the statement that contains the row.
//! The entity that a condition applies to is part of its type, so a condition on a customer cannot be applied to a partner.

use std::marker::PhantomData;

use crate::sql::Sql;

/// A condition on a row of `R`.
#[derive(Debug, Clone)]
#[must_use]
pub struct On<R> {
    /// With [`ROW`] in place of the alias.
    condition: Sql,
    row: PhantomData<fn() -> R>,
}

/// The placeholder for the row in the text of a condition.
pub(crate) const ROW: &str = "@";

impl<R> On<R> {
    /// A condition whose text uses `@` for the row.
    pub(crate) fn new(condition: Sql) -> Self {
        Self { condition, row: PhantomData }
    }

    /// The condition with this alias for the row.
    pub fn of(self, name: &'static str) -> Sql {
        self.condition.with(ROW, name)
    }

    /// The condition as a part of another condition on the same row.
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
    /// A customer, as selected by [`Scope::customers`](crate::Scope::customers).
    Customer,
    /// A customer shared by a provider and a reseller: a row of `reseller_customers`.
    Shared,
    /// A subscription.
    Subscription,
    /// An entitlement.
    Entitlement,
    /// A delegated admin grant, as listed.
    Grant,
    /// An event, as listed.
    Event,
    /// An invitation, as listed.
    Invitation,
    /// A change request, as listed.
    ChangeRequest,
    /// An MPN profile.
    MpnProfile,
    /// An order.
    PlacedOrder,
    /// A partnership.
    Partnership,
    /// An issue of an import run, as listed.
    Issue,
    /// A change of an import run.
    ImportChange,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::sql;

    #[test]
    fn a_condition_takes_the_alias_of_its_row() {
        let condition = On::<Subscription>::new(sql("@.seller_id = ").bind(1_i64).push(" AND +@.id = s.id"));
        assert_eq!(condition.of("x").text(), "x.seller_id = ? AND +x.id = s.id");
    }

    #[test]
    fn a_bound_value_is_not_part_of_the_text() {
        let condition = On::<Partner>::new(sql("@.name_key = ").bind("ada@nord.example"));
        assert_eq!(format!("{:?}", condition.of("p")).matches("ada@nord.example").count(), 1);
    }
}
