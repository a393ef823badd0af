//! The fields that a profile can map columns to.

use std::fmt;
use std::str::FromStr;

use super::States;

macro_rules! fields {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal),+ $(,)?) => {
        /// The meaning of a column. Profiles and maps use the name beside each field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Field {
            /// Every field, in the order in which a new map lists them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in a profile.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What to put there, for people who write a map.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim(),)+
                }
            }
        }

        impl FromStr for Field {
            type Err = String;
            fn from_str(name: &str) -> Result<Self, String> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(format!("unknown field \"{name}\"")),
                }
            }
        }
    };
}

fields! {
    /// The importing partner's id. A file with a different one is refused.
    PartnerId = "partner_id",
    /// The importing partner's tenant id. A file with a different one is refused.
    PartnerTenantId = "partner_tenant_id",
    /// The importing partner's own MPN ID. A file with a different one is refused.
    OwnMpnId = "own_mpn_id",
    /// The customer's tenant id ("Microsoft ID"), which identifies a customer.
    CustomerTenantId = "customer_tenant_id",
    /// The customer's company name.
    CustomerName = "customer_name",
    /// The customer's primary domain.
    CustomerDomain = "customer_domain",
    /// The customer's country, two letters.
    CustomerCountry = "customer_country",
    /// Tags, separated by commas or semicolons.
    CustomerTags = "customer_tags",
    /// What the importing partner is to the customer.
    CustomerRelationship = "customer_relationship",
    /// The subscription's id, which identifies a subscription.
    SubscriptionId = "subscription_id",
    /// The reservation order's id, which identifies a reservation or savings plan.
    ReservationOrderId = "reservation_order_id",
    /// The partner's label for the subscription.
    FriendlyName = "friendly_name",
    /// The offer's id.
    OfferId = "offer_id",
    /// The offer's name.
    OfferName = "offer_name",
    /// The first part of a new commerce offer id.
    ProductId = "product_id",
    /// The product's name.
    ProductName = "product_name",
    /// The second part of a new commerce offer id.
    SkuId = "sku_id",
    /// The name of the product's variant.
    SkuName = "sku_name",
    /// The third part of a new commerce offer id.
    AvailabilityId = "availability_id",
    /// The number of seats.
    Quantity = "quantity",
    /// The number of seats that is charged. It takes precedence over `quantity`.
    BillableQuantity = "billable_quantity",
    /// The unit of the quantity.
    UnitType = "unit_type",
    /// The subscription's status.
    Status = "status",
    /// Licence-based or usage-based billing.
    BillingType = "billing_type",
    /// How often it is billed.
    BillingCycle = "billing_cycle",
    /// The length of the commitment.
    Term = "term",
    /// Term and billing cycle in one text.
    TermAndBillingCycle = "term_and_billing_cycle",
    /// Whether it renews automatically.
    AutoRenew = "auto_renew",
    /// When the subscription was created.
    CreationDate = "creation_date",
    /// The first day of the term.
    EffectiveStartDate = "effective_start_date",
    /// The last day of the term.
    CommitmentEndDate = "commitment_end_date",
    /// The order's id.
    OrderId = "order_id",
    /// Whether it is a trial.
    IsTrial = "is_trial",
    /// The publisher of the product.
    Publisher = "publisher",
    /// The product's category.
    ProductType = "product_type",
    /// The base subscription of an add-on.
    ParentSubscriptionId = "parent_subscription_id",
    /// The subscription that this one was migrated from.
    MigratedFrom = "migrated_from",
    /// The MPN ID of the partner of record.
    ResellerMpnId = "reseller_mpn_id",
    /// The type of the charge.
    ChargeType = "charge_type",
    /// When the charge was ordered.
    OrderDate = "order_date",
    /// The first day that is charged.
    ChargeStartDate = "charge_start_date",
    /// The last day that is charged.
    ChargeEndDate = "charge_end_date",
    /// The day of the usage.
    UsageDate = "usage_date",
    /// The reference that pairs the lines of one change.
    ReferenceId = "reference_id",
    /// The currency of the amounts.
    Currency = "currency",
    /// The charge before tax.
    Subtotal = "subtotal",
    /// The price of one unit as charged.
    EffectiveUnitPrice = "effective_unit_price",
    /// The price of one unit in the price list.
    UnitPrice = "unit_price",
    /// The meter of a metered line.
    Meter = "meter",
    /// The meter's id. A row that has one is metered.
    MeterId = "meter_id",
    /// The id of the Azure subscription within a plan.
    EntitlementId = "entitlement_id",
    /// The customer's name for that Azure subscription.
    EntitlementDescription = "entitlement_description",
    /// The id of a granular delegated admin relationship.
    GdapId = "gdap_id",
    /// Its name.
    GdapName = "gdap_name",
    /// The requested duration.
    GdapDuration = "gdap_duration",
    /// Its status.
    GdapStatus = "gdap_status",
    /// When the customer approved it.
    GdapActivatedAt = "gdap_activated_at",
    /// When it ends.
    GdapEndsAt = "gdap_ends_at",
    /// The first name of the person who accepted an agreement.
    FirstName = "first_name",
    /// The person's last name.
    LastName = "last_name",
    /// The person's e-mail address.
    Email = "email",
    /// The person's phone number.
    PhoneNumber = "phone_number",
    /// The day on which an agreement was accepted.
    DateAgreed = "date_agreed",
    /// The MPN ID of the partner that the row is about.
    MpnId = "mpn_id",
    /// Its company's name.
    CompanyName = "company_name",
    /// Its country, two letters.
    Country = "country",
    /// The MPN ID of its company's global account.
    GlobalMpnId = "global_mpn_id",
    /// Whether its MPN ID is that of a location or of the whole company.
    MpnKind = "mpn_kind",
    /// Whether its profile is active.
    Active = "active",
    /// Whether its profile is still in Partner Membership Center.
    InPartnerMembershipCenter = "in_partner_membership_center",
    /// Its tenant id.
    PartnerTenant = "partner_tenant",
    /// Whether Microsoft authorised it.
    VettingStatus = "vetting_status",
    /// The day on which it signed the Microsoft Partner Agreement.
    MpaSignedOn = "mpa_signed_on",
    /// The state of its partnership with the provider.
    PartnershipState = "partnership_state",
    /// When the row's subject was created.
    CreatedAt = "created_at",
    /// When the row's subject was last changed.
    ModifiedAt = "modified_at",
}

