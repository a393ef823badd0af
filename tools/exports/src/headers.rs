//! The header lines of other portals, exactly as they write them.

/// Partner Center: customer list (with tags).
pub const CUSTOMERS_2024: &str = "Microsoft ID,Company name,Primary domain name,Relationship,Tags";

/// Partner Center: subscriptions of one customer.
pub const CUSTOMER_SUBSCRIPTIONS: &str = "Subscription ID,Subscription,Quantity,Status,Reseller";

/// Reconciliation: legacy licence-based, 2019 columns.
pub const LICENSE_BASED_2019: &str = "PartnerId,CustomerId,CustomerName,MpnId,Tier2MpnId,OrderId,SubscriptionId,\
    SyndicationPartnerSubscriptionNumber,OfferId,DurableOfferId,OfferName,SubscriptionStartDate,\
    SubscriptionEndDate,ChargeStartDate,ChargeEndDate,ChargeType,UnitPrice,Quantity,Amount,\
    TotalOtherDiscount,Subtotal,Tax,TotalForCustomer,Currency,DomainName,SubscriptionName,\
    SubscriptionDescription,BillingCycleType";

/// Reconciliation: legacy licence-based, 2023 columns.
pub const LICENSE_BASED_2023: &str = "PartnerId,CustomerId,CustomerName,MPNID,ResellerMPNID,OrderId,SubscriptionId,\
    SyndicationPartnerSubscriptionNumber,OfferId,DurableOfferId,OfferName,SubscriptionStartDate,\
    SubscriptionEndDate,ChargeStartDate,ChargeEndDate,ChargeType,UnitPrice,Quantity,Amount,\
    TotalOtherDiscount,Subtotal,Tax,TotalForCustomer,Currency,DomainName,SubscriptionName,\
    SubscriptionDescription,BillingCycleType";

/// Reconciliation: new commerce, in the order of the 2022 documentation.
pub const NEW_COMMERCE_2022: &str = "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,MPNID,\
    ResellerMPNID,OrderId,OrderDate,ProductId,SkuId,AvailabilityId,SkuName,ProductName,ChargeType,\
    UnitPrice,Quantity,Subtotal,TaxTotal,Total,Currency,PriceAdjustmentDescription,PublisherName,\
    PublisherId,SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,\
    TermAndBillingCycle,EffectiveUnitPrice,UnitType,AlternateId,BillableQuantity,BillingFrequency,\
    PricingCurrency,PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,ReservationOrderId,\
    CreditReasonCode,SubscriptionStartDate,SubscriptionEndDate,ReferenceID,ProductQualifiers,PromotionID";

/// Reconciliation: new commerce, as an invoice tool maps it: other spellings, and a product category.
pub const NEW_COMMERCE_INVOICE: &str = "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,MpnId,Tier2MpnId,\
    OrderId,OrderDate,ProductId,SkuId,AvailabilityId,SkuName,ProductName,ChargeType,UnitPrice,Quantity,\
    Subtotal,TaxTotal,Total,Currency,PriceAdjustmentDescription,PublisherName,PublisherId,\
    SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle,\
    EffectiveUnitPrice,UnitType,AlternateId,BillableQuantity,BillingFrequency,PricingCurrency,\
    PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,ReservationOrderId,CreditReasonCode,\
    SubscriptionStartDate,SubscriptionEndDate,ReferenceId,ProductQualifiers,PromotionId,ProductCategory";

/// Bulk migration tool: customers.
pub const MIGRATION_CUSTOMERS: &str = "TenantId,Domain,CompanyName";

/// Bulk migration tool: legacy subscriptions.
pub const MIGRATION_SUBSCRIPTIONS: &str = "PartnerTenantId,IndirectResellerMpnId,CustomerName,CustomerTenantId,LegacySubscriptionId,\
    LegacySubscriptionName,LegacyProductName,ExpirationDate,AutoRenewEnabled,MigrationEligible,NcePsa,\
    CurrentTerm,CurrentBillingPlan,CurrentSeatCount,StartNewTermInNce,Term,BillingPlan,SeatCount,\
    CustomTermEndDate,AddOn,BaseSubscriptionId,MigrationIneligibilityReason";

/// Bulk migration tool: new-commerce subscriptions.
pub const MIGRATION_NEW_COMMERCE: &str = "PartnerTenantId,IndirectResellerMpnId,CustomerName,CustomerTenantId,SubscriptionId,SubscriptionName,\
    ProductName,ExpirationDate,Psa,Term,BillingPlan,SeatCount,MigratedFromSubscriptionId";

/// Partner Center: subscriptions of one customer, in Polish.
pub const CUSTOMER_SUBSCRIPTIONS_PL: &str = "Identyfikator subskrypcji;Subskrypcja;Ilość;Stan;Odsprzedawca";
