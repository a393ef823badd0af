//! Which media type an answer has, by the request's `Accept` (RFC 9110, 12.5.1).

use axum::http::{HeaderMap, header};

/// The media type of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// For any client: a well-formed request is answered 200, whatever became of it.
    Json,
    /// For a client of the specification: the status says what became of the request.
    GraphqlResponse,
    /// GraphQL over server-sent events: each result is an event.
    EventStream,
}

/// What is served, in the server's own order of preference.
const SERVED: [Media; 3] = [Media::Json, Media::GraphqlResponse, Media::EventStream];

/// One range of an `Accept` header that takes something served.
struct Match {
    /// How closely it names the type: wholly, by its first half, or not at all.
    closeness: u8,
    /// From 0 (not acceptable) to 1000.
    quality: u16,
    /// Where it stands.
    place: usize,
}

impl Media {
    /// The type that the client prefers of those that are served; of equals, the one that it names first. `None` where it
    /// takes none of them. Without the header, it is JSON.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let values: Vec<&str> =
            headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        let ranges: Vec<&str> = values
            .iter()
            .flat_map(|value| split(value, ','))
            .map(str::trim)
            .filter(|range| !range.is_empty())
            .collect();
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        let (mut best, mut chosen): (Option<Match>, _) = (None, None);
        for media in SERVED {
            let Some(found) = media.matched(&ranges).filter(|found| found.quality > 0) else { continue };
            let is_better = best.as_ref().is_none_or(|best| {
                found.quality > best.quality || (found.quality == best.quality && found.place < best.place)
            });
            if is_better {
                (best, chosen) = (Some(found), Some(media));
            }
        }
        chosen
    }

    /// The range that decides about this type: the one that names it most closely.
    fn matched(self, ranges: &[&str]) -> Option<Match> {
        let matches = ranges.iter().enumerate().filter_map(|(place, range)| {
            let mut parts = split(range, ';').map(str::trim);
            let closeness = self.closeness(&parts.next()?.to_ascii_lowercase())?;
            let mut quality = 1000;
            for parameter in parts {
                let (name, value) = parameter.split_once('=')?;
                let value = value.trim().trim_matches('"');
                match name.trim().to_ascii_lowercase().as_str() {
                    "q" => quality = thousandths(value)?,
                    // Answers are in UTF-8. Other parameters name no other type of ours.
                    "charset" if !value.eq_ignore_ascii_case("utf-8") => return None,
                    _ => {}
                }
            }
            Some(Match { closeness, quality, place })
        });
        // Of several that are alike, the first decides.
        matches.reduce(|best, next| if next.closeness > best.closeness { next } else { best })
    }

    fn closeness(self, range: &str) -> Option<u8> {
        let (whole, half, any) = match self {
            Self::Json => ("application/json", "application/*", true),
            Self::GraphqlResponse => ("application/graphql-response+json", "application/*", true),
            // A client that takes anything has not asked for a stream.
            Self::EventStream => ("text/event-stream", "text/*", false),
        };
        match range {
            _ if range == whole => Some(2),
            _ if range == half => Some(1),
            "*/*" if any => Some(0),
            _ => None,
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::EventStream => "text/event-stream",
        }
    }
}

/// A weight such as `0.75`; `None` for what is none.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, digits) = weight.split_once('.').unwrap_or((weight, ""));
    if !matches!(whole, "0" | "1") || digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits: u16 = format!("{digits:0<3}").parse().ok()?;
    let weight = if whole == "1" { 1000 + digits } else { digits };
    (weight <= 1000).then_some(weight)
}

/// The parts between a separator that stands outside quotation marks.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    text.split(move |character| {
        let is_separator = character == separator && !is_quoted;
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        is_separator
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value.parse().unwrap());
        Media::accepted(&headers)
    }

    #[test]
    fn the_answers_type_is_the_one_the_client_names() {
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(accepting("*/*"), Some(Media::Json));
        assert_eq!(accepting("application/json"), Some(Media::Json));
        assert_eq!(accepting("text/event-stream"), Some(Media::EventStream));
        assert_eq!(accepting("Application/GraphQL-Response+JSON; charset=UTF-8"), Some(Media::GraphqlResponse));
        assert_eq!(accepting("text/html"), None);
        assert_eq!(accepting("application/json; charset=utf-16"), None);
    }

    #[test]
    fn the_heaviest_weight_wins_and_zero_excludes() {
        for (accept, expected) in [
            ("application/graphql-response+json, application/json;q=0.9", Some(Media::GraphqlResponse)),
            ("application/graphql-response+json;q=0.8, application/json; q=0.9", Some(Media::Json)),
            ("application/json;q=0.5, application/graphql-response+json", Some(Media::GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(Media::Json)),
            ("application/graphql-response+json, application/json", Some(Media::GraphqlResponse)),
            ("application/json;q=0", None),
            ("application/json;q=0.000, */*;q=0.1", Some(Media::GraphqlResponse)),
            ("*/*, application/json;q=0, application/graphql-response+json;q=0", None),
            ("application/*;q=0.2, application/graphql-response+json;q=0.1", Some(Media::Json)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(Media::Json)),
            ("text/event-stream;q=0.4, application/json;q=0.5", Some(Media::Json)),
            ("text/event-stream, */*;q=0.5", Some(Media::EventStream)),
            // A weight that is none makes its range none.
            ("application/json;q=2, application/graphql-response+json;q=0.1", Some(Media::GraphqlResponse)),
            // What stands in quotation marks separates nothing.
            ("application/json;x=\"a,text/event-stream;q=1\";q=0.3, text/event-stream;q=0.2", Some(Media::Json)),
        ] {
            assert_eq!(accepting(accept), expected, "{accept}");
        }
    }
}
