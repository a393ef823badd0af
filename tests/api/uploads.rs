//! What `POST /import` stores, for whom, and for how long.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode, header};
use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use partnergraph::config::{Config, Flags, UploadSettings};
use partnergraph::http::router;
use partnergraph_store::sql::sql;
use partnergraph_store::write::housekeeping::{self, Rest};
use partnergraph_store::{Access, StoreError, clock};
use rstest::rstest;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::api::caller::Api;
use crate::support::{Backend, Postgres, Sqlite};

const LIST: &str = "Microsoft ID,Company name,Primary domain name,Relationship\r\n\
     5d1f6f0a-1111-4222-8333-944444444401,Adventure Works,adventure-works.example,Cloud Reseller\r\n";
const START: &str = "mutation($input: StartImportInput!) { startImport(input: $input) { importRun { id } \
     userErrors { code field } } }";

struct Server {
    api: Api,
    router: Router,
    /// The token of a Global admin of a provider.
    token: String,
    /// The token of a Global admin of another provider.
    other: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Server {
    fn on(backend: Backend) -> Self {
        let api = Api::on(backend);
        let token = api.admin(&api.graph.provider("Northwind").add());
        let other = api.admin(&api.graph.provider("Tailspin").add());
        let mut config = Config::load(&Flags::default()).unwrap();
        config.uploads = UploadSettings { max_bytes: 300, max_uploads: 2, max_total_bytes: 400 };
        Self { router: router(api.database.clone(), &config), api, token, other }
    }

    async fn post(&self, token: &str, name: &str, body: Body) -> (StatusCode, Value) {
        let request = Request::post(format!("/import?name={name}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(body)
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    async fn upload(&self, token: &str, text: &str) -> String {
        let (status, answer) = self.post(token, "Customers.csv", Body::from(text.to_owned())).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        answer["upload"].as_str().unwrap().to_owned()
    }

    /// The status and code of an upload that is refused.
    async fn refused(&self, token: &str, bytes: usize) -> (StatusCode, String) {
        let (status, answer) = self.post(token, "Customers.csv", Body::from("x".repeat(bytes))).await;
        (status, answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
    }

    async fn start(&self, token: &str, upload: &str, more: Value) -> Value {
        let mut input = json!({"files": [{"upload": upload}]});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        let mut data = self.api.ask(token, START, json!({ "input": input })).await;
        data["startImport"].take()
    }

    fn count(&self, what: &'static str) -> i64 {
        let query = sql(format!("SELECT COUNT(*) AS number FROM {what}"));
        self.api.graph.database.connect().row::<Count>(&query).unwrap().unwrap().number
    }

    async fn until_none(&self, what: &'static str) {
        for _ in 0..3_000 {
            if self.count(what) == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("there are still {what}");
    }

    async fn imports_end(&self) {
        self.until_none("import_runs WHERE status IN ('QUEUED', 'PLANNING', 'APPLYING')").await;
    }

    /// Runs the server's housekeeping, which it does every minute, this many hours from now.
    fn keep_house(&self, hours: i64) {
        let now = clock::now() + chrono::Duration::hours(hours);
        let mut conn = self.api.graph.database.connect();
        for _ in 0..100 {
            let rest =
                conn.transaction::<_, StoreError>(Access::Write, |conn| housekeeping::expire_due(conn, now)).unwrap();
            if rest == Rest::Nothing {
                return;
            }
        }
        panic!("there is always more to do");
    }
}

fn over_quota() -> (StatusCode, String) {
    (StatusCode::TOO_MANY_REQUESTS, "UPLOAD_QUOTA_EXCEEDED".to_owned())
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn an_organisation_can_store_a_limited_number_of_files_and_bytes(#[case] backend: Backend) {
    let server = Server::on(backend);
    server.upload(&server.token, &"x".repeat(250)).await;
    assert_eq!(server.refused(&server.token, 151).await, over_quota());
    server.upload(&server.token, &"x".repeat(150)).await;
    assert_eq!(server.refused(&server.token, 0).await, over_quota());
    // A refused upload no longer counts, and neither do those of others.
    server.upload(&server.other, &"x".repeat(300)).await;
    let operator = server.api.graph.operator_token();
    server.upload(&operator, &"x".repeat(300)).await;
    assert_eq!(server.refused(&operator, 101).await, over_quota());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn many_uploads_at_once_stay_within_the_quota(#[case] backend: Backend) {
    let server = Server::on(backend);
    let uploads = (0..8).map(|_| server.post(&server.token, "Customers.csv", Body::from("x".repeat(250))));
    let taken = join_all(uploads).await.into_iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
    assert!(taken <= 1, "{taken} were taken");
    assert!(server.count("import_uploads WHERE removed_at IS NULL") <= 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn an_upload_belongs_to_its_organisation(#[case] backend: Backend) {
    let server = Server::on(backend);
    let upload = server.upload(&server.token, LIST).await;
    let foreign = server.start(&server.other, &upload, json!({"mode": "DRY_RUN"})).await;
    let unknown = server.start(&server.other, "nothing", json!({"mode": "DRY_RUN"})).await;
    assert_eq!(foreign["userErrors"], json!([{"code": "NOT_FOUND", "field": ["files", "0", "upload"]}]));
    assert_eq!(foreign, unknown);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn an_upload_is_removed_once_it_is_imported(#[case] backend: Backend) {
    let server = Server::on(backend);
    let upload = server.upload(&server.token, LIST).await;
    // A dry run is usually followed by an import.
    server.start(&server.token, &upload, json!({"mode": "DRY_RUN"})).await;
    server.imports_end().await;
    server.keep_house(0);
    let keyed = json!({"mode": "APPLY", "idempotencyKey": "monday"});
    let started = server.start(&server.token, &upload, keyed.clone()).await;
    assert_eq!(started["userErrors"], json!([]));
    server.imports_end().await;
    assert_eq!(server.count("import_runs WHERE status = 'APPLIED'"), 1);
    server.keep_house(0);
    assert_eq!((server.count("import_uploads"), server.count("import_upload_chunks")), (0, 0));
    // The first response for the key outlives the file.
    assert_eq!(server.start(&server.token, &upload, keyed).await, started);
    let again = server.start(&server.token, &upload, json!({"mode": "APPLY"})).await;
    assert_eq!(again["userErrors"][0]["code"], "NOT_FOUND");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn an_upload_that_nobody_imports_is_removed_after_a_day(#[case] backend: Backend) {
    let server = Server::on(backend);
    let (idle, waiting) = (server.upload(&server.token, LIST).await, server.upload(&server.token, LIST).await);
    server.start(&server.token, &waiting, json!({"mode": "DRY_RUN"})).await;
    server.imports_end().await;
    let mut conn = server.api.graph.database.connect();
    conn.batch("UPDATE import_runs SET status = 'QUEUED'").unwrap();
    server.keep_house(23);
    assert_eq!(server.count("import_uploads"), 2);
    server.keep_house(25);
    assert_eq!(server.count("import_uploads"), 1, "that of the run that goes on stays");
    assert_eq!(
        server.start(&server.token, &idle, json!({"mode": "APPLY"})).await["userErrors"][0]["code"],
        "NOT_FOUND"
    );
    conn.batch("UPDATE import_runs SET status = 'FAILED'").unwrap();
    server.keep_house(25);
    assert_eq!((server.count("import_uploads"), server.count("import_upload_chunks")), (0, 0));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn an_upload_of_a_disconnected_client_does_not_count(#[case] backend: Backend) {
    let server = Server::on(backend);
    let begun = stream::iter([Ok::<_, std::io::Error>(Bytes::from(LIST))]);
    let body = Body::from_stream(begun.chain(stream::pending()));
    let upload = server.post(&server.token, "Customers.csv", body);
    assert!(tokio::time::timeout(Duration::from_secs(2), upload).await.is_err());
    server.until_none("import_uploads WHERE removed_at IS NULL").await;
    server.keep_house(0);
    assert_eq!((server.count("import_uploads"), server.count("import_upload_chunks")), (0, 0));
}

#[tokio::test]
async fn a_file_name_has_one_line() {
    let server = Server::on(Sqlite);
    for name in ["a%1Bb.csv", "a%00.csv", "a%0Ab.csv", &"x".repeat(257)] {
        let (status, answer) = server.post(&server.token, name, Body::from(LIST)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    assert_eq!(server.count("import_uploads"), 0);
}
