//! The cost of an operation: the maximum number of values in its response, plus the number of values in its arguments.
//!
//! A page costs its size (from the argument, variable or default) times the cost of the selection on each item. A list
//! without pages counts with the size that `@listSize` in the schema assumes. `@cost` marks fields that cost more than
//! one value.

use apollo_compiler::ast::Value;
use apollo_compiler::executable::Field;
use apollo_compiler::response::{JsonMap, JsonValue};

use async_graphql::{ErrorExtensions, ServerError};

use super::limits::MAX_INTROSPECTION_COST;
use super::selection::{Nested, Selected};
use super::type_system::{Introspection, TypeSystem, Walk};
use partnergraph_operation::connection::MAX_PAGE;
use partnergraph_operation::diagram::MAX_NODES;
use partnergraph_operation::errors::{code, server_error};

/// The assumed length of a list for which the schema states none.
const ASSUMED_LIST: u64 = 10;

/// The cost of a substring search.
const SCAN: u64 = 400;
/// The cost of a filter on a related entity.
const RELATION: u64 = 300;

/// The cost of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cost {
    /// Values of the data.
    pub(super) data: u64,
    /// Values of the schema (introspection).
    pub(super) introspection: u64,
}

/// The field that contributes most to the cost.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Dearest {
    /// The field's path in the response, without list indexes.
    path: String,
    /// A page size that would bring the operation below the limit.
    first: Option<u64>,
}

/// Calculates costs for the given variables.
#[derive(Clone, Copy)]
pub(super) struct Estimator<'a> {
    types: &'a TypeSystem,
    variables: &'a JsonMap,
    walk: Walk,
}

/// The page size that a connection applies to its `nodes` and `edges`.
#[derive(Clone, Copy, Default)]
struct Sized<'a> {
    fields: &'a [&'a str],
    size: u64,
}

/// A page, and the cost of its items in the whole response.
struct Page {
    path: String,
    size: u64,
    entries: u64,
}

impl<'a> Estimator<'a> {
    /// An estimator for the given variables.
    pub(super) fn new(types: &'a TypeSystem, variables: &'a JsonMap) -> Self {
        Self { types, variables, walk: Walk::Outside }
    }

