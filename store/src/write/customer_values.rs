//! The initial values of a partner's new record of a customer.

use diesel::QueryableByName;
use diesel::sql_types::{Nullable, Text};
use partnergraph_domain::{CountryCode, CustomerKey, PartnerKey};

use crate::columns::CustomerRecordColumns;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::sql::sql;

/// Values of a customer; `None` if unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, QueryableByName)]
pub(super) struct CustomerValues {
    #[diesel(sql_type = Nullable<Text>)]
    company_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    domain: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) country: Option<CountryCode>,
    /// A list as it is stored.
    #[diesel(sql_type = Nullable<Text>)]
    custom_domains: Option<String>,
}

impl CustomerValues {
    /// What the partner can read of the customer before it has its own record: the customer's own values, which it shares with
    /// partners whose relationship it accepts, and those of the provider through which the partner sees the customer. Values of
    /// other partners are not included, because no record reveals another's.
    pub(super) fn readable_by(conn: &mut Conn, partner_id: PartnerKey, customer_id: CustomerKey) -> StoreResult<Self> {
        let statement = sql("SELECT COALESCE(c.company_name, r.company_name) AS company_name, \
             COALESCE(c.domain, r.domain) AS domain, COALESCE(c.country, r.country) AS country, \
             CASE WHEN v.level < 3 THEN r.custom_domains END AS custom_domains \
             FROM customers c LEFT JOIN customer_views v ON v.customer_id = c.id AND v.viewer_id = ")
        .bind(partner_id)
        .push(" LEFT JOIN customer_records r ON r.id = v.record_id WHERE c.id = ")
        .bind(customer_id);
        Ok(conn.row(&statement)?.unwrap_or_default())
    }

    /// The given values, completed with these where they are missing.
    pub(super) fn complete(self, stated: &CustomerRecordColumns) -> CustomerRecordColumns {
        let stated = stated.clone();
        CustomerRecordColumns {
            company_name: stated.company_name.or(self.company_name),
            domain: stated.domain.or(self.domain),
            country: stated.country.or(self.country),
            custom_domains: self.custom_domains.unwrap_or(stated.custom_domains),
            ..stated
        }
    }
}
