//! Databases for thousands of small imports: one is created and migrated, and each book starts with a copy of it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{Days, NaiveDateTime};
use partnergraph_domain::{ImportMode, ImportRunKey, PartnerKey, PartnerType};
use partnergraph_importer::{
    Caller, FileInput, FileRequest, ImportError, ImportRequest, Report, Reverted, Silent, Waiting, apply_plan, revert,
    run,
};
use partnergraph_store::{Conn, DatabaseUrl};

use crate::book::BookFile;
use crate::support::{Kind, PROVIDER_MPN, PROVIDER_TENANT, World, actor, now};

/// A reseller with an account and a partnership, for edits by users.
pub const ASSIGNED: &str = "2000090";

/// The migrated database with its importing partner, as a file.
static TEMPLATE: OnceLock<(tempfile::TempDir, PathBuf, PartnerKey)> = OnceLock::new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database that can be reset.
pub struct Bench {
    pub kind: Kind,
    pub world: World,
    /// The number of days that have passed; if a law requires it, each run is a day later than the one before.
    pub days: u64,
    spare: u32,
}

impl Bench {
    pub fn new(kind: Kind) -> Self {
        let mut world = World::new(kind);
        world.dir = directory();
        settle(&mut world);
        if kind == Kind::Postgres {
            // Durability is not needed for these rows, and waiting for it thousands of times would be slow.
            let name = world.one("SELECT CAST(current_database() AS TEXT) AS line");
            world.exec(&format!("ALTER DATABASE {name} SET synchronous_commit = off"));
            world.conn = Conn::open(&world.url).unwrap();
        }
        let mut bench = Self { kind, world, days: 0, spare: 0 };
        bench.reset();
        bench
    }

    /// Resets the database to the state before any import.
    pub fn reset(&mut self) {
        self.days = 0;
        match self.kind {
            Kind::Sqlite => {
                let (_, template, provider) = TEMPLATE.get_or_init(template);
                self.spare += 1;
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                let path = self.world.dir.path().join(format!("{number}.db"));
                std::fs::copy(template, &path).unwrap();
                let old = std::mem::replace(&mut self.world.url, DatabaseUrl::Sqlite(path.clone()));
                self.world.conn = Conn::open(&self.world.url).unwrap();
                self.world.exec("PRAGMA synchronous = OFF");
                self.world.provider = *provider;
                if let DatabaseUrl::Sqlite(old) = old {
                    remove(&old);
                }
            }
            Kind::Postgres => {
                let tables = self.world.lines(
                    "SELECT CAST(tablename AS TEXT) AS line FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN \
                     ('regions', 'markets', '__diesel_schema_migrations') AND tablename NOT LIKE '%migration%'",
                );
                let mut text = "BEGIN; SET LOCAL session_replication_role = replica;".to_owned();
                for table in tables {
                    text.push_str(&format!("DELETE FROM {table};"));
                }
                text.push_str("COMMIT;");
                self.world.conn.batch(&text).unwrap();
                self.world.provider =
                    self.world.partner(PartnerType::IndirectProvider, PROVIDER_MPN, Some(PROVIDER_TENANT), "PL");
                settle(&mut self.world);
            }
        }
    }

    pub fn now(&self) -> NaiveDateTime {
        now() + Days::new(self.days)
    }

    pub fn request(&self, files: &[BookFile]) -> ImportRequest {
        let files = files.iter().filter(|file| !file.rows.is_empty()).map(file_request).collect();
        ImportRequest::new(self.world.provider, ImportMode::Apply, files)
    }

    pub fn run(&mut self, request: &ImportRequest) -> Result<Report, ImportError> {
        let actor = actor(request.partner_id);
        let caller = Caller { actor: &actor, now: self.now(), waiting: Waiting::Wait, run_id: None };
        run(&self.world.url, request, &caller, &Silent)
    }

    /// Imports files in one run.
    pub fn import(&mut self, files: &[BookFile]) -> Result<Option<Report>, String> {
        let request = self.request(files);
        if request.files.is_empty() {
            return Ok(None);
        }
        self.run(&request).map(Some).map_err(|error| format!("the import failed: {error}"))
    }

    /// Imports each file in its own run.
    pub fn import_apart(&mut self, files: &[BookFile]) -> Result<(), String> {
        for file in files {
            self.import(std::slice::from_ref(file))?;
        }
        Ok(())
    }

    pub fn apply(&mut self, run_id: ImportRunKey) -> Result<Report, String> {
        let actor = actor(self.world.provider);
        let caller = Caller { actor: &actor, now: self.now(), waiting: Waiting::Wait, run_id: None };
        apply_plan(&self.world.url, run_id, &caller, &Silent)
            .map_err(|error| format!("the plan was not applied: {error}"))
    }

    pub fn revert(&mut self, run_id: ImportRunKey) -> Result<Reverted, String> {
        let actor = actor(self.world.provider);
        let now = self.now();
        revert(&self.world.url, run_id, &actor, now).map_err(|error| format!("the run was not reverted: {error}"))
    }
}

pub fn file_request(file: &BookFile) -> FileRequest {
    let mut request = FileRequest::new(FileInput::Bytes(file.name.clone(), file.text().into_bytes()));
    request.profile = Some(file.format.profile().to_owned());
    request.as_of = file.as_of;
    request.customer = file.customer.as_deref().map(|id| id.parse().unwrap());
    request
}

/// The initial state of every book in addition to the importing partner.
fn settle(world: &mut World) {
    let reseller = world.partner(PartnerType::IndirectReseller, ASSIGNED, None, "PL");
    let provider = world.provider;
    world.exec(&format!(
        "INSERT INTO partnerships (provider_id, reseller_id, state, provider_admin_access, version, created_at, updated_at) \
         VALUES ({provider}, {reseller}, 'ACTIVE', false, 1, '2020-01-01 00:00:00', '2020-01-01 00:00:00')"
    ));
}

fn template() -> (tempfile::TempDir, PathBuf, PartnerKey) {
    let mut world = World::new(Kind::Sqlite);
    settle(&mut world);
    let dir = directory();
    let path = dir.path().join("template.db");
    world.exec(&format!("VACUUM INTO '{}'", path.display()));
    (dir, path, world.provider)
}

/// In memory if the system supports it, because each import waits for the disk several times.
fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn remove(database: &Path) {
    for end in ["", "-wal", "-shm", "-import"] {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
}
