//! What one record states, once it is read and normalised.
//!
//! A fact holds only what its row says: `None` and `Silent` mean that the cell is blank or that the format has no
//! such column, and that nothing follows from it. What several rows say together is worked out later, from these.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use partnergraph_domain::{
    BillingCycle, BillingType, CountryCode, MpnId, RelationshipToPartner, SubscriptionId, SubscriptionStatus, TenantId,
    TermDuration,
};
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::compact;
use crate::seats::{Line, LineKind};

/// One record's statement. Small and serialisable, as a million of them may be set aside on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The input's place on the command line, from 0.
    pub file: u16,
    /// The physical line on which the record starts, from 1.
    pub line: u64,
    /// Where the record starts in the readable copy of its file; see `OpenedFile::raw_record`.
    pub offset: u64,
    /// From when the statement is: the row's own date where its profile names one, else the file's.
    #[serde(with = "compact::time")]
    pub as_of: NaiveDateTime,
    /// Whom the row is about. Every row that has its key states at least the tenant id.
    pub customer: CustomerFact,
    /// What the row says of a subscription; a customer list says nothing.
    pub subscription: Option<Box<SubscriptionFact>>,
    /// What the row says of a granular delegated-admin relationship.
    pub gdap: Option<Box<GdapFact>>,
}

/// What a row says of a customer.
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
    /// In the file's order, without repetitions.
    pub tags: Option<Vec<String>>,
    /// What the portal calls the relationship with the importing partner.
    pub relationship: Option<RelationshipToPartner>,
}

/// What kind of thing a subscription row is about; told by the profile and the row's own cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubscriptionKind {
    /// Seats of a licence.
    #[default]
    License,
    /// An Azure plan or another metered one: it has no quantity, and its rows are meters.
    Usage,
    /// An Azure reservation, keyed by its reservation order; the partner of record cannot be changed.
    Reservation,
    /// A savings plan, keyed like a reservation.
    SavingsPlan,
}

impl SubscriptionKind {
    /// Whether the partner of record may never be changed once it is bought (B-03).
    #[must_use]
    pub fn has_fixed_partner_of_record(self) -> bool {
        matches!(self, Self::Reservation | Self::SavingsPlan)
    }
}

/// What a row says about the number of seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuantityStatement {
    /// Nothing: no such column, a blank cell, or a charge, whose seats count only beside its other lines.
    #[default]
    Silent,
    /// That there are no seats to count: usage is metered.
    Metered,
    /// This many.
    Seats(u32),
}

/// What a row says about the reseller of a subscription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResellerStatement {
    /// Nothing: no such column, or a blank where the profile does not say that blank means none.
    #[default]
    Silent,
    /// That there is none: `0`, `-1`, or a blank where the profile says so.
    Nobody,
    /// The importing partner's own MPN ID, which means none as well and is told to the user.
    OwnMpn,
    /// This one.
    Mpn(#[serde(with = "compact::mpn_id")] MpnId),
}

/// What a row says of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionFact {
    /// The key: the subscription id, or the reservation order id of a reservation or savings plan.
    #[serde(with = "compact::guid")]
    pub id: SubscriptionId,
    /// Whose it is.
    #[serde(with = "compact::guid")]
    pub customer: TenantId,
    /// What kind of thing it is.
    pub kind: SubscriptionKind,
    /// A legacy offer GUID, or `product:sku:availability`.
    pub offer_id: Option<String>,
    /// What is sold.
    pub offer_name: Option<String>,
    /// What the partner calls it.
    pub friendly_name: Option<String>,
    /// The seats, where the row is a state and not a charge.
    pub quantity: QuantityStatement,
    /// `Licenses`, `Usage`, …
    pub unit_type: Option<String>,
    /// Never stated by a charge.
    pub status: Option<SubscriptionStatus>,
    /// Licence or usage, where the format tells.
    pub billing_type: Option<BillingType>,
    /// How often it is billed.
    pub billing_cycle: Option<BillingCycle>,
    /// How long the commitment is.
    pub term: Option<TermDuration>,
    /// Whether it renews by itself.
    pub auto_renew: Option<bool>,
    /// When it was created.
    #[serde(with = "compact::optional_time")]
    pub creation_date: Option<NaiveDateTime>,
    /// The first day of the term.
    #[serde(with = "compact::optional_date")]
    pub effective_start: Option<NaiveDate>,
    /// The last day of the term, inclusive whatever the format means by its end dates.
    #[serde(with = "compact::optional_date")]
    pub commitment_end: Option<NaiveDate>,
    /// The portal's order id.
    pub order_id: Option<String>,
    /// Trials are marked and not counted as licences.
    pub is_trial: Option<bool>,
    /// Who publishes the product.
    pub publisher: Option<String>,
    /// The portal's category of the product.
    pub product_type: Option<String>,
    /// The base subscription of an add-on.
    #[serde(with = "compact::optional_guid")]
    pub parent: Option<SubscriptionId>,
    /// The subscription that this one was migrated from.
    #[serde(with = "compact::optional_guid")]
    pub migrated_from: Option<SubscriptionId>,
    /// Who is partner of record.
    pub reseller: ResellerStatement,
    /// The entitlement under an Azure plan that the row is about.
    pub entitlement: Option<Box<EntitlementFact>>,
    /// The charge, where the row is one: evidence to be read beside the subscription's other lines.
    pub charge: Option<Box<Charge>>,
}

