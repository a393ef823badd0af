//! What is detected in files, and which files are refused.

mod support;

use std::io::Write as _;

use chrono::NaiveDate;
use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1250, WINDOWS_1252};
use flate2::Compression;
use flate2::write::GzEncoder;
use partnergraph_importer::fact::Stated;
use partnergraph_importer::profiles::{Completeness, DateOrder, Profile};
use partnergraph_importer::{Input, ReadOptions, open};
use rstest::rstest;
use support::{OWN_ID, TENANT, codes, opened, options, read, records, refusal};

const CUSTOMERS: &str = "Microsoft ID,Company name,Primary domain name,Relationship\r\n";
const CHARGES: &str = "PartnerId,CustomerId,SubscriptionId,ChargeType,OrderDate,ChargeStartDate,Quantity,MPNID,ResellerMPNID,Subtotal,Currency\n";

fn customers(names: &[&str]) -> String {
    let row = |(at, name): (usize, &&str)| format!("6f1c2a34-9b0d-4e51-8a77-{at:012x},{name},,\r\n");
    CUSTOMERS.to_owned() + &names.iter().enumerate().map(row).collect::<String>()
}

fn charge(order_date: &str) -> String {
    format!("{OWN_ID},{TENANT},1a000000-0000-4000-8000-000000000001,new,{order_date},,1,6034453,,1,EUR\n")
}