impl Field {
    /// The number of fields.
    pub const COUNT: usize = Self::ALL.len();

    /// Whether its cells are GUIDs, of which the nil GUID means that there is none.
    #[must_use]
    pub fn is_guid(self) -> bool {
        matches!(
            self,
            Self::CustomerTenantId
                | Self::SubscriptionId
                | Self::ReservationOrderId
                | Self::ParentSubscriptionId
                | Self::MigratedFrom
                | Self::MeterId
                | Self::EntitlementId
                | Self::PartnerTenant
        )
    }

    /// Whether files whose rows are this have the field.
    #[must_use]
    pub(crate) fn is_used_by(self, states: States) -> bool {
        match self {
            charge if (Self::ChargeType..=Self::UnitPrice).contains(&charge) => {
                matches!(states, States::Charges | States::Usage)
            }
            subscription if (Self::SubscriptionId..=Self::EntitlementDescription).contains(&subscription) => {
                !states.are_of_customers() && !states.are_of_partners()
            }
            customer if (Self::CustomerTenantId..=Self::CustomerRelationship).contains(&customer) => {
                !states.are_of_partners()
            }
            profile if (Self::GlobalMpnId..=Self::InPartnerMembershipCenter).contains(&profile) => {
                states == States::MpnProfiles
            }
            reseller if (Self::PartnerTenant..=Self::PartnershipState).contains(&reseller) => {
                states == States::Resellers
            }
            partner if (Self::MpnId..=Self::Country).contains(&partner) => states.are_of_partners(),
            gdap if (Self::GdapId..=Self::GdapEndsAt).contains(&gdap) => {
                matches!(states, States::Gdap | States::Identities)
            }
            agreement if (Self::FirstName..=Self::DateAgreed).contains(&agreement) => states == States::Agreements,
            _ => true,
        }
    }

    /// Whether its cells are dates, whose order of day and month is determined from the whole column.
    #[must_use]
    pub fn is_date(self) -> bool {
        matches!(
            self,
            Self::CreationDate
                | Self::EffectiveStartDate
                | Self::CommitmentEndDate
                | Self::OrderDate
                | Self::ChargeStartDate
                | Self::ChargeEndDate
                | Self::UsageDate
                | Self::GdapActivatedAt
                | Self::GdapEndsAt
                | Self::DateAgreed
                | Self::MpaSignedOn
                | Self::CreatedAt
                | Self::ModifiedAt
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
