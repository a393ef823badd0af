//! Checks of literal values that the validating library (apollo-compiler) does not make: an input field occurs only
//! once (section 5.6.3), `@oneOf` (5.6.5), custom scalars (3.5), and variables that default to null where null is not
//! allowed (5.8.5).

use std::collections::HashSet;

use apollo_compiler::ast::{DirectiveList, InputValueDefinition, Type, Value, VariableDefinition};
use apollo_compiler::executable::{Argument, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{ExecutableDocument, Node};

use super::arguments;
use super::type_system::TypeSystem;
use partnergraph_operation::errors::code;

/// An error in a value.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    /// What is wrong.
    pub(super) message: String,
    /// The position of the value.
    pub(super) span: Option<SourceSpan>,
}

/// Checks every literal value in a document that is otherwise valid.
///
/// # Errors
/// The first error.
pub(super) fn check(types: &TypeSystem, document: &ExecutableDocument) -> Result<(), Fault> {
    for operation in document.operations.iter() {
        let walk = Walk { types, document, variables: Some(&operation.variables) };
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                walk.value(&variable.ty, default, false)?;
            }
        }
        walk.directives(&operation.directives)?;
        walk.selections(&operation.selection_set)?;
        // Whether a variable is valid in a fragment depends on the operation that uses the fragment, so fragments are
        // checked once for each operation.
        let mut spread = HashSet::new();
        walk.fragments(&operation.selection_set, &mut spread)?;
    }
    let walk = Walk { types, document, variables: None };
    document.fragments.values().try_for_each(|fragment| walk.selections(&fragment.selection_set))
}

struct Walk<'a> {
    types: &'a TypeSystem,
    document: &'a ExecutableDocument,
    /// The variables of the operation. `None` if a fragment is checked by itself.
    variables: Option<&'a [Node<VariableDefinition>]>,
}

impl<'a> Walk<'a> {
    fn fragments(&self, set: &'a SelectionSet, spread: &mut HashSet<&'a str>) -> Result<(), Fault> {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => self.fragments(&field.selection_set, spread)?,
                Selection::InlineFragment(fragment) => self.fragments(&fragment.selection_set, spread)?,
                Selection::FragmentSpread(used) => {
                    if let Some(fragment) = self.document.fragments.get(&used.fragment_name)
                        && spread.insert(used.fragment_name.as_str())
                    {
                        self.selections(&fragment.selection_set)?;
                        self.fragments(&fragment.selection_set, spread)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn selections(&self, set: &SelectionSet) -> Result<(), Fault> {
        for selection in &set.selections {
            self.directives(selection.directives())?;
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.definition.arguments, &field.arguments)?;
                    self.selections(&field.selection_set)?;
                }
                Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set)?,
                Selection::FragmentSpread(_) => {}
            }
        }
        Ok(())
    }

    fn directives(&self, directives: &DirectiveList) -> Result<(), Fault> {
        for directive in directives.iter() {
            if let Some(definition) = self.types.schema.directive_definitions.get(&directive.name) {
                self.arguments(&definition.arguments, &directive.arguments)?;
            }
        }
        Ok(())
    }

    fn arguments(&self, definitions: &[Node<InputValueDefinition>], given: &[Node<Argument>]) -> Result<(), Fault> {
        for argument in given {
            if let Some(definition) = definitions.iter().find(|definition| definition.name == argument.name) {
                self.value(&definition.ty, &argument.value, definition.default_value.is_some())?;
            }
        }
        Ok(())
    }

    fn value(&self, ty: &Type, value: &Node<Value>, has_default: bool) -> Result<(), Fault> {
        match (ty, value.as_ref()) {
            (_, Value::Variable(name)) => self.variable(ty, name, has_default, value.location()),
            (_, Value::Null) => Ok(()),
            (Type::List(inner) | Type::NonNullList(inner), Value::List(items)) => {
                items.iter().try_for_each(|item| self.value(inner, item, false))
            }
            (Type::List(inner) | Type::NonNullList(inner), _) => self.value(inner, value, false),
            (Type::Named(name) | Type::NonNullNamed(name), _) => {
                match (self.types.schema.types.get(name), value.as_ref()) {
                    (Some(ExtendedType::InputObject(object)), Value::Object(fields)) => {
                        self.object(object, fields, value.location())
                    }
                    (Some(ExtendedType::Scalar(_)), _) => arguments::literal(name, value),
                    _ => Ok(()),
                }
            }
        }
    }

    fn variable(&self, ty: &Type, name: &str, has_default: bool, span: Option<SourceSpan>) -> Result<(), Fault> {
        let Some(variable) = self.definition(name) else { return Ok(()) };
        let is_null_by_default = matches!(variable.default_value.as_deref(), Some(Value::Null));
        if ty.is_non_null() && !variable.ty.is_non_null() && is_null_by_default && !has_default {
            return Err(invalid(format!("variable `${name}` defaults to null, but null is not allowed here"), span));
        }
        Ok(())
    }

    fn definition(&self, name: &str) -> Option<&'a Node<VariableDefinition>> {
        self.variables?.iter().find(|variable| variable.name == name)
    }

    fn object(
        &self,
        object: &InputObjectType,
        fields: &[(apollo_compiler::Name, Node<Value>)],
        span: Option<SourceSpan>,
    ) -> Result<(), Fault> {
        let mut names = HashSet::with_capacity(fields.len());
        if let Some((name, _)) = fields.iter().find(|(name, _)| !names.insert(name)) {
            return Err(invalid(format!("there can be only one input field named `{name}`"), span));
        }
        if object.directives.has("oneOf") {
            let is_given = |value: &Value| match value {
                Value::Null => false,
                Value::Variable(name) => self.definition(name).is_none_or(|variable| variable.ty.is_non_null()),
                _ => true,
            };
            if fields.len() != 1 || !is_given(&fields[0].1) {
                let known: Vec<&str> = object.fields.keys().map(|name| name.as_str()).collect();
                let message = format!(
                    "`{}` must have exactly one of {}, with a value other than null",
                    object.name,
                    known.join(", ")
                );
                return Err(invalid(message, span));
            }
        }
        for (name, value) in fields {
            if let Some(definition) = object.fields.get(name) {
                self.value(&definition.ty, value, definition.default_value.is_some())?;
            }
        }
        Ok(())
    }
}

fn invalid(message: String, span: Option<SourceSpan>) -> Fault {
    Fault { code: code::VALIDATION_FAILED, message, span }
}
