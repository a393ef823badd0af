//! What one record states after it is read and normalised.
//!
//! A fact contains only what its row states. `None` and `Silent` mean that the cell is blank or that the format has no
//! such column; nothing follows from them. What several rows state together is worked out later from these facts.

mod partner;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use partnergraph_domain::{
    BillingCycle, BillingType, CountryCode, MpnId, RelationshipToPartner, SubscriptionId, SubscriptionStatus, TenantId,
    TermDuration,
};
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::compact;
use crate::seats::{Line, LineKind};
pub use partner::{MpnProfileFact, ResellerFact, Stated};

/// The statement of one record. Small and serialisable, because a million of them may be spooled to disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The input's position on the command line, from 0.
    pub file: u16,
    /// The physical line on which the record starts, from 1.
    pub line: u64,
    /// Offset of the record in the readable copy of its file; see `OpenedFile::raw_record`.
    pub offset: u64,
    /// The as-of date of the statement: the row's own date if its profile names one, else the file's.
    #[serde(with = "compact::time")]
    pub as_of: NaiveDateTime,
    /// The customer the row is about. Every row that has its key states at least the tenant id.
    pub customer: CustomerFact,
    /// What the row states about a subscription. A customer list states nothing.
    pub subscription: Option<Box<SubscriptionFact>>,
    /// What the row states about a granular delegated admin relationship.
    pub gdap: Option<Box<GdapFact>>,
    /// The attestation that the row makes.
    pub agreement: Option<Box<AgreementFact>>,
}

/// What a row states about a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFact {
    /// The key.
    #[serde(with = "compact::guid")]
    pub tenant_id: TenantId,
    /// Trimmed, otherwise as the portal spells it.
    pub company_name: Option<String>,
    /// The primary domain, in lower case.
    pub domain: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<CountryCode>,
    /// In the file's order, without duplicates.
    pub tags: Option<Vec<String>>,
    /// What the portal calls the relationship with the importing partner.
    pub relationship: Option<RelationshipToPartner>,
}

/// The kind of subscription that a row is about, determined by the profile and the row's cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubscriptionKind {
    /// A licence-based subscription with seats.
    #[default]
    License,
    /// An Azure plan or another metered subscription. It has no quantity, and its rows are meters.
    Usage,
    /// An Azure reservation, identified by its reservation order. Its partner of record cannot be changed.
    Reservation,
    /// A savings plan, identified like a reservation.
    SavingsPlan,
}

impl SubscriptionKind {
    /// Whether the partner of record can never be changed after the purchase (B-03).
    #[must_use]
    pub fn has_fixed_partner_of_record(self) -> bool {
        matches!(self, Self::Reservation | Self::SavingsPlan)
    }
}

/// What a row states about the number of seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuantityStatement {
    /// Nothing: no such column, a blank cell, or a charge, whose seats count only together with its other lines.
    #[default]
    Silent,
    /// That there are no seats to count, because usage is metered.
    Metered,
    /// This number of seats.
    Seats(u32),
}

/// What a row states about the reseller of a subscription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResellerStatement {
    /// Nothing: no such column, or a blank cell in a profile where blank does not mean none.
    #[default]
    Silent,
    /// That there is none: `0`, `-1`, or a blank cell in a profile where blank means none.
    Nobody,
    /// The importing partner's own MPN ID, which also means none and is reported to the user.
    OwnMpn,
    /// This reseller.
    Mpn(#[serde(with = "compact::mpn_id")] MpnId),
}

