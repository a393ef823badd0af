//! A short hash of the list, order and filter that a cursor belongs to.

use async_graphql::Result;
use partnergraph_store::read::page::{Order, OrderField};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The number of bytes of the hash in a cursor, enough to make collisions between lists, orders and filters negligible.
const BYTES: usize = 12;

/// Every list that has cursors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum Listing {
    AbsentCustomersOfRun,
    AbsentSubscriptionsOfRun,
    AuditEvents,
    ChangeRequests,
    ChangesOfRun,
    Customers,
    CustomersOfPartnership,
    DelegatedAdminGrants,
    EntitlementsOfSubscription,
    FormerCustomers,
    FormerPartnerships,
    HistoryOfCustomer,
    ImportRuns,
    Invitations,
    IssuesOfRun,
    MpnProfiles,
    Orders,
    OrdersOfCustomer,
    Outbox,
    PartnerReviews,
    Partners,
    Partnerships,
    ProviderDirectory,
    ResellersOfCustomer,
    Subscriptions,
    SubscriptionsOfCustomer,
    Users,
}

/// Identifies one list in one order under one filter. A cursor with another fingerprint is refused, because its position in
/// this list would be a guess.
///
/// The fingerprint is a hash of the three as JSON, so it depends only on their names and values and not on how the program
/// represents them. It is the same after a restart, on every server and for every caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a list in that order. `filter` is the full filter, apart from what the caller can see.
    ///
    /// # Errors
    /// A value that cannot be written as JSON, which the types of this program never have.
    pub fn of<F: OrderField>(listing: Listing, order: &Order<F>, filter: &impl Serialize) -> Result<Self> {
        let written = serde_json::to_vec(&(listing, order, filter))?;
        Ok(Self(hex::encode(&Sha256::digest(written)[..BYTES])))
    }

    /// The fingerprint as written in a cursor.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use partnergraph_store::read::customers::CustomerOrder;
    use partnergraph_store::read::filter::{CustomerField, CustomerTerm, Filter, Test};
    use partnergraph_store::read::page::By;
    use partnergraph_store::read::partners::PartnerOrder;
    use partnergraph_store::sql::Value;

    fn by<F: OrderField>(field: F, descending: bool) -> Order<F> {
        Order::new(vec![By { field, descending }])
    }

    fn test(field: CustomerField, test: Test) -> Filter<CustomerTerm> {
        Filter::Term(CustomerTerm::Field(field, test))
    }

    #[test]
    fn a_fingerprint_stays_as_it_is() {
        let day = Value::from(chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap().and_hms_opt(1, 2, 3).unwrap());
        let filter = Filter::All(vec![
            test(CustomerField::Country, Test::In(vec!["DE".into(), "PL".into()])),
            Filter::Not(Box::new(test(CustomerField::CreatedAt, Test::AtLeast(day)))),
        ]);
        let order = by(CustomerOrder::CompanyName, false);
        let written = serde_json::to_string(&(Listing::Customers, &order, &filter)).unwrap();
        assert_eq!(
            written,
            r#"["Customers",[{"field":"CompanyName","descending":false},{"field":"Row","descending":false}],{"All":[{"Term":{"Field":["Country",{"In":[{"Text":"DE"},{"Text":"PL"}]}]}},{"Not":{"Term":{"Field":["CreatedAt",{"AtLeast":{"Time":"2024-02-29T01:02:03"}}]}}}]}]"#
        );
        let fingerprint = Fingerprint::of(Listing::Customers, &order, &filter).unwrap();
        assert_eq!(fingerprint.as_str(), "759bceecce1cdea01788345b");
    }

    #[test]
    fn another_list_order_direction_or_filter_has_another_fingerprint() {
        let name = || by(CustomerOrder::CompanyName, false);
        let is = |value: Value| test(CustomerField::CompanyName, Test::Is(value));
        let everything = Filter::<CustomerTerm>::default();
        let fingerprints = [
            Fingerprint::of(Listing::Customers, &name(), &everything),
            Fingerprint::of(Listing::CustomersOfPartnership, &name(), &everything),
            Fingerprint::of(Listing::Partners, &by(PartnerOrder::Name, false), &everything),
            Fingerprint::of(Listing::Customers, &by(CustomerOrder::CompanyName, true), &everything),
            Fingerprint::of(Listing::Customers, &by(CustomerOrder::Country, false), &everything),
            Fingerprint::of(Listing::Customers, &name(), &Filter::<CustomerTerm>::Any(Vec::new())),
            Fingerprint::of(Listing::Customers, &name(), &is("1".into())),
            Fingerprint::of(Listing::Customers, &name(), &is(1_i64.into())),
            Fingerprint::of(Listing::Customers, &name(), &is(Value::Text(None))),
            Fingerprint::of(Listing::Customers, &name(), &test(CustomerField::Domain, Test::Is("1".into()))),
            Fingerprint::of(Listing::Customers, &name(), &test(CustomerField::CompanyName, Test::IsNot("1".into()))),
            Fingerprint::of(Listing::Customers, &name(), &(&everything, Some("EU"))),
        ]
        .map(|fingerprint| fingerprint.unwrap().as_str().to_owned());
        let once: std::collections::BTreeSet<_> = fingerprints.iter().collect();
        assert_eq!(once.len(), fingerprints.len(), "{fingerprints:?}");
    }
}
