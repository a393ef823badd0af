//! The selections of an operation, with fragments expanded and fields merged as in *CollectFields* of the specification
//! (section 6.3.2).
//!
//! async-graphql resolves every occurrence of a field separately, so a mutation that occurs twice would run twice. It
//! also skips a subscription inside a fragment, and ignores the default values of variables in `@skip` and `@include`.
//! The operation written from here has no fragments or directives, and each response key only once.

use std::collections::HashSet;

use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::{ExecutableDocument, Name, Node, ast, executable};
use async_graphql::ServerError;

use super::limits::{MAX_FIELDS, MAX_ROOT_FIELDS, MAX_SELECTION_DEPTH, MAX_SPREAD_STEPS};
use super::positions::Positions;
use super::type_system::TypeSystem;
use partnergraph_operation::errors::{code, server_error};

/// One field of the response.
#[derive(Debug)]
pub(super) struct Selected<'a> {
    /// The response key.
    pub(super) key: &'a Name,
    /// The first occurrence of the field.
    pub(super) field: &'a Node<Field>,
    /// The selections below the field.
    pub(super) nested: Nested<'a>,
}

/// The selections on a value.
#[derive(Debug)]
pub(super) enum Nested<'a> {
    /// None: the value is a scalar.
    Leaf,
    /// The same fields for every object.
    Fields(Vec<Selected<'a>>),
    /// Different fields for each object type.
    ByType(Vec<(&'a Name, Vec<Selected<'a>>)>),
}

/// Collects the fields of an operation, with the given variables.
///
/// # Errors
/// `DOCUMENT_TOO_LARGE`, or `BAD_USER_INPUT` if the condition of `@skip` or `@include` is null.
pub(super) fn collect<'a>(
    types: &'a TypeSystem,
    document: &'a ExecutableDocument,
    operation: &'a executable::Operation,
    variables: &'a JsonMap,
) -> Result<Vec<Selected<'a>>, ServerError> {
    let mut walk = Walk { types, document, purpose: Purpose::Collect(variables), fields: 0, steps: 0 };
    let selected = walk.fields(&operation.selection_set.ty, &[&operation.selection_set], 1)?;
    if selected.len() > MAX_ROOT_FIELDS {
        return Err(too_large(format!("an operation can have at most {MAX_ROOT_FIELDS} root fields")));
    }
    Ok(selected)
}

/// Checks that fields with the same response key are the same field (section 5.3.2), regardless of `@skip` and
/// `@include`. The validating library (apollo-compiler) treats a list as equal to a longer one that begins with it; it
/// has checked the rest of the rule.
///
/// # Errors
/// `GRAPHQL_VALIDATION_FAILED`, `DOCUMENT_TOO_LARGE`.
pub(super) fn check(
    types: &TypeSystem,
    document: &ExecutableDocument,
    positions: &Positions,
) -> Result<(), ServerError> {
    document.operations.iter().try_for_each(|operation| {
        let mut walk = Walk { types, document, purpose: Purpose::Check(positions), fields: 0, steps: 0 };
        walk.fields(&operation.selection_set.ty, &[&operation.selection_set], 1).map(drop)
    })
}

struct Walk<'a> {
    types: &'a TypeSystem,
    document: &'a ExecutableDocument,
    purpose: Purpose<'a>,
    fields: usize,
    steps: usize,
}

