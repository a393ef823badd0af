//! Migrations, embedded in the program: pairs for the two databases, and those whose text is the same for both.

use diesel::backend::Backend;
#[cfg(feature = "postgres")]
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use partnergraph_domain::regions;

use crate::conn::{Access, Conn};
use crate::derive;
use crate::error::{StoreError, StoreResult};
use crate::schema;

type Embedded = Merged<EmbeddedMigrations, EmbeddedMigrations>;

const BOTH: EmbeddedMigrations = embed_migrations!("../migrations/both");
const SQLITE: Embedded = Merged(embed_migrations!("../migrations/sqlite"), BOTH);
#[cfg(feature = "postgres")]
const POSTGRES: Embedded = Merged(embed_migrations!("../migrations/postgres"), BOTH);

/// The migrations of two directories, ordered by number.
struct Merged<A, B>(A, B);

impl<DB: Backend, A: MigrationSource<DB>, B: MigrationSource<DB>> MigrationSource<DB> for Merged<A, B> {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        let mut all = self.0.migrations()?;
        all.extend(self.1.migrations()?);
        all.sort_unstable_by(|a, b| a.name().version().cmp(&b.name().version()));
        Ok(all)
    }
}

/// Held while migrating, so that servers that start at the same time migrate once.
#[cfg(feature = "postgres")]
const MIGRATION_LOCK: i64 = 724_200_902;

/// Applies pending migrations and returns their names. Derived tables are filled again, and the markets are updated to the
/// edition in the program.
///
/// # Errors
/// [`StoreError::Migrate`]. Each migration is one transaction, so the tables are as the last successful migration left them.
pub fn run(conn: &mut Conn) -> StoreResult<Vec<String>> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migrate(error.to_string());
    let applied = match conn {
        Conn::Sqlite(c) => names(c.run_pending_migrations(SQLITE).map_err(failed)?),
        #[cfg(feature = "postgres")]
        Conn::Postgres(c) => {
            c.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
            let result = c.run_pending_migrations(POSTGRES).map(names).map_err(failed);
            c.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
            result?
        }
    };
    if !applied.is_empty() {
        conn.transaction(Access::Write, |conn| {
            load_markets(conn)?;
            derive::rebuild(conn)
        })?;
    }
    Ok(applied)
}

/// The names of all migrations of this program, in order; the same on both databases.
///
/// # Errors
/// [`StoreError::Migrate`].
pub fn known() -> StoreResult<Vec<String>> {
    let migrations: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> =
        SQLITE.migrations().map_err(|error| StoreError::Migrate(error.to_string()))?;
    let mut names: Vec<String> = migrations.iter().map(|migration| migration.name().to_string()).collect();
    names.sort();
    Ok(names)
}

/// The names of pending migrations.
///
/// # Errors
/// [`StoreError::Migrate`].
pub fn pending(conn: &mut Conn) -> StoreResult<Vec<String>> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migrate(error.to_string());
    Ok(match conn {
        Conn::Sqlite(c) => c.pending_migrations(SQLITE).map_err(failed)?.iter().map(|m| m.name().to_string()).collect(),
        #[cfg(feature = "postgres")]
        Conn::Postgres(c) => {
            c.pending_migrations(POSTGRES).map_err(failed)?.iter().map(|m| m.name().to_string()).collect()
        }
    })
}

/// Reverts the newest migration.
///
/// # Errors
/// [`StoreError::Migrate`].
pub fn revert_last(conn: &mut Conn) -> StoreResult<String> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migrate(error.to_string());
    Ok(match conn {
        Conn::Sqlite(c) => c.revert_last_migration(SQLITE).map_err(failed)?.to_string(),
        #[cfg(feature = "postgres")]
        Conn::Postgres(c) => c.revert_last_migration(POSTGRES).map_err(failed)?.to_string(),
    })
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

/// Loads the regions and markets, which are versioned data. Data from an older program is replaced.
fn load_markets(conn: &mut Conn) -> StoreResult<()> {
    use schema::{markets, regions as region_rows};
    on!(conn, c => {
        diesel::delete(markets::table).execute(c)?;
        diesel::delete(region_rows::table).execute(c)?;
        for region in regions::regions() {
            diesel::insert_into(region_rows::table)
                .values((region_rows::code.eq(&region.code), region_rows::name.eq(&region.name)))
                .execute(c)?;
        }
        for market in regions::markets() {
            diesel::insert_into(markets::table)
                .values((
                    markets::country.eq(market.country),
                    markets::region_code.eq(&market.region().code),
                    markets::name.eq(&market.name),
                    markets::currency.eq(&market.currency),
                ))
                .execute(c)?;
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use diesel_migrations::FileBasedMigrations;

    use super::*;

    #[test]
    fn migrations_from_both_directories_are_ordered_by_number() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, up: &str, down: &str| {
            let folder = place.path().join(name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("up.sql"), up).unwrap();
            fs::write(folder.join("down.sql"), down).unwrap();
        };
        write("own/0001_made", "CREATE TABLE made (id INTEGER);", "DROP TABLE made;");
        write("own/0003_filled", "INSERT INTO made (id, name) VALUES (1, 'one');", "DELETE FROM made;");
        write("both/0002_named", "ALTER TABLE made ADD COLUMN name TEXT;", "ALTER TABLE made DROP COLUMN name;");
        let from = |folder: &str| FileBasedMigrations::from_path(Path::new(place.path()).join(folder)).unwrap();
        let merged = || Merged(from("own"), from("both"));
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        assert_eq!(names(conn.run_pending_migrations(merged()).unwrap()), ["0001", "0002", "0003"]);
        assert_eq!(names(conn.revert_all_migrations(merged()).unwrap()), ["0003", "0002", "0001"]);
    }

    #[test]
    fn duplicate_numbers_are_rejected() {
        let mut numbers: Vec<String> =
            known().unwrap().iter().map(|name| name.chars().take_while(char::is_ascii_digit).collect()).collect();
        let count = numbers.len();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }
}
