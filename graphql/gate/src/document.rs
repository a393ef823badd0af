//! From text to a document that the schema accepts: parsed with limits, then validated according to the specification
//! (section 5).

use std::sync::Arc;

use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::parser::Parser;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Node, executable};
use async_graphql::{Pos, ServerError};

use super::completeness;
use super::descriptions;
use super::limits::{
    MAX_ALIASES, MAX_DIRECTIVES, MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TOKENS, MAX_ERRORS, MAX_NESTING, MAX_OPERATIONS,
};
use super::literals;
use super::positions::Positions;
use super::selection;
use super::type_system::TypeSystem;
use partnergraph_operation::errors::{code, server_error};

/// A parsed and validated document. It can be kept and run any number of times.
#[derive(Debug, Clone)]
pub(super) struct Document {
    valid: Arc<Valid<ExecutableDocument>>,
    positions: Arc<Positions>,
}

impl Document {
    /// Parses and validates a document.
    ///
    /// # Errors
    /// `DOCUMENT_TOO_LARGE`, `GRAPHQL_PARSE_FAILED` or `GRAPHQL_VALIDATION_FAILED`. If there are many errors, returns
    /// the first few and how many more there are.
    pub(super) fn read(types: &TypeSystem, text: &str) -> Result<Self, Vec<ServerError>> {
        if text.len() > MAX_DOCUMENT_BYTES {
            return Err(too_large(format!("a document can have at most {MAX_DOCUMENT_BYTES} bytes")));
        }
        let text = &*descriptions::without(text);
        let mut parser = Parser::new().recursion_limit(MAX_NESTING).token_limit(MAX_DOCUMENT_TOKENS);
        let parsed = parser.parse_ast(text, "document");
        if parser.tokens_reached() > MAX_DOCUMENT_TOKENS {
            return Err(too_large(format!("a document can have at most {MAX_DOCUMENT_TOKENS} tokens")));
        }
        if parser.recursion_reached() > MAX_NESTING {
            return Err(too_large(format!("a document can be nested at most {MAX_NESTING} levels deep")));
        }
        let positions = Positions::of(text);
        let tree = parsed.map_err(|found| faults(types, &found.errors, &positions, code::PARSE_FAILED))?;
        if let Some(place) = completeness::first_missing(text, &tree).map(|offset| positions.at(offset)) {
            let error = server_error(code::PARSE_FAILED, "syntax error: unexpected token");
            return Err(vec![ServerError { locations: vec![place], ..error }]);
        }
        let document = tree
            .to_executable_validate(&types.schema)
            .map_err(|found| faults(types, &found.errors, &positions, code::VALIDATION_FAILED))?;
        bounded(&document)?;
        selection::check(types, &document, &positions).map_err(|error| vec![error])?;
        literals::check(types, &document).map_err(|fault| {
            let locations = positions.of_span(fault.span).into_iter().collect();
            vec![ServerError { locations, ..server_error(fault.code, clipped(&fault.message)) }]
        })?;
        Ok(Self { valid: Arc::new(document), positions: Arc::new(positions) })
    }

    /// The operation to run (section 6.1, *GetOperation*).
    ///
    /// # Errors
    /// `GRAPHQL_VALIDATION_FAILED` if no operation has this name, or if no name is given and there are several
    /// operations.
    pub(super) fn operation(&self, name: Option<&str>) -> Result<&Node<executable::Operation>, Vec<ServerError>> {
        let name = name.filter(|name| !name.is_empty());
        self.valid.operations.get(name).map_err(|_| {
            let message = match name {
                Some(name) => format!("the document has no operation `{}`", clipped(name)),
                None if self.valid.operations.is_empty() => "the document has no operation".to_owned(),
                None => "the document has several operations; set `operationName` to choose one".to_owned(),
            };
            vec![server_error(code::VALIDATION_FAILED, message)]
        })
    }

    /// The position of a node in the text.
    pub(super) fn position<T>(&self, node: &Node<T>) -> Pos {
        self.positions.of_span(node.location()).unwrap_or_default()
    }

    /// The document in normalised form: one layout, no comments. Equal documents are equal here.
    pub(super) fn normalised(&self) -> String {
        self.valid.serialize().no_indent().to_string()
    }

    /// The whole document.
    pub(super) fn get(&self) -> &Valid<ExecutableDocument> {
        &self.valid
    }
}

/// Shortens a text, so that an error message does not echo more than a few words of the request.
pub(super) fn clipped(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn too_large(message: String) -> Vec<ServerError> {
    vec![server_error(code::TOO_LARGE, message)]
}

/// The first errors with their positions, and then how many more there are.
fn faults(types: &TypeSystem, found: &DiagnosticList, positions: &Positions, code: &str) -> Vec<ServerError> {
    // If a field is unknown, the validator also reports that its selection is empty. That is not a separate error.
    let is_unknown = |message: &str| message.contains("does not have a field");
    let has_unknown = found.iter().any(|fault| is_unknown(&fault.error.to_string()));
    let is_own = |message: &str| !(has_unknown && message.contains("must have a subselection set"));
    let own = || {
        found
            .iter()
            .map(|fault| (fault.error.location(), fault.error.to_string()))
            .filter(|(_, message)| is_own(message))
    };
    let mut errors: Vec<ServerError> = own()
        .take(MAX_ERRORS)
        .map(|(span, mut message)| {
            if is_unknown(&message) {
                message += &types.nearest_field(&message);
            }
            let locations = positions.of_span(span).into_iter().collect();
            ServerError { locations, ..server_error(code, clipped(&message)) }
        })
        .collect();
    let more = own().count().saturating_sub(MAX_ERRORS);
    if more > 0 {
        errors.push(server_error(code::MORE_ERRORS, format!("… and {more} more errors")));
    }
    errors
}

/// Checks the counts of the text as written. What fragments add is counted when they are expanded.
fn bounded(document: &ExecutableDocument) -> Result<(), Vec<ServerError>> {
    if document.operations.len() > MAX_OPERATIONS {
        return Err(too_large(format!("a document can have at most {MAX_OPERATIONS} operations")));
    }
    let mut count = Count::default();
    for operation in document.operations.iter() {
        count.directives += operation.directives.len();
        count.add(&operation.selection_set);
    }
    for fragment in document.fragments.values() {
        count.directives += fragment.directives.len();
        count.add(&fragment.selection_set);
    }
    if count.aliases > MAX_ALIASES {
        return Err(too_large(format!("a document can have at most {MAX_ALIASES} aliases")));
    }
    if count.directives > MAX_DIRECTIVES {
        return Err(too_large(format!("a document can have at most {MAX_DIRECTIVES} directives")));
    }
    Ok(())
}

#[derive(Default)]
struct Count {
    aliases: usize,
    directives: usize,
}

impl Count {
    fn add(&mut self, set: &SelectionSet) {
        for selection in &set.selections {
            self.directives += selection.directives().len();
            match selection {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.alias.is_some());
                    self.add(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.add(&fragment.selection_set),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}
