//! Maps fields to the columns that store them, in both directions.

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{BillingCycle, BillingType, CountryCode, SubscriptionStatus, TermDuration, UnknownValue};

use crate::baseline::Value;
use crate::reconcile::moment;

/// A column that stores a field.
pub(super) trait ColumnValue {
    /// The stored value. A value that means that nothing is known is read as none.
    fn value(&self) -> Value;
    /// Sets the value.
    fn set(&mut self, value: &Value) -> Result<(), UnknownValue>;
}

macro_rules! column_values {
    ($($type:ty: |$column:ident| $shown:expr, |$value:ident| $taken:expr;)+) => {$(
        impl ColumnValue for $type {
            fn value(&self) -> Value {
                let $column = self;
                $shown
            }
            fn set(&mut self, $value: &Value) -> Result<(), UnknownValue> {
                *self = $taken;
                Ok(())
            }
        }
    )+};
}
column_values! {
    // Non-null text is a list in JSON.
    String: |list| Value::Text(list.clone()), |value| value.clone().text().unwrap_or_else(|| "[]".to_owned());
    Option<String>: |text| Value::from(text.clone()), |value| value.clone().text();
    Option<i64>: |number| number.map_or(Value::Null, Value::Int), |value| value.int();
    Option<bool>: |flag| flag.map_or(Value::Null, Value::Bool), |value| value.as_bool();
    bool: |flag| Value::Bool(*flag), |value| value.as_bool().unwrap_or(false);
    Option<NaiveDate>: |day| Value::from(day.map(|day| day.to_string())), |value| value.day()?;
    Option<NaiveDateTime>: |at| Value::from(at.map(moment)), |value| value.moment()?;
    Option<TermDuration>: |value| Value::from(value.map(TermDuration::as_str)), |value| value.enum_value()?;
    Option<CountryCode>: |code| Value::from(code.map(|code| code.to_string())), |value| country(value)?;
}

fn country(value: &Value) -> Result<Option<CountryCode>, UnknownValue> {
    let Some(code) = value.clone().text() else { return Ok(None) };
    code.parse().map(Some).map_err(|_| UnknownValue { value: code, expected: "a country" })
}

macro_rules! stored_enums {
    ($($list:ident),+) => {$(
        impl ColumnValue for $list {
            fn value(&self) -> Value {
                Value::from((*self != Self::None).then(|| self.as_str()))
            }
            fn set(&mut self, value: &Value) -> Result<(), UnknownValue> {
                *self = value.enum_value()?.unwrap_or(Self::None);
                Ok(())
            }
        }
    )+};
}
stored_enums!(SubscriptionStatus, BillingType, BillingCycle);

/// Declares which column of an entity stores each of its fields.
macro_rules! columns_of_fields {
    ($columns:ty { $($place:path: $column:ident,)+ }) => {
        /// Puts the stored values at the positions of their fields.
        fn show(columns: &$columns, values: &mut [$crate::baseline::Value]) {
            use $crate::plan::columns::ColumnValue as _;
            $(values[$place] = columns.$column.value();)+
        }

        /// Sets the column that stores a field.
        ///
        /// # Errors
        ///
        /// The value, which comes from a baseline or a list of changes, does not fit its column.
        pub(crate) fn set(
            columns: &mut $columns,
            field: usize,
            value: &$crate::baseline::Value,
        ) -> partnergraph_store::StoreResult<()> {
            use $crate::plan::columns::ColumnValue as _;
            match field {
                $($place => columns.$column.set(value)?,)+
                _ => {}
            }
            Ok(())
        }

        /// The stored columns, or the defaults of a new row, with the changed values applied.
        ///
        /// # Errors
        ///
        /// As for [`set`].
        pub(crate) fn changed(
            stored: Option<&$columns>,
            before: &[$crate::baseline::Value],
            after: &[$crate::baseline::Value],
        ) -> partnergraph_store::StoreResult<$columns> {
            let mut columns = stored.cloned().unwrap_or_default();
            for (field, (before, after)) in before.iter().zip(after).enumerate() {
                if before != after {
                    set(&mut columns, field, after)?;
                }
            }
            Ok(columns)
        }
    };
}
pub(super) use columns_of_fields;
