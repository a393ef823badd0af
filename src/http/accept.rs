//! Selects the media type of a response from the request's `Accept` header (RFC 9110, 12.5.1). `mediatype` parses the header; the
//! choice is made here.

use std::cmp::Reverse;

use axum::http::{HeaderMap, header};
use mediatype::names::{_STAR, APPLICATION, CHARSET, EVENT_STREAM, JSON, Q, TEXT};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams as _};

/// The media type of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// For any client: a well-formed request is answered with 200, whatever its outcome.
    Json,
    /// For clients that follow the specification: the status states the outcome of the request.
    GraphqlResponse,
    /// GraphQL over server-sent events: each result is an event.
    EventStream,
}

/// The media types on offer, in the server's order of preference.
const SERVED: [Media; 3] = [Media::Json, Media::GraphqlResponse, Media::EventStream];

const GRAPHQL_RESPONSE: Name<'_> = Name::new_unchecked("graphql-response");

/// A range of an `Accept` header that matches a media type on offer.
struct Match {
    /// How specifically it names the type: fully, by its first half, or not at all.
    closeness: u8,
    /// From 0 (not acceptable) to 1000.
    quality: u16,
    /// Its position in the header.
    place: usize,
}

impl Media {
    /// The media type that the client prefers of those on offer; if several are equal, the one it names first. `None` if it
    /// accepts none of them. JSON if there is no header.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let lines: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect();
        if lines.iter().all(|line| line.trim_matches([',', ' ', '\t']).is_empty()) {
            return Some(Self::Json);
        }
        // Anything that is not a media range is ignored.
        let ranges: Vec<MediaType<'_>> = lines.into_iter().flat_map(MediaTypeList::new).flatten().collect();
        SERVED
            .into_iter()
            .filter_map(|media| Some((media, media.matched(&ranges)?)))
            .filter(|(_, found)| found.quality > 0)
            .min_by_key(|(_, found)| (Reverse(found.quality), found.place))
            .map(|(media, _)| media)
    }

    /// The range that applies to this type: the most specific one, or the first of several equally specific ones.
    fn matched(self, ranges: &[MediaType<'_>]) -> Option<Match> {
        let matches = ranges.iter().enumerate().filter_map(|(place, range)| {
            let closeness = self.closeness(&range.essence())?;
            let quality = range.get_param(Q).map_or(Some(1000), |weight| thousandths(&weight.unquoted_str()))?;
            // Parameters other than the character set do not select a different type of ours.
            is_utf_8(range).then_some(Match { closeness, quality, place })
        });
        matches.min_by_key(|found| Reverse(found.closeness))
    }

    fn closeness(self, range: &MediaType<'_>) -> Option<u8> {
        let (whole, half, any) = match self {
            Self::Json => (MediaType::new(APPLICATION, JSON), APPLICATION, true),
            Self::GraphqlResponse => {
                (MediaType::from_parts(APPLICATION, GRAPHQL_RESPONSE, Some(JSON), &[]), APPLICATION, true)
            }
            // A client that accepts anything has not asked for a stream.
            Self::EventStream => (MediaType::new(TEXT, EVENT_STREAM), TEXT, false),
        };
        match range {
            _ if *range == whole => Some(2),
            _ if *range == MediaType::new(half, _STAR) => Some(1),
            _ if any && *range == MediaType::new(_STAR, _STAR) => Some(0),
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

/// Whether a media type names no character set other than UTF-8.
pub(super) fn is_utf_8(media: &MediaType<'_>) -> bool {
    media.get_param(CHARSET).is_none_or(|set| set.unquoted_str().eq_ignore_ascii_case("utf-8"))
}

/// Parses a weight such as `0.75`, in thousandths; `None` if it is not one.
fn thousandths(weight: &str) -> Option<u16> {
    let is_decimal = weight.len() <= 5 && weight.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let weight = weight.parse::<f32>().ok().filter(|weight| is_decimal && *weight <= 1.0)?;
    Some((weight * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &str) -> Option<Media> {
        accepting_lines(&[value])
    }

    fn accepting_lines(lines: &[&str]) -> Option<Media> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT, line.parse().unwrap());
        }
        Media::accepted(&headers)
    }

    #[test]
    fn the_response_has_the_type_that_the_client_names() {
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
            // An invalid weight invalidates its range.
            ("application/json;q=2, application/graphql-response+json;q=0.1", Some(Media::GraphqlResponse)),
            // Separators inside quotation marks do not separate.
            ("application/json;x=\"a,text/event-stream;q=1\";q=0.3, text/event-stream;q=0.2", Some(Media::Json)),
        ] {
            assert_eq!(accepting(accept), expected, "{accept}");
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        assert_eq!(accepting_lines(&["text/html", "text/event-stream"]), Some(Media::EventStream));
        assert_eq!(
            accepting_lines(&["application/json;q=0.5", "application/graphql-response+json"]),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(accepting_lines(&["", " , "]), Some(Media::Json));
    }

    #[test]
    fn what_is_not_a_media_range_is_ignored() {
        for malformed in [
            "json",
            "/",
            "a/",
            "/json",
            "*",
            "*/json",
            "application",
            "application/json;q",
            "application/json;q=",
            "application/json;q=-0",
            "application/json;q=1.001",
            "application/json;q=0.1234",
            "application/json;q=1e-1",
            "application/json;q=nan",
            "application/json;x=\"",
            "application/json;x=\"\\",
            "application/json;;q=1",
            "application/json/json",
            "application/json+",
            ";q=1",
            "\"",
            "\\",
        ] {
            assert_eq!(accepting(malformed), None, "{malformed}");
            assert_eq!(accepting_lines(&["text/event-stream", malformed]), Some(Media::EventStream), "{malformed}");
        }
        for (accept, expected) in [
            ("json, text/event-stream", Some(Media::EventStream)),
            (", application/graphql-response+json,,", Some(Media::GraphqlResponse)),
            ("application/json; profile=\"a,b\"", Some(Media::Json)),
            (
                "application/json; profile=\"a\\\",text/event-stream\"; q=0.5, text/event-stream;q=0.4",
                Some(Media::Json),
            ),
            ("application/json;q=\"0.5\", application/graphql-response+json;q=0.4", Some(Media::Json)),
            ("application/json;Q=0, text/*", Some(Media::EventStream)),
            ("application/json;charset=\"UTF-8\";q=1.000", Some(Media::Json)),
            ("application/json;", Some(Media::Json)),
        ] {
            assert_eq!(accepting(accept), expected, "{accept}");
        }
    }
}
