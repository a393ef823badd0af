//! Objects: their selections, and batches of objects that have been read.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use async_graphql::parser::types::SelectionSet;
use partnergraph_operation::batch::{self, BatchRow};
use partnergraph_store::read::row::Wanted;

use crate::selection::RequestedField;
use crate::{Declined, Reader, json};

/// A field whose value comes from its object alone.
#[derive(Debug)]
pub struct Plain<T> {
    /// The columns that the field needs, in addition to those that are always read.
    pub columns: &'static [&'static str],
    /// Writes the field's value.
    pub write_json: fn(&T, &mut Vec<u8>) -> Result<(), Declined>,
}

impl<T> Clone for Plain<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Plain<T> {}

/// An object type with fields whose values come from the object alone.
pub trait Shape: Sized + 'static {
    /// The type's name in the schema.
    const TYPE: &'static str;

    /// The field with this name. `None` if its value needs more than the object.
    fn plain(name: &str) -> Option<Plain<Self>>;
}

/// Declares the fields of an object type whose values come from the object alone. A field is a column of the row, or
/// the expression after `=>`. The brackets before `=>` name the columns that the expression needs.
#[macro_export]
macro_rules! shape {
    ($type:ty as $name:literal { $($rest:tt)+ }) => {
        impl $crate::Shape for $type {
            const TYPE: &'static str = $name;

            fn plain(name: &str) -> Option<$crate::Plain<Self>> {
                $crate::shape!(@fields name, $($rest)+);
                None
            }
        }
    };
    (@fields $requested:ident,) => {};
    (@fields $requested:ident, $field:literal: $column:ident; $($rest:tt)*) => {
        if $requested == $field {
            return Some($crate::Plain {
                columns: &[stringify!($column)],
                write_json: |object, out| $crate::WriteJson::write_json(&object.0.$column, out),
            });
        }
        $crate::shape!(@fields $requested, $($rest)*);
    };
    (@fields $requested:ident, $field:literal [$($column:literal),*] => |$it:ident| $value:expr; $($rest:tt)*) => {
        if $requested == $field {
            return Some($crate::Plain {
                columns: &[$($column),*],
                write_json: |$it, out| $crate::WriteJson::write_json(&$value, out),
            });
        }
        $crate::shape!(@fields $requested, $($rest)*);
    };
    // For a struct whose members are the fields.
    ($type:ty as $name:literal of { $($field:literal: $member:ident;)+ }) => {
        impl $crate::Shape for $type {
            const TYPE: &'static str = $name;

            fn plain(name: &str) -> Option<$crate::Plain<Self>> {
                match name {
                    $($field => Some($crate::Plain {
                        columns: &[],
                        write_json: |object, out| $crate::WriteJson::write_json(&object.$member, out),
                    }),)+
                    _ => None,
                }
            }
        }
    };
}

/// An object type whose objects are database rows.
pub trait Direct: Shape + From<BatchRow<Self::Row>> {
    /// The type of the row.
    type Row: Send + Sync + 'static;

    /// The field with this name, if it reads more than the row. `None` if async-graphql must answer it.
    fn nested(requested: &RequestedField<'_>) -> Option<Box<dyn NestedField<Self::Row>>> {
        let _ = requested;
        None
    }
}

/// A field that reads something for all rows of a batch at once.
pub trait NestedField<R>: Send + Sync {
    /// The columns of the row that the field needs, in addition to those that are always read.
    fn columns(&self) -> &'static [&'static str] {
        &[]
    }

    /// The columns that the field needs of the partners that the rows name, if it shares reading them with other fields
    /// ([`BatchContext::shared`]).
    fn of_partners(&self) -> Wanted {
        Wanted::default()
    }

    /// Reads the field for all rows.
    ///
    /// # Errors
    /// [`Declined`].
    fn read<'o>(
        &'o self,
        reader: &mut Reader<'_>,
        batch: &mut BatchContext<'_, R>,
    ) -> Result<Box<dyn ReadField<R> + 'o>, Declined>;
}

/// A field that has been read.
pub trait ReadField<R> {
    /// Writes the field's value for the row at this position in the batch.
    ///
    /// # Errors
    /// [`Declined`].
    fn write(&self, at: usize, row: &R, out: &mut Vec<u8>) -> Result<(), Declined>;
}

/// The rows of a batch, and what several of its fields share.
#[allow(missing_debug_implementations)]
pub struct BatchContext<'a, R> {
    /// The rows.
    pub rows: &'a Arc<batch::Batch<R>>,
    /// The columns that all fields of this batch together need of the partners that the rows name.
    pub of_partners: &'a Wanted,
    shared: HashMap<TypeId, Rc<dyn Any>>,
}

