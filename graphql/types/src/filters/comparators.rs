use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_domain::regions::regions;
use partnergraph_store::read::filter::Test;
use partnergraph_store::sql::Value;

use partnergraph_operation::errors::{code, error};
use partnergraph_operation::scalars::{CountryCode, Date, DateTime, Guid};

/// The longest text to compare with, in characters.
const MAX_TEXT: usize = 1_000;

/// The comparisons of one property. All that are given must hold.
pub trait Comparator {
    /// As the store's tests.
    ///
    /// # Errors
    /// `BAD_FILTER` where null is asked of a property that is never null.
    fn tests(self, field: &str, nullable: bool) -> Result<Vec<Test>>;
}

/// A value as the store binds it.
pub trait Comparable {
    /// The bound value.
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
        return Err(error(code::BAD_FILTER, format!("`{field}` is never null")));
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

/// Comparisons of a text, without regard to case and spacing. All that are given must hold; one at least must be given.
#[derive(InputObject, Debug, Clone, Default)]
pub struct StringFilter {
    /// Equal to this value. Null matches missing values; not allowed for fields that are never null.
    pub eq: MaybeUndefined<String>,
    /// Not equal to this value (missing values match). Null matches any value that is present.
    pub ne: MaybeUndefined<String>,
    /// Equal to one of these. None at all: matches nothing.
    #[graphql(name = "in")]
    pub within: Option<Vec<String>>,
    /// Equal to none of these, or null.
    pub not_in: Option<Vec<String>>,
    /// Begins with this.
    pub starts_with: Option<String>,
    /// Has this in it.
    pub contains: Option<String>,
}

impl Comparator for StringFilter {
    fn tests(self, field: &str, nullable: bool) -> Result<Vec<Test>> {
        let mut tests = Vec::new();
        let single = [&self.eq, &self.ne].into_iter().filter_map(MaybeUndefined::as_opt_ref).flatten();
        let lists = [&self.within, &self.not_in].into_iter().flatten().flatten();
        let parts = [&self.starts_with, &self.contains].into_iter().flatten();
        if single.chain(lists).chain(parts).any(|text| text.chars().count() > MAX_TEXT) {
            let message = format!("a text that `{field}` is compared with has at most {MAX_TEXT} characters");
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

/// Refuses a comparison with a region that there is none of: it would match nothing without a word. Parts of a code are no codes
/// and are compared as they are.
pub(super) fn known_regions(filter: &MaybeUndefined<StringFilter>) -> Result<()> {
    let MaybeUndefined::Value(filter) = filter else { return Ok(()) };
    let single = [&filter.eq, &filter.ne].into_iter().filter_map(MaybeUndefined::as_opt_ref).flatten();
    let lists = [&filter.within, &filter.not_in].into_iter().flatten().flatten();
    for code in single.chain(lists) {
        if !regions().iter().any(|region| region.code.eq_ignore_ascii_case(code.trim())) {
            let codes: Vec<&str> = regions().iter().map(|region| region.code.as_str()).collect();
            let message = format!("there is no region {code:?}; the regions are {}", codes.join(", "));
            return Err(error(code::BAD_FILTER, message));
        }
    }
    Ok(())
}

/// A comparator of values that have no order.
macro_rules! equality_filter {
    ($name:ident, $value:ty, $what:literal) => {
        #[doc = concat!("Comparisons of ", $what, ". All that are given must hold; one at least must be given.")]
        #[derive(InputObject, Debug, Clone, Default)]
        pub struct $name {
            /// Equal to this value. Null matches missing values; not allowed for fields that are never null.
            pub eq: MaybeUndefined<$value>,
            /// Not equal to this value (missing values match). Null matches any value that is present.
            pub ne: MaybeUndefined<$value>,
            /// Equal to one of these. None at all: matches nothing.
            #[graphql(name = "in")]
            pub within: Option<Vec<$value>>,
            /// Equal to none of these, or null.
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

/// A comparator of values that have an order.
macro_rules! ordered_filter {
    ($name:ident, $value:ty, $what:literal) => {
        #[doc = concat!("Comparisons of ", $what, ". All that are given must hold; one at least must be given.")]
        #[derive(InputObject, Debug, Clone, Default)]
        pub struct $name {
            /// Equal to this value. Null matches missing values; not allowed for fields that are never null.
            pub eq: MaybeUndefined<$value>,
            /// Not equal to this value (missing values match). Null matches any value that is present.
            pub ne: MaybeUndefined<$value>,
            /// Greater.
            pub gt: Option<$value>,
            /// Greater or equal.
            pub gte: Option<$value>,
            /// Less.
            pub lt: Option<$value>,
            /// Less or equal.
            pub lte: Option<$value>,
            /// Equal to one of these. None at all: matches nothing.
            #[graphql(name = "in")]
            pub within: Option<Vec<$value>>,
            /// Equal to none of these, or null.
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

/// A comparator of the words of an enum.
macro_rules! word_filter {
    ($name:ident, $word:ident, $what:literal) => {
        impl Comparable for partnergraph_domain::$word {
            fn bound(self) -> Value {
                Value::from(self)
            }
        }

        equality_filter! { $name, partnergraph_domain::$word, $what }
    };
}

equality_filter! { UuidFilter, Guid, "a GUID" }
equality_filter! { CountryCodeFilter, CountryCode, "a country" }
ordered_filter! { IntFilter, i64, "a whole number" }
ordered_filter! { DateFilter, Date, "a day" }
ordered_filter! { DateTimeFilter, DateTime, "a moment" }
word_filter! { OperationTypeFilter, OperationType, "what was done" }
word_filter! { OperationStatusFilter, OperationStatus, "whether it was done" }
word_filter! { CloudFilter, Cloud, "a cloud" }
word_filter! { RelationshipToPartnerFilter, RelationshipToPartner, "what a partner is to a customer" }
word_filter! { AcquisitionChannelFilter, AcquisitionChannel, "how a partner came by a customer" }
word_filter! { VettingSubStatusFilter, VettingSubStatus, "what a review waits for" }
word_filter! { MpnKindFilter, MpnKind, "what an MPN ID stands for" }
word_filter! { InvitationKindFilter, InvitationKind, "what an invitation brings about" }
word_filter! { InvitationStateFilter, InvitationState, "the state of an invitation" }
word_filter! { GrantKindFilter, GrantKind, "the kind of a grant" }
word_filter! { PartnerTypeFilter, PartnerType, "the type of a partner account" }
word_filter! { VettingStatusFilter, VettingStatus, "how far a review is" }
word_filter! { SubscriptionStatusFilter, SubscriptionStatus, "the state of a subscription" }
word_filter! { BillingTypeFilter, BillingType, "how a subscription is charged" }
word_filter! { BillingCycleFilter, BillingCycle, "how often a subscription is charged" }
word_filter! { TermDurationFilter, TermDuration, "for how long a subscription is committed" }

/// Comparisons of a truth value. All that are given must hold; one at least must be given.
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
