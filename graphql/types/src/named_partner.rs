use std::rc::Rc;
use std::sync::Arc;

use partnergraph_direct::{
    BatchContext, Declined, NestedField, Outline, ReadField, ReadObjects, Reader, Repeated, WriteJson,
};
use partnergraph_domain::PartnerKey;
use partnergraph_operation::batch;
use partnergraph_store::read::partners::{self, PartnerRow};
use partnergraph_store::read::row::Wanted;

use super::Partner;

/// The partner accounts that the rows of a batch name and that the caller can see, ordered by key.
pub(super) struct Partners(Arc<batch::Batch<PartnerRow>>);

impl Partners {
    /// Reads the accounts that the rows of this batch name, once for all fields of the batch.
    pub(super) fn of<R: Send + Sync + 'static>(
        reader: &mut Reader<'_>,
        batch: &mut BatchContext<'_, R>,
        named: fn(&R) -> [Option<PartnerKey>; 3],
    ) -> Result<Rc<Self>, Declined> {
        batch.shared(|batch, wanted| {
            let mut keys: Vec<PartnerKey> = batch.rows().iter().flat_map(named).flatten().collect();
            keys.sort_unstable();
            keys.dedup();
            let mut rows = partners::by_ids_narrowed(reader.conn, reader.scope, &keys, wanted)?;
            rows.sort_unstable_by_key(|row| row.id);
            Ok(Self(batch::Batch::new(rows)))
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
pub(super) type PickPartner<R> = fn(&R) -> Option<PartnerKey>;

/// A field whose value is a partner account that its row names. Null if the row names none or the caller cannot see it.
pub(super) struct NamedPartner<R> {
    /// The selection on the account.
    pub(super) outline: Outline<Partner>,
    /// All accounts that a row names.
    pub(super) named: fn(&R) -> [Option<PartnerKey>; 3],
    /// Selects the account for this field, and the columns that it needs.
    pub(super) pick: (PickPartner<R>, &'static [&'static str]),
}

impl<R: Send + Sync + 'static> NestedField<R> for NamedPartner<R> {
    fn columns(&self) -> &'static [&'static str] {
        self.pick.1
    }

    fn of_partners(&self) -> Wanted {
        let mut wanted = Wanted::default();
        self.outline.wants(&mut wanted);
        wanted
    }

    fn read<'o>(
        &'o self,
        reader: &mut Reader<'_>,
        batch: &mut BatchContext<'_, R>,
    ) -> Result<Box<dyn ReadField<R> + 'o>, Declined> {
        let partners = Partners::of(reader, batch, self.named)?;
        let objects = self.outline.read(reader, &partners.0)?;
        Ok(Box::new(Found { pick: self.pick.0, partners, objects, written: Repeated::default() }))
    }
}

struct Found<'o, R> {
    pick: PickPartner<R>,
    partners: Rc<Partners>,
    objects: ReadObjects<'o, Partner>,
    written: Repeated<usize>,
}

impl<R> ReadField<R> for Found<'_, R> {
    fn write(&self, _: usize, row: &R, out: &mut Vec<u8>) -> Result<(), Declined> {
        match (self.pick)(row).and_then(|id| self.partners.place(id)) {
            Some(at) => self.written.write(at, out, |out| self.objects.write(at, out)),
            None => None::<bool>.write_json(out),
        }
    }
}