impl<R> BatchContext<'_, R> {
    /// A value that fields of this batch share, one for each type `T`. The first field that asks for it reads it.
    ///
    /// # Errors
    /// [`Declined`].
    pub fn shared<T: 'static>(
        &mut self,
        read: impl FnOnce(&batch::Batch<R>, &Wanted) -> Result<T, Declined>,
    ) -> Result<Rc<T>, Declined> {
        if let Some(found) = self.shared.get(&TypeId::of::<T>()) {
            return found.clone().downcast().map_err(|_| Declined::because("a shared value has an unexpected type"));
        }
        let found = Rc::new(read(self.rows, self.of_partners)?);
        self.shared.insert(TypeId::of::<T>(), found.clone());
        Ok(found)
    }
}

enum Part<T: Direct> {
    Type,
    Plain(Plain<T>),
    Nested(Box<dyn NestedField<T::Row>>),
}

/// The selection of an object.
#[allow(missing_debug_implementations)]
pub struct Outline<T: Direct> {
    parts: Vec<(String, Part<T>)>,
    of_partners: Wanted,
}

impl<T: Direct> Outline<T> {
    /// Parses a selection. `None` if async-graphql must answer any part of it.
    #[must_use]
    pub fn of(set: &SelectionSet) -> Option<Self> {
        let mut of_partners = Wanted::default();
        let mut parts = Vec::with_capacity(set.items.len());
        for requested in RequestedField::all(set)? {
            let part = match requested.name() {
                "__typename" => Part::Type,
                name => match T::plain(name) {
                    Some(plain) => Part::Plain(plain),
                    None => {
                        let nested = T::nested(&requested)?;
                        of_partners.add_all(&nested.of_partners());
                        Part::Nested(nested)
                    }
                },
            };
            parts.push((requested.key(), part));
        }
        Some(Self { parts, of_partners })
    }

    /// Adds the columns that the selection needs.
    pub fn wants(&self, wanted: &mut Wanted) {
        for (_, part) in &self.parts {
            let columns = match part {
                Part::Type => &[],
                Part::Plain(plain) => plain.columns,
                Part::Nested(nested) => nested.columns(),
            };
            wanted.add(columns.iter().copied());
        }
    }

    /// Reads everything below these rows.
    ///
    /// # Errors
    /// [`Declined`].
    pub fn read(
        &self,
        reader: &mut Reader<'_>,
        rows: &Arc<batch::Batch<T::Row>>,
    ) -> Result<ReadObjects<'_, T>, Declined> {
        let objects = (0..rows.rows().len()).filter_map(|at| BatchRow::at(rows, at)).map(T::from).collect();
        let mut batch = BatchContext { rows, of_partners: &self.of_partners, shared: HashMap::new() };
        let mut fields = Vec::with_capacity(self.parts.len());
        for (key, part) in &self.parts {
            let field = match part {
                Part::Type => Field::Type,
                Part::Plain(plain) => Field::Plain(*plain),
                Part::Nested(nested) => Field::Nested(nested.read(reader, &mut batch)?),
            };
            fields.push((key, field));
        }
        Ok(ReadObjects { objects, rows: rows.clone(), fields })
    }
}

enum Field<'o, T: Direct> {
    Type,
    Plain(Plain<T>),
    Nested(Box<dyn ReadField<T::Row> + 'o>),
}

/// A batch of objects, with everything below them read.
#[allow(missing_debug_implementations)]
pub struct ReadObjects<'o, T: Direct> {
    objects: Vec<T>,
    rows: Arc<batch::Batch<T::Row>>,
    fields: Vec<(&'o String, Field<'o, T>)>,
}

impl<T: Direct> ReadObjects<'_, T> {
    /// Writes the object at this position.
    ///
    /// # Errors
    /// [`Declined`].
    pub fn write(&self, at: usize, out: &mut Vec<u8>) -> Result<(), Declined> {
        let (object, row) = self
            .objects
            .get(at)
            .zip(self.rows.rows().get(at))
            .ok_or_else(|| Declined::because("a row is missing from the batch"))?;
        json::members(self.fields.iter().map(|(key, field)| (*key, field)), out, |field, out| match field {
            Field::Type => json::text(T::TYPE, out),
            Field::Plain(plain) => (plain.write_json)(object, out),
            Field::Nested(filled) => filled.write(at, row, out),
        })
    }
}

/// The selection of a value object, which is not a database row.
#[allow(missing_debug_implementations)]
pub struct Values<T: Shape>(Vec<(String, Option<Plain<T>>)>);

impl<T: Shape> Values<T> {
    /// Parses a selection. `None` if async-graphql must answer any part of it.
    #[must_use]
    pub fn of(set: &SelectionSet) -> Option<Self> {
        let fields = RequestedField::all(set)?.into_iter().map(|requested| {
            let field = if requested.name() == "__typename" { None } else { Some(T::plain(requested.name())?) };
            Some((requested.key(), field))
        });
        fields.collect::<Option<_>>().map(Self)
    }

    /// Writes one value.
    ///
    /// # Errors
    /// [`Declined`].
    pub fn write(&self, value: &T, out: &mut Vec<u8>) -> Result<(), Declined> {
        json::members(self.0.iter().map(|(key, field)| (key, field)), out, |field, out| match field {
            Some(plain) => (plain.write_json)(value, out),
            None => json::text(T::TYPE, out),
        })
    }
}
