//! A partner's record of a customer.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CustomerKey, CustomerRecordKey, PartnerKey};

use crate::columns::{CustomerRecordColumns, CustomerRecordRow};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::customer_records;
use crate::sql::sql;

/// The partner's record of the customer.
pub(super) fn find(
    conn: &mut Conn,
    partner_id: PartnerKey,
    customer_id: CustomerKey,
) -> StoreResult<Option<CustomerRecordRow>> {
    conn.row(
        &sql("SELECT ")
            .push(CustomerRecordRow::selected())
            .push(" FROM customer_records r WHERE r.partner_id = ")
            .bind(partner_id)
            .push(" AND r.customer_id = ")
            .bind(customer_id),
    )
}

/// Creates a record.
pub(super) fn insert(
    conn: &mut Conn,
    now: NaiveDateTime,
    (partner_id, customer_id): (PartnerKey, CustomerKey),
    columns: &CustomerRecordColumns,
) -> StoreResult<CustomerRecordKey> {
    Ok(on!(conn, c => diesel::insert_into(customer_records::table)
        .values((
            customer_records::partner_id.eq(partner_id),
            customer_records::customer_id.eq(customer_id),
            customer_records::version.eq(1_i64),
            customer_records::created_at.eq(now),
            customer_records::updated_at.eq(now),
            columns.keys(),
            columns,
        ))
        .returning(customer_records::id)
        .get_result(c))?)
}

/// Updates a record and increments its version.
pub(super) fn update(conn: &mut Conn, now: NaiveDateTime, record: &CustomerRecordRow) -> StoreResult<()> {
    on!(conn, c => diesel::update(customer_records::table.find(record.id))
        .set((
            customer_records::new_business_blocked.eq(record.new_business_blocked.as_deref()),
            customer_records::version.eq(customer_records::version + 1),
            customer_records::updated_at.eq(now),
            record.columns.keys(),
            &record.columns,
        ))
        .execute(c))?;
    Ok(())
}
