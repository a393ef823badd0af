//! Which media type an answer has, by the request's `Accept` (RFC 9110, 12.5.1). `mediatype` reads the header; the choice is made here.

use std::cmp::Reverse;

use axum::http::{HeaderMap, header};
use mediatype::names::{_STAR, APPLICATION, CHARSET, EVENT_STREAM, JSON, Q, TEXT};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams as _};

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

const GRAPHQL_RESPONSE: Name<'_> = Name::new_unchecked("graphql-response");

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
        let lines: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect();
        if lines.iter().all(|line| line.trim_matches([',', ' ', '\t']).is_empty()) {
            return Some(Self::Json);
        }
        // What is not a media range is ignored.
        let ranges: Vec<MediaType<'_>> = lines.into_iter().flat_map(MediaTypeList::new).flatten().collect();
        SERVED
            .into_iter()
            .filter_map(|media| Some((media, media.matched(&ranges)?)))
            .filter(|(_, found)| found.quality > 0)
            .min_by_key(|(_, found)| (Reverse(found.quality), found.place))
            .map(|(media, _)| media)
    }

    /// The range that decides about this type: the one that names it most closely; of several that are alike, the first.
    fn matched(self, ranges: &[MediaType<'_>]) -> Option<Match> {
        let matches = ranges.iter().enumerate().filter_map(|(place, range)| {
            let closeness = self.closeness(&range.essence())?;
            let quality = range.get_param(Q).map_or(Some(1000), |weight| thousandths(&weight.unquoted_str()))?;
            // Parameters other than the character set name no other type of ours.
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
            // A client that takes anything has not asked for a stream.
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

/// Whether a media type names no other character set than that of requests and answers.
pub(super) fn is_utf_8(media: &MediaType<'_>) -> bool {
    media.get_param(CHARSET).is_none_or(|set| set.unquoted_str().eq_ignore_ascii_case("utf-8"))
}

/// A weight such as `0.75`, in thousandths; `None` for what is not one.
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
