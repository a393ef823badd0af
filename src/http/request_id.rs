//! The id of a request: the client's own or a new one. Errors and log lines contain it.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

const NAME: HeaderName = HeaderName::from_static("x-request-id");

/// The maximum length of an id from a client. It is written to logs and responses.
const MAX_BYTES: usize = 128;

/// Sets the id on the request and on the response.
pub(super) async fn assign(mut request: Request, next: Next) -> Response {
    let id = given(request.headers()).or_else(|| HeaderValue::from_str(&Uuid::now_v7().to_string()).ok());
    request.headers_mut().remove(NAME);
    let Some(id) = id else { return next.run(request).await };
    request.headers_mut().insert(NAME, id.clone());
    let mut answer = next.run(request).await;
    answer.headers_mut().insert(NAME, id);
    answer
}

/// The client's own id, if there is one and it is safe to write to a log line.
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
    fn an_id_from_a_client_is_ignored_unless_short_and_visible() {
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
