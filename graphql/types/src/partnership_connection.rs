use async_graphql::{Context, Error, Object, Result};
use partnergraph_store::read::page::{By, Order};
use partnergraph_store::read::partnerships::{End, PartnershipOrder};

use super::filters::{Budget, PartnerFilter};
use super::{Partner, Partnership};
use partnergraph_operation::connection::{self, PageInfo, Slice};
use partnergraph_operation::fingerprint::{Fingerprint, Listing};

/// Declares a connection over the other parties of the caller's partnerships. Each edge holds the partnership.
macro_rules! ends {
    ($connection:ident, $edge:ident, $shown:ident by $end:ident, $what:literal) => {
        #[doc = concat!("A page of ", $what, ".")]
        #[allow(missing_debug_implementations)]
        pub struct $connection(pub Slice<PartnershipOrder>);

        #[doc = concat!("A page of ", $what, ".")]
        #[Object]
        impl $connection {
            /// The items with their cursors and partnerships.
            fn edges(&self) -> Vec<$edge> {
                let members = self.0.members();
                members.map(|row| $edge { cursor: self.0.cursor(&row), partnership: Partnership(row) }).collect()
            }

            /// The items.
            async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
                let mut nodes = Vec::new();
                for row in self.0.members() {
                    let id = row.$end;
                    nodes.extend(Partnership(row).end(ctx, id).await?);
                }
                Ok(nodes)
            }

            /// Information to aid in pagination.
            fn page_info(&self) -> PageInfo {
                self.0.info()
            }

            /// The total number of items in the list. Counted only if requested.
            async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
                self.0.total(ctx).await
            }
        }

        #[doc = concat!("An item in a page of ", $what, ".")]
        #[allow(missing_debug_implementations)]
        pub struct $edge {
            cursor: String,
            partnership: Partnership,
        }

        impl $edge {
            /// The partnership as an edge of the list in which it stands by default.
            ///
            /// # Errors
            /// None that a partnership can cause.
            pub fn listed(partnership: Partnership) -> Result<Self> {
                let order = Order::new(vec![By { field: PartnershipOrder::Name, descending: false }]);
                let filter = PartnerFilter::default().build(&mut Budget::default())?;
                let fingerprint = Fingerprint::of(Listing::Partnerships, &order, &(End::$shown, &filter))?;
                Ok(Self { cursor: connection::cursor(&order, &fingerprint, &partnership.0), partnership })
            }
        }

        #[doc = concat!("An item in a page of ", $what, ".")]
        #[Object]
        impl $edge {
            /// The item's cursor, for `after` and `before`.
            fn cursor(&self) -> &str {
                &self.cursor
            }

            /// The other party to the partnership.
            async fn node(&self, ctx: &Context<'_>) -> Result<Partner> {
                let end = self.partnership.end(ctx, self.partnership.0.$end).await?;
                end.ok_or_else(|| Error::new("a partnership without its other end"))
            }

            /// The partnership with that partner.
            fn partnership(&self) -> &Partnership {
                &self.partnership
            }
        }
    };
}

ends! { IndirectResellerConnection, IndirectResellerEdge, Reseller by reseller_id, "your indirect resellers" }
ends! { IndirectProviderConnection, IndirectProviderEdge, Provider by provider_id, "your indirect providers" }
