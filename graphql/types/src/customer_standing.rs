use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use async_graphql::{Context, Error, Result};
use partnergraph_direct::{Below, Declined, Filled, Level, Reader};
use partnergraph_domain::CustomerKey;
use partnergraph_store::read::customers::{self, CustomerRow, StandingRow};

use partnergraph_operation::context::Operation;
use partnergraph_operation::siblings::{CellKey, Member};

/// The caller's relationship with a customer, read once for all siblings.
pub(super) async fn standing(ctx: &Context<'_>, customer: &Member<CustomerRow>) -> Result<StandingRow> {
    let operation = Operation::of(ctx);
    let level = customer.level();
    let standings: Arc<HashMap<CustomerKey, StandingRow>> = level
        .shared(CellKey::Name("standings"), || async {
            let ids = level.keys(|row| Some(row.customer_id));
            let now = operation.now();
            let rows = operation.read(move |conn, scope| customers::standings(conn, scope, &ids, now)).await?;
            Ok(rows.into_iter().map(|row| (row.customer_id, row)).collect())
        })
        .await?;
    standings.get(&customer.customer_id).cloned().ok_or_else(|| Error::new("a customer without a tenant"))
}

/// A field that is read from the caller's relationship with the customer.
pub(super) struct OfStanding(pub(super) fn(&StandingRow, &mut Vec<u8>) -> Result<(), Declined>);

/// The caller's relationships with the customers of a level.
struct Standings(HashMap<CustomerKey, StandingRow>);

impl Below<CustomerRow> for OfStanding {
    fn read<'o>(
        &'o self,
        reader: &mut Reader<'_>,
        level: &mut Level<'_, CustomerRow>,
    ) -> Result<Box<dyn Filled<CustomerRow> + 'o>, Declined> {
        let standings = level.shared(|level, _| {
            let ids = level.keys(|row| Some(row.customer_id));
            let rows = customers::standings(reader.conn, reader.scope, &ids, reader.now)?;
            Ok(Standings(rows.into_iter().map(|row| (row.customer_id, row)).collect()))
        })?;
        Ok(Box::new(Shown { standings, show: self.0 }))
    }
}

struct Shown {
    standings: Rc<Standings>,
    show: fn(&StandingRow, &mut Vec<u8>) -> Result<(), Declined>,
}

impl Filled<CustomerRow> for Shown {
    fn write(&self, _: usize, row: &CustomerRow, out: &mut Vec<u8>) -> Result<(), Declined> {
        (self.show)(
            self.standings.0.get(&row.customer_id).ok_or_else(|| Declined::because("a customer without a tenant"))?,
            out,
        )
    }
}
