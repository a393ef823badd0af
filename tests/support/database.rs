//! Databases that exist for the duration of a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use partnergraph_store::database::{Database, PoolSize};
use partnergraph_store::sql::sql;
use partnergraph_store::{Backend, Conn, DatabaseUrl, migrate};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A separate migrated, empty database, dropped at the end.
pub struct TestDatabase {
    url: DatabaseUrl,
    /// Deleted with this value, including the database file.
    directory: TempDir,
    /// The server's own database and the name of this one, on PostgreSQL.
    server: Option<(DatabaseUrl, String)>,
}

impl TestDatabase {
    /// A database of the test case's backend.
    pub fn on(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::sqlite(),
            Backend::Postgres => Self::postgres(),
        }
    }

    /// An embedded database in a temporary file, copied from a migrated one.
    pub fn sqlite() -> Self {
        static TEMPLATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let directory = TempDir::new().unwrap();
            let path = directory.path().join("template.db");
            let mut conn = Conn::open(&DatabaseUrl::Sqlite(path.clone())).unwrap();
            migrate::run(&mut conn).unwrap();
            // The rows are in the write-ahead log until the last connection is closed.
            drop(conn);
            fs::read(path).unwrap()
        });
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("test.db");
        fs::write(&path, &*TEMPLATE).unwrap();
        Self { url: DatabaseUrl::Sqlite(path), directory, server: None }
    }

    /// A database of the test server, copied from a migrated one.
    pub fn postgres() -> Self {
        static TEMPLATE: LazyLock<String> = LazyLock::new(|| template(&server()));
        let name = format!("{}{}", *PREFIX, NUMBER.fetch_add(1, Ordering::Relaxed));
        let server = server();
        let mut conn = Conn::open(&server).unwrap();
        conn.batch(&format!("CREATE DATABASE {name} TEMPLATE {}{}", *TEMPLATE, *STRATEGY)).unwrap();
        Self { url: sibling(&server, &name), directory: TempDir::new().unwrap(), server: Some((server, name)) }
    }

    /// The URL.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The URL as in `DATABASE_URL`.
    pub fn url_text(&self) -> String {
        match &self.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(text) => text.clone(),
        }
    }

    /// A connection.
    pub fn connect(&self) -> Conn {
        Conn::open(&self.url).unwrap()
    }

    /// A small server pool.
    pub fn open(&self) -> Database {
        Database::open(&self.url, PoolSize { readers: 2, writers: 1 }).unwrap()
    }

    /// A directory for files of the test, deleted with the database.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server {
            // A failing drop must not hide why a test failed; the next run drops what is left.
            if let Ok(mut conn) = Conn::open(server) {
                let _ = conn.batch(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

/// The test server's own database.
fn server() -> DatabaseUrl {
    let text = std::env::var("PARTNERGRAPH_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("PARTNERGRAPH_TEST_POSTGRES is not set; run the tests with `tests/run`, which starts a server for them")
    });
    text.parse().expect("PARTNERGRAPH_TEST_POSTGRES is a postgres:// URL")
}

/// Another database of the same server.
fn sibling(server: &DatabaseUrl, name: &str) -> DatabaseUrl {
    let DatabaseUrl::Postgres(text) = server else { panic!("PARTNERGRAPH_TEST_POSTGRES is a postgres:// URL") };
    let mut url = url::Url::parse(text).unwrap();
    url.set_path(name);
    url.as_str().parse().unwrap()
}

/// How a database is copied: by its files, which takes half as long as by the log, on versions that support both.
static STRATEGY: LazyLock<&str> = LazyLock::new(|| {
    let version = sql("SELECT current_setting('server_version_num')::bigint AS number");
    let version: Option<Count> = Conn::open(&server()).unwrap().row(&version).unwrap();
    if version.is_some_and(|version| version.number >= 150_000) { " STRATEGY FILE_COPY" } else { "" }
});

/// What the names of this process's databases begin with. The process has an advisory lock on the number in it, which the
/// server releases when the process ends, however it ends.
static PREFIX: LazyLock<String> = LazyLock::new(|| {
    let mut conn = Conn::open(&server()).unwrap();
    drop_leftovers(&mut conn);
    let random = sql("SELECT trunc(random() * 2147483647)::bigint AS number");
    let number = loop {
        let number = conn.row::<Count>(&random).unwrap().unwrap().number;
        if lock(&mut conn, number) {
            break number;
        }
    };
    // The connection stays open, and with it the lock, until the process ends.
    std::mem::forget(conn);
    format!("partnergraph_run_{number}_")
});

/// Drops the databases of processes that were killed. A process locks its number before it creates a database with it, so a
/// database whose number can be locked belongs to no running process. Of several processes that drop leftovers at the same
/// time, one gets the lock.
fn drop_leftovers(conn: &mut Conn) {
    let databases = sql("SELECT datname::text AS name FROM pg_database WHERE datname ~ '^partnergraph_run_[0-9]+_'");
    for Name { name } in conn.rows::<Name>(&databases).unwrap() {
        let number = name.split('_').nth(2).unwrap().parse().unwrap();
        if lock(conn, number) {
            // A database that cannot be dropped does not concern this run; the next one tries again.
            let _ = conn.batch(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            conn.batch(&format!("SELECT pg_advisory_unlock(724201000, {number})")).unwrap();
        }
    }
}

/// Locks the number of a test process, unless another connection has locked it.
fn lock(conn: &mut Conn, number: i64) -> bool {
    let locked = format!("SELECT 1::bigint AS number WHERE pg_try_advisory_lock(724201000, {number})");
    conn.row::<Count>(&sql(locked)).unwrap().is_some()
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// The name of a migrated database to copy. Test binaries that run at the same time create it once; a change of the migrations
/// results in another name.
fn template(server: &DatabaseUrl) -> String {
    let name = format!("partnergraph_template_{}", &migrations_hash()[..12]);
    let mut conn = Conn::open(server).unwrap();
    conn.batch("SELECT pg_advisory_lock(724200999)").unwrap();
    let known: Option<Count> =
        conn.row(&sql("SELECT COUNT(*) AS number FROM pg_database WHERE datname = ").bind(name.as_str())).unwrap();
    if known.is_some_and(|known| known.number == 0) {
        // Renamed when it is complete: an interrupted run leaves no incomplete template under that name.
        let draft = format!("{}template", *PREFIX);
        conn.batch(&format!("CREATE DATABASE {draft}")).unwrap();
        migrate::run(&mut Conn::open(&sibling(server, &draft)).unwrap()).unwrap();
        conn.batch(&format!("ALTER DATABASE {draft} RENAME TO {name}")).unwrap();
    }
    conn.batch("SELECT pg_advisory_unlock(724200999)").unwrap();
    name
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

fn migrations_hash() -> String {
    // The importer's tests include this file too, and their package is one folder below.
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.ancestors().find(|folder| folder.join("migrations").is_dir()).unwrap();
    let mut files: Vec<PathBuf> = vec![root.join("domain/data/regions.csv"), root.join("store/src/derive.rs")];
    for folder in ["migrations/postgres", "migrations/both"] {
        let migrations = fs::read_dir(root.join(folder)).unwrap().map(|migration| migration.unwrap().path());
        files.extend(migrations.filter(|path| path.is_dir()).map(|path| path.join("up.sql")));
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(fs::read(&file).unwrap());
    }
    hex::encode(hash.finalize())
}