    /// The cost of the operation.
    pub(super) fn cost(&self, selected: &[Selected<'a>]) -> Cost {
        let mut cost = Cost::default();
        for field in selected {
            let one = self.field(field, Sized::default());
            let sum = if field.field.name.starts_with("__") { &mut cost.introspection } else { &mut cost.data };
            *sum = sum.saturating_add(one);
        }
        cost
    }

    /// The page that costs most, and a size with which the operation would pass.
    fn dearest(&self, selected: &[Selected<'a>], total: u64, max: u64) -> Option<Dearest> {
        let mut pages = Vec::new();
        self.pages(selected, "", 1, Sized::default(), &mut pages);
        pages.sort_by_key(|page| std::cmp::Reverse(page.entries));
        let fitting = pages.iter().find_map(|page| {
            let each = page.entries / page.size.max(1);
            let first = page.size.checked_sub(total.saturating_sub(max).div_ceil(each.max(1)))?;
            (first > 0).then(|| Dearest { path: page.path.clone(), first: Some(first) })
        });
        fitting.or_else(|| pages.first().map(|page| Dearest { path: page.path.clone(), first: None }))
    }

    /// Checks whether an operation with this cost may run.
    ///
    /// # Errors
    /// `QUERY_TOO_EXPENSIVE`.
    pub(super) fn check(&self, selected: &[Selected<'a>], cost: Cost, max: u64) -> Result<(), ServerError> {
        if cost.introspection > MAX_INTROSPECTION_COST {
            let message = format!(
                "this operation may return {} values of the schema; at most {MAX_INTROSPECTION_COST} are allowed",
                cost.introspection
            );
            return Err(server_error(code::TOO_EXPENSIVE, message));
        }
        if cost.data > max {
            return Err(too_expensive(cost.data, max, self.dearest(selected, cost.data, max)));
        }
        Ok(())
    }

    fn fields(&self, selected: &[Selected<'a>], sized: Sized<'_>) -> u64 {
        selected.iter().map(|field| self.field(field, sized)).fold(0, u64::saturating_add)
    }

    fn nested(&self, nested: &Nested<'a>, sized: Sized<'_>) -> u64 {
        match nested {
            Nested::Leaf => 0,
            Nested::Fields(selected) => self.fields(selected, sized),
            Nested::ByType(types) => types.iter().map(|(_, selected)| self.fields(selected, sized)).max().unwrap_or(0),
        }
    }

    fn field(&self, selected: &Selected<'a>, sized: Sized<'_>) -> u64 {
        let field = selected.field;
        let further = Self { walk: self.walk.below(field), ..*self };
        let each = self.types.weight(field).saturating_add(further.nested(&selected.nested, self.page(field)));
        self.entries(field, sized).saturating_mul(each).saturating_add(self.inputs(field))
    }

    /// The number of values that the field returns: one, or the length of its list.
    fn entries(&self, field: &'a Field, sized: Sized<'_>) -> u64 {
        if sized.fields.contains(&field.name.as_str()) {
            return sized.size;
        }
        if !field.ty().is_list() {
            return 1;
        }
        if let Some(size) = Introspection::of(self.types).size(field, self.walk) {
            return size;
        }
        let Some(list) = self.types.list_size(field) else { return ASSUMED_LIST };
        list.slicing.iter().find_map(|name| self.length(field, name)).unwrap_or(list.assumed)
    }

    /// The page size that a connection field applies to the lists below it.
    fn page(&self, field: &'a Field) -> Sized<'a> {
        match self.types.list_size(field) {
            Some(list) if !field.ty().is_list() => {
                let requested = list.slicing.iter().find_map(|name| self.number(field, name));
                // A larger page is rejected later, when the arguments are read.
                let largest =
                    if list.slicing.contains(&"limit") { i64::from(MAX_NODES) } else { MAX_PAGE }.unsigned_abs();
                Sized { fields: &["nodes", "edges"], size: requested.map_or(list.assumed, |size| size.min(largest)) }
            }
            _ => Sized::default(),
        }
    }

    fn number(&self, field: &Field, argument: &str) -> Option<u64> {
        match self.argument(field, argument)? {
            Given::Written(Value::Int(number)) => {
                Some(number.try_to_i32().map_or(0, |n| u64::try_from(n).unwrap_or(0)))
            }
            Given::Variable(JsonValue::Number(number)) => Some(number.as_u64().unwrap_or(0)),
            _ => None,
        }
    }

    fn length(&self, field: &Field, argument: &str) -> Option<u64> {
        match self.argument(field, argument)? {
            Given::Written(Value::List(items)) => Some(items.len() as u64),
            Given::Variable(JsonValue::Array(items)) => Some(items.len() as u64),
            _ => Some(1),
        }
    }

    fn argument(&self, field: &'a Field, name: &str) -> Option<Given<'a>> {
        let argument = field.arguments.iter().find(|argument| argument.name == name)?;
        match argument.value.as_ref() {
            Value::Variable(variable) => self.variables.get(variable.as_str()).map(Given::Variable),
            value => Some(Given::Written(value)),
        }
    }

    /// The number of values in lists and objects among the arguments, plus the work that filters cause.
    fn inputs(&self, field: &Field) -> u64 {
        let inputs = field.arguments.iter().map(|argument| {
            let is_filter = argument.name == "filter";
            self.written(&argument.value, is_filter).saturating_sub(1)
        });
        inputs.fold(0, u64::saturating_add)
    }

    fn written(&self, value: &Value, is_filter: bool) -> u64 {
        let parts: u64 = match value {
            Value::List(items) => items.iter().map(|item| self.written(item, is_filter)).sum(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| {
                    self.written(value, is_filter) + work(is_filter, name, matches!(**value, Value::Object(_)))
                })
                .sum(),
            Value::Variable(name) => {
                return self.variables.get(name.as_str()).map_or(1, |value| sent(value, is_filter));
            }
            _ => 0,
        };
        1 + parts
    }

    fn pages(&self, selected: &[Selected<'a>], path: &str, times: u64, sized: Sized<'_>, pages: &mut Vec<Page>) {
        for field in selected {
            let here = if path.is_empty() { field.key.to_string() } else { format!("{path}.{}", field.key) };
            let page = self.page(field.field);
            let times = times.saturating_mul(self.entries(field.field, sized));
            if !page.fields.is_empty() {
                let one = Sized { size: 1, ..page };
                let none = Sized { size: 0, ..page };
                let each = self.nested(&field.nested, one).saturating_sub(self.nested(&field.nested, none));
                let entries = each.saturating_mul(page.size).saturating_mul(times);
                pages.push(Page { path: here.clone(), size: page.size, entries });
            }
            match &field.nested {
                Nested::Leaf => {}
                Nested::Fields(nested) => self.pages(nested, &here, times, page, pages),
                Nested::ByType(types) => {
                    types.iter().for_each(|(_, nested)| self.pages(nested, &here, times, page, pages))
                }
            }
        }
    }
}

enum Given<'a> {
    Written(&'a Value),
    Variable(&'a JsonValue),
}

fn sent(value: &JsonValue, is_filter: bool) -> u64 {
    let parts: u64 = match value {
        JsonValue::Array(items) => items.iter().map(|item| sent(item, is_filter)).sum(),
        JsonValue::Object(fields) => fields
            .iter()
            .map(|(name, value)| sent(value, is_filter) + work(is_filter, name.as_str(), value.is_object()))
            .sum(),
        _ => 0,
    };
    1 + parts
}

/// The extra cost of one part of a filter: a substring search or a relation is evaluated for every row.
fn work(is_filter: bool, name: &str, is_object: bool) -> u64 {
    match name {
        _ if !is_filter => 0,
        "contains" => SCAN,
        "subscriptions" | "customer" | "indirectReseller" | "indirectProvider" | "internalUseOf"
        | "partnerOfRecord" | "supportContact" | "provider" | "reseller" | "partner" | "entitlements"
            if is_object =>
        {
            RELATION
        }
        _ => 0,
    }
}

fn too_expensive(requested: u64, max: u64, dearest: Option<Dearest>) -> ServerError {
    let what = format!("this operation may return {requested} values; at most {max} are allowed");
    let message = match &dearest {
        Some(Dearest { path, first: Some(first) }) => {
            format!(
                "{what}. The most expensive field is `{path}`; the operation is allowed with `first: {first}` there"
            )
        }
        Some(Dearest { path, first: None }) => {
            format!("{what}. The most expensive field is `{path}`; request smaller pages or fewer fields")
        }
        None => what,
    };
    let error = async_graphql::Error::new(message).extend_with(|_, extensions| {
        extensions.set("code", code::TOO_EXPENSIVE);
        let cost = serde_json::json!({ "requested": requested, "max": max });
        extensions.set("cost", async_graphql::Value::from_json(cost).unwrap_or_default());
        if let Some(dearest) = &dearest {
            extensions.set("field", dearest.path.as_str());
            if let Some(first) = dearest.first {
                extensions.set("first", first);
            }
        }
    });
    ServerError { locations: Vec::new(), ..error.into_server_error(async_graphql::Pos::default()) }
}