fn names(bytes: impl Into<Vec<u8>>) -> Vec<String> {
    let name = |row: partnergraph_importer::Parsed| {
        row.outcome.ok().and_then(Stated::into_customer).and_then(|fact| fact.customer.company_name)
    };
    read(bytes, &options()).into_iter().map(|row| name(row).unwrap_or_default()).collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(bytes).expect("memory takes it");
    gz.finish().expect("memory takes it")
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[rstest]
#[case::windows_1250(WINDOWS_1250, "Zażółć Gęślą Jaźń, SPÓŁKA")]
#[case::windows_1252(WINDOWS_1252, "Müller & Söhne, Société Générale")]
fn an_older_encoding_is_detected_and_reported(#[case] encoding: &'static Encoding, #[case] name: &str) {
    let text = customers(&["Plain", &format!("\"{name}\"")]);
    let (bytes, _, _) = encoding.encode(&text);
    let file = opened(bytes.clone(), &options()).expect("it is read");
    assert_eq!(file.description().encoding, encoding.name());
    assert_eq!(names(bytes.clone())[1], name);
    assert_eq!(codes(bytes, &options()), ["0:file.encoding.assumed"]);
}

#[rstest]
#[case::polish(WINDOWS_1250, "Identyfikator subskrypcji;Subskrypcja;Ilość;Stan;Odsprzedawca")]
#[case::polish_names(WINDOWS_1250, "Identyfikator firmy Microsoft;Nazwa firmy;Nazwa domeny podstawowej;Relacja")]
#[case::german(WINDOWS_1252, "Abonnement-ID;Abonnement;Menge;Status;Händler")]
#[case::german_names(WINDOWS_1252, "Microsoft-ID;Firmenname;Primärer Domänenname;Beziehung")]
fn a_header_in_an_older_encoding_is_known(#[case] encoding: &'static Encoding, #[case] header: &str) {
    let mut options = options();
    options.customer = Some(TENANT.parse().expect("a tenant id"));
    let (bytes, _, _) = encoding.encode(header);
    let file = opened(bytes, &options).expect("it is known");
    let columns = header.split(';').count();
    assert_eq!(file.header().len(), columns);
    assert!(file.issues().iter().all(|issue| issue.code != "file.column.ignored"), "{:?}", file.issues());
}

#[test]
fn letters_beyond_the_first_block_decide_the_encoding_too() {
    let mut all = vec!["Plain"; 20_000];
    all.push("Müller");
    let text = customers(&all);
    let (bytes, _, _) = WINDOWS_1252.encode(&text);
    assert_eq!(names(bytes).pop().as_deref(), Some("Müller"));
}

#[test]
fn utf16_and_utf8_are_read_with_and_without_a_mark() {
    let text = customers(&["Łódź"]);
    assert_eq!(names([b"\xef\xbb\xbf", text.as_bytes()].concat()), ["Łódź"]);
    assert_eq!(names([b"\xff\xfe", &utf16(&text)[..]].concat()), ["Łódź"]);
    assert_eq!(names(utf16(&text)), ["Łódź"]);
    let mut options = options();
    options.encoding = Some("utf-16".into());
    assert_eq!(opened(utf16(&text), &options).expect("it is read").description().encoding, UTF_16LE.name());
}

/// A tool that writes a byte order mark in front of everything it saves.
#[test]
fn a_utf8_byte_order_mark_is_not_text_of_another_encoding() {
    let text = customers(&["Müller"]);
    let (bytes, _, _) = WINDOWS_1252.encode(&text);
    let mut options = options();
    options.encoding = Some("windows-1252".into());
    assert_eq!(codes([b"\xef\xbb\xbf", &bytes[..]].concat(), &options), <[String; 0]>::default());
}

/// Such a tool may also save a text that is not in UTF-8. Then each row has the same fault, and its hint names the remedy for all.
#[test]
fn a_wrong_byte_order_mark_is_reported_with_the_encoding_of_the_text() {
    let text = customers(&["Zażółć Gęślą Jaźń", "SPÓŁKA Wodociągów"]);
    let (bytes, _, _) = WINDOWS_1250.encode(&text);
    let marked = [b"\xef\xbb\xbf", &bytes[..]].concat();
    let mut options = options();
    let rows = read(marked.clone(), &options);
    assert_eq!(rows.len(), 2);
    for issue in rows.iter().map(|row| &row.issues[0]) {
        assert_eq!(
            (&*issue.code, issue.message.ends_with("the file's encoding, UTF-8")),
            ("row.encoding", true),
            "{issue:?}"
        );
        assert!(issue.hint.as_ref().is_some_and(|hint| hint.ends_with("--encoding windows-1250")), "{issue:?}");
    }
    options.encoding = Some("windows-1250".into());
    assert_eq!(codes(marked, &options), <[String; 0]>::default());
}

#[test]
fn bytes_that_are_not_text_reject_only_their_row() {
    let text = customers(&["Łódź", "bad \u{1}", "Kraków Główny"]).replace('\u{1}', "\u{2}");
    let bytes: Vec<u8> = text.bytes().map(|byte| if byte == 2 { 0xff } else { byte }).collect();
    assert_eq!(codes(bytes, &options()), ["3:row.encoding"]);
    let mut nul = customers(&["Zażółć"]).into_bytes();
    nul.extend_from_slice(&vec![b'\n'; 70_000]);
    nul.extend_from_slice(format!("{TENANT},a\0b,,\n").as_bytes());
    assert_eq!(codes(nul, &options()), ["70003:row.encoding"]);
    let early = customers(&["a\0b", "Kraków"]);
    assert_eq!(codes(early, &options()), ["2:row.encoding"]);
}

#[test]
fn a_compressed_file_is_read_and_identified_by_the_hash_of_its_compressed_bytes() {
    let text = customers(&["Contoso"]);
    let gz = packed(text.as_bytes());
    assert_eq!(names(gz.clone()), ["Contoso"]);
    let hash = |bytes: &[u8]| {
        use sha2::Digest as _;
        hex::encode(sha2::Sha256::digest(bytes))
    };
    assert_eq!(opened(gz.clone(), &options()).expect("read").description().sha256, hash(&gz));
    assert_eq!(opened(text.clone(), &options()).expect("read").description().sha256, hash(text.as_bytes()));
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(b"\xef\xbb\xbfSEP=,\n").and_then(|()| file.write_all(text.as_bytes())).expect("written");
    let on_disk = open(Input::Path(file.path().to_owned()), 0, &options()).expect("read");
    assert_eq!(on_disk.description().sha256, hash(&[b"\xef\xbb\xbfSEP=,\n", text.as_bytes()].concat()));
    assert_eq!(refusal(&gz[..gz.len() / 2], &options()).code, "file.unreadable");
}

#[test]
fn a_header_without_rows_is_reported() {
    let has_warning =
        |file: &partnergraph_importer::OpenedFile| file.issues().iter().any(|issue| issue.code == "file.no_rows");
    assert!(has_warning(&opened(customers(&[]), &options()).expect("read")));
    assert!(!has_warning(&opened(customers(&["Contoso"]), &options()).expect("read")));
}

#[rstest]
#[case::nothing(b"", "file.empty")]
#[case::white_space(b"\r\n\r\n", "file.empty")]
#[case::a_mark_alone(b"\xef\xbb\xbf", "file.empty")]
#[case::a_workbook(b"PK\x03\x04rest", "file.unreadable")]
#[case::binary(b"\x7fELF\x02\x01\x01\0\0\0\0\0", "file.unreadable")]
#[case::strangers(b"a,b,c\n1,2,3\n", "file.header.unknown")]
#[case::azure_resources(b"NAME,TYPE,RESOURCE GROUP,LOCATION,SUBSCRIPTION,\n", "file.header.unknown")]
#[case::no_key(b"Company name,Primary domain name,Relationship\n", "file.header.column_missing")]
#[case::no_customer(b"Subscription ID,Subscription,Quantity,Status,Reseller\n", "subscription.customer.missing")]
#[case::open_header(b"Microsoft ID,\"Company name\n1,2\n", "file.quote_open")]
fn a_file_that_is_not_an_export_is_refused_with_a_hint(#[case] bytes: &[u8], #[case] code: &str) {
    let refusal = refusal(bytes, &options());
    assert_eq!(refusal.code, code);
    assert!(refusal.hint.is_some());
}

#[rstest]
#[case::a_quote(b'"')]
#[case::a_letter(b'x')]
#[case::half_a_character(0xc5)]
fn an_invalid_delimiter_is_refused(#[case] delimiter: u8) {
    let mut options = options();
    options.delimiter = Some(delimiter);
    assert!(refusal(customers(&["a"]), &options).message.contains("cannot be used as a delimiter"));
}

#[test]
fn a_directory_and_a_missing_file_are_refused() {
    let open = |path: &str| open(Input::Path(path.into()), 0, &options()).expect_err("refused");
    assert_eq!(open("/").code, "file.unreadable");
    assert!(open("/").message.contains("directory"));
    assert_eq!(open("/no/such/file.csv").code, "file.unreadable");
}

#[test]
fn an_open_quote_names_the_line_of_its_record() {
    let text = customers(&["a", "\"b\nc\"", "\"d", "e"]);
    let refusal = refusal(text, &options());
    assert_eq!((refusal.code.as_ref(), refusal.line), ("file.quote_open", Some(5)));
}

#[test]
fn a_record_may_be_as_long_as_the_limit_and_no_longer() {
    let mut options = options();
    options.max_record = 1000;
    let fixed = TENANT.len() + 3;
    assert_eq!(read(customers(&[&"x".repeat(1000 - fixed)]), &options).len(), 1);
    let refusal = refusal(customers(&["a", &"x".repeat(1001 - fixed)]), &options);
    assert_eq!((refusal.code.as_ref(), refusal.line), ("file.record_too_long", Some(3)));
}

#[test]
fn a_file_of_another_account_is_refused() {
    let other = charge("6/18/2024").replace(OWN_ID, TENANT);
    let refused = refusal(format!("{CHARGES}{}{other}", charge("6/18/2024")), &options());
    assert_eq!((refused.code.as_ref(), refused.line), ("file.partner_mismatch", Some(3)));
    assert_eq!(refused.column.as_deref(), Some("PartnerId"));
    assert_eq!(codes(format!("{CHARGES}{}", charge("6/18/2024").replace("6034453", "0")), &options()), [""; 0]);
}

#[test]
fn the_accounts_id_decides_and_its_mpn_id_only_if_there_is_no_id() {
    let lines = [charge("6/18/2024"), charge("6/18/2024").replace("6034453", "6034454").repeat(2)].concat();
    let mut file = opened(format!("{CHARGES}{lines}"), &options()).expect("the id is ours");
    let warnings: Vec<_> = file.issues().iter().map(|issue| (issue.line, &*issue.code, issue.value.clone())).collect();
    assert_eq!(warnings, [(3, "file.own_mpn.other", Some("6034454".to_owned()))]);
    assert!(file.issues()[0].message.ends_with("2 lines"), "{}", file.issues()[0].message);
    assert!(records(&mut file).iter().all(|row| row.outcome.is_ok()));
    for nobody in ["", "00000000-0000-0000-0000-000000000000"] {
        let refused = refusal(format!("{CHARGES}{}", lines.replace(OWN_ID, nobody)), &options());
        assert_eq!((refused.code.as_ref(), refused.line), ("file.partner_mismatch", Some(3)));
        assert_eq!((refused.column.as_deref(), refused.value.as_deref()), (Some("MPNID"), Some("6034454")));
    }
}

#[rstest]
#[case::decided(&["1/2/2024", "31/1/2024"], DateOrder::Dmy, &[])]
#[case::decided_the_other_way(&["1/2/2024", "1/31/2024"], DateOrder::Mdy, &[])]
#[case::undecided(&["1/2/2024", "3/4/2024"], DateOrder::Mdy, &["0:file.date_order.assumed"])]
#[case::iso(&["2024-01-02", "2024-03-04"], DateOrder::Mdy, &[])]
#[case::mixed(&["31/1/2024", "30/1/2024", "1/31/2024"], DateOrder::Dmy, &["0:file.date_order.assumed", "4:subscription.date.invalid"])]
fn the_order_of_day_and_month_is_worked_out_from_the_whole_column(
    #[case] dates: &[&str],
    #[case] order: DateOrder,
    #[case] issues: &[&str],
) {
    let text = CHARGES.to_owned() + &dates.iter().map(|date| charge(date)).collect::<String>();
    assert_eq!(opened(text.clone(), &options()).expect("read").description().date_order, order);
    assert_eq!(codes(text.clone(), &options()), issues);
    let mut options = options();
    options.date_order = Some(DateOrder::Mdy);
    assert!(codes(text, &options).iter().all(|code| !code.contains("assumed")));
}

#[test]
fn a_header_with_a_comma_more_than_its_rows_is_tolerated() {
    let text = format!("Microsoft ID,Company name,\n{TENANT},Contoso\n{TENANT},Contoso,\n{TENANT},Contoso,surplus,\n");
    assert_eq!(codes(text, &options()), ["4:row.field_count"]);
}

#[test]
fn unknown_columns_are_reported_and_not_used() {
    let text = format!("Microsoft ID,Shoe size,Company name\n{TENANT},42,Contoso\n");
    assert_eq!(codes(text.clone(), &options()), ["1:file.column.ignored"]);
    assert_eq!(names(text), ["Contoso"]);
}

#[test]
fn a_custom_map_is_read_like_a_profile() {
    let map = "states = \"subscriptions\"\nfamily = \"pax8\"\ncomplete = \"all\"\ndate_order = \"dmy\"\n[columns]\n\
               customer_tenant_id = \"Tenant\"\nsubscription_id = \"ID\"\nquantity = \"Anzahl\"\n";
    let mut options = options();
    options.map = Some(Profile::parse("map", map).expect("a map").into());
    let mut file = opened(format!("ID;Tenant;Anzahl\n{TENANT};{OWN_ID};7\n"), &options).expect("read");
    assert_eq!((file.description().source.as_str(), file.description().delimiter), ("pax8", ';'));
    assert_eq!(file.complete(), Completeness::All);
    assert!(
        records(&mut file)[0]
            .outcome
            .as_ref()
            .is_ok_and(|stated| stated.customer().is_some_and(|fact| fact.subscription.is_some()))
    );
    options.partial = true;
    options.source = Some("other".into());
    let file = opened(format!("ID;Tenant;Anzahl\n{TENANT};{OWN_ID};7\n"), &options).expect("read");
    assert_eq!((file.complete(), file.description().source.as_str()), (Completeness::No, "other"));
    assert_eq!(refusal("ID;Anzahl\n", &options).code, "file.header.column_missing");
}

/// The map's own date order counts where the dates do not decide, points or not; a profile's does not count against points.
#[test]
fn a_map_states_the_order_of_its_dates() {
    for (stated, dates, expected) in [
        ("date_order = \"mdy\"\n", ["05.02.2027", "06.03.2027"], DateOrder::Mdy),
        ("date_order = \"ymd\"\n", ["05.02.27", "06.03.27"], DateOrder::Ymd),
        ("", ["05.02.2027", "06.03.2027"], DateOrder::Dmy),
        ("date_order = \"mdy\"\n", ["05.02.2027", "13.03.2027"], DateOrder::Dmy),
    ] {
        let map = format!(
            "states = \"subscriptions\"\n{stated}[columns]\ncustomer_tenant_id = \"Tenant\"\nsubscription_id = \"ID\"\n\
             creation_date = \"Am\"\n"
        );
        let mut options = options();
        options.map = Some(Profile::parse("map", &map).expect("a map").into());
        let rows = dates.map(|date| format!("{TENANT};{OWN_ID};{date}\n")).concat();
        let file = opened(format!("ID;Tenant;Am\n{rows}"), &options).expect("read");
        assert_eq!(file.description().date_order, expected, "{stated}{dates:?}");
    }
}

#[test]
fn a_map_cannot_map_a_column_that_its_rows_do_not_use() {
    let refused = |text: &str| Profile::parse("map", text).expect_err("a column that is dropped");
    let error = refused("states = \"customers\"\n[columns]\ncustomer_tenant_id = \"T\"\nquantity = \"Q\"\n");
    assert_eq!(error.message, "[columns] maps \"quantity\", which is not used with states = \"customers\"");
    assert_eq!(error.hint, "set states = \"subscriptions\" if the file's rows are subscriptions, or remove the line");
    let error = refused("states = \"subscriptions\"\n[columns]\nsubscription_id = \"S\"\nsubtotal = \"A\"\n");
    assert_eq!(
        error.hint,
        "set states = \"charges\" if the file's rows are charges for subscriptions, or remove the line"
    );
    // What only dates a row is used.
    let dated = "states = \"subscriptions\"\ndated_by = [\"order_date\"]\n[columns]\nsubscription_id = \"S\"\norder_date = \"D\"\n";
    assert!(Profile::parse("map", dated).is_ok());
}

#[test]
fn a_file_is_dated_by_its_content_else_its_modification_time_else_today() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), customers(&["a"])).expect("written");
    let written = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_704_100_000);
    file.as_file().set_modified(written).expect("a time");
    let as_of = |options: &ReadOptions| {
        open(Input::Path(file.path().to_owned()), 0, options).expect("read").description().as_of
    };
    let mut options = options();
    assert_eq!(Some(as_of(&options)), NaiveDate::from_ymd_opt(2024, 1, 1));
    options.as_of = NaiveDate::from_ymd_opt(2023, 5, 6);
    assert_eq!(Some(as_of(&options)), options.as_of);
    options.as_of = None;
    assert_eq!(opened(customers(&["a"]), &options).expect("read").description().as_of, options.now.date());
    // A wrong clock does not date a file in the future.
    options.now = NaiveDate::from_ymd_opt(2023, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a day");
    assert_eq!(as_of(&options), options.now.date());
}

#[test]
fn rows_are_found_again_as_they_were() {
    let header = "Microsoft ID,Company name,,import_line,import_code,import_message\r\n";
    let rows = ["bad,\"Zażółć, \"\"x\"\"\r\ny\",,2,row.x,\"why, so\"", "worse,name", "bad,name,,,,"];
    let mut file = opened(format!("{header}{}\r\n", rows.join("\r\n")), &options()).expect("read");
    assert_eq!(file.header(), ["Microsoft ID", "Company name"]);
    let offsets: Vec<u64> = records(&mut file).iter().map(|row| row.offset).collect();
    let raw: Vec<_> =
        offsets.iter().map(|at| String::from_utf8(file.raw_record(*at).expect("it is there")).expect("text")).collect();
    assert_eq!(raw, ["bad,\"Zażółć, \"\"x\"\"\r\ny\"", "worse,name", "bad,name"]);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_reported() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), customers(&["a", "b"])).expect("written");
    let mut opened = open(Input::Path(file.path().to_owned()), 0, &options()).expect("read");
    std::fs::write(file.path(), "short").expect("written");
    assert!(opened.records(|_| Ok::<_, ()>(())).is_err());
}
