use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use partnergraph_store::imports::lock::{ImportLock, ServerLock};
use partnergraph_store::imports::runs;
use partnergraph_store::write::housekeeping::{self, Rest};
use partnergraph_store::{Conn, Database, DatabaseUrl, StoreResult, clock, migrate};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::{Done, Exit, Failure, print};
use crate::config::Config;
use crate::http::Sockets;

/// How long running requests may continue after the program is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// How often changes that are due (such as expiries) are written.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// Start the GraphQL server
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph serve
  partnergraph serve --listen 0.0.0.0:8080 --database-url postgres://graph@db/graph?sslmode=require
  curl -s localhost:8080/graphql -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' \\
       -d '{\"query\":\"{ viewer { organization { __typename } } }\"}'

To try queries, open /graphiql in a browser. On SIGTERM or Ctrl-C, the server closes open WebSockets, lets running requests finish, \
and stops.")]
pub(super) struct Serve {
    /// Address to listen on; port 0 selects a free port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<String>,
    /// Do not apply migrations; refuse to start if any are pending
    #[arg(long)]
    no_migrate: bool,
}

pub(super) fn run(arguments: &Serve, config: &Config) -> Done {
    prepare(config, arguments.no_migrate)?;
    serve(config, |_| Ok(()))
}

/// Applies pending migrations, or with --no-migrate refuses to start if there are any.
fn prepare(config: &Config, no_migrate: bool) -> Result<(), Failure> {
    let mut conn = Conn::open(&config.database_url)?;
    if no_migrate {
        let pending = migrate::pending(&mut conn)?;
        if !pending.is_empty() {
            return Err(Failure::new(print::pending(&pending))
                .hint("run `partnergraph migrate`, or start without --no-migrate"));
        }
        return Ok(());
    }
    let applied = migrate::run(&mut conn)?;
    if !applied.is_empty() {
        tracing::info!(migrations = applied.join(", "), "the tables are up to date");
    }
    Ok(())
}

/// Listens and serves until the program is told to stop. Calls `started` with the address before accepting the first request.
pub(super) fn serve(config: &Config, started: impl FnOnce(SocketAddr) -> Result<(), Failure>) -> Done {
    let runtime = Runtime::new().map_err(|error| Failure::new(format!("cannot start the runtime: {error}")))?;
    let mut alive = None;
    let result = runtime.block_on(async {
        let listener = listen(config.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::new(format!("cannot determine the listening address: {error}")))?;
        let url = &config.database_url;
        alive = Some(ServerLock::take(url, || fail_forgotten_runs(url))?);
        let database = Database::open(&config.database_url, config.pool)?;
        let _housekeeping = Stopped(tokio::spawn(keep_house(database.clone())));
        let sockets = Sockets::default();
        let app = crate::http::router_with(database, config, sockets.clone());
        started(address)?;
        tracing::info!("listening on http://{address}");
        drained(crate::http::serve(listener, app, &config.limits, stop_signal()), sockets).await
    });
    // Requests that still run after the drain period are abandoned; their transactions roll back.
    runtime.shutdown_timeout(Duration::from_secs(1));
    drop(alive);
    result
}

/// A task that is aborted when this is dropped.
struct Stopped(tokio::task::JoinHandle<()>);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Writes changes that are due, once a minute. No read waits for it, and several servers can do it at the same time.
async fn keep_house(database: Database) {
    let mut minutes = tokio::time::interval(HOUSEKEEPING);
    loop {
        minutes.tick().await;
        loop {
            let now = clock::now();
            let expired: StoreResult<Rest> = database.write(move |conn| housekeeping::expire_due(conn, now)).await;
            match expired {
                Ok(Rest::More) => {}
                Ok(Rest::Nothing) => break,
                Err(error) => {
                    tracing::warn!(%error, "due changes could not be written; retrying in a minute");
                    break;
                }
            }
        }
    }
}

/// Marks import runs as failed if they were queued or running when their server died. Does nothing while another import is
/// running, because a queued run may be waiting for that one.
pub(super) fn fail_forgotten_runs(url: &DatabaseUrl) -> StoreResult<()> {
    let Some(_lock) = ImportLock::try_take(url)? else { return Ok(()) };
    let failed = runs::fail_forgotten(&mut Conn::open(url)?, clock::now())?;
    if failed > 0 {
        tracing::warn!(failed, "marked the imports of a server that died as failed");
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| cannot_listen(address, &error))
}

/// The error for an address that cannot be listened on.
pub(super) fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => Failure::new(format!("{address} is in use by another program"))
            .hint("stop that program, or choose another port with --listen"),
        std::io::ErrorKind::PermissionDenied => Failure::new(format!("no permission to listen on {address}"))
            .hint("choose a port of 1024 or above with --listen"),
        _ => Failure::new(format!("cannot listen on {address}: {error}"))
            .hint("choose an address of this machine with --listen"),
    }
}

/// Waits for the server to end. Once the program is told to stop, running requests have [`DRAIN`] to finish, and open WebSockets
/// are told at once that the server is going away.
async fn drained(server: impl Future<Output = ()>, sockets: Sockets) -> Done {
    let give_up = async {
        stop_signal().await;
        tokio::time::sleep(DRAIN).await;
    };
    // The server no longer tracks a connection once it becomes a WebSocket or an event stream; these end when they are told to.
    let shutdown = async {
        stop_signal().await;
        sockets.close().await;
    };
    let ended = async {
        tokio::join!(server, shutdown);
        // The last request may have opened another one.
        sockets.close().await;
    };
    tokio::select! {
        () = ended => tracing::info!("stopped"),
        () = give_up => tracing::warn!("stopped while requests were running"),
    }
    Ok(Exit::Done)
}

/// Waits for SIGTERM or Ctrl-C.
async fn stop_signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
