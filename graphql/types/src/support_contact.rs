use std::rc::Rc;

use async_graphql::{Result, SimpleObject};
use partnergraph_direct::{BatchContext, Declined, NestedField, ReadField, Reader, Repeated, Values};
use partnergraph_domain::PartnerKey;
use partnergraph_operation::scalars::Guid;
use partnergraph_store::read::partners::PartnerRow;
use partnergraph_store::read::row::Wanted;
use partnergraph_store::read::subscriptions::SubscriptionRow;

use super::named_partner::Partners;
use super::subscription::named;

/// The support contact of a subscription: the designated reseller, or the seller if none is designated.
///
/// If you cannot see the contact, its ids and its name are null.
#[derive(SimpleObject, Debug, Clone)]
pub struct SupportContact {
    /// The id of the contact's tenant. Null if there is none or you cannot see the contact.
    pub support_tenant_id: Option<Guid>,
    /// The contact's MPN ID. Null if there is none or you cannot see the contact.
    pub support_mpn_id: Option<String>,
    /// The contact's name. Null if you cannot see the contact.
    pub name: Option<String>,
    /// Whether the contact is the seller, because no reseller is designated.
    pub is_default: bool,
}

impl SupportContact {
    /// The key of the account that supports a subscription.
    pub(super) fn key(row: &SubscriptionRow) -> PartnerKey {
        row.support_contact_id.unwrap_or(row.seller_id)
    }

    /// Builds the support contact of a subscription. `partner` is the account, if the caller can see it.
    pub(super) fn of(row: &SubscriptionRow, partner: Option<&PartnerRow>) -> Result<Self> {
        let tenant_id = partner.and_then(|partner| partner.tenant_id.as_deref());
        Ok(Self {
            support_tenant_id: tenant_id.map(Guid::stored).transpose()?,
            support_mpn_id: partner.and_then(|partner| partner.mpn_id.clone()),
            name: partner.map(|partner| partner.profile.name.clone()),
            is_default: Self::key(row) == row.seller_id,
        })
    }
}

partnergraph_direct::shape! { SupportContact as "SupportContact" of {
    "supportTenantId": support_tenant_id;
    "supportMpnId": support_mpn_id;
    "name": name;
    "isDefault": is_default;
} }

/// The field `supportContact` with its selection.
pub(super) struct ContactField(pub(super) Values<SupportContact>);

impl NestedField<SubscriptionRow> for ContactField {
    fn columns(&self) -> &'static [&'static str] {
        &["support_contact_id"]
    }

    fn of_partners(&self) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.add(["tenant_id", "mpn_id"]);
        wanted
    }

    fn read<'o>(
        &'o self,
        reader: &mut Reader<'_>,
        batch: &mut BatchContext<'_, SubscriptionRow>,
    ) -> Result<Box<dyn ReadField<SubscriptionRow> + 'o>, Declined> {
        let partners = Partners::of(reader, batch, named)?;
        Ok(Box::new(Contacts { partners, values: &self.0, written: Repeated::default() }))
    }
}

struct Contacts<'o> {
    partners: Rc<Partners>,
    values: &'o Values<SupportContact>,
    /// By the keys of the contact and of the seller.
    written: Repeated<[PartnerKey; 2]>,
}

impl ReadField<SubscriptionRow> for Contacts<'_> {
    fn write(&self, _: usize, row: &SubscriptionRow, out: &mut Vec<u8>) -> Result<(), Declined> {
        let key = SupportContact::key(row);
        self.written.write([key, row.seller_id], out, |out| {
            self.values.write(&SupportContact::of(row, self.partners.get(key))?, out)
        })
    }
}
