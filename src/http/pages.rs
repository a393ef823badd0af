//! `/invitation`, `/verify` and `/reviews`: forms for people who do not use the API. The links in invitations and in the platform's
//! e-mails open the first two. Their token comes after the `#`, so it never reaches the server in an address.
//!
//! The pages send the documents of `docs/operations` that they show, so an installation that trusts those documents runs its pages
//! too.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::RustEmbed;

use super::examples::examples;
use super::graphiql::found;

#[derive(RustEmbed)]
#[folder = "src/http/pages/"]
struct Files;

/// The pages load only their own files and connect only to this server. Nothing inline runs, and scripts cannot write HTML. A form
/// is never submitted as such: that would put a token into an address.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
);

pub(super) async fn invitation() -> Response {
    page("invitation.html")
}

pub(super) async fn verify() -> Response {
    page("verify.html")
}

pub(super) async fn reviews() -> Response {
    page("reviews.html")
}

/// A script or a style sheet of the pages.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let is_asset = [".js", ".css"].iter().any(|extension| name.ends_with(extension));
    match Files::get(&name).filter(|_| is_asset) {
        Some(file) => {
            let bytes = file.data.to_vec();
            found(&name, &file, (&headers, &POLICY), bytes, false)
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Fills in the documents: `{{Name}}` is the operation of that name.
fn page(name: &str) -> Response {
    let Some(file) = Files::get(name) else { return StatusCode::NOT_FOUND.into_response() };
    let text = String::from_utf8_lossy(&file.data).into_owned();
    let page = examples().iter().fold(text, |page, example| {
        page.replace(&format!("{{{{{}}}}}", example.name), &escaped(example.query.trim_end()))
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
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_pages_show_the_operations_that_they_send() {
        let pages: [(_, &[&str]); 3] = [
            (
                invitation().await,
                &[
                    "query ReceivedInvitation(",
                    "mutation AcceptPartnership(",
                    "mutation AcceptInvitation(",
                    "mutation DeclineInvitation(",
                ],
            ),
            (verify().await, &["mutation VerifyPrimaryContact("]),
            (reviews().await, &["query PartnerReviews(", "mutation ReviewPartner(", "query EnrolmentStatus "]),
        ];
        for (answer, documents) in pages {
            let text = text_of(answer).await;
            assert!(
                text.contains("<noscript>") && text.contains("href=\"/graphiql\"") && !text.contains("{{"),
                "{text}"
            );
            for document in documents {
                assert!(text.contains(document), "{document}");
            }
        }
    }

    #[test]
    fn nothing_in_a_page_is_inline() {
        for name in Files::iter().filter(|name| name.ends_with(".html")) {
            let file = Files::get(&name).unwrap();
            let text = String::from_utf8_lossy(&file.data).into_owned();
            assert!(!text.contains("<style") && !text.contains(" style=") && !text.contains(" onclick="), "{name}");
            assert!(
                text.matches("<script").count() == text.matches("<script type=\"module\" src=\"/pages/").count(),
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn only_scripts_and_style_sheets_are_assets() {
        let status = |name: &str| asset(Path(name.to_owned()), HeaderMap::new());
        for name in ["page.js", "invitation.js", "verify.js", "reviews.js", "page.css"] {
            let answer = status(name).await;
            assert_eq!(
                (answer.status(), &answer.headers()[header::CONTENT_SECURITY_POLICY]),
                (StatusCode::OK, &POLICY)
            );
        }
        for name in ["invitation.html", "../pages.rs", "nothing.js"] {
            assert_eq!(status(name).await.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}
