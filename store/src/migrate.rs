//! Migrations, embedded in the program: twins for the two databases, and those whose text is the same on both.

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

/// The migrations of two places, in the order of their numbers.
struct Merged<A, B>(A, B);

impl<DB: Backend, A: MigrationSource<DB>, B: MigrationSource<DB>> MigrationSource<DB> for Merged<A, B> {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        let mut all = self.0.migrations()?;
        all.extend(self.1.migrations()?);
        all.sort_unstable_by(|a, b| a.name().version().cmp(&b.name().version()));
        Ok(all)
    }
}

/// Held while migrating, so that servers that start at the same time do it once.
#[cfg(feature = "postgres")]
const MIGRATION_LOCK: i64 = 724_200_902;

/// Applies what is pending and gives the names of what was applied. Derived tables are filled again, and the markets are
/// brought to the edition of the program.
///
/// # Errors
/// [`StoreError::Migrate`]; each migration is one transaction, so the tables are as the last good one left them.
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

/// The names of all migrations of this program, in their order; the same on both databases.
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

/// The names of the migrations that are not applied yet.
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

/// Takes the newest migration back.
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

/// The regions and markets are data of an edition: whatever an older program wrote is replaced.
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
    fn migrations_of_both_databases_come_in_the_order_of_the_numbers() {
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
    fn a_number_is_given_once() {
        let mut numbers: Vec<String> =
            known().unwrap().iter().map(|name| name.chars().take_while(char::is_ascii_digit).collect()).collect();
        let count = numbers.len();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }
}
