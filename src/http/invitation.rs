//! `/invitation`: where the link of an invitation leads. The token stands after the `#`, so it never reaches the server; the page
//! says in plain words what to do with it.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

use super::examples::examples;
use super::graphiql::POLICY;

const PAGE: &str = include_str!("invitation.html");

pub(super) async fn page() -> Response {
    let document = |name: &str| {
        let found = examples().into_iter().find(|example| example.name == name);
        escaped(found.map(|example| example.query).unwrap_or_default().trim_end())
    };
    let page = PAGE
        .replace("{{ACCEPT_PARTNERSHIP}}", &document("AcceptPartnership"))
        .replace("{{ACCEPT_INVITATION}}", &document("AcceptInvitation"))
        .replace("{{DECLINE_INVITATION}}", &document("DeclineInvitation"));
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, Html(page)).into_response()
}

/// As it stands in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_page_shows_both_operations_and_runs_no_script() {
        let answer = page().await;
        assert_eq!(answer.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains("mutation AcceptPartnership(") && text.contains("mutation AcceptInvitation("));
        assert!(text.contains("mutation DeclineInvitation("));
        assert!(text.contains("href=\"/graphiql\"") && !text.contains("<script") && !text.contains("{{"));
    }
}
