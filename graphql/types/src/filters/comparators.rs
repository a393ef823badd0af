use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_domain::regions::regions;
use partnergraph_store::read::filter::Test;
use partnergraph_store::sql::Value;

use partnergraph_operation::errors::{code, error};
use partnergraph_operation::scalars::{CountryCode, Date, DateTime, Guid};

/// The maximum length of a string to compare with, in characters.
const MAX_TEXT: usize = 1_000;

/// The comparisons on one property. All comparisons that are set must match.
pub trait Comparator {
    /// Converts the comparisons to the store's tests.
    ///
    /// # Errors
    /// `BAD_FILTER` if a property that is never null is compared with null.
    fn tests(self, field: &str, nullable: bool) -> Result<Vec<Test>>;
}

/// A value that can be bound in a store query.
pub trait Comparable {
    /// The value to bind.
    fn bound(self) -> Value;
}

impl Comparable for String {
    fn bound(self) -> Value {
        Value::from(self)
    }
}

impl Comparable for i64 {
    fn bound(self) -> Value {
        Value::from(self)
    }
}

impl Comparable for bool {
    fn bound(self) -> Value {
        Value::from(self)
    }
}

impl Comparable for Guid {
    fn bound(self) -> Value {
        Value::from(self.0.as_hyphenated().to_string())
    }
}

impl Comparable for CountryCode {
    fn bound(self) -> Value {
        Value::from(self.0.as_str())
    }
}

impl Comparable for Date {
    fn bound(self) -> Value {
        Value::from(self.0)
    }
}

impl Comparable for DateTime {
    fn bound(self) -> Value {
        Value::from(self.0)
    }
}

fn equal<T: Comparable>(
    field: &str,
    nullable: bool,
    eq: MaybeUndefined<T>,
    ne: MaybeUndefined<T>,
    tests: &mut Vec<Test>,
) -> Result<()> {
    if !nullable && (eq.is_null() || ne.is_null()) {
        return Err(error(
            code::BAD_FILTER,
            format!("`{field}` cannot be compared with null, because it is never null"),
        ));
    }
    match eq {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => tests.push(Test::IsNull(true)),
        MaybeUndefined::Value(value) => tests.push(Test::Is(value.bound())),
    }
    match ne {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => tests.push(Test::IsNull(false)),
        MaybeUndefined::Value(value) => tests.push(Test::IsNot(value.bound())),
    }
    Ok(())
}

fn list<T: Comparable>(values: Vec<T>) -> Vec<Value> {
    values.into_iter().map(Comparable::bound).collect()
}

/// Filters by text. Case and spacing are ignored. All comparisons that are set must match; set at least one.
#[derive(InputObject, Debug, Clone, Default)]
pub struct StringFilter {
    /// Equal to this value. Null matches missing values; not allowed for fields that are never null.
    pub eq: MaybeUndefined<String>,
    /// Not equal to this value (missing values match). Null matches any value that is present.
    pub ne: MaybeUndefined<String>,
    /// Equal to one of these values. An empty list matches nothing.
    #[graphql(name = "in")]
    pub within: Option<Vec<String>>,
    /// Equal to none of these values (missing values match).
    pub not_in: Option<Vec<String>>,
    /// Starts with this text.
    pub starts_with: Option<String>,
    /// Contains this text.
    pub contains: Option<String>,
}

impl Comparator for StringFilter {
    fn tests(self, field: &str, nullable: bool) -> Result<Vec<Test>> {
        let mut tests = Vec::new();
        let single = [&self.eq, &self.ne].into_iter().filter_map(MaybeUndefined::as_opt_ref).flatten();
        let lists = [&self.within, &self.not_in].into_iter().flatten().flatten();
        let parts = [&self.starts_with, &self.contains].into_iter().flatten();
        if single.chain(lists).chain(parts).any(|text| text.chars().count() > MAX_TEXT) {
            let message = format!("the text that `{field}` is compared with can have at most {MAX_TEXT} characters");
            return Err(error(code::BAD_INPUT, message));
        }
        equal(field, nullable, self.eq, self.ne, &mut tests)?;
        tests.extend(self.within.map(|values| Test::In(list(values))));
        tests.extend(self.not_in.map(|values| Test::NotIn(list(values))));
        tests.extend(self.starts_with.map(Test::StartsWith));
        tests.extend(self.contains.map(Test::Contains));
        Ok(tests)
    }
}

