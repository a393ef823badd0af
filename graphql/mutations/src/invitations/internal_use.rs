use async_graphql::InputObject;
use partnergraph_domain::checks::{BuyerFacts, InternalUseFacts};
use partnergraph_domain::{MpnId, PartnerKey, Refusal, TenantId};
use partnergraph_store::read::partners::PartnerBy;
use partnergraph_store::write::invitations::InvitationRow;
use partnergraph_store::write::sale_facts::{self, OwnUse};
use partnergraph_store::{Conn, Scope};

use crate::task::{Attempt, bad_input, not_found};

/// The partner whose internal use a tenant serves.
#[derive(InputObject, Debug, Clone)]
pub struct InternalUseInput {
    /// The partner's MPN ID.
    mpn_id: String,
}

impl InternalUseInput {
    /// The MPN ID as stated. Whose it is, is not looked up.
    pub(super) fn stated(input: Option<&Self>, field: &str) -> Result<Option<MpnId>, Refusal> {
        let malformed = |_| bad_input("An MPN ID must be a number.", &[field, "mpnId"]);
        input.map(|input| input.mpn_id.trim().parse().map_err(malformed)).transpose()
    }
}

/// The internal use that an invitation states and the customer confirms.
pub(super) struct ConfirmedUse {
    pub(super) facts: InternalUseFacts,
    /// The partner. `None` for a third-party customer.
    pub(super) buyer_id: Option<PartnerKey>,
}

impl ConfirmedUse {
    /// Looks up the partner, and how it is linked with the sellers. Before the acceptance, nobody looks it up.
    pub(super) fn find(
        conn: &mut Conn,
        row: &InvitationRow,
        tenant_id: TenantId,
        confirmed: Option<&InternalUseInput>,
    ) -> Attempt<Self> {
        const FIELD: &str = "confirmInternalUseOf";
        let (stated, confirmed) = (stated(row), InternalUseInput::stated(confirmed, FIELD)?);
        let facts = InternalUseFacts { stated, confirmed, ..InternalUseFacts::default() };
        let Some(mpn_id) = confirmed.filter(|_| stated == confirmed) else {
            return Ok(Self { facts, buyer_id: None });
        };
        let found = sale_facts::buyer(conn, &Scope::Nobody, PartnerBy::Mpn(mpn_id))?;
        let buyer_id = found.ok_or_else(|| not_found("partner", FIELD))?;
        let own_use = OwnUse { buyer_id, tenant_id: Some(tenant_id), marked: true };
        let buyer = BuyerFacts {
            tie_to_reseller: sale_facts::tie(conn, found, row.reseller_id)?,
            ..sale_facts::buyer_facts(conn, row.partner_id, Some(own_use))?
        };
        Ok(Self { facts: InternalUseFacts { buyer, ..facts }, buyer_id: found })
    }

    /// What was confirmed is no partner's MPN ID, and is refused for that reason alone.
    pub(super) fn unknown(row: &InvitationRow) -> Self {
        let stated = stated(row);
        Self { facts: InternalUseFacts { stated, confirmed: stated, ..InternalUseFacts::default() }, buyer_id: None }
    }
}

fn stated(row: &InvitationRow) -> Option<MpnId> {
    row.internal_use_of_mpn_id.as_deref().and_then(|text| text.parse().ok())
}
