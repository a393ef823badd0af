//! The id that a request goes by: the client's own, or a fresh one. Errors and log lines bear it.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

const NAME: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from outside. It goes into logs and answers.
const MAX_BYTES: usize = 128;

/// Gives the request its id, and the answer the same.
pub(super) async fn assign(mut request: Request, next: Next) -> Response {
    let id = given(request.headers()).or_else(|| HeaderValue::from_str(&Uuid::now_v7().to_string()).ok());
    request.headers_mut().remove(NAME);
    let Some(id) = id else { return next.run(request).await };
    request.headers_mut().insert(NAME, id.clone());
    let mut answer = next.run(request).await;
    answer.headers_mut().insert(NAME, id);
    answer
}

/// The client's own id, if there is one and it can stand in a log line as it is.
fn given(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut values = headers.get_all(NAME).iter();
    let id = values.next().filter(|_| values.next().is_none())?;
    let is_fit = (1..=MAX_BYTES).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic);
    is_fit.then(|| id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_outside_is_short_and_visible_or_not_taken() {
        let taken = |ids: &[&str]| {
            let mut headers = HeaderMap::new();
            for id in ids {
                headers.append(NAME, HeaderValue::from_bytes(id.as_bytes()).unwrap());
            }
            given(&headers).is_some()
        };
        assert!(taken(&["a"]) && taken(&["x".repeat(128).as_str()]));
        for ids in [&[][..], &[""], &["a b"], &["a\tb"], &["ä"], &["a", "b"], &["x".repeat(129).as_str()]] {
            assert!(!taken(ids), "{ids:?}");
        }
    }
}
