//! The sample book of business: a provider with its resellers, customers and subscriptions, the exports that describe
//! them, and the expected result of importing these exports.

mod blemishes;
pub mod catalog;
mod charges;
pub mod customers;
mod demo;
mod expected;
pub mod life;
mod migration;
pub mod names;
pub mod partners;
mod portal;
mod readme;
mod reconciliation;
pub mod record;
pub mod report;
mod stories;
pub mod world;

use crate::random::Random;
use crate::sheet::SampleFile;
use report::Export;
use world::World;

/// The date on which the lists were exported; all charges are older.
pub const LISTS_AS_OF: &str = "2026-10-01";

const SEED: u64 = 0x5649_5354_554c_4121;

/// The samples: the world, and the exports in import order.
#[derive(Clone, Debug)]
pub struct Book {
    /// The true state.
    pub world: World,
    /// The exports that describe it, oldest first.
    pub exports: Vec<Export>,
}

/// Generates the book.
///
/// # Errors
/// If a file cannot be written in its encoding, which a change of the samples' texts can cause.
pub fn book() -> anyhow::Result<Book> {
    let mut random = Random::new(SEED);
    let mut world = World::new(&mut random);
    portal::forget_a_status(&mut world);
    let mut exports = vec![
        reconciliation::new_commerce_august(&world, &mut random)?,
        reconciliation::license_based_august(&world, &mut random)?,
        reconciliation::new_commerce_september(&world, &mut random)?,
        reconciliation::license_based_september(&world, &mut random)?,
        portal::customers(&world)?,
    ];
    for nth in 0..portal::SUBSCRIPTION_LISTS.len() {
        exports.push(portal::subscriptions(&world, nth)?);
    }
    exports.push(migration::customers(&world)?);
    exports.push(migration::subscriptions(&world)?);
    exports.push(migration::new_commerce_subscriptions(&world)?);
    Ok(Book { world, exports })
}

/// Every file of the samples' directory.
///
/// # Errors
/// See [`book`].
pub fn files() -> anyhow::Result<Vec<SampleFile>> {
    let book = book()?;
    let text = |path: &str, text: String| SampleFile { path: path.to_owned(), bytes: text.into_bytes() };
    let mut files = vec![
        text("README.md", readme::readme(&book)),
        text("demo.toml", demo::demo(&book)),
        text("expected.json", expected::expected(&book)),
        // Line endings and encodings are part of the samples, so git must not change them.
        text(".gitattributes", "* -text\n".to_owned()),
    ];
    files.extend(book.exports.into_iter().map(|export| export.file));
    Ok(files)
}
