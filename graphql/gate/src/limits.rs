//! What one request may be at most, before anything of it is executed.

use std::time::Duration;

/// How long an operation has where nothing is configured.
pub const DEADLINE: Duration = Duration::from_secs(10);
/// The largest document, in bytes. GraphiQL's introspection has some 2,000.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// The most tokens of a document.
pub const MAX_DOCUMENT_TOKENS: usize = 8_000;
/// How deep selections and values may nest in the text.
pub const MAX_NESTING: usize = 50;
/// The most operations of a document.
pub const MAX_OPERATIONS: usize = 100;
/// The most aliases of a document.
pub const MAX_ALIASES: usize = 500;
/// The most directives of a document.
pub const MAX_DIRECTIVES: usize = 500;
/// How deep selections may nest, fragments spread. GraphiQL's introspection needs 15.
pub const MAX_SELECTION_DEPTH: usize = 20;
/// The most fields of an operation, fragments spread and fields of the same response key merged.
pub const MAX_FIELDS: usize = 2_000;
/// The most root fields of an operation.
pub const MAX_ROOT_FIELDS: usize = 50;
/// The most selections that are looked at while fragments are spread.
pub const MAX_SPREAD_STEPS: usize = 50_000;
/// How deep the value of a variable may nest. The deepest filter that the schema takes needs 20.
pub const MAX_VALUE_DEPTH: usize = 32;
/// The most elements of a list in variables and arguments.
pub const MAX_LIST: usize = 500;
/// The longest string in variables and arguments, in characters.
pub const MAX_STRING: usize = 10_000;
/// The most values, of all variables together.
pub const MAX_VALUES: usize = 50_000;
/// The largest answer, in bytes. The most values that one may have, each with a name as long as names may be, come to less.
pub const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;
pub use partnergraph_operation::errors::MAX_ERRORS;
/// What an operation may cost where nothing is configured: the values that its answer can hold at most. The query that the service exists for,
/// with 50 customers and 10 subscriptions of each, costs some 13,000.
pub const MAX_COST: u64 = 50_000;
/// The values of the schema that one operation may ask for. GraphiQL's introspection needs two thirds of it.
pub const MAX_INTROSPECTION_COST: u64 = 200_000;
/// What costs at most this much never waits for what costs more.
pub const LIGHT_COST: u64 = 1_000;
/// How many mutations may be under way; most of them wait for their turn to write.
pub const MAX_WRITES: usize = 64;