/// Refuses a comparison with an unknown region, because it would silently match nothing. `startsWith` and `contains` take parts
/// of a code and are not checked.
pub(super) fn known_regions(filter: &MaybeUndefined<StringFilter>) -> Result<()> {
    let MaybeUndefined::Value(filter) = filter else { return Ok(()) };
    let single = [&filter.eq, &filter.ne].into_iter().filter_map(MaybeUndefined::as_opt_ref).flatten();
    let lists = [&filter.within, &filter.not_in].into_iter().flatten().flatten();
    for code in single.chain(lists) {
        if !regions().iter().any(|region| region.code.eq_ignore_ascii_case(code.trim())) {
            let codes: Vec<&str> = regions().iter().map(|region| region.code.as_str()).collect();
            let message = format!("unknown region {code:?}; the regions are {}", codes.join(", "));
            return Err(error(code::BAD_FILTER, message));
        }
    }
    Ok(())
}

/// Declares a comparator for values without an order.
macro_rules! equality_filter {
    ($name:ident, $value:ty, $what:literal) => {
        #[doc = concat!("Filters by ", $what, ". All comparisons that are set must match; set at least one.")]
        #[derive(InputObject, Debug, Clone, Default)]
        pub struct $name {
            /// Equal to this value. Null matches missing values; not allowed for fields that are never null.
            pub eq: MaybeUndefined<$value>,
            /// Not equal to this value (missing values match). Null matches any value that is present.
            pub ne: MaybeUndefined<$value>,
            /// Equal to one of these values. An empty list matches nothing.
            #[graphql(name = "in")]
            pub within: Option<Vec<$value>>,
            /// Equal to none of these values (missing values match).
            pub not_in: Option<Vec<$value>>,
        }

        impl Comparator for $name {
            fn tests(self, field: &str, nullable: bool) -> Result<Vec<Test>> {
                let mut tests = Vec::new();
                equal(field, nullable, self.eq, self.ne, &mut tests)?;
                tests.extend(self.within.map(|values| Test::In(list(values))));
                tests.extend(self.not_in.map(|values| Test::NotIn(list(values))));
                Ok(tests)
            }
        }
    };
}

/// Declares a comparator for ordered values.
macro_rules! ordered_filter {
    ($name:ident, $value:ty, $what:literal) => {
        #[doc = concat!("Filters by ", $what, ". All comparisons that are set must match; set at least one.")]
        #[derive(InputObject, Debug, Clone, Default)]
        pub struct $name {
            /// Equal to this value. Null matches missing values; not allowed for fields that are never null.
            pub eq: MaybeUndefined<$value>,
            /// Not equal to this value (missing values match). Null matches any value that is present.
            pub ne: MaybeUndefined<$value>,
            /// Greater than this value.
            pub gt: Option<$value>,
            /// Greater than or equal to this value.
            pub gte: Option<$value>,
            /// Less than this value.
            pub lt: Option<$value>,
            /// Less than or equal to this value.
            pub lte: Option<$value>,
            /// Equal to one of these values. An empty list matches nothing.
            #[graphql(name = "in")]
            pub within: Option<Vec<$value>>,
            /// Equal to none of these values (missing values match).
            pub not_in: Option<Vec<$value>>,
        }

        impl Comparator for $name {
            fn tests(self, field: &str, nullable: bool) -> Result<Vec<Test>> {
                let mut tests = Vec::new();
                equal(field, nullable, self.eq, self.ne, &mut tests)?;
                tests.extend(self.gt.map(|value| Test::Above(value.bound())));
                tests.extend(self.gte.map(|value| Test::AtLeast(value.bound())));
                tests.extend(self.lt.map(|value| Test::Below(value.bound())));
                tests.extend(self.lte.map(|value| Test::AtMost(value.bound())));
                tests.extend(self.within.map(|values| Test::In(list(values))));
                tests.extend(self.not_in.map(|values| Test::NotIn(list(values))));
                Ok(tests)
            }
        }
    };
}

