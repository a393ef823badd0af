use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::Capability;
use partnergraph_store::read::directory::{DirectoryOrder, DirectoryRow};
use partnergraph_store::read::json;

use super::{Node, PartnerSupport, partner_of};
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::CountryCode;

connection! { DirectoryEntryConnection, DirectoryEntryEdge, DirectoryEntry, DirectoryOrder, "provider directory entries" }

/// An indirect provider's entry in the provider directory (V-01). Only operators can change it (V-02).
#[derive(Debug, Clone)]
pub struct DirectoryEntry(pub BatchRow<DirectoryRow>);

impl From<BatchRow<DirectoryRow>> for DirectoryEntry {
    fn from(row: BatchRow<DirectoryRow>) -> Self {
        Self(row)
    }
}

/// An indirect provider's entry in the provider directory (V-01). Only operators can change it (V-02).
#[Object]
impl DirectoryEntry {
    /// The global id of the entry. It differs from the id of the provider's account.
    pub async fn id(&self) -> ID {
        GlobalId::DirectoryEntry(self.0.id).into()
    }

    /// The provider's account. Null if this entry is all you can see of the provider.
    async fn entity(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let account = partner_of(ctx, self.0.batch(), |row| [Some(row.id), None, None], Some(self.0.id)).await?;
        Ok(account.map(Node::from))
    }

    /// The provider's name.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The provider's country. Null if unknown.
    fn country(&self) -> Option<CountryCode> {
        self.0.country.map(CountryCode)
    }

    /// The code of the CSP region in which the provider works with resellers, such as `EUROPE`. Null if the country is unknown
    /// or belongs to no region.
    fn region(&self) -> Option<&'static str> {
        self.0.country.and_then(partnergraph_domain::region_of).map(|region| region.code.as_str())
    }

    /// The services that the provider offers its resellers (V-03).
    fn services(&self) -> &[Capability] {
        &self.0.services.0
    }

    /// The names of the provider's programmes for resellers.
    fn programs(&self) -> Result<Vec<String>> {
        Ok(json(&self.0.programs, "a list of programmes")?)
    }

    /// The level of support that the provider offers its resellers. Null if not specified.
    fn support_level(&self) -> Option<&str> {
        self.0.support_level.as_deref()
    }

    /// The provider's contact details for customer support. Null if not specified.
    fn contact(&self) -> Option<PartnerSupport> {
        PartnerSupport::from_parts(&self.0.support_email, &self.0.support_telephone, &self.0.support_website)
    }
}
