use async_graphql::{Context, Error, Object, Result};
use partnergraph_store::read::partnerships::PartnershipOrder;

use super::{Partner, Partnership};
use partnergraph_operation::connection::{PageInfo, Slice};

/// Makes a list of the partners at the other end of the caller's partnerships, the partnership being the edge.
macro_rules! ends {
    ($connection:ident, $edge:ident, $end:ident, $what:literal) => {
        #[doc = concat!("A page of ", $what, ".")]
        #[allow(missing_debug_implementations)]
        pub struct $connection(pub Slice<PartnershipOrder>);

        #[doc = concat!("A page of ", $what, ".")]
        #[Object]
        impl $connection {
            /// The entries with their cursors and partnerships.
            fn edges(&self) -> Vec<$edge> {
                let members = self.0.members();
                members.map(|row| $edge { cursor: self.0.cursor(&row), partnership: Partnership(row) }).collect()
            }

            /// The entries alone.
            async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
                let mut nodes = Vec::new();
                for row in self.0.members() {
                    let id = row.$end;
                    nodes.extend(Partnership(row).end(ctx, id).await?);
                }
                Ok(nodes)
            }

            /// Where the page stands in the list.
            fn page_info(&self) -> PageInfo {
                self.0.info()
            }

            /// How many entries the whole list has. Counted only when it is asked for.
            async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
                self.0.total(ctx).await
            }
        }

        #[doc = concat!("An entry of a page of ", $what, ".")]
        #[allow(missing_debug_implementations)]
        pub struct $edge {
            cursor: String,
            partnership: Partnership,
        }

        #[doc = concat!("An entry of a page of ", $what, ".")]
        #[Object]
        impl $edge {
            /// The place of the entry in the list, for `after` and `before`.
            fn cursor(&self) -> &str {
                &self.cursor
            }

            /// The partner at the other end.
            async fn node(&self, ctx: &Context<'_>) -> Result<Partner> {
                let end = self.partnership.end(ctx, self.partnership.0.$end).await?;
                end.ok_or_else(|| Error::new("a partnership without its other end"))
            }

            /// The partnership with it.
            fn partnership(&self) -> &Partnership {
                &self.partnership
            }
        }
    };
}

ends! { IndirectResellerConnection, IndirectResellerEdge, reseller_id, "the caller's indirect resellers" }
ends! { IndirectProviderConnection, IndirectProviderEdge, provider_id, "the caller's indirect providers" }