/// An entitlement: an Azure subscription under a plan, which has its own partner of record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntitlementFact {
    /// Its id in lower case, without braces.
    pub id: String,
    /// What the customer calls it.
    pub description: Option<String>,
}

/// What a charge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ChargeKind {
    /// A purchase; in licence files also the activation fee.
    New,
    /// The next term.
    Renew,
    /// The next billing period of a term; `Cycle fee` in licence files.
    CycleCharge,
    /// A licence file's purchase fee.
    PurchaseFee,
    /// Seats were added.
    AddQuantity,
    /// Seats were removed.
    RemoveQuantity,
    /// Seats went to another subscription of the customer, or came from one.
    MoveQuantity,
    /// The billing plan was changed, with or without the number of seats.
    ChangeBillingPlan,
    /// The term was extended.
    ExtendTerm,
    /// A licence file's prorated correction after seats were changed, or a credit for them (`Cancel fee`).
    Prorate,
    /// A change of product; with seats left behind, a partial upgrade.
    Convert,
    /// The subscription was cancelled on that day.
    Cancel,
    /// Money given back to the customer; it says nothing of seats.
    CustomerCredit,
    /// A meter of a metered plan.
    Usage,
    /// A kind that this version does not know: reported, and the seats of its subscription are held.
    Other,
}

impl ChargeKind {
    /// What the line does to the seats; `None` where it says nothing of them.
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
    /// What it is for.
    pub kind: ChargeKind,
    /// When the change was ordered; lines of one order share it. Falls back to the start of the charge period.
    #[serde(with = "compact::optional_time")]
    pub order_date: Option<NaiveDateTime>,
    /// Whether the line has a date of order of its own.
    pub is_ordered: bool,
    /// The first day that is charged.
    #[serde(with = "compact::optional_date")]
    pub period_start: Option<NaiveDate>,
    /// The last day that is charged, inclusive.
    #[serde(with = "compact::optional_date")]
    pub period_end: Option<NaiveDate>,
    /// BillableQuantity, else Quantity, without its sign; `None` for meters and where both are blank.
    pub seats: Option<u32>,
    /// −1 takes seats back, 1 states them, 0 where the amounts do not tell: Subtotal's sign, else the effective unit price's,
    /// else that of a negative quantity.
    pub sign: i8,
    /// Pairs lines of one change.
    pub reference: Option<String>,
    /// ISO 4217, in capitals. Amounts of different currencies are never added.
    pub currency: Option<String>,
    /// Before tax.
    pub subtotal: Option<Amount>,
    /// What was sold, for telling lines apart that differ in the product only.
    pub product_id: Option<String>,
    /// The variant of the product. Lines that differ in price or SKU only are alike.
    pub sku_id: Option<String>,
    /// The file's own word for `kind`, kept where `kind` is `Other`.
    pub other: Option<String>,
}

impl Charge {
    /// Whether the line takes back what another one stated: what it says of the subscription held before.
    #[must_use]
    pub fn wipes(&self) -> bool {
        self.sign < 0 || self.kind == ChargeKind::Cancel
    }

    /// The line as far as seats are concerned; `None` where it says nothing of them.
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

/// FNV-1a of texts. It is stored, so it must not change between versions.
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

    /// Of a reference; never 0, which means that there is none.
    fn of(text: &str) -> u32 {
        let mut fingerprint = Self::default();
        fingerprint.add(text.as_bytes());
        fingerprint.0.max(1)
    }
}

/// What a row says of a granular delegated-admin relationship (GDAP), which is not DAP and ends by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GdapFact {
    /// The relationship's id as the portal knows it.
    pub id: Option<String>,
    /// What the partner calls it.
    pub name: Option<String>,
    /// The portal's word: `Active`, `Expired`, `Terminated`, …
    pub status: Option<String>,
    /// When the customer approved it.
    #[serde(with = "compact::optional_time")]
    pub activated_at: Option<NaiveDateTime>,
    /// When it ends.
    #[serde(with = "compact::optional_time")]
    pub ends_at: Option<NaiveDateTime>,
}
