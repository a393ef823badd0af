use partnergraph_domain::{ImportRunKey, InvitationKey, PartnerKey, PartnershipKey};
use serde::Serialize;

use super::{Column, CustomerTerm, Filter, PartnerTerm, Spelling, SubscriptionTerm, Test};
use crate::on::{Event, On};
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A field of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum EventField {
    /// The operation.
    OperationType,
    /// The status of the operation.
    OperationStatus,
    /// When it happened.
    OperationDate,
    /// Who did it.
    UserPrincipalName,
    /// The tenant id of the customer, whether or not the caller still sees it.
    CustomerTenantId,
    /// The id of the subscription, whether or not the caller still sees it.
    SubscriptionId,
    /// The import run that did it.
    RunId,
}

impl EventField {
    fn column(self) -> Column {
        match self {
            Self::OperationType => Column::plain("@.operation_type", Spelling::Upper),
            Self::OperationStatus => Column::plain("@.operation_status", Spelling::Upper),
            Self::OperationDate => Column::plain("@.operation_date", Spelling::Lower),
            Self::UserPrincipalName => Column::plain("@.user_principal_name", Spelling::Shown),
            Self::CustomerTenantId => Column::plain("@.customer_tenant_id", Spelling::Lower),
            Self::SubscriptionId => Column::plain("@.subscription_id", Spelling::Lower),
            Self::RunId => Column::plain("@.run_id", Spelling::Lower),
        }
    }
}

/// A condition on an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum EventTerm {
    /// A test of a field.
    Field(EventField, Test),
    /// The customer matches, if the caller sees it.
    Customer(Box<Filter<CustomerTerm>>),
    /// A partner that the event is about matches: the old or new value, or the other end.
    Partner(Filter<PartnerTerm>),
    /// The subscription matches, if the caller sees it.
    Subscription(Box<Filter<SubscriptionTerm>>),
    /// It changed this entity. `None` matches nothing.
    Subject(Option<EventSubject>),
}

/// The entity that an event changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum EventSubject {
    ImportRun(ImportRunKey),
    Subscription(String),
    Invitation(InvitationKey),
    Partnership(PartnershipKey),
    Customer(String),
    Partner(PartnerKey),
}

impl EventSubject {
    /// An event names every entity that it concerns. Its subject is the first of them in this order.
    fn is_changed(&self) -> Sql {
        let first = |columns: &[&str], last: &str| {
            let others: String = columns.iter().map(|column| format!("@.{column} IS NULL AND ")).collect();
            sql(format!("{others}@.{last} = "))
        };
        match self {
            Self::Subscription(id) => first(&[], "subscription_id").bind(id.as_str()),
            Self::Invitation(key) => first(&["subscription_id"], "invitation_id").bind(*key),
            Self::Partnership(key) => first(&["subscription_id", "invitation_id"], "partnership_id").bind(*key),
            Self::Customer(id) => {
                first(&["subscription_id", "invitation_id", "partnership_id"], "customer_tenant_id").bind(id.as_str())
            }
            Self::ImportRun(key) => {
                first(&["subscription_id", "invitation_id", "partnership_id", "customer_tenant_id"], "run_id")
                    .bind(*key)
            }
            Self::Partner(key) => {
                let others = ["subscription_id", "invitation_id", "partnership_id", "customer_tenant_id", "run_id"];
                first(&others, "partner_id").bind(*key)
            }
        }
    }
}

impl EventSubject {
    /// The same for a change of an import, by the key under which it is stored.
    fn is_changed_by_import(&self) -> Sql {
        match self {
            Self::Subscription(id) => sql("@.key IN (SELECT ")
                .bind(id.as_str())
                .push(" UNION ALL SELECT s.subscription_id || '/' || en.entitlement_id FROM subscriptions s \
                       JOIN entitlements en ON en.subscription_pk = s.id WHERE s.removed_at IS NULL AND s.subscription_id = ")
                .bind(id.as_str())
                .push(") AND @.subscription_id IS NOT NULL"),
            Self::Customer(id) => {
                sql("@.subscription_id IS NULL AND @.customer_tenant_id = ").bind(id.as_str())
            }
            Self::Partnership(key) => sql("@.key IN (SELECT p.mpn_id FROM partnerships ps JOIN partners p ON p.id = ps.reseller_id WHERE ps.id = ")
                .bind(*key)
                .push(") AND @.partnership_id = ")
                .bind(*key),
            Self::Partner(key) => sql("@.key IN (SELECT p.mpn_id FROM partners p WHERE p.id = ")
                .bind(*key)
                .push(") AND @.change_entity = 'RESELLER' AND @.partner_id = ")
                .bind(*key),
            Self::ImportRun(_) | Self::Invitation(_) => sql("1 = 0"),
        }
    }
}

