//! The limits of one request, applied before anything is executed.

use std::time::Duration;

/// The default time limit of an operation.
pub const DEADLINE: Duration = Duration::from_secs(10);
/// The maximum size of a document, in bytes. GraphiQL's introspection query has about 2,000.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// The maximum number of tokens in a document.
pub const MAX_DOCUMENT_TOKENS: usize = 8_000;
/// The maximum nesting depth of selections and values in the text.
pub const MAX_NESTING: usize = 50;
/// The maximum number of operations in a document.
pub const MAX_OPERATIONS: usize = 100;
/// The maximum number of aliases in a document.
pub const MAX_ALIASES: usize = 500;
/// The maximum number of directives in a document.
pub const MAX_DIRECTIVES: usize = 500;
/// The maximum nesting depth of selections, with fragments expanded. GraphiQL's introspection query needs 15.
pub const MAX_SELECTION_DEPTH: usize = 20;
/// The maximum number of fields in an operation, with fragments expanded and fields of the same response key merged.
pub const MAX_FIELDS: usize = 2_000;
/// The maximum number of root fields in an operation.
pub const MAX_ROOT_FIELDS: usize = 50;
/// The maximum number of selections visited while fragments are expanded.
pub const MAX_SPREAD_STEPS: usize = 50_000;
/// The maximum nesting depth of a variable's value. The deepest filter that the schema allows needs 20.
pub const MAX_VALUE_DEPTH: usize = 32;
/// The maximum number of elements of a list in variables and arguments.
pub const MAX_LIST: usize = 500;
/// The maximum length of a string in variables and arguments, in characters.
pub const MAX_STRING: usize = 10_000;
/// The maximum number of values in all variables together.
pub const MAX_VALUES: usize = 50_000;
/// The maximum size of a response, in bytes. A response with the maximum number of values, each with a name of maximum
/// length, is smaller.
pub const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;
pub use partnergraph_operation::errors::MAX_ERRORS;
/// The default maximum cost of an operation, which is the maximum number of values in its response. The main use of the
/// service, 50 customers with 10 subscriptions each, costs about 13,000.
pub const MAX_COST: u64 = 50_000;
/// The maximum number of schema values that one operation may request. GraphiQL's introspection query needs two thirds
/// of it.
pub const MAX_INTROSPECTION_COST: u64 = 200_000;
/// Operations up to this cost never wait for more expensive ones.
pub const LIGHT_COST: u64 = 1_000;
/// The maximum number of mutations in progress. Most of them wait for their turn to write.
pub const MAX_WRITES: usize = 64;
