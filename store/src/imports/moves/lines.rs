//! What a run moves, row by row, for the parties' reports.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp};
use partnergraph_domain::{CustomerKey, MovedKind};

use super::Move;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::sql::sql;

/// The number of lines that are read at a time.
const PIECE: i64 = 5_000;

/// Whose report it is. A report tells a party only what that party may know: neither reseller learns of the other (B-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The provider.
    Provider,
    /// The reseller that loses.
    From,
    /// The reseller that gains: only what is moved.
    To,
    /// A customer: only what is moved of its own.
    Customer(CustomerKey),
}

/// A row of a move.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct MoveLine {
    /// Its place.
    #[diesel(sql_type = BigInt)]
    pub ordinal: i64,
    /// What is moved.
    #[diesel(sql_type = Text)]
    pub kind: MovedKind,
    /// The customer's tenant id.
    #[diesel(sql_type = Text)]
    pub tenant_id: String,
    /// Its name, as the provider knows it.
    #[diesel(sql_type = Nullable<Text>)]
    pub company_name: Option<String>,
    /// Its domain, likewise.
    #[diesel(sql_type = Nullable<Text>)]
    pub domain: Option<String>,
    /// The subscription's id. `None` for an account.
    #[diesel(sql_type = Nullable<Text>)]
    pub subscription_id: Option<String>,
    /// The entitlement's id, if it is one.
    #[diesel(sql_type = Nullable<Text>)]
    pub entitlement_id: Option<String>,
    /// The name of the offer.
    #[diesel(sql_type = Nullable<Text>)]
    pub offer_name: Option<String>,
    /// The number of licences. `None` if it is usage-based.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub quantity: Option<i64>,
    /// The last day of its term.
    #[diesel(sql_type = Nullable<Date>)]
    pub commitment_end_date: Option<NaiveDate>,
    /// When it was moved.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub moved_at: Option<NaiveDateTime>,
    /// Whether it was moved back.
    #[diesel(sql_type = Bool)]
    pub reverted: bool,
    /// The rule that refuses it.
    #[diesel(sql_type = Nullable<Text>)]
    pub rule: Option<String>,
    /// Why it is refused.
    #[diesel(sql_type = Nullable<Text>)]
    pub refusal: Option<String>,
}

/// The next rows after that place, in order.
///
/// # Errors
/// Any database error.
pub fn lines(conn: &mut Conn, moved: &Move, party: Party, after: i64) -> StoreResult<Vec<MoveLine>> {
    let statement = sql("SELECT i.ordinal, i.kind, c.tenant_id, r.company_name, r.domain, s.subscription_id, e.entitlement_id, s.offer_name, \
         s.quantity, s.commitment_end_date, i.moved_at, i.reverted, i.rule, i.refusal \
         FROM reseller_move_items i JOIN customers c ON c.id = i.customer_id \
         LEFT JOIN customer_records r ON r.customer_id = i.customer_id AND r.partner_id = ")
    .bind(moved.provider_id)
    .push(
        " LEFT JOIN subscriptions s ON s.id = i.subscription_pk LEFT JOIN entitlements e ON i.kind = 'ENTITLEMENT' AND e.id = i.entity_id \
         WHERE i.kind <> 'MATCHED' AND i.run_id = ",
    )
    .bind(moved.run_id)
    .push(" AND i.ordinal > ")
    .bind(after);
    let statement = match party {
        Party::Provider | Party::From => statement,
        Party::To => statement.push(" AND i.refusal IS NULL"),
        Party::Customer(id) => statement.push(" AND i.refusal IS NULL AND i.customer_id = ").bind(id),
    };
    conn.rows(&statement.push(" ORDER BY i.ordinal LIMIT ").bind(PIECE))
}