/// How the conditions on a record are written, depending on where it is stored.
struct Stored {
    /// Begins with the row `w` of one of its viewers, and ends before a condition on it.
    viewer: &'static str,
    /// The change names the calling reseller.
    names_own: &'static str,
    /// Its subscription, as the row `s`; ends before a condition on it.
    subscription: &'static str,
    is_changed: fn(&EventSubject) -> Sql,
}

const EVENT: Stored = Stored {
    // Other events, such as a change of a customer's details, concern all its partners, who need not know of each other.
    viewer: "@.partner_id IS NOT NULL AND EXISTS (SELECT 1 FROM audit_event_viewers w WHERE w.event_id = @.id",
    names_own: "@.own_label IS NOT NULL AND @.changes LIKE '%\"' || @.own_label || '\"%'",
    subscription: "EXISTS (SELECT 1 FROM subscriptions s WHERE s.removed_at IS NULL AND s.subscription_id = @.subscription_id",
    is_changed: EventSubject::is_changed,
};

const CHANGE_OF_AN_IMPORT: Stored = Stored {
    viewer: "@.field = 'partnerOfRecord' AND EXISTS (SELECT 1 FROM import_change_viewers w WHERE w.record_id = @.id",
    names_own: "(@.before = @.own_label OR @.after = @.own_label)",
    // There may be millions of changes: the subscriptions are looked up once.
    subscription: "@.subscription_id IN (SELECT s.subscription_id FROM subscriptions s WHERE s.removed_at IS NULL",
    is_changed: EventSubject::is_changed_by_import,
};

impl Filter<EventTerm> {
    /// Converts to a condition on a change of an import that is read as an event, without its own scope.
    pub fn on_imported_changes(&self, scope: &Scope) -> On<Event> {
        self.on(scope, &CHANGE_OF_AN_IMPORT)
    }

    /// Converts to a condition on an event, without its own scope.
    pub fn on_events(&self, scope: &Scope) -> On<Event> {
        self.on(scope, &EVENT)
    }

    fn on(&self, scope: &Scope, stored: &Stored) -> On<Event> {
        On::new(self.sql(&|term| {
            match term {
                EventTerm::Field(field, test) => field.column().test(test),
                EventTerm::Customer(filter) => filter.seen_customer(scope, "@.customer_id"),
                EventTerm::Partner(filter) => {
                    // Whoever gained or lost something by it can read it; the caller itself reads what others did as well.
                    let own = scope.partner_id().map_or(0, |id| id.get());
                    sql("(")
                        .add(filter.seen_by(scope, "@.partner_id"))
                        .push(" OR ")
                        .push(stored.viewer)
                        .push(" AND w.viewer_partner_id <> ")
                        .bind(own)
                        .push(" AND ")
                        .add(filter.seen_by(scope, "w.viewer_partner_id"))
                        // A reseller that looks for itself finds the changes that name it.
                        .push(") OR ")
                        .push(stored.names_own)
                        .push(" AND ")
                        .add(filter.seen_by(scope, own.to_string()))
                        .push(")")
                }
                EventTerm::Subscription(filter) => sql(stored.subscription)
                    .push(" AND ")
                    .add(scope.sees_subscription().of("s"))
                    .push(" AND ")
                    .add(filter.on_subscriptions(scope).of("s"))
                    .push(")"),
                EventTerm::Subject(subject) => subject.as_ref().map_or_else(|| sql("1 = 0"), stored.is_changed),
            }
        }))
    }
}
