//! Encodings that were chosen, and what the file itself shows.

use encoding_rs::WINDOWS_1252;
use rstest::rstest;

use crate::support::{codes, opened, options};

fn customers(names: &[&str]) -> String {
    let row = |(at, name): (usize, &&str)| format!("6f1c2a34-9b0d-4e51-8a77-{at:012x},{name},,\r\n");
    let rows = names.iter().enumerate().map(row).collect::<String>();
    format!("Microsoft ID,Company name,Primary domain name,Relationship\r\n{rows}")
}

/// Otherwise the names would be imported as nonsense.
#[rstest]
#[case::utf8(b"\xef\xbb\xbf", "windows-1252", "UTF-8")]
#[case::utf8_as_utf16(b"\xef\xbb\xbf", "utf-16le", "UTF-8")]
#[case::little(b"\xff\xfe", "windows-1250", "UTF-16LE")]
#[case::big(b"\xfe\xff", "utf-8", "UTF-16BE")]
#[case::other_order(b"\xff\xfe", "utf-16be", "UTF-16LE")]
fn an_encoding_that_the_byte_order_mark_contradicts_is_refused(
    #[case] mark: &[u8],
    #[case] chosen: &str,
    #[case] shown: &str,
) {
    let text = customers(&["Müller"]);
    let text = match mark {
        b"\xef\xbb\xbf" => text.into_bytes(),
        b"\xff\xfe" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    };
    let mut options = options();
    options.encoding = Some(chosen.to_owned());
    let refused = opened([mark, &text[..]].concat(), &options).expect_err("it is refused");
    assert_eq!(refused.code, "file.unreadable");
    assert!(refused.message.contains(&format!("is {shown} by its byte-order mark")), "{refused:?}");
    options.encoding = None;
    assert_eq!(codes([mark, &text[..]].concat(), &options), <[String; 0]>::default());
}

/// A text of another encoding is hardly ever UTF-8 by chance; but if somebody says so, it may be.
#[test]
fn an_encoding_that_the_text_contradicts_is_a_warning() {
    let mut options = options();
    options.encoding = Some("windows-1252".into());
    for rows in [1, 20_000] {
        let text = customers(&vec!["ßÄ€üß"; rows]);
        assert_eq!(codes(text.clone(), &options), ["0:file.encoding.doubtful"]);
        let (bytes, _, _) = WINDOWS_1252.encode(&text);
        assert_eq!(codes(bytes, &options), <[String; 0]>::default());
    }
    assert_eq!(codes(customers(&["Contoso"]), &options), <[String; 0]>::default());
}
