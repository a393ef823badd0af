//! The schema as the gate reads it: the same text that `schema.graphql` holds, parsed once.

use std::collections::HashMap;

use apollo_compiler::ast::Value;
use apollo_compiler::executable::Field;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};

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

/// How long the lists of the schema itself are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Introspection {
    types: u64,
    /// On average, for a query that walks the types.
    average: Lists,
    /// At most, for one that goes on from there: it may meet the largest type again and again.
    largest: Lists,
}

/// How far a query has come in the schema. What is asked of all types is asked of each once, so averages tell how much it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Walk {
    /// At no list yet.
    #[default]
    Outside,
    /// At all types.
    Types,
    /// At the fields of all types.
    FieldsOfTypes,
    /// Further on.
    Further,
}

impl Walk {
    /// How far it has come below a field.
    pub(super) fn below(self, field: &Field) -> Self {
        match (self, field.name.as_str()) {
            _ if !field.ty().is_list() => self,
            (Self::Outside, "types") => Self::Types,
            (Self::Types, "fields") => Self::FieldsOfTypes,
            _ => Self::Further,
        }
    }
}

/// The lists of one type.
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
    /// Reads the text of a schema, which is the program's own.
    pub(super) fn read(text: &str) -> Self {
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
        let introspection = Introspection::read(&schema, &possible);
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

    /// What may have been meant by a name that there is not, as the end of a sentence; nothing where no name is like it.
    pub(super) fn nearest<'a>(&self, unknown: &str, known: impl Iterator<Item = &'a str>) -> String {
        let unknown = unknown.to_lowercase();
        let likeness = |name: &str| strsim::jaro_winkler(&unknown, &name.to_lowercase());
        known
            .map(|name| (likeness(name), name))
            .filter(|(likeness, _)| *likeness > 0.85)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
    }

    /// The same for a field, where a sentence names first its type and then the field.
    pub(super) fn nearest_field(&self, told: &str) -> String {
        let mut names = told.split('`').skip(1).step_by(2);
        let (Some(ty), Some(field)) = (names.next(), names.next()) else { return String::new() };
        match self.schema.types.get(ty) {
            Some(ExtendedType::Object(object)) => self.nearest(field, object.fields.keys().map(|name| name.as_str())),
            Some(ExtendedType::Interface(of)) => self.nearest(field, of.fields.keys().map(|name| name.as_str())),
            _ => String::new(),
        }
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
                ExtendedType::Enum(words) => lists.enum_values = words.values.len() as u64,
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

    /// How long a list of the schema's own types is, for a query that has come so far; `None` for a list of the graph.
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
