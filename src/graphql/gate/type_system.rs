//! The schema as the gate reads it: the same text that `schema.graphql` holds, parsed once.

use std::collections::HashMap;
use std::sync::LazyLock;

use apollo_compiler::ast::Value;
use apollo_compiler::executable::Field;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};

use crate::graphql::schema::sdl;

static TYPE_SYSTEM: LazyLock<TypeSystem> = LazyLock::new(|| TypeSystem::read(&sdl()));

/// The types of the graph, with what the gate asks of them often.
pub(super) struct TypeSystem {
    pub(super) schema: Valid<Schema>,
    /// The object types of each interface and union.
    possible: HashMap<Name, Vec<Name>>,
    introspection: Introspection,
}

/// What `@listSize` says of a field.
pub(super) struct ListSize<'a> {
    /// The arguments that say how many entries there are.
    pub(super) slicing: Vec<&'a str>,
    /// How many there are taken to be where none of them is given.
    pub(super) assumed: u64,
}

/// How long the lists of the schema itself are: on average, since a query walks all of them or a few.
#[derive(Debug, Clone, Copy)]
pub(super) struct Introspection {
    types: u64,
    fields: u64,
    arguments: u64,
    input_fields: u64,
    enum_values: u64,
}

impl TypeSystem {
    /// The program's own schema.
    pub(super) fn get() -> &'static Self {
        &TYPE_SYSTEM
    }

    fn read(text: &str) -> Self {
        // The introspection of the specification's draft says which inputs are `@oneOf`; the library that validates does not know it yet.
        let text = format!("{text}\nextend type __Type {{ isOneOf: Boolean }}\n");
        let schema = Schema::parse_and_validate(text, "schema.graphql")
            .unwrap_or_else(|found| panic!("the program's schema is not valid: {}", found.errors));
        let implementers = schema.implementers_map();
        let possible = schema
            .types
            .iter()
            .filter_map(|(name, definition)| {
                let mut types: Vec<Name> = match definition {
                    ExtendedType::Interface(_) => {
                        implementers.get(name).map(|found| found.objects.iter().cloned().collect()).unwrap_or_default()
                    }
                    ExtendedType::Union(union) => union.members.iter().map(|member| member.name.clone()).collect(),
                    _ => return None,
                };
                types.sort();
                Some((name.clone(), types))
            })
            .collect();
        let introspection = Introspection::read(&schema);
        Self { schema, possible, introspection }
    }

    /// The object types of an interface or union; `None` for every other type.
    pub(super) fn possible_types(&self, name: &str) -> Option<&[Name]> {
        self.possible.get(name).map(Vec::as_slice)
    }

    /// Whether an object of `concrete` (or anything of that interface or union) is one of `condition`.
    pub(super) fn is_a(&self, concrete: &Name, condition: &Name) -> bool {
        concrete == condition || self.possible.get(condition).is_some_and(|types| types.contains(concrete))
    }

    /// What a value of this field costs by itself: `@cost`, else 1.
    pub(super) fn weight(&self, field: &Field) -> u64 {
        let weight = field.definition.directives.get("cost").and_then(|cost| cost.specified_argument_by_name("weight"));
        weight.and_then(|weight| weight.as_str()).and_then(|text| text.parse().ok()).unwrap_or(1)
    }

    /// `@listSize` of a field.
    pub(super) fn list_size<'a>(&self, field: &'a Field) -> Option<ListSize<'a>> {
        let directive = field.definition.directives.get("listSize")?;
        let slicing = match directive.specified_argument_by_name("slicingArguments").map(AsRef::as_ref) {
            Some(Value::List(names)) => names.iter().filter_map(|name| name.as_str()).collect(),
            _ => Vec::new(),
        };
        let assumed = directive.specified_argument_by_name("assumedSize").and_then(|size| size.to_i32());
        Some(ListSize { slicing, assumed: assumed.and_then(|size| u64::try_from(size).ok()).unwrap_or(1) })
    }

    /// Whether a field gives objects, and so selects below.
    pub(super) fn is_composite(&self, field: &Field) -> bool {
        matches!(
            self.schema.types.get(field.ty().inner_named_type()),
            Some(ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_))
        )
    }
}

impl Introspection {
    /// That of a schema.
    pub(super) fn of(types: &TypeSystem) -> Self {
        types.introspection
    }

    fn read(schema: &Schema) -> Self {
        let (mut fields, mut arguments, mut input_fields, mut enum_values) = (0, 0, 0, 0);
        for definition in schema.types.values() {
            match definition {
                ExtendedType::Object(object) => {
                    fields += object.fields.len();
                    arguments += object.fields.values().map(|field| field.arguments.len()).sum::<usize>();
                }
                ExtendedType::Interface(interface) => {
                    fields += interface.fields.len();
                    arguments += interface.fields.values().map(|field| field.arguments.len()).sum::<usize>();
                }
                ExtendedType::InputObject(object) => input_fields += object.fields.len(),
                ExtendedType::Enum(words) => enum_values += words.values.len(),
                ExtendedType::Scalar(_) | ExtendedType::Union(_) => {}
            }
        }
        let types = schema.types.len().max(1);
        let average = |sum: usize, of: usize| (sum.div_ceil(of.max(1))) as u64;
        Self {
            types: types as u64,
            fields: average(fields, types),
            arguments: average(arguments, fields),
            input_fields: average(input_fields, types),
            enum_values: average(enum_values, types),
        }
    }

    /// How long a list of the schema's own types is; `None` for a list of the graph.
    pub(super) fn size(self, field: &Field) -> Option<u64> {
        match field.ty().inner_named_type().as_str() {
            "__Type" if field.name == "types" => Some(self.types),
            "__Type" => Some(1),
            "__Field" => Some(self.fields),
            "__InputValue" if field.name == "args" => Some(self.arguments),
            "__InputValue" => Some(self.input_fields),
            "__EnumValue" => Some(self.enum_values),
            "__Directive" | "__DirectiveLocation" => Some(10),
            _ => None,
        }
    }
}
