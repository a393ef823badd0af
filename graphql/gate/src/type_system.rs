//! The schema as the gate reads it: the text of `schema.graphql`, parsed once.

use std::collections::HashMap;

use apollo_compiler::ast::Value;
use apollo_compiler::executable::Field;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};

/// The types of the schema, with frequently needed facts about them.
pub(super) struct TypeSystem {
    pub(super) schema: Valid<Schema>,
    /// The object types of each interface and union.
    possible: HashMap<Name, Vec<Name>>,
    introspection: Introspection,
}

/// The `@listSize` directive of a field.
pub(super) struct ListSize<'a> {
    /// The arguments that state the number of items.
    pub(super) slicing: Vec<&'a str>,
    /// The assumed number of items if none of the arguments is given.
    pub(super) assumed: u64,
}

/// The lengths of the schema's own lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Introspection {
    types: u64,
    /// Average lengths, for a query that visits all types.
    average: Lists,
    /// Maximum lengths, for a query that goes deeper: it may visit the largest type again and again.
    largest: Lists,
}

/// How far a query has gone into the schema. A query over all types visits each type once, so averages are accurate
/// there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Walk {
    /// Not in a list yet.
    #[default]
    Outside,
    /// In the list of all types.
    Types,
    /// In the fields of all types.
    FieldsOfTypes,
    /// Deeper.
    Further,
}

impl Walk {
    /// The state below a field.
    pub(super) fn below(self, field: &Field) -> Self {
        match (self, field.name.as_str()) {
            _ if !field.ty().is_list() => self,
            (Self::Outside, "types") => Self::Types,
            (Self::Types, "fields") => Self::FieldsOfTypes,
            _ => Self::Further,
        }
    }
}

/// The list lengths of one type.
#[derive(Debug, Clone, Copy, Default)]
struct Lists {
    fields: u64,
    arguments: u64,
    input_fields: u64,
    enum_values: u64,
    interfaces: u64,
    possible_types: u64,
}

impl TypeSystem {
    /// Parses the text of the schema, which is part of the program.
    pub(super) fn read(text: &str) -> Self {
        // Introspection in the draft specification includes `isOneOf`, which the validating library (apollo-compiler)
        // does not know yet.
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
        let introspection = Introspection::read(&schema, &possible);
        Self { schema, possible, introspection }
    }

    /// The object types of an interface or union. `None` for any other type.
    pub(super) fn possible_types(&self, name: &str) -> Option<&[Name]> {
        self.possible.get(name).map(Vec::as_slice)
    }

    /// Whether an object of type `concrete` (or any object of that interface or union) is also of type `condition`.
    pub(super) fn is_a(&self, concrete: &Name, condition: &Name) -> bool {
        concrete == condition || self.possible.get(condition).is_some_and(|types| types.contains(concrete))
    }

    /// The cost of a single value of this field: `@cost`, or 1.
    pub(super) fn weight(&self, field: &Field) -> u64 {
        let weight = field.definition.directives.get("cost").and_then(|cost| cost.specified_argument_by_name("weight"));
        weight.and_then(|weight| weight.as_str()).and_then(|text| text.parse().ok()).unwrap_or(1)
    }

    /// The `@listSize` directive of a field, if it has one.
    pub(super) fn list_size<'a>(&self, field: &'a Field) -> Option<ListSize<'a>> {
        let directive = field.definition.directives.get("listSize")?;
        let slicing = match directive.specified_argument_by_name("slicingArguments").map(AsRef::as_ref) {
            Some(Value::List(names)) => names.iter().filter_map(|name| name.as_str()).collect(),
            _ => Vec::new(),
        };
        let assumed = directive.specified_argument_by_name("assumedSize").and_then(|size| size.to_i32());
        Some(ListSize { slicing, assumed: assumed.and_then(|size| u64::try_from(size).ok()).unwrap_or(1) })
    }

    /// A suggestion for an unknown name, as the end of a sentence. Empty if no known name is similar.
    pub(super) fn nearest<'a>(&self, unknown: &str, known: impl Iterator<Item = &'a str>) -> String {
        let unknown = unknown.to_lowercase();
        let likeness = |name: &str| strsim::jaro_winkler(&unknown, &name.to_lowercase());
        known
            .map(|name| (likeness(name), name))
            .filter(|(likeness, _)| *likeness > 0.85)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
    }

    /// As [`TypeSystem::nearest`], for a message that names first a type and then one of its fields.
    pub(super) fn nearest_field(&self, message: &str) -> String {
        let mut names = message.split('`').skip(1).step_by(2);
        let (Some(ty), Some(field)) = (names.next(), names.next()) else { return String::new() };
        match self.schema.types.get(ty) {
            Some(ExtendedType::Object(object)) => self.nearest(field, object.fields.keys().map(|name| name.as_str())),
            Some(ExtendedType::Interface(of)) => self.nearest(field, of.fields.keys().map(|name| name.as_str())),
            _ => String::new(),
        }
    }

    /// Whether a field returns objects, and so has selections below it.
    pub(super) fn is_composite(&self, field: &Field) -> bool {
        matches!(
            self.schema.types.get(field.ty().inner_named_type()),
            Some(ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_))
        )
    }
}

