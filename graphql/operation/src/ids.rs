//! Global ids: opaque to clients, one per object. A view of an object, such as a directory entry or a node of the relationship
//! graph, has an id of its own. A client that caches objects by id therefore never mistakes one for the other.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use partnergraph_domain::{
    AuditEventKey, ChangeRequestKey, EntitlementKey, GrantKey, ImportRunKey, InvitationKey, MailKey, OrderKey,
    PartnerKey, PartnershipKey, SubscriptionId, TenantId, UserKey,
};

/// A node of the relationship graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DiagramNodeId {
    /// The entity that the node represents, or whose omitted neighbours it represents.
    pub entity: Entity,
    /// The number of omitted neighbours, if the node represents those.
    pub more: Option<i64>,
}

/// The entities that make up the relationship graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entity {
    /// A partner account.
    Partner(PartnerKey),
    /// A customer, by its tenant id.
    Customer(TenantId),
    /// A subscription, by its subscription id.
    CustomerSubscription(SubscriptionId),
}

impl From<Entity> for GlobalId {
    fn from(entity: Entity) -> Self {
        match entity {
            Entity::Partner(id) => Self::Partner(id),
            Entity::Customer(id) => Self::Customer(id),
            Entity::CustomerSubscription(id) => Self::CustomerSubscription(id),
        }
    }
}

impl fmt::Display for DiagramNodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&GlobalId::from(self.entity).plain())?;
        match self.more {
            Some(count) => write!(f, "+{count}"),
            None => Ok(()),
        }
    }
}

impl FromStr for DiagramNodeId {
    type Err = UnknownId;

    fn from_str(text: &str) -> Result<Self, UnknownId> {
        let (entity, more) = match text.split_once('+') {
            Some((entity, count)) => (entity, Some(count.parse().map_err(|_| UnknownId)?)),
            None => (text, None),
        };
        let entity = match GlobalId::from_plain(entity)? {
            GlobalId::Partner(id) => Entity::Partner(id),
            GlobalId::Customer(id) => Entity::Customer(id),
            GlobalId::CustomerSubscription(id) => Entity::CustomerSubscription(id),
            _ => return Err(UnknownId),
        };
        Ok(Self { entity, more })
    }
}

/// What a global id identifies. Customers and subscriptions are identified by their own ids, which are the same in every
/// installation; everything else is identified by its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GlobalId {
    /// A customer, by its tenant id.
    Customer(TenantId),
    /// A subscription, by its subscription id.
    CustomerSubscription(SubscriptionId),
    /// An entitlement.
    Entitlement(EntitlementKey),
    /// A partner account.
    Partner(PartnerKey),
    /// A partnership.
    Partnership(PartnershipKey),
    /// A user.
    User(UserKey),
    /// An import run.
    ImportRun(ImportRunKey),
    /// An invitation.
    Invitation(InvitationKey),
    /// A grant of delegated admin privileges.
    DelegatedAdminGrant(GrantKey),
    /// An audit record.
    AuditEvent(AuditEventKey),
    /// An order.
    Order(OrderKey),
    /// A change request.
    ChangeRequest(ChangeRequestKey),
    /// An email from the platform.
    OutboxMail(MailKey),
    /// An entry in the provider directory, identified by the row of the account.
    DirectoryEntry(PartnerKey),
    /// A node of the relationship graph.
    RelationshipGraphNode(DiagramNodeId),
}

impl fmt::Display for GlobalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.plain()))
    }
}

impl GlobalId {
    fn plain(&self) -> String {
        match self {
            Self::Customer(id) => format!("Customer:{id}"),
            Self::CustomerSubscription(id) => format!("CustomerSubscription:{id}"),
            Self::Entitlement(id) => format!("Entitlement:{id}"),
            Self::Partner(id) => format!("Partner:{id}"),
            Self::Partnership(id) => format!("Partnership:{id}"),
            Self::User(id) => format!("User:{id}"),
            Self::ImportRun(id) => format!("ImportRun:{id}"),
            Self::Invitation(id) => format!("Invitation:{id}"),
            Self::DelegatedAdminGrant(id) => format!("DelegatedAdminGrant:{id}"),
            Self::AuditEvent(id) => format!("AuditEvent:{id}"),
            Self::Order(id) => format!("Order:{id}"),
            Self::ChangeRequest(id) => format!("ChangeRequest:{id}"),
            Self::OutboxMail(id) => format!("OutboxMail:{id}"),
            Self::DirectoryEntry(id) => format!("DirectoryEntry:{id}"),
            Self::RelationshipGraphNode(node_id) => format!("RelationshipGraphNode:{node_id}"),
        }
    }

    fn from_plain(plain: &str) -> Result<Self, UnknownId> {
        let (kind, key) = plain.split_once(':').ok_or(UnknownId)?;
        Ok(match kind {
            "Customer" => Self::Customer(key.parse().map_err(|_| UnknownId)?),
            "CustomerSubscription" => Self::CustomerSubscription(key.parse().map_err(|_| UnknownId)?),
            "Entitlement" => Self::Entitlement(row(key)?),
            "Partner" => Self::Partner(row(key)?),
            "Partnership" => Self::Partnership(row(key)?),
            "User" => Self::User(row(key)?),
            "ImportRun" => Self::ImportRun(row(key)?),
            "Invitation" => Self::Invitation(row(key)?),
            "DelegatedAdminGrant" => Self::DelegatedAdminGrant(row(key)?),
            "AuditEvent" => Self::AuditEvent(row(key)?),
            "Order" => Self::Order(row(key)?),
            "ChangeRequest" => Self::ChangeRequest(row(key)?),
            "OutboxMail" => Self::OutboxMail(row(key)?),
            "DirectoryEntry" => Self::DirectoryEntry(row(key)?),
            "RelationshipGraphNode" => Self::RelationshipGraphNode(key.parse()?),
            _ => return Err(UnknownId),
        })
    }
}

/// Parses the key of a row.
fn row<K: FromStr>(text: &str) -> Result<K, UnknownId> {
    text.parse().map_err(|_| UnknownId)
}

/// The id identifies nothing. The client cannot tell this apart from an object that it cannot see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownId;

impl FromStr for GlobalId {
    type Err = UnknownId;

    fn from_str(text: &str) -> Result<Self, UnknownId> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| UnknownId)?;
        let plain = String::from_utf8(bytes).map_err(|_| UnknownId)?;
        Self::from_plain(&plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_written() {
        let tenant = "d2c3f0a1-5b6e-4f70-8a91-b2c3d4e5f607";
        for id in [
            GlobalId::Customer(tenant.parse().unwrap()),
            GlobalId::CustomerSubscription(tenant.parse().unwrap()),
            GlobalId::Partner(PartnerKey::new(7)),
            GlobalId::ImportRun(ImportRunKey::new(12)),
            GlobalId::DirectoryEntry(PartnerKey::new(7)),
            GlobalId::RelationshipGraphNode(DiagramNodeId { entity: Entity::Partner(PartnerKey::new(7)), more: None }),
            GlobalId::RelationshipGraphNode(DiagramNodeId {
                entity: Entity::Customer(tenant.parse().unwrap()),
                more: Some(37),
            }),
        ] {
            assert_eq!(id.to_string().parse::<GlobalId>(), Ok(id));
        }
        for nothing in ["", "x", "Customer:1", "UGFydG5lcjp4"] {
            assert_eq!(nothing.parse::<GlobalId>(), Err(UnknownId));
        }
    }
}