/// Declares a comparator for the values of an enum.
macro_rules! enum_filter {
    ($name:ident, $enum:ident, $what:literal) => {
        impl Comparable for partnergraph_domain::$enum {
            fn bound(self) -> Value {
                Value::from(self)
            }
        }

        equality_filter! { $name, partnergraph_domain::$enum, $what }
    };
}

equality_filter! { UuidFilter, Guid, "GUID" }
equality_filter! { CountryCodeFilter, CountryCode, "country" }
ordered_filter! { IntFilter, i64, "whole number" }
ordered_filter! { DateFilter, Date, "date" }
ordered_filter! { DateTimeFilter, DateTime, "date and time" }
enum_filter! { OrderChannelFilter, OrderChannel, "portal of an order" }
enum_filter! { RemovalChannelFilter, RemovalChannel, "channel of a removal" }
enum_filter! { SeverityFilter, Severity, "severity" }
enum_filter! { OperationTypeFilter, OperationType, "operation type" }
enum_filter! { OperationStatusFilter, OperationStatus, "operation status" }
enum_filter! { CloudFilter, Cloud, "Microsoft cloud" }
enum_filter! { RelationshipToPartnerFilter, RelationshipToPartner, "a partner's relationship with a customer" }
enum_filter! { AcquisitionChannelFilter, AcquisitionChannel, "acquisition channel" }
enum_filter! { AgreementEvidenceFilter, AgreementEvidence, "evidence of an agreement" }
enum_filter! { VettingSubStatusFilter, VettingSubStatus, "vetting sub-status" }
enum_filter! { MpnKindFilter, MpnKind, "kind of MPN ID" }
enum_filter! { ChangeRequestKindFilter, ChangeRequestKind, "kind of change request" }
enum_filter! { ChangeRequestStateFilter, ChangeRequestState, "change request state" }
enum_filter! { InvitationKindFilter, InvitationKind, "kind of invitation" }
enum_filter! { InvitationStateFilter, InvitationState, "invitation state" }
enum_filter! { GrantKindFilter, GrantKind, "kind of grant" }
enum_filter! { PartnerTypeFilter, PartnerType, "partner type" }
enum_filter! { VettingStatusFilter, VettingStatus, "vetting status" }
enum_filter! { SubscriptionStatusFilter, SubscriptionStatus, "subscription status" }
enum_filter! { BillingTypeFilter, BillingType, "billing type" }
enum_filter! { BillingCycleFilter, BillingCycle, "billing cycle" }
enum_filter! { TermDurationFilter, TermDuration, "term duration" }

/// Filters by a Boolean value. All comparisons that are set must match; set at least one.
#[derive(InputObject, Debug, Clone, Default)]
pub struct BooleanFilter {
    /// Equal to this value. Null matches missing values; not allowed for fields that are never null.
    pub eq: MaybeUndefined<bool>,
    /// Not equal to this value (missing values match). Null matches any value that is present.
    pub ne: MaybeUndefined<bool>,
}

impl Comparator for BooleanFilter {
    fn tests(self, field: &str, nullable: bool) -> Result<Vec<Test>> {
        let mut tests = Vec::new();
        equal(field, nullable, self.eq, self.ne, &mut tests)?;
        Ok(tests)
    }
}
