//! Migrations: twins for the two databases, embedded in the program.

#[cfg(feature = "postgres")]
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use partnergraph_domain::regions;

use crate::conn::{Access, Conn};
use crate::derive;
use crate::error::{StoreError, StoreResult};
use crate::schema;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

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
    use diesel::migration::{Migration, MigrationSource};
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
    use diesel::migration::Migration;
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
