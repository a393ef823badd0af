use chrono::{NaiveDate, NaiveDateTime};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp};
use partnergraph_domain::{BillingCycle, BillingType, SubscriptionStatus, TermDuration};

use super::columns;
use crate::read::subscriptions::SubscriptionRow;

columns! {
    /// A subscription's properties, apart from its owner.
    pub struct SubscriptionColumns of subscriptions s {
        /// The offer id.
        offer_id: Option<String> => Nullable<Text>, filter OfferId: Shown;
        /// The offer's name in the price list.
        offer_name: Option<String> => Nullable<Text>, filter OfferName: Key("@.offer_name_key"), order OfferName;
        /// The partner's own label. A subscription that has one is ordered by it, so the sort key already exists.
        friendly_name: Option<String> => Nullable<Text>,
            filter FriendlyName: Key("(CASE WHEN @.friendly_name IS NOT NULL THEN @.name_sort END)"), order FriendlyName;
        /// Number of licences; `None` for a usage-based subscription (N-04).
        quantity: Option<i64> => Nullable<BigInt>, filter Quantity: Lower, order Quantity;
        /// What the quantity counts.
        unit_type: Option<String> => Nullable<Text>, filter UnitType: Shown;
        /// Its state.
        status: SubscriptionStatus => Text, filter Status: Upper, order Status;
        /// Licence-based or usage-based billing.
        billing_type: BillingType => Text, filter BillingType: Upper;
        /// How often it is billed.
        billing_cycle: BillingCycle => Text, filter BillingCycle: Upper;
        /// The length of its commitment term.
        term_duration: Option<TermDuration> => Nullable<Text>, filter TermDuration: Upper;
        /// Whether it renews automatically, if that is known.
        auto_renew_enabled: Option<bool> => Nullable<Bool>, filter AutoRenewEnabled: Lower;
        /// When it was purchased.
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
        /// The id of its order.
        order_id: Option<String> => Nullable<Text>, filter OrderId: Shown;
        /// The subscription that it belongs to or was upgraded from (B-15).
        parent_subscription_id: Option<String> => Nullable<Text>, filter ParentSubscriptionId: Lower;
        /// Whether it is a trial. Trials are not counted as licences.
        is_trial: bool => Bool, filter IsTrial: Lower;
        /// Whether its partner of record cannot be changed, as for a reservation or a savings plan (B-03).
        partner_of_record_fixed: bool => Bool, filter PartnerOfRecordFixed: Lower;
        /// The publisher of the offer.
        publisher_name: Option<String> => Nullable<Text>, filter PublisherName: Shown;
        /// The product type.
        product_type: Option<String> => Nullable<Text>, filter ProductType: Shown;
    }
    beside {
        subscription_id => Text, filter SubscriptionId: Lower, order SubscriptionId;
        version => BigInt, filter Version: Lower;
        created_at => Timestamp, filter CreatedAt: Lower, order CreatedAt;
        updated_at => Timestamp, filter UpdatedAt: Lower, order UpdatedAt;
    }
    /// A field of a subscription.
    pub enum SubscriptionField;
    /// What subscriptions can be ordered by.
    pub enum SubscriptionOrder of SubscriptionRow by id;
}
