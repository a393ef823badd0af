use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::Capability;
use partnergraph_store::read::directory::{DirectoryOrder, DirectoryRow};
use partnergraph_store::read::json;

use super::{Node, PartnerSupport, partner_of};
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::CountryCode;
use partnergraph_operation::siblings::Member;

connection! { DirectoryEntryConnection, DirectoryEntryEdge, DirectoryEntry, DirectoryOrder, "the directory of providers" }

/// What the directory says of an indirect provider (V-01). Only an operator changes it (V-02).
#[derive(Debug, Clone)]
pub struct DirectoryEntry(pub Member<DirectoryRow>);

impl From<Member<DirectoryRow>> for DirectoryEntry {
    fn from(row: Member<DirectoryRow>) -> Self {
        Self(row)
    }
}

/// What the directory says of an indirect provider (V-01). Only an operator changes it (V-02).
#[Object]
impl DirectoryEntry {
    /// The global id of the entry, which is not that of the provider's account.
    pub async fn id(&self) -> ID {
        GlobalId::DirectoryEntry(self.0.id).into()
    }

    /// The provider's account. Null where the caller sees no more of the provider than this entry.
    async fn entity(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let account = partner_of(ctx, self.0.level(), |row| [Some(row.id), None, None], Some(self.0.id)).await?;
        Ok(account.map(Node::from))
    }

    /// The provider's name.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Its country. Null where it is not known.
    fn country(&self) -> Option<CountryCode> {
        self.0.country.map(CountryCode)
    }

    /// The code of the CSP region in which it finds resellers, such as `EUROPE`. Null where its country is in none.
    fn region(&self) -> Option<&'static str> {
        self.0.country.and_then(partnergraph_domain::region_of).map(|region| region.code.as_str())
    }

    /// What it does for its resellers (V-03).
    fn services(&self) -> &[Capability] {
        &self.0.services.0
    }

    /// The names of its programmes for resellers.
    fn programs(&self) -> Result<Vec<String>> {
        Ok(json(&self.0.programs, "a list of programmes")?)
    }

    /// How far it supports its resellers. Null where the directory does not say.
    fn support_level(&self) -> Option<&str> {
        self.0.support_level.as_deref()
    }

    /// How to get in touch. Null where the provider has not said.
    fn contact(&self) -> Option<PartnerSupport> {
        PartnerSupport::from_parts(&self.0.support_email, &self.0.support_telephone, &self.0.support_website)
    }
}