/// The purpose of the walk.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    /// Collects the fields of one request, with its variables. The document was checked before.
    Collect(&'a JsonMap),
    /// Checks every field.
    Check(&'a Positions),
}

/// All occurrences of each field, by response key.
type Mentions<'a> = IndexMap<&'a Name, Vec<&'a Node<Field>>>;

impl<'a> Walk<'a> {
    /// The selections on a value of this type.
    fn nested(&mut self, ty: &'a Name, sets: &[&'a SelectionSet], depth: usize) -> Result<Nested<'a>, ServerError> {
        let Some(possible) = self.types.possible_types(ty) else {
            return Ok(Nested::Fields(self.fields(ty, sets, depth)?));
        };
        if !self.has_conditions(ty, sets)? {
            return Ok(Nested::Fields(self.fields(ty, sets, depth)?));
        }
        let mut by_type = Vec::with_capacity(possible.len());
        for concrete in possible {
            let selected = self.fields(concrete, sets, depth)?;
            if !selected.is_empty() {
                by_type.push((concrete, selected));
            }
        }
        Ok(Nested::ByType(by_type))
    }

    /// The fields selected on an object of this type.
    fn fields(
        &mut self,
        ty: &'a Name,
        sets: &[&'a SelectionSet],
        depth: usize,
    ) -> Result<Vec<Selected<'a>>, ServerError> {
        if depth > MAX_SELECTION_DEPTH {
            return Err(too_large(format!("selections can be nested at most {MAX_SELECTION_DEPTH} levels deep")));
        }
        let mut mentions = Mentions::default();
        let mut spread = HashSet::new();
        for set in sets {
            self.gather(ty, set, &mut spread, &mut mentions)?;
        }
        self.fields += mentions.len();
        if self.fields > MAX_FIELDS {
            return Err(too_large(format!(
                "an operation can select at most {MAX_FIELDS} fields, with fragments expanded"
            )));
        }
        mentions
            .into_iter()
            .map(|(key, fields)| {
                let first = fields[0];
                let nested = if self.types.is_composite(first) {
                    let sets: Vec<&SelectionSet> = fields.iter().map(|field| &field.selection_set).collect();
                    self.nested(first.ty().inner_named_type(), &sets, depth + 1)?
                } else {
                    Nested::Leaf
                };
                Ok(Selected { key, field: first, nested })
            })
            .collect()
    }

    fn gather(
        &mut self,
        ty: &Name,
        set: &'a SelectionSet,
        spread: &mut HashSet<&'a Name>,
        mentions: &mut Mentions<'a>,
    ) -> Result<(), ServerError> {
        for selection in &set.selections {
            self.step()?;
            if !self.is_included(selection.directives())? {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    let fields = mentions.entry(field.response_key()).or_default();
                    if let (Purpose::Check(positions), Some(first)) = (self.purpose, fields.first())
                        && !is_same_field(first, field)
                    {
                        let message =
                            format!("fields `{}` conflict because they have differing arguments", field.response_key());
                        let locations =
                            [*first, field].into_iter().filter_map(|field| positions.of_span(field.location()));
                        let error = server_error(code::VALIDATION_FAILED, message);
                        return Err(ServerError { locations: locations.collect(), ..error });
                    }
                    fields.push(field);
                }
                Selection::InlineFragment(fragment) => {
                    if fragment.type_condition.as_ref().is_none_or(|condition| self.types.is_a(ty, condition)) {
                        self.gather(ty, &fragment.selection_set, spread, mentions)?;
                    }
                }
                Selection::FragmentSpread(used) => {
                    if spread.insert(&used.fragment_name)
                        && let Some(fragment) = self.document.fragments.get(&used.fragment_name)
                        && self.types.is_a(ty, fragment.type_condition())
                    {
                        self.gather(ty, &fragment.selection_set, spread, mentions)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether any selection applies only to some of the possible types.
    fn has_conditions(&mut self, ty: &Name, sets: &[&'a SelectionSet]) -> Result<bool, ServerError> {
        let mut todo: Vec<&SelectionSet> = sets.to_vec();
        let mut spread = HashSet::new();
        while let Some(set) = todo.pop() {
            for selection in &set.selections {
                self.step()?;
                match selection {
                    Selection::Field(_) => {}
                    Selection::InlineFragment(fragment) => {
                        if fragment.type_condition.as_ref().is_some_and(|condition| condition != ty) {
                            return Ok(true);
                        }
                        todo.push(&fragment.selection_set);
                    }
                    Selection::FragmentSpread(used) => {
                        if let Some(fragment) = self.document.fragments.get(&used.fragment_name)
                            && spread.insert(&used.fragment_name)
                        {
                            if fragment.type_condition() != ty {
                                return Ok(true);
                            }
                            todo.push(&fragment.selection_set);
                        }
                    }
                }
            }
        }
        Ok(false)
    }

    fn step(&mut self) -> Result<(), ServerError> {
        self.steps += 1;
        if self.steps > MAX_SPREAD_STEPS {
            return Err(too_large("the fragments expand to too many selections".to_owned()));
        }
        Ok(())
    }

    /// Whether `@skip` and `@include` keep the selection (sections 3.13.1 and 3.13.2).
    fn is_included(&self, directives: &ast::DirectiveList) -> Result<bool, ServerError> {
        Ok(!self.condition(directives, "skip")?.unwrap_or(false)
            && self.condition(directives, "include")?.unwrap_or(true))
    }

    fn condition(&self, directives: &ast::DirectiveList, name: &str) -> Result<Option<bool>, ServerError> {
        let (Purpose::Collect(variables), Some(directive)) = (self.purpose, directives.get(name)) else {
            return Ok(None);
        };
        let value = directive.specified_argument_by_name("if");
        match value.map(AsRef::as_ref) {
            Some(ast::Value::Boolean(condition)) => Ok(Some(*condition)),
            Some(ast::Value::Variable(variable)) => match variables.get(variable.as_str()) {
                Some(JsonValue::Bool(condition)) => Ok(Some(*condition)),
                _ => {
                    let message = format!("`@{name}` needs true or false, but `${variable}` is neither");
                    Err(server_error(code::BAD_INPUT, message))
                }
            },
            _ => Err(server_error(code::BAD_INPUT, format!("`@{name}` needs true or false"))),
        }
    }
}

/// Whether two occurrences of a response key are the same field (section 5.3.2). The validating library treats a list
/// as equal to a longer one that begins with it.
fn is_same_field(one: &Field, other: &Field) -> bool {
    one.name == other.name
        && one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|argument| {
            other.specified_argument_by_name(&argument.name).is_some_and(|value| is_same_value(&argument.value, value))
        })
}

fn is_same_value(one: &ast::Value, other: &ast::Value) -> bool {
    match (one, other) {
        (ast::Value::List(one), ast::Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same_value(one, other))
        }
        (ast::Value::Object(one), ast::Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| {
                    other.iter().any(|(other, other_value)| name == other && is_same_value(value, other_value))
                })
        }
        _ => one == other,
    }
}

fn too_large(message: String) -> ServerError {
    server_error(code::TOO_LARGE, message)
}