impl Introspection {
    /// The lengths for a schema.
    pub(super) fn of(types: &TypeSystem) -> Self {
        types.introspection
    }

    fn read(schema: &Schema, possible: &HashMap<Name, Vec<Name>>) -> Self {
        let mut all = Vec::with_capacity(schema.types.len());
        let mut arguments = Vec::new();
        for (name, definition) in &schema.types {
            let mut lists = Lists { possible_types: possible.get(name).map_or(0, Vec::len) as u64, ..Lists::default() };
            match definition {
                ExtendedType::Object(object) => {
                    lists.fields = object.fields.len() as u64;
                    lists.interfaces = object.implements_interfaces.len() as u64;
                    arguments.extend(object.fields.values().map(|field| field.arguments.len() as u64));
                }
                ExtendedType::Interface(interface) => {
                    lists.fields = interface.fields.len() as u64;
                    lists.interfaces = interface.implements_interfaces.len() as u64;
                    arguments.extend(interface.fields.values().map(|field| field.arguments.len() as u64));
                }
                ExtendedType::InputObject(object) => lists.input_fields = object.fields.len() as u64,
                ExtendedType::Enum(declared) => lists.enum_values = declared.values.len() as u64,
                ExtendedType::Scalar(_) | ExtendedType::Union(_) => {}
            }
            all.push(lists);
        }
        let of = |list: fn(&Lists) -> u64| all.iter().map(list).collect::<Vec<u64>>();
        let measured = |measure: fn(&[u64]) -> u64| Lists {
            fields: measure(&of(|lists| lists.fields)),
            arguments: measure(&arguments),
            input_fields: measure(&of(|lists| lists.input_fields)),
            enum_values: measure(&of(|lists| lists.enum_values)),
            interfaces: measure(&of(|lists| lists.interfaces)),
            possible_types: measure(&of(|lists| lists.possible_types)),
        };
        let average = |sizes: &[u64]| sizes.iter().sum::<u64>().div_ceil((sizes.len() as u64).max(1));
        let largest = |sizes: &[u64]| sizes.iter().copied().max().unwrap_or(0);
        Self { types: all.len() as u64, average: measured(average), largest: measured(largest) }
    }

    /// The length of a list of the schema's own types, given how far the query has gone. `None` for a list of data.
    pub(super) fn size(self, field: &Field, walk: Walk) -> Option<u64> {
        let lists = match walk {
            Walk::Types => self.average,
            Walk::FieldsOfTypes if field.name == "args" => self.average,
            Walk::Outside | Walk::FieldsOfTypes | Walk::Further => self.largest,
        };
        match (field.ty().inner_named_type().as_str(), field.name.as_str()) {
            ("__Type", "types") => Some(self.types),
            ("__Type", "possibleTypes") => Some(lists.possible_types),
            ("__Type", _) => Some(lists.interfaces),
            ("__Field", _) => Some(lists.fields),
            ("__InputValue", "args") => Some(lists.arguments),
            ("__InputValue", _) => Some(lists.input_fields),
            ("__EnumValue", _) => Some(lists.enum_values),
            ("__Directive" | "__DirectiveLocation", _) => Some(10),
            _ => None,
        }
    }
}
