//! The product catalogue: names as on Microsoft's price lists, invented identifiers and prices.

/// A new-commerce licence offer.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// The product, SKU and subscription name.
    pub name: &'static str,
    /// `ProductId`.
    pub product_id: &'static str,
    /// `SkuId`.
    pub sku_id: &'static str,
    /// `AvailabilityId`.
    pub availability_id: &'static str,
    /// The price of a seat per month, in euro cents.
    pub monthly_cents: i64,
    /// Its frequency relative to the others.
    pub weight: u32,
}

const fn product(
    name: &'static str,
    product_id: &'static str,
    sku_id: &'static str,
    availability_id: &'static str,
    monthly_cents: i64,
    weight: u32,
) -> Product {
    Product { name, product_id, sku_id, availability_id, monthly_cents, weight }
}

/// The licence offers.
pub const PRODUCTS: [Product; 26] = [
    product("Microsoft 365 Business Basic", "CFQ7TTC0LH18", "0001", "CFQ7TTC0K971", 540, 40),
    product("Microsoft 365 Business Standard", "CFQ7TTC0VS01", "0001", "CFQ7TTC0QA11", 1080, 40),
    product("Microsoft 365 Business Premium", "CFQ7TTC0VS02", "0001", "CFQ7TTC0QA12", 1908, 36),
    product("Microsoft 365 Apps for business", "CFQ7TTC0VS03", "0001", "CFQ7TTC0QA13", 900, 16),
    product("Microsoft 365 E3", "CFQ7TTC0VS04", "0001", "CFQ7TTC0QA14", 3510, 10),
    product("Microsoft 365 E5", "CFQ7TTC0VS05", "0001", "CFQ7TTC0QA15", 5490, 5),
    product("Microsoft 365 F1", "CFQ7TTC0VS06", "0001", "CFQ7TTC0QA16", 198, 5),
    product("Microsoft 365 F3", "CFQ7TTC0VS06", "0002", "CFQ7TTC0QA17", 720, 6),
    product("Office 365 E1", "CFQ7TTC0VS07", "0001", "CFQ7TTC0QA18", 900, 5),
    product("Exchange Online (Plan 1)", "CFQ7TTC0VS08", "0001", "CFQ7TTC0QA19", 360, 24),
    product("Exchange Online (Plan 2)", "CFQ7TTC0VS08", "0002", "CFQ7TTC0QA20", 720, 8),
    product("SharePoint (Plan 1)", "CFQ7TTC0VS09", "0001", "CFQ7TTC0QA21", 450, 4),
    product("Visio Plan 2", "CFQ7TTC0VS10", "0002", "CFQ7TTC0QA22", 1350, 8),
    product("Project Plan 3", "CFQ7TTC0VS11", "0001", "CFQ7TTC0QA23", 2700, 6),
    product("Power BI Pro", "CFQ7TTC0VS12", "0001", "CFQ7TTC0QA24", 1260, 12),
    product("Power BI Premium Per User", "CFQ7TTC0VS12", "0002", "CFQ7TTC0QA25", 2160, 3),
    product("Microsoft Teams Essentials", "CFQ7TTC0VS13", "0001", "CFQ7TTC0QA26", 360, 8),
    product("Microsoft Teams Phone Standard", "CFQ7TTC0VS14", "0001", "CFQ7TTC0QA27", 900, 6),
    product("Microsoft Entra ID P1", "CFQ7TTC0VS15", "0001", "CFQ7TTC0QA28", 540, 8),
    product("Microsoft Entra ID P2", "CFQ7TTC0VS15", "0002", "CFQ7TTC0QA29", 810, 4),
    product("Microsoft Intune Plan 1", "CFQ7TTC0VS16", "0001", "CFQ7TTC0QA30", 720, 6),
    product("Microsoft Defender for Business", "CFQ7TTC0VS17", "0001", "CFQ7TTC0QA31", 270, 10),
    product("Microsoft 365 Copilot", "CFQ7TTC0VS18", "0001", "CFQ7TTC0QA32", 2700, 9),
    product("Dynamics 365 Sales Professional", "CFQ7TTC0VS19", "0001", "CFQ7TTC0QA33", 5850, 3),
    product("Dynamics 365 Business Central Essentials", "CFQ7TTC0VS20", "0001", "CFQ7TTC0QA34", 6300, 4),
    product("Windows 365 Business 2 vCPU, 8 GB, 128 GB", "CFQ7TTC0VS21", "0003", "CFQ7TTC0QA35", 3690, 5),
];

/// The trial offer.
pub const TRIAL: Product =
    product("Microsoft 365 Business Premium Trial", "CFQ7TTC0VS02", "0009", "CFQ7TTC0QA36", 0, 0);

/// The Azure plan, which has meters instead of seats.
pub const AZURE_PLAN: Product = product("Azure plan", "DZH318Z0VS30", "0001", "DZH318Z0QA40", 0, 0);

/// Reservations.
pub const RESERVATIONS: [Product; 3] = [
    product("Reserved VM Instance, Standard_D2s_v5, EU West, 1 Year", "DZH318Z0VS31", "00C1", "DZH318Z0QA41", 5210, 1),
    product("Reserved VM Instance, Standard_B2ms, PL Central, 1 Year", "DZH318Z0VS31", "00C7", "DZH318Z0QA42", 4475, 1),
    product("Reserved VM Instance, Standard_E4s_v5, EU West, 3 Years", "DZH318Z0VS31", "00D3", "DZH318Z0QA43", 9930, 1),
];

