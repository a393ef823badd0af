use partnergraph_store::{Conn, DatabaseUrl, migrate};

use super::{Done, Exit, Failure, print};
use crate::config::Config;

/// Prints the settings in effect, with secrets masked, and whether the database is usable. Changes nothing.
pub(super) fn run(config: &Config) -> Done {
    let rows: Vec<[String; 3]> =
        config.shown().into_iter().map(|(name, value, source)| [name.to_owned(), value, source]).collect();
    print::table(["SETTING", "VALUE", "FROM"], &rows);
    print::line("");
    // Opening an embedded database would create it.
    if let DatabaseUrl::Sqlite(path) = &config.database_url
        && !path.exists()
        && path.parent().is_none_or(|directory| directory.as_os_str().is_empty() || directory.is_dir())
    {
        print::line("database: does not exist yet; the first command that needs it creates it");
        return Ok(Exit::Done);
    }
    let mut conn = Conn::open(&config.database_url)?;
    print::line("database: reachable");
    let pending = migrate::pending(&mut conn)?;
    if pending.is_empty() {
        print::line("migrations: all applied");
        return Ok(Exit::Done);
    }
    Err(Failure::new(print::pending(&pending)).hint("run `partnergraph migrate`"))
}
