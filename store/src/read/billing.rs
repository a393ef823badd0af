//! Billing profiles of customers. Partners read their own; operators read all.

use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_domain::{CountryCode, CustomerKey, PartnerKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{ids, sql};

row! {
    /// A partner's billing profile of a customer.
    pub struct BillingRow {
        pub customer_id: CustomerKey => BigInt,
        pub partner_id: PartnerKey => BigInt,
        pub email: String => Text,
        pub first_name: Option<String> => Nullable<Text>,
        pub last_name: Option<String> => Nullable<Text>,
        pub phone_number: Option<String> => Nullable<Text>,
        pub address_line1: Option<String> => Nullable<Text>,
        pub city: Option<String> => Nullable<Text>,
        pub postal_code: Option<String> => Nullable<Text>,
        pub country: Option<CountryCode> => Nullable<Text>,
        pub language: Option<String> => Nullable<Text>,
        pub organization_registration_number: Option<String> => Nullable<Text>,
    }
}

/// The billing profiles of these customers that the caller can read.
///
/// # Errors
/// Any database error.
pub fn of_customers(conn: &mut Conn, scope: &Scope, customer_ids: &[CustomerKey]) -> StoreResult<Vec<BillingRow>> {
    let visible = match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => sql("r.partner_id = ").bind(*id),
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    };
    let wanted = ids(conn.backend(), customer_ids);
    conn.rows(
        &sql(
            "SELECT r.customer_id, r.partner_id, b.email, b.first_name, b.last_name, b.phone_number, b.address_line1, b.city, \
             b.postal_code, b.country, b.language, b.organization_registration_number FROM ",
        )
        .add(wanted)
        .push(
            " JOIN customer_records r ON r.customer_id = up.id JOIN customer_billing_profiles b ON b.record_id = r.id WHERE ",
        )
        .add(visible),
    )
}
