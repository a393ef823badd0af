//! The formats of a book's files, with the headers of the portals.

/// A format of a file of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// New commerce, with the columns in the order of the documentation.
    NewCommerceDocs,
    /// New commerce, with the columns of a real file.
    NewCommerceReal,
    Legacy,
    Usage,
    Customers,
    Subscriptions,
}

const DOCS: &str = "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,MPNID,ResellerMPNID,OrderId,OrderDate,ProductId,SkuId,AvailabilityId,SkuName,ProductName,ChargeType,UnitPrice,Quantity,Subtotal,TaxTotal,Total,Currency,PriceAdjustmentDescription,PublisherName,PublisherId,SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle,EffectiveUnitPrice,UnitType,AlternateId,BillableQuantity,BillingFrequency,PricingCurrency,PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,ReservationOrderId,CreditReasonCode,SubscriptionStartDate,SubscriptionEndDate,ReferenceID,ProductQualifiers,PromotionID";
const REAL: &str = "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,MpnId,Tier2MpnId,OrderId,OrderDate,ProductId,SkuId,AvailabilityId,SkuName,ProductName,ChargeType,UnitPrice,Quantity,Subtotal,TaxTotal,Total,Currency,PriceAdjustmentDescription,PublisherName,PublisherId,SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle,EffectiveUnitPrice,UnitType,AlternateId,BillableQuantity,BillingFrequency,PricingCurrency,PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,ReservationOrderId,CreditReasonCode,SubscriptionStartDate,SubscriptionEndDate,ReferenceId,ProductQualifiers,PromotionId,ProductCategory";
const LEGACY: &str = "PartnerId,CustomerId,CustomerName,MpnId,ResellerMpnId,OrderId,SubscriptionId,SyndicationPartnerSubscriptionNumber,OfferId,DurableOfferId,OfferName,SubscriptionStartDate,SubscriptionEndDate,ChargeStartDate,ChargeEndDate,ChargeType,UnitPrice,Quantity,Amount,TotalOtherDiscount,Subtotal,Tax,TotalForCustomer,Currency,DomainName,SubscriptionName,SubscriptionDescription,BillingCycleType";
const USAGE: &str = "PartnerId,PartnerName,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,MpnId,Tier2MpnId,InvoiceNumber,ProductId,SkuId,AvailabilityId,SkuName,ProductName,PublisherName,PublisherId,SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,UsageDate,MeterType,MeterCategory,MeterId,MeterSubCategory,MeterName,MeterRegion,Unit,ResourceLocation,ConsumedService,ResourceGroup,ResourceURI,ChargeType,UnitPrice,Quantity,UnitType,BillingPreTaxTotal,BillingCurrency,PricingPreTaxTotal,PricingCurrency,ServiceInfo1,ServiceInfo2,Tags,AdditionalInfo,EffectiveUnitPrice,PCToBCExchangeRate,PCToBCExchangeRateDate,EntitlementId,EntitlementDescription,PartnerEarnedCreditPercentage,CreditPercentage,CreditType,BenefitId,BenefitOrderId,BenefitType";
const CUSTOMERS: &str = "Microsoft ID,Company name,Primary domain name,Relationship,Tags";
const SUBSCRIPTIONS: &str = "Subscription ID,Subscription,Quantity,Status,Reseller";

impl Format {
    pub fn header(self) -> &'static str {
        match self {
            Self::NewCommerceDocs => DOCS,
            Self::NewCommerceReal => REAL,
            Self::Legacy => LEGACY,
            Self::Usage => USAGE,
            Self::Customers => CUSTOMERS,
            Self::Subscriptions => SUBSCRIPTIONS,
        }
    }

    /// The name of its profile. The law tests pass it, because detecting it takes longer than the rest of a small import.
    pub fn profile(self) -> &'static str {
        match self {
            Self::NewCommerceDocs | Self::NewCommerceReal => "new-commerce-reconciliation",
            Self::Legacy => "license-reconciliation",
            Self::Usage => "daily-rated-usage",
            Self::Customers => "partner-center-customers",
            Self::Subscriptions => "partner-center-subscriptions",
        }
    }

    /// Whether it is a format of charges, which has another header that rows can be written under.
    pub fn is_charges(self) -> bool {
        matches!(self, Self::NewCommerceDocs | Self::NewCommerceReal | Self::Legacy)
    }
}

/// The key under which a row stores the value of a column, whatever the header calls it.
pub fn canonical(column: &str) -> &str {
    match column {
        "MpnId" => "MPNID",
        "Tier2MpnId" | "ResellerMpnId" => "ResellerMPNID",
        "ReferenceId" => "ReferenceID",
        "PromotionId" => "PromotionID",
        other => other,
    }
}
