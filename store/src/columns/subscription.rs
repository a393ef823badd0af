use chrono::{NaiveDate, NaiveDateTime};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp};
use partnergraph_domain::{BillingCycle, BillingType, SubscriptionStatus, TermDuration};

use super::columns;
use crate::read::subscriptions::SubscriptionRow;

columns! {
    /// What a subscription is, apart from whom it belongs to.
    pub struct SubscriptionColumns of subscriptions s {
        /// What was sold.
        offer_id: Option<String> => Nullable<Text>, filter OfferId: Shown;
        /// Its name in the price list.
        offer_name: Option<String> => Nullable<Text>, filter OfferName: Key("@.offer_name_key"), order OfferName;
        /// Its name in daily use. A subscription is ordered by it where it has one, so that its key is there already.
        friendly_name: Option<String> => Nullable<Text>,
            filter FriendlyName: Key("(CASE WHEN @.friendly_name IS NOT NULL THEN @.name_sort END)"), order FriendlyName;
        /// Licences; `None` for one charged by use (N-04).
        quantity: Option<i64> => Nullable<BigInt>, filter Quantity: Lower, order Quantity;
        /// What the quantity counts.
        unit_type: Option<String> => Nullable<Text>, filter UnitType: Shown;
        /// Its state.
        status: SubscriptionStatus => Text, filter Status: Upper, order Status;
        /// By what it is charged.
        billing_type: BillingType => Text, filter BillingType: Upper;
        /// How often it is charged.
        billing_cycle: BillingCycle => Text, filter BillingCycle: Upper;
        /// For how long it is committed.
        term_duration: Option<TermDuration> => Nullable<Text>, filter TermDuration: Upper;
        /// Whether it renews itself, where that is known.
        auto_renew_enabled: Option<bool> => Nullable<Bool>, filter AutoRenewEnabled: Lower;
        /// When it was bought.
        #[serde(with = "chrono::naive::serde::ts_seconds_option")]
        creation_date: Option<NaiveDateTime> => Nullable<Timestamp>, filter CreationDate: Lower, order CreationDate;
        /// The first day of its term.
        #[serde(with = "crate::columns::days")]
        effective_start_date: Option<NaiveDate> => Nullable<Date>,
            filter EffectiveStartDate: Lower, order EffectiveStartDate;
        /// The last day of its term, inclusive.
        #[serde(with = "crate::columns::days")]
        commitment_end_date: Option<NaiveDate> => Nullable<Date>,
            filter CommitmentEndDate: Lower, order CommitmentEndDate;
        /// The number of the order that it came with.
        order_id: Option<String> => Nullable<Text>, filter OrderId: Shown;
        /// The subscription that it belongs to or was upgraded from (B-15).
        parent_subscription_id: Option<String> => Nullable<Text>, filter ParentSubscriptionId: Lower;
        /// Whether it is a trial, which is not counted as licences.
        is_trial: bool => Bool, filter IsTrial: Lower;
        /// Whether its partner of record cannot be changed, as with a reservation or a savings plan (B-03).
        partner_of_record_fixed: bool => Bool, filter PartnerOfRecordFixed: Lower;
        /// Who publishes the offer.
        publisher_name: Option<String> => Nullable<Text>, filter PublisherName: Shown;
        /// The kind of product.
        product_type: Option<String> => Nullable<Text>, filter ProductType: Shown;
    }
    beside {
        subscription_id => Text, filter SubscriptionId: Lower, order SubscriptionId;
        version => BigInt, filter Version: Lower;
        created_at => Timestamp, filter CreatedAt: Lower, order CreatedAt;
        updated_at => Timestamp, filter UpdatedAt: Lower, order UpdatedAt;
    }
    /// A property of a subscription.
    pub enum SubscriptionField;
    /// What subscriptions can be ordered by.
    pub enum SubscriptionOrder of SubscriptionRow by id;
}
