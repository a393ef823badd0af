//! `/invitation` and `/verify`: the pages that the links in invitations and in the platform's e-mails open. The token comes after
//! the `#`, so it never reaches the server; the pages explain what to do with it.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

use super::examples::examples;
use super::graphiql::POLICY;

pub(super) async fn invitation() -> Response {
    let operations = [
        ("{{ACCEPT_PARTNERSHIP}}", "AcceptPartnership"),
        ("{{ACCEPT_INVITATION}}", "AcceptInvitation"),
        ("{{DECLINE_INVITATION}}", "DeclineInvitation"),
    ];
    page(include_str!("pages/invitation.html"), &operations)
}

pub(super) async fn verify() -> Response {
    page(include_str!("pages/verify.html"), &[("{{VERIFY_PRIMARY_CONTACT}}", "VerifyPrimaryContact")])
}

/// Fills in the documents of these operations.
fn page(text: &str, operations: &[(&str, &str)]) -> Response {
    let examples = examples();
    let page = operations.iter().fold(text.to_owned(), |page, (place, name)| {
        let found = examples.iter().find(|example| example.name == *name);
        page.replace(place, &escaped(found.map_or("", |example| example.query.trim_end())))
    });
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, Html(page)).into_response()
}

/// Escapes text for HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text_of(answer: Response) -> String {
        assert_eq!(answer.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains("href=\"/graphiql\"") && !text.contains("<script") && !text.contains("{{"));
        text
    }

    #[tokio::test]
    async fn the_pages_show_the_operations_and_run_no_script() {
        let text = text_of(invitation().await).await;
        assert!(text.contains("mutation AcceptPartnership(") && text.contains("mutation AcceptInvitation("));
        assert!(text.contains("mutation DeclineInvitation("));
        assert!(text_of(verify().await).await.contains("mutation VerifyPrimaryContact("));
    }
}
