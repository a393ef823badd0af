use partnergraph_store::{Conn, migrate};

use super::{Done, Exit, print};
use crate::config::Config;

/// Applies pending migrations and prints their names.
pub(super) fn run(config: &Config) -> Done {
    let applied = migrate::run(&mut Conn::open(&config.database_url)?)?;
    for name in &applied {
        print::line(format!("applied {name}"));
    }
    if applied.is_empty() {
        print::line("nothing to apply");
    }
    Ok(Exit::Done)
}
