//! GraphQL over HTTP, and the server's other endpoints.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use partnergraph::config::{Config, Flags};
use partnergraph::http::router;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::api::caller::Api;
use crate::support::{Role, Sqlite};

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

pub(crate) struct Server {
    router: Router,
    pub(crate) api: Api,
    pub(crate) token: String,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: axum::http::HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn code(&self) -> String {
        let error = &self.json()["errors"][0]["extensions"];
        assert!(error["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{}", self.text);
        error["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

fn server() -> Server {
    server_with(|_| {})
}

/// A server with another configuration.
pub(crate) fn server_with(configure: impl FnOnce(&mut Config)) -> Server {
    let api = Api::on(Sqlite);
    let token = api.admin(&api.graph.provider("Northwind").add());
    let mut config = Config::load(&Flags::default()).unwrap();
    config.uploads.max_bytes = 64;
    configure(&mut config);
    Server { router: router(api.database.clone(), &config), api, token }
}

impl Server {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, bytes: bytes.to_vec(), text }
    }

    pub(crate) fn post(&self, accept: &str) -> axum::http::request::Builder {
        Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, accept)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
    }

    pub(crate) async fn ask(&self, accept: &str, body: &Value) -> Answer {
        self.send(self.post(accept).body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }
}

const VIEWER: &str = "query Viewer { viewer { user { userPrincipalName } } }";

#[tokio::test]
async fn a_response_has_a_type_that_the_client_accepts() {
    let server = server();
    for accept in [GRAPHQL_RESPONSE, "application/json", "*/*"] {
        let answer = server.ask(accept, &json!({"query": VIEWER, "operationName": "Viewer", "variables": {}})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let expected = if accept == GRAPHQL_RESPONSE { GRAPHQL_RESPONSE } else { "application/json" };
        assert!(answer.header("content-type").starts_with(expected));
        assert!(answer.json()["data"]["viewer"]["user"]["userPrincipalName"].is_string());
        assert!(answer.header("x-request-id").len() > 10);
    }
    for neither in ["text/html", "application/json;q=0"] {
        let answer = server.ask(neither, &json!({"query": VIEWER})).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_ACCEPTABLE, "BAD_REQUEST".to_owned()));
    }
}

#[tokio::test]
async fn the_status_shows_request_errors_if_the_client_accepts_graphql_responses() {
    let server = server();
    for (body, code) in [
        (json!({"query": "{"}), "GRAPHQL_PARSE_FAILED"),
        (json!({"query": "{ nothing }"}), "GRAPHQL_VALIDATION_FAILED"),
        (json!({"query": VIEWER, "operationName": "Other"}), "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let answer = server.ask(GRAPHQL_RESPONSE, &body).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, code.to_owned()));
        assert!(answer.json().get("data").is_none());
        assert_eq!(server.ask("application/json", &body).await.status, StatusCode::OK);
    }
    let mut without = server.post(GRAPHQL_RESPONSE);
    without.headers_mut().unwrap().remove(header::AUTHORIZATION);
    let answer = server.send(without.body(Body::from(json!({"query": VIEWER}).to_string())).unwrap()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED".to_owned()));
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn an_invalid_request_is_refused_with_a_graphql_error() {
    let server = server();
    let typed = |kind: &str, body: &str| {
        let mut request = server.post(GRAPHQL_RESPONSE);
        request.headers_mut().unwrap().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        request.body(Body::from(body.to_owned())).unwrap()
    };
    for (request, status) in [
        (typed("text/plain", "{}"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (typed("application/x-www-form-urlencoded", "query=x"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (typed("multipart/form-data; boundary=x", "--x--"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (typed("application/json; charset=utf-16", "{}"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (typed("application/json+x", "{}"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (typed("application/json; profile=\"a;charset=b\"; Charset=\"UTF-8\"", "nonsense"), StatusCode::BAD_REQUEST),
        (typed("application/json", "nonsense"), StatusCode::BAD_REQUEST),
        (typed("application/json", "[]"), StatusCode::BAD_REQUEST),
        (
            typed("application/json", r#"{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"00"}}}"#),
            StatusCode::BAD_REQUEST,
        ),
        (typed("application/json", "{\"variables\": []}"), StatusCode::BAD_REQUEST),
        (typed("application/json", &" ".repeat(3 << 20)), StatusCode::PAYLOAD_TOO_LARGE),
        (Request::delete("/graphql").body(Body::empty()).unwrap(), StatusCode::METHOD_NOT_ALLOWED),
        (Request::get("/graphql").body(Body::empty()).unwrap(), StatusCode::BAD_REQUEST),
        (
            Request::get("/graphql?query=%7B__typename%7D&variables=x").body(Body::empty()).unwrap(),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let answer = server.send(request).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(!answer.code().is_empty());
    }
    let mut packed = typed("application/json", &json!({"query": VIEWER}).to_string());
    packed.headers_mut().insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
    assert_eq!(server.send(packed).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    // With two tokens it is unclear which one counts.
    let mut twice = typed("application/json", &json!({"query": VIEWER}).to_string());
    twice.headers_mut().append(header::AUTHORIZATION, "Bearer other".parse().unwrap());
    assert_eq!(server.send(twice).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn get_runs_only_queries() {
    let server = server();
    let open = server.get("/graphql?query=%7B__typename%7D").await;
    assert_eq!((open.status, open.json()["data"]["__typename"].clone()), (StatusCode::OK, json!("Query")));
    let mutation = server.get("/graphql?query=mutation%7B__typename%7D").await;
    assert_eq!((mutation.status, mutation.code()), (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED".to_owned()));
    let both = "query%20a%7B__typename%7Dmutation%20b%7B__typename%7D";
    assert_eq!(server.get(&format!("/graphql?query={both}&operationName=a")).await.status, StatusCode::OK);
    assert_eq!(
        server.get(&format!("/graphql?query={both}&operationName=b")).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn the_explorer_loads_nothing_from_elsewhere() {
    let server = server();
    let root = server.get("/").await;
    assert!(root.status.is_redirection() && root.header("location") == "/graphiql");
    let page = server.get("/graphiql").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("CustomersOfReseller") && !page.text.contains("{{CONFIG}}"));
    assert!(!page.text.contains("https://unpkg") && !page.text.contains("cdn."));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'") && policy.contains("connect-src 'self'"));
    assert_eq!(server.get("/graphiql/assets/nothing.js").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn operators_can_check_health_and_metrics() {
    let server = server();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path).await.status, StatusCode::OK);
    }
    let metrics = server.get("/metrics").await;
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    // Dashboards and alerts depend on these names.
    let (fixed, statements) = metrics.text.trim_end().rsplit_once(' ').unwrap();
    let expected = format!(
        "# HELP partnergraph_build_info The version that runs and the database it runs on.\n\
         # TYPE partnergraph_build_info gauge\n\
         partnergraph_build_info{{version=\"{}\",database=\"sqlite\"}} 1\n\
         # HELP partnergraph_database_statements_total Statements sent to the database.\n\
         # TYPE partnergraph_database_statements_total counter\n\
         partnergraph_database_statements_total",
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(fixed, expected);
    assert!(statements.parse::<u64>().is_ok(), "{statements}");
    assert_eq!(server.get("/schema.graphql").await.text, partnergraph::graphql::sdl());
    let nothing = server.get("/nothing").await;
    assert_eq!((nothing.status, nothing.code()), (StatusCode::NOT_FOUND, "NO_SUCH_ADDRESS".to_owned()));
}

#[tokio::test]
async fn a_file_is_uploaded_in_pieces_up_to_the_limit() {
    let server = server();
    let provider = server.api.graph.provider("Litware").add();
    let helpdesk = server.api.graph.token(&provider, &[Role::HelpdeskAgent]);
    let upload = |token: &str, bytes: usize| {
        Request::post("/import?name=customers.csv")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from("x".repeat(bytes)))
            .unwrap()
    };
    let answer = server.send(upload(&server.token, 64)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let taken = answer.json();
    assert_eq!((&taken["name"], &taken["bytes"]), (&json!("customers.csv"), &json!(64)));
    assert_eq!(taken["sha256"], "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
    assert!(taken["upload"].is_string());
    assert_eq!(server.send(upload(&server.token, 65)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let unknown = server.send(upload("wrong", 1)).await;
    assert_eq!((unknown.status, unknown.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    assert_eq!(server.send(upload(&helpdesk, 1)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_form_with_one_file_is_uploaded_as_well() {
    let server = server();
    let part = |disposition: &str, content: &str| {
        format!("--x\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: text/csv\r\n\r\n{content}\r\n")
    };
    let upload = |parts: &[String]| {
        Request::post("/import")
            .header(header::AUTHORIZATION, format!("Bearer {}", server.token))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .body(Body::from(format!("{}--x--\r\n", parts.concat())))
            .unwrap()
    };
    let file = |bytes: usize| part("name=\"file\"; filename=\"customers.csv\"", &"x".repeat(bytes));
    let answer = server.send(upload(&[file(64)])).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let taken = answer.json();
    assert_eq!((&taken["name"], &taken["bytes"]), (&json!("customers.csv"), &json!(64)));
    assert_eq!(taken["sha256"], "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
    let text = part("name=\"note\"", "x");
    for (parts, status) in [
        (&[file(65)][..], StatusCode::PAYLOAD_TOO_LARGE),
        (&[file(1), file(1)], StatusCode::BAD_REQUEST),
        (&[file(1), text.clone()], StatusCode::BAD_REQUEST),
        (&[text.clone(), file(1)], StatusCode::BAD_REQUEST),
        (&[text], StatusCode::BAD_REQUEST),
        (&[], StatusCode::BAD_REQUEST),
    ] {
        let answer = server.send(upload(parts)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(!answer.code().is_empty());
    }
    // A refused upload is marked as removed; the server's housekeeping deletes it.
    let left: Vec<Count> = server.api.graph.write(|conn, _, _| {
        conn.rows(&partnergraph_store::sql::sql(
            "SELECT COUNT(*) AS number FROM import_uploads WHERE removed_at IS NULL",
        ))
    });
    assert_eq!(left[0].number, 1);
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}