/// Savings plans.
pub const SAVINGS_PLANS: [Product; 1] =
    [product("Azure Savings Plan for Compute, 1 Year", "DZH318Z0VS32", "0001", "DZH318Z0QA44", 21900, 1)];

/// Perpetual software, which has no subscription.
pub const PERPETUAL: [Product; 3] = [
    product("Windows Server 2025 Standard - 16 Core License Pack", "DG7GMGF0VS40", "0002", "DG7GMGF0QA50", 98700, 3),
    product("Windows Server 2025 - 1 User CAL", "DG7GMGF0VS41", "0001", "DG7GMGF0QA51", 4130, 4),
    product("SQL Server 2025 Standard, 2 Core License Pack", "DG7GMGF0VS42", "0001", "DG7GMGF0QA52", 358000, 1),
];

/// A meter of the Azure plan.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    /// `MeterDescription`.
    pub name: &'static str,
    /// `UnitType`.
    pub unit: &'static str,
    /// The unit price, in millionths of a dollar.
    pub micro_dollars: i64,
    /// The approximate monthly usage, in thousandths of a unit.
    pub usual_milli_units: u32,
}

const fn meter(name: &'static str, unit: &'static str, micro_dollars: i64, usual_milli_units: u32) -> Meter {
    Meter { name, unit, micro_dollars, usual_milli_units }
}

/// The meters.
pub const METERS: [Meter; 10] = [
    meter("Virtual Machines Dsv5 Series - D2s v5 - EU West", "1 Hour", 115_000, 744_000),
    meter("Virtual Machines BS Series - B2ms - PL Central", "1 Hour", 97_600, 744_000),
    meter("Premium SSD Managed Disks - P10 LRS Disk - EU West", "1/Month", 21_680_000, 2_000),
    meter("Standard SSD Managed Disks - E10 LRS Disk - PL Central", "1/Month", 9_600_000, 3_000),
    meter("Bandwidth - Standard Data Transfer Out - Zone 1", "1 GB", 87_000, 41_300),
    meter("Backup - Azure VM Protected Instances - EU West", "1/Month", 10_000_000, 2_000),
    meter("Storage - Hot LRS Data Stored - EU West", "1 GB/Month", 19_600, 512_700),
    meter("SQL Database - vCore, General Purpose - EU West", "1 Hour", 152_100, 744_000),
    meter("Azure App Service Basic Plan - B1 - EU West", "1 Hour", 18_900, 744_000),
    meter("Log Analytics - Pay-as-you-go Data Ingestion", "1 GB", 2_990_000, 18_400),
];

/// A legacy licence offer.
#[derive(Clone, Copy, Debug)]
pub struct LegacyOffer {
    /// The offer and subscription name.
    pub name: &'static str,
    /// `OfferId`, which is used only on the invoice.
    pub offer_id: &'static str,
    /// `DurableOfferId`, the offer id of the price list.
    pub durable_offer_id: &'static str,
    /// The price of a seat per month, in euro cents.
    pub monthly_cents: i64,
    /// Whether it is an add-on to another offer.
    pub add_on: bool,
}

/// The legacy offers.
pub const LEGACY_OFFERS: [LegacyOffer; 5] = [
    LegacyOffer {
        name: "Office 365 E1 (Nonprofit)",
        offer_id: "3a1f9c6e-5b24-4d07-9e88-60c2d7f1ab15",
        durable_offer_id: "d4b0e2f7-8c61-4a3e-b295-7f10c6a9e843",
        monthly_cents: 170,
        add_on: false,
    },
    LegacyOffer {
        name: "Microsoft 365 Business Basic (Education)",
        offer_id: "6c7d01b8-2e9f-4f53-8a14-d93b5e70c2f6",
        durable_offer_id: "0e95a1c4-b7d3-4682-9f6a-2c58e4d1b790",
        monthly_cents: 210,
        add_on: false,
    },
    LegacyOffer {
        name: "Exchange Online (Plan 1) (Nonprofit)",
        offer_id: "91e4d3a0-7f6b-4c29-b5d8-0a8c1e62f347",
        durable_offer_id: "5f28c7d6-1a0e-49b3-8d47-e6b93c05a2f1",
        monthly_cents: 140,
        add_on: false,
    },
    LegacyOffer {
        name: "Office 365 Data Loss Prevention",
        offer_id: "c82b6f5d-04a7-4e91-a36f-5d9e71b0c428",
        durable_offer_id: "a7d1e409-6b5c-4f82-9c30-84f2b6e7d51a",
        monthly_cents: 250,
        add_on: true,
    },
    LegacyOffer {
        name: "Microsoft Defender for Office 365 (Plan 1)",
        offer_id: "f05e9a72-c3d8-4b16-8e4c-b17a60d2f953",
        durable_offer_id: "2b64f8e0-9d17-4c5a-a1f3-50e7c9b8d246",
        monthly_cents: 160,
        add_on: true,
    },
];