/// What a row states about a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionFact {
    /// The key: the subscription id, or the reservation order id of a reservation or savings plan.
    #[serde(with = "compact::guid")]
    pub id: SubscriptionId,
    /// The customer of the subscription.
    #[serde(with = "compact::guid")]
    pub customer: TenantId,
    /// The kind of subscription.
    pub kind: SubscriptionKind,
    /// A legacy offer GUID, or `product:sku:availability`.
    pub offer_id: Option<String>,
    /// The name of the offer.
    pub offer_name: Option<String>,
    /// The partner's own label for it.
    pub friendly_name: Option<String>,
    /// The number of seats, if the row is a state and not a charge.
    pub quantity: QuantityStatement,
    /// `Licenses`, `Usage`, …
    pub unit_type: Option<String>,
    /// Never stated by a charge.
    pub status: Option<SubscriptionStatus>,
    /// Licence-based or usage-based billing, if the format states it.
    pub billing_type: Option<BillingType>,
    /// How often it is billed.
    pub billing_cycle: Option<BillingCycle>,
    /// The length of the commitment.
    pub term: Option<TermDuration>,
    /// Whether it renews automatically.
    pub auto_renew: Option<bool>,
    /// When it was created.
    #[serde(with = "compact::optional_time")]
    pub creation_date: Option<NaiveDateTime>,
    /// The first day of the term.
    #[serde(with = "compact::optional_date")]
    pub effective_start: Option<NaiveDate>,
    /// The last day of the term. Always inclusive, whatever the format means by its end dates.
    #[serde(with = "compact::optional_date")]
    pub commitment_end: Option<NaiveDate>,
    /// The portal's order id.
    pub order_id: Option<String>,
    /// Trials are marked and not counted as licences.
    pub is_trial: Option<bool>,
    /// The publisher of the product.
    pub publisher: Option<String>,
    /// The portal's category of the product.
    pub product_type: Option<String>,
    /// The base subscription of an add-on.
    #[serde(with = "compact::optional_guid")]
    pub parent: Option<SubscriptionId>,
    /// The subscription that this one was migrated from.
    #[serde(with = "compact::optional_guid")]
    pub migrated_from: Option<SubscriptionId>,
    /// The partner of record.
    pub reseller: ResellerStatement,
    /// The entitlement under an Azure plan that the row is about.
    pub entitlement: Option<Box<EntitlementFact>>,
    /// The charge, if the row is one: evidence that is read together with the subscription's other lines.
    pub charge: Option<Box<Charge>>,
    /// Whether the row proves that the customer accepted the Microsoft Customer Agreement (C-32).
    pub proves_agreement: bool,
}

/// An entitlement: an Azure subscription under a plan, with its own partner of record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntitlementFact {
    /// Its id in lower case, without braces.
    pub id: String,
    /// The customer's name for it.
    pub description: Option<String>,
}

/// The type of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ChargeKind {
    /// A purchase; in licence files also the activation fee.
    New,
    /// A renewal for the next term.
    Renew,
    /// The next billing period of a term; `Cycle fee` in licence files.
    CycleCharge,
    /// A licence file's purchase fee.
    PurchaseFee,
    /// Seats were added.
    AddQuantity,
    /// Seats were removed.
    RemoveQuantity,
    /// Seats were moved to or from another subscription of the customer.
    MoveQuantity,
    /// The billing plan was changed, with or without the number of seats.
    ChangeBillingPlan,
    /// The term was extended.
    ExtendTerm,
    /// A licence file's prorated correction after a change of seats, or a credit for them (`Cancel fee`).
    Prorate,
    /// A change of product. If seats stay behind, it is a partial upgrade.
    Convert,
    /// The subscription was cancelled on that day.
    Cancel,
    /// A refund to the customer, which does not affect seats.
    CustomerCredit,
    /// A meter of a metered plan.
    Usage,
    /// A type that this version does not know. It is reported, and the seats of its subscription are held.
    Other,
}

impl ChargeKind {
    /// The effect of the line on the seats. `None` if it has none.
    #[must_use]
    pub fn line(self) -> Option<LineKind> {
        Some(match self {
            Self::New => LineKind::New,
            Self::Renew => LineKind::Renew,
            Self::CycleCharge => LineKind::Cycle,
            Self::PurchaseFee => LineKind::Purchase,
            Self::AddQuantity => LineKind::Add,
            Self::RemoveQuantity => LineKind::Remove,
            Self::MoveQuantity => LineKind::Move,
            Self::ChangeBillingPlan => LineKind::ChangePlan,
            Self::ExtendTerm => LineKind::ExtendTerm,
            Self::Prorate => LineKind::Prorate,
            Self::Convert => LineKind::Convert,
            Self::Cancel => LineKind::Cancel,
            Self::Other => LineKind::Unknown,
            Self::CustomerCredit | Self::Usage => return None,
        })
    }
}

