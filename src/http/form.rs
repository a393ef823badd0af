//! The file in the body of an upload: the body itself, or the only part of a form.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::stream::{self, Stream, StreamExt};
use multer::Multipart;

use super::body::BodyError;

/// How many bytes may come before the content of a part: its boundary and headers. They are held in memory.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// No limit: the content is passed on as it arrives.
const CONTENT: usize = usize::MAX;

const ONE_FILE: BodyError = BodyError::Malformed(
    "a form must have exactly one part, the file with its filename; or send the file itself as the body",
);
const UNREADABLE: BodyError =
    BodyError::Malformed("the form is malformed; you can also send the file itself as the body");

/// An uploaded file.
pub(super) struct File {
    /// Its name, if a form states it.
    pub(super) name: Option<String>,
    /// Its bytes. They end with [`BodyError::Malformed`] if something else follows the file in a form.
    pub(super) body: Body,
}

/// Finds the file in a body.
pub(super) async fn file<S>(headers: &HeaderMap, bytes: S) -> Result<File, BodyError>
where
    S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
{
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        return Ok(File { name: None, body: Body::from_stream(bytes) });
    }
    let boundary = multer::parse_boundary(content_type).map_err(|_| UNREADABLE)?;
    let head = Arc::new(AtomicUsize::new(0));
    let counted = head.clone();
    let bytes = bytes.map(move |chunk| {
        let chunk = chunk?;
        match counted.load(Ordering::Relaxed) {
            CONTENT => {}
            before if before > MAX_HEAD_BYTES => return Err(UNREADABLE),
            before => counted.store(before + chunk.len(), Ordering::Relaxed),
        }
        Ok(chunk)
    });
    let mut form = Multipart::new(bytes, boundary);
    let part = form.next_field().await.map_err(reason)?.ok_or(ONE_FILE)?;
    let name = part.file_name().filter(|name| !name.is_empty()).ok_or(ONE_FILE)?;
    // Some browsers have sent the whole path.
    let name = name.rsplit(['/', '\\']).next().map(str::to_owned);
    head.store(CONTENT, Ordering::Relaxed);
    let content = stream::try_unfold(Some((part, form)), move |state| {
        let head = head.clone();
        async move {
            let Some((mut part, mut form)) = state else { return Ok(None) };
            if let Some(chunk) = part.chunk().await.map_err(reason)? {
                return Ok(Some((chunk, Some((part, form)))));
            }
            // The form yields its next part only once the previous one is dropped.
            drop(part);
            head.store(0, Ordering::Relaxed);
            match form.next_field().await.map_err(reason)? {
                None => Ok(None),
                Some(_) => Err(ONE_FILE),
            }
        }
    });
    Ok(File { name, body: Body::from_stream(content) })
}

/// Why a form was not read to its end.
fn reason(error: multer::Error) -> BodyError {
    match error {
        multer::Error::StreamReadFailed(cause) => BodyError::of(cause.as_ref()),
        multer::Error::IncompleteFieldData { .. } => BodyError::BrokenOff,
        _ => UNREADABLE,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    async fn read(body: &str) -> Result<(Option<String>, Bytes), BodyError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=x".parse().unwrap());
        // Byte by byte, so that every boundary falls between two chunks once.
        let bytes: Vec<_> = body.bytes().map(|byte| Ok(Bytes::from(vec![byte]))).collect();
        let file = file(&headers, stream::iter(bytes)).await?;
        let content = to_bytes(file.body, 1 << 20).await.map_err(|error| BodyError::of(&error))?;
        Ok((file.name, content))
    }

    fn part(disposition: &str, content: &str) -> String {
        format!("--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n")
    }

    #[tokio::test]
    async fn a_form_is_one_file_with_its_name() {
        let file = part("name=\"file\"; filename=\"C:\\\\books\\\\a.csv\"", "a,b\r\n--y\r\n1,2\r\n");
        let (name, content) = read(&format!("{file}--x--\r\n")).await.unwrap();
        assert_eq!((name.as_deref(), &content[..]), (Some("a.csv"), &b"a,b\r\n--y\r\n1,2\r\n"[..]));
        let text = part("name=\"note\"", "hello");
        for form in [format!("{file}{text}--x--"), format!("{text}{file}--x--"), "--x--\r\n".to_owned()] {
            assert_eq!(read(&form).await.unwrap_err(), ONE_FILE, "{form}");
        }
        for broken_off in [file.as_str(), file.trim_end()] {
            assert_eq!(read(broken_off).await.unwrap_err(), BodyError::BrokenOff);
        }
        assert_eq!(read(&"z".repeat(MAX_HEAD_BYTES + 2)).await.unwrap_err(), UNREADABLE);
        let endless = format!("--x\r\nA: {}", "z".repeat(MAX_HEAD_BYTES + 2));
        assert_eq!(read(&endless).await.unwrap_err(), UNREADABLE);
        assert_eq!(read(&format!("{file}{endless}")).await.unwrap_err(), UNREADABLE);
    }
}
