use std::rc::Rc;
use std::sync::Arc;

use partnergraph_direct::{Answered, Below, Declined, Filled, Level, Outline, Reader, Show};
use partnergraph_domain::PartnerKey;
use partnergraph_operation::siblings;
use partnergraph_store::read::partners::{self, PartnerRow};
use partnergraph_store::read::row::Wanted;

use super::Partner;

/// The partner accounts that the rows of a level name and that the caller can see, ordered by key.
pub(super) struct Partners(Arc<siblings::Level<PartnerRow>>);

impl Partners {
    /// Reads the accounts that the rows of this level name, once for all fields of the level.
    pub(super) fn of<R: Send + Sync + 'static>(
        reader: &mut Reader<'_>,
        level: &mut Level<'_, R>,
        named: fn(&R) -> [Option<PartnerKey>; 3],
    ) -> Result<Rc<Self>, Declined> {
        level.shared(|level, wanted| {
            let mut keys: Vec<PartnerKey> = level.rows().iter().flat_map(named).flatten().collect();
            keys.sort_unstable();
            keys.dedup();
            let mut rows = partners::by_ids_narrowed(reader.conn, reader.scope, &keys, wanted)?;
            rows.sort_unstable_by_key(|row| row.id);
            Ok(Self(siblings::Level::new(rows)))
        })
    }

    fn place(&self, id: PartnerKey) -> Option<usize> {
        self.0.rows().binary_search_by_key(&id, |row| row.id).ok()
    }

    /// The account with that key.
    pub(super) fn get(&self, id: PartnerKey) -> Option<&PartnerRow> {
        self.place(id).and_then(|at| self.0.rows().get(at))
    }
}

/// Selects one of the accounts that a row names.
pub(super) type Meant<R> = fn(&R) -> Option<PartnerKey>;

/// A field whose value is a partner account that its row names. Null if the row names none or the caller cannot see it.
pub(super) struct NamedPartner<R> {
    /// The selection on the account.
    pub(super) outline: Outline<Partner>,
    /// All accounts that a row names.
    pub(super) named: fn(&R) -> [Option<PartnerKey>; 3],
    /// Selects the account for this field, and the columns that it needs.
    pub(super) meant: (Meant<R>, &'static [&'static str]),
}

impl<R: Send + Sync + 'static> Below<R> for NamedPartner<R> {
    fn columns(&self) -> &'static [&'static str] {
        self.meant.1
    }

    fn of_partners(&self) -> Wanted {
        let mut wanted = Wanted::default();
        self.outline.wants(&mut wanted);
        wanted
    }

    fn read<'o>(
        &'o self,
        reader: &mut Reader<'_>,
        level: &mut Level<'_, R>,
    ) -> Result<Box<dyn Filled<R> + 'o>, Declined> {
        let partners = Partners::of(reader, level, self.named)?;
        let answered = self.outline.read(reader, &partners.0)?;
        Ok(Box::new(Found { meant: self.meant.0, partners, answered }))
    }
}

struct Found<'o, R> {
    meant: Meant<R>,
    partners: Rc<Partners>,
    answered: Answered<'o, Partner>,
}

impl<R> Filled<R> for Found<'_, R> {
    fn write(&self, _: usize, row: &R, out: &mut Vec<u8>) -> Result<(), Declined> {
        match (self.meant)(row).and_then(|id| self.partners.place(id)) {
            Some(at) => self.answered.write(at, out),
            None => None::<bool>.show(out),
        }
    }
}