/// One line of a reconciliation file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The charge type.
    pub kind: ChargeKind,
    /// When the change was ordered, which the lines of one order share. Defaults to the start of the charge period.
    #[serde(with = "compact::optional_time")]
    pub order_date: Option<NaiveDateTime>,
    /// Whether the line has its own order date.
    pub is_ordered: bool,
    /// The first day that is charged.
    #[serde(with = "compact::optional_date")]
    pub period_start: Option<NaiveDate>,
    /// The last day that is charged, inclusive.
    #[serde(with = "compact::optional_date")]
    pub period_end: Option<NaiveDate>,
    /// BillableQuantity, else Quantity, as an absolute value. `None` for meters and if both are blank.
    pub seats: Option<u32>,
    /// −1 removes seats, 1 states them, 0 if the amounts do not show the direction: the sign of Subtotal, else of the
    /// effective unit price, else −1 for a negative quantity.
    pub sign: i8,
    /// Pairs the lines of one change.
    pub reference: Option<String>,
    /// ISO 4217, in upper case. Amounts in different currencies are never added.
    pub currency: Option<String>,
    /// Before tax.
    pub subtotal: Option<Amount>,
    /// The product, to tell apart lines that differ only in it.
    pub product_id: Option<String>,
    /// The variant of the product. Lines that differ only in price or SKU are alike.
    pub sku_id: Option<String>,
    /// The file's own text for `kind`. Kept if `kind` is `Other`.
    pub other: Option<String>,
}

impl Charge {
    /// Whether the line reverses another one. What it states about the subscription is earlier data.
    #[must_use]
    pub fn wipes(&self) -> bool {
        self.sign < 0 || self.kind == ChargeKind::Cancel
    }

    /// The line as far as seats are concerned. `None` if it does not affect them.
    #[must_use]
    pub fn line(&self) -> Option<Line> {
        let kind = self.kind.line()?;
        let day = self.order_date?.date();
        let mut likeness = Fingerprint::default();
        likeness.add(self.reference.as_deref().unwrap_or_default().as_bytes());
        likeness.add(self.product_id.as_deref().unwrap_or_default().as_bytes());
        let mut price = Fingerprint::default();
        price.add(self.sku_id.as_deref().unwrap_or_default().as_bytes());
        price.add(&self.subtotal.unwrap_or_default().parts().to_le_bytes());
        Some(Line {
            day: day.num_days_from_ce(),
            kind,
            sign: self.sign,
            seats: self.seats,
            start: self.period_start.map(|day| day.num_days_from_ce()),
            end: self.period_end.map(|day| day.num_days_from_ce()),
            is_ordered: self.is_ordered,
            likeness: likeness.0,
            price: (price.0 ^ price.0 >> 16) as u16,
            reference: match (kind, self.reference.as_deref()) {
                (LineKind::Convert | LineKind::Move, Some(reference)) => Fingerprint::of(reference),
                _ => 0,
            },
            is_double: false,
        })
    }
}

/// FNV-1a hash of texts. It is stored, so it must not change between versions.
#[derive(Clone, Copy, Debug)]
struct Fingerprint(u32);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Fingerprint {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&[0]) {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }

    /// The hash of a reference. Never 0, which means that there is none.
    fn of(text: &str) -> u32 {
        let mut fingerprint = Self::default();
        fingerprint.add(text.as_bytes());
        fingerprint.0.max(1)
    }
}

/// What a row states about a granular delegated admin relationship (GDAP), which is not DAP and ends by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GdapFact {
    /// The relationship's id in the portal.
    pub id: Option<String>,
    /// The partner's name for it.
    pub name: Option<String>,
    /// The portal's status: `Active`, `Expired`, `Terminated`, …
    pub status: Option<String>,
    /// When the customer approved it.
    #[serde(with = "compact::optional_time")]
    pub activated_at: Option<NaiveDateTime>,
    /// When it ends.
    #[serde(with = "compact::optional_time")]
    pub ends_at: Option<NaiveDateTime>,
}

/// The attestation that a customer accepted the Microsoft Customer Agreement (C-31).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementFact {
    /// The first name of the person who accepted.
    pub first_name: String,
    /// The person's last name.
    pub last_name: String,
    /// The person's e-mail address.
    pub email: String,
    /// The person's phone number.
    pub phone_number: Option<String>,
    /// The day.
    pub date_agreed: NaiveDate,
}
