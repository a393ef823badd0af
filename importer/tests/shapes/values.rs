//! The contents of cells: enum values, numbers and ids, which concern a row rather than the file.

use rstest::rstest;

use super::*;

#[rstest]
#[case::one_time("new", "One-Time", Some("row.no_subscription"))]
#[case::one_time_in_full("new", "One-Time commitment for one-time billing", Some("row.no_subscription"))]
#[case::a_fee("One time fee", "", Some("row.no_subscription"))]
#[case::credit("customerCredit", "", Some("row.no_subscription"))]
#[case::recurring("new", "One-Year commitment for monthly billing", Some("subscription.id.missing"))]
#[case::nobody_says("new", "", Some("subscription.id.missing"))]
fn only_one_time_purchases_have_no_subscription(
    #[case] kind: &str,
    #[case] term: &str,
    #[case] code: Option<&str>,
    #[values("", NIL, "{00000000-0000-0000-0000-000000000000}")] id: &str,
) {
    let rows = read(charge(id, kind, "1", term), &options());
    assert_eq!(rows[0].issues.first().map(|issue| &*issue.code), code);
    assert_eq!(rows[0].outcome.is_ok(), code == Some("row.no_subscription"));
}

#[test]
fn the_nil_guid_is_not_a_customer() {
    let text = charge(SUBSCRIPTION, "new", "1", "").replace(TENANT, NIL);
    assert_eq!(codes(text, &options()), ["2:customer.tenant_id.missing"]);
    assert_eq!(codes(case("04-zero-guid.csv"), &provider()), ["2:row.no_subscription", "3:row.no_subscription"]);
}

#[rstest]
#[case("25-thousand-sep.csv")]
#[case("25b-thousand-sep-eu.csv")]
fn a_thousands_separator_is_asked_about(#[case] name: &str) {
    let issues = issues(case(name), &provider());
    let faults: Vec<_> = issues.iter().filter(|issue| issue.code == "subscription.quantity.invalid").collect();
    assert_eq!(faults.len(), 2);
    assert!(
        faults.iter().all(|issue| issue.hint.as_deref().is_some_and(|hint| hint.contains("a thousands separator?")))
    );
}

#[test]
fn a_spreadsheets_number_of_a_date_asks_for_another_format() {
    let issues = issues(case("26b-excel-serial.csv"), &provider());
    let faults: Vec<_> = issues.iter().filter(|issue| issue.code == "subscription.date.invalid").collect();
    assert_eq!(faults.len(), 5);
    assert!(
        faults
            .iter()
            .all(|issue| issue.hint.as_deref().is_some_and(|hint| hint.contains("format the column as a date")))
    );
}

#[test]
fn an_unknown_status_is_none_and_not_active() {
    let states: Vec<_> = facts(case("35-statuses.csv"), &with_customer()).into_iter().map(|fact| fact.status).collect();
    use SubscriptionStatus as Status;
    let unknown = Some(Status::None);
    let expected = [
        Some(Status::Active),
        Some(Status::Suspended),
        Some(Status::Expired),
        Some(Status::Disabled),
        Some(Status::Deleted),
        unknown,
        Some(Status::Pending),
        unknown,
        unknown,
        None,
    ];
    assert_eq!(states, expected);
    let issues = issues(case("35-statuses.csv"), &with_customer());
    let values: Vec<_> = issues.iter().filter_map(|issue| issue.value.as_deref()).collect();
    assert_eq!(values, ["Canceled", "Deactivated", "Expired (will be deleted)"]);
}

#[test]
fn every_column_of_enum_values_reports_an_unknown_one() {
    let rows = "fortnightly,Crates,P9Y,perhaps,Rental";
    let map = "states = \"subscriptions\"\n[columns]\ncustomer_tenant_id = \"c\"\nsubscription_id = \"s\"\n\
               billing_cycle = \"cycle\"\nunit_type = \"unit\"\nterm = \"term\"\nauto_renew = \"renews\"\nbilling_type = \"type\"\n";
    let mut options = options();
    options.map = Some(partnergraph_importer::profiles::Profile::parse("map", map).expect("a map").into());
    let text = format!("c,s,cycle,unit,term,renews,type\n{TENANT},{SUBSCRIPTION},{rows}\n");
    let mut reported: Vec<_> = issues(text, &options).into_iter().map(|issue| (issue.code, issue.column)).collect();
    reported.sort();
    let columns = ["cycle", "renews", "term", "type", "unit"];
    assert_eq!(reported, columns.map(|column| ("word.unknown".into(), Some(column.to_owned()))));
    let fact = &facts(
        format!("c,s,cycle,unit,term,renews,type\n{TENANT},{SUBSCRIPTION},Monthly,Licenses,P1Y,True,License\n"),
        &options,
    )[0];
    assert_eq!((fact.auto_renew, fact.term.is_some(), fact.billing_cycle.is_some()), (Some(true), true, true));
}

#[test]
fn an_unknown_charge_type_is_reported() {
    let issues = issues(case("17-unknown-type.csv"), &provider());
    let unknown: Vec<_> = issues.iter().filter(|issue| issue.code == "charge.type.unknown").collect();
    assert_eq!((unknown.len(), unknown[0].value.as_deref()), (1, Some("transferAdjustment")));
}

#[test]
fn a_row_with_a_meter_has_no_seats_whatever_its_profile() {
    let fact = &facts(case("39-usage-aggregated.csv"), &provider())[0];
    assert_eq!((fact.kind, fact.quantity), (SubscriptionKind::Usage, QuantityStatement::Metered));
    for (column, profile) in [("MeterId", "new-commerce-reconciliation"), ("MeterId", "license-reconciliation")] {
        let mut options = options();
        options.profile = Some(profile.to_owned());
        let id =
            if profile == "license-reconciliation" { "SyndicationPartnerSubscriptionNumber" } else { "SubscriptionId" };
        let meter = "8f0c2a7e-0000-4000-8000-000000000001";
        let text = format!("CustomerId,{id},ChargeType,Quantity,{column}\n{TENANT},{SUBSCRIPTION},new,24.5,{meter}\n");
        let fact = &facts(text, &options)[0];
        assert_eq!((fact.kind, fact.quantity), (SubscriptionKind::Usage, QuantityStatement::Metered), "{profile}");
        assert_eq!(fact.charge.as_ref().and_then(|charge| charge.seats), None);
    }
}

#[test]
fn entitlements_are_read_with_their_plan() {
    let facts = facts(case("05-azure-two-resellers.csv"), &provider());
    let entitlements: Vec<_> = facts.iter().filter_map(|fact| fact.entitlement.as_deref()).collect();
    assert_eq!(entitlements.len(), 2);
    assert_eq!(entitlements[0].id, "eeeeeeee-0000-4000-8000-000000000001");
    let descriptions: Vec<_> = entitlements.iter().map(|entitlement| entitlement.description.as_deref()).collect();
    assert_eq!(descriptions, [None, Some("Sub B")]);
}

#[test]
fn another_locations_mpn_id_is_a_warning_beside_the_accounts_id() {
    let issues = issues(case("12-own-mpn-other-location.csv"), &provider());
    let differing: Vec<_> = issues.iter().filter(|issue| issue.code == "file.own_mpn.other").collect();
    assert_eq!((differing.len(), differing[0].line, differing[0].value.as_deref()), (1, 3, Some("4500002")));
}

#[rstest]
#[case::reseller("CustomerId,SubscriptionId,ChargeType,OrderDate,Quantity", &["ResellerMPNID"])]
#[case::quantity("CustomerId,SubscriptionId,ChargeType,OrderDate,ResellerMpnId", &["Quantity"])]
#[case::billable_quantity_will_do("CustomerId,SubscriptionId,ChargeType,BillableQuantity,Tier2MpnId", &[])]
#[case::status("Subscription ID,Subscription,Quantity,Reseller", &["Status"])]
#[case::two("Subscription ID,Subscription,Quantity", &["Reseller", "Status"])]
#[case::none_expected("Microsoft ID,Company name", &[])]
fn an_expected_column_that_is_missing_is_reported(#[case] header: &str, #[case] expected: &[&str]) {
    let file = opened(format!("{header}\n"), &with_customer()).expect("it is known");
    let absent = file.issues().iter().filter(|issue| issue.code == "file.column.absent");
    let columns: Vec<_> = absent.filter_map(|issue| issue.column.as_deref()).collect();
    assert_eq!(columns, expected);
}

#[rstest]
#[case::nobodys("Shoe size", "INFO", "")]
#[case::another_formats("Term", "WARNING", "bam-nce-subscriptions has")]
#[case::misspelt("Primary domian name", "WARNING", "Primary domain name")]
fn a_column_that_is_not_used_is_a_warning_if_it_has_facts(
    #[case] column: &str,
    #[case] severity: &str,
    #[case] says: &str,
) {
    let file = opened(format!("Microsoft ID,Company name,{column}\n"), &options()).expect("it is known");
    let issue = file.issues().iter().find(|issue| issue.code == "file.column.ignored").expect("it is reported");
    assert_eq!(issue.severity.as_str(), severity);
    assert!(issue.message.contains(says), "{}", issue.message);
}

#[test]
fn a_header_is_refused_with_the_reason() {
    let refused = refusal("Microsft ID,Company name,Primary domain name,Relationship\n", &options());
    assert_eq!(refused.code, "file.header.column_missing");
    assert!(refused.hint.as_deref().is_some_and(|hint| hint.contains("\"Microsft ID\"")), "{refused:?}");
    let refused = refusal("CustomerId,SubscriptionId,SubscriptionId,ChargeType,OrderDate,Quantity\n", &options());
    assert_eq!(
        (refused.code.as_ref(), refused.column.as_deref()),
        ("file.header.column_duplicate", Some("SubscriptionId"))
    );
    let file =
        opened("CustomerId,SubscriptionId,ChargeType,Quantity,Tier2MpnId,ResellerMpnId\n", &options()).expect("known");
    let twice = file.issues().iter().find(|issue| issue.code == "file.column.duplicate").expect("it is reported");
    assert_eq!(twice.column.as_deref(), Some("Tier2MpnId"));
    let refused = refusal("Microsoft ID,a,b,c,d\n", &options());
    assert!(refused.message.contains("most columns differ: \"a\", \"b\""), "{}", refused.message);
}

#[rstest]
#[case::lines("{\"Microsoft ID\":\"T\",\"Company name\":\"A\"}\n{\"Company name\":\"B\\nC\",\"Microsoft ID\":\"T\",\"n\":1}\n", [1, 2])]
#[case::array("[{\"Microsoft ID\":\"T\",\"Company name\":\"A\"},{\"microsoft id\":null,\"Microsoft ID\":\"T\",\"Company name\":\"B\\nC\"}]", [1, 1])]
#[case::laid_out("[\n  {\n    \"Microsoft ID\": \"T\",\n    \"Company name\": \"A\"\n  },\n  {\n    \"Microsoft ID\": \"T\", \"Company name\": \"B\\nC\"\n  }\n]\n", [2, 6])]
fn json_is_read_like_a_table(#[case] text: &str, #[case] lines: [u64; 2], #[values(false, true)] gzip: bool) {
    let text = text.replace("\"T\"", &format!("\"{TENANT}\"")).replace("\"microsoft id\":null,", "");
    let bytes = if gzip { packed(text.as_bytes()) } else { text.into_bytes() };
    let mut file = open(Input::bytes("list.jsonl", bytes), 0, &options()).expect("it is read");
    let rows = records(&mut file);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), lines);
    assert_eq!(&file.header()[..2], ["Microsoft ID", "Company name"]);
    let raw = String::from_utf8(file.raw_record(rows[1].offset).expect("it is there")).expect("text");
    assert!(raw.starts_with(&format!("{TENANT},\"B\nC\"")), "{raw}");
    let names: Vec<_> = rows
        .into_iter()
        .map(|row| row.outcome.expect("taken").into_customer().expect("about a customer").customer.company_name)
        .collect();
    assert_eq!(names, [Some("A".to_owned()), Some("B C".to_owned())]);
}

#[test]
fn values_of_json_are_read_as_cells_would_be() {
    let row = |quantity: &str| {
        format!(
            "{{\"customerId\":\"{TENANT}\",\"subscriptionId\":\"{SUBSCRIPTION}\",\"chargeType\":\"new\",\"orderDate\":\"2024-06-18T00:00:00Z\",\
             \"quantity\":{quantity},\"subtotal\":100.80,\"currency\":\"EUR\",\"resellerMpnId\":null,\"tags\":{{\"a\":[1]}}}}\n"
        )
    };
    let facts = facts([row("10"), row("12.000"), row("\"15\"")].concat(), &options());
    let seats: Vec<_> = facts.iter().filter_map(|fact| fact.charge.as_ref()).map(|charge| charge.seats).collect();
    assert_eq!(seats, [Some(10), Some(12), Some(15)]);
    let refused = read([row("10"), row("1.5")].concat(), &options());
    assert_eq!(refused[1].issues[0].code, "subscription.quantity.invalid");
    assert_eq!(refused[1].line, 2);
}

#[rstest]
#[case::broken("{\"Microsoft ID\":\"a\"}\n{\"Microsoft ID\":}\n", "file.json.invalid", Some(2))]
#[case::cut_off("{\"Microsoft ID\":\"a\"}\n{\"Microsoft ID\":\"b", "file.json.invalid", Some(2))]
#[case::array_cut_off("[{\"Microsoft ID\":\"a\"},", "file.json.invalid", Some(1))]
#[case::two_values("{\"Microsoft ID\":\"a\",\"Microsoft ID\":\"b\"}", "file.json.invalid", Some(1))]
#[case::not_text("{\"Microsoft ID\":\"\\ud800\"}", "file.json.invalid", Some(1))]
#[case::nothing("[]", "file.empty", None)]
#[case::no_keys("{}\n{}\n", "file.empty", None)]
#[case::unknown("{\"a\":1}", "file.header.unknown", None)]
fn json_that_is_not_a_list_of_objects_is_refused(#[case] text: &str, #[case] code: &str, #[case] line: Option<u64>) {
    let refused = refusal(text, &options());
    assert_eq!((refused.code.as_ref(), refused.line), (code, line));
    assert!(refused.hint.is_some());
}

#[test]
fn an_object_may_be_as_long_as_a_record() {
    let mut options = options();
    options.max_record = 100;
    let object = |name: usize| format!("{{\"Microsoft ID\":\"{TENANT}\",\"Company name\":\"{}\"}}\n", "x".repeat(name));
    let fixed = object(0).trim_end().len();
    assert_eq!(read(object(100 - fixed), &options).len(), 1);
    let refused = refusal([object(1), object(101 - fixed)].concat(), &options);
    assert_eq!((refused.code.as_ref(), refused.line), ("file.record_too_long", Some(2)));
}

#[test]
fn the_unpacked_size_of_a_compressed_file_is_limited() {
    let text = format!("Microsoft ID,Company name\n{TENANT},Contoso\n");
    let mut options = options();
    options.max_unpacked = text.len() as u64;
    assert_eq!(read(packed(text.as_bytes()), &options).len(), 1);
    options.max_unpacked -= 1;
    let refused = refusal(packed(text.as_bytes()), &options);
    assert_eq!(refused.code, "file.unreadable");
    assert!(refused.hint.as_deref().is_some_and(|hint| hint.contains("--max-unpacked")), "{refused:?}");
    // The size of an uncompressed file is visible anyway.
    assert_eq!(read(text, &options).len(), 1);
}

#[rstest]
#[case::little(&[1, 0, 0, 0], b"\xff\xfe\0\0")]
#[case::big(&[0, 0, 0, 1], b"\0\0\xfe\xff")]
fn utf32_is_named(#[case] order: &[u8; 4], #[case] mark: &[u8], #[values(false, true)] marked: bool) {
    let text = format!("Microsoft ID,Company name\n{TENANT},Łódź\n");
    let four = |c: char| if order[0] == 1 { u32::from(c).to_le_bytes() } else { u32::from(c).to_be_bytes() };
    let bytes: Vec<u8> = text.chars().flat_map(four).collect();
    let refused = refusal(if marked { [mark, &bytes].concat() } else { bytes }, &options());
    assert_eq!(refused.code, "file.unreadable");
    assert!(refused.message.contains("UTF-32"), "{}", refused.message);
}

#[rstest]
#[case::cp852(b"Sp\xa2\x88ka \xbe\xa2\x88w, Krak\xa2w", "iconv")]
#[case::cp850(b"B\x84ckerei M\x81ller", "--encoding")]
fn letters_that_make_no_sense_ask_for_the_encoding(#[case] name: &[u8], #[case] hint: &str) {
    let text = [b"Microsoft ID,Company name\n", TENANT.as_bytes(), b",\"", name, b"\"\n"].concat();
    let refused = refusal(text, &options());
    assert_eq!(refused.code, "file.unreadable");
    assert!(
        refused.hint.as_deref().is_some_and(|text| text.contains("--encoding") && text.contains(hint)),
        "{refused:?}"
    );
}

#[rstest]
#[case::shift_jis(SHIFT_JIS, "株式会社コントソ", "shift_jis")]
#[case::euc_jp(EUC_JP, "東京商事株式会社", "euc-jp")]
#[case::cyrillic(WINDOWS_1251, "ООО Ромашка", "windows-1251")]
fn an_encoding_of_another_script_is_asked_for_by_name(
    #[case] encoding: &'static encoding_rs::Encoding,
    #[case] name: &str,
    #[case] label: &str,
) {
    let text = format!("Microsoft ID,Company name\n{TENANT},{name}\n");
    let bytes = encoding.encode(&text).0.into_owned();
    let refused = refusal(bytes.clone(), &options());
    assert!(refused.hint.as_deref().is_some_and(|hint| hint.contains(label)), "{refused:?}");
    let mut options = options();
    options.encoding = Some(label.to_owned());
    let row = read(bytes, &options).remove(0);
    assert_eq!(
        row.outcome.expect("it is taken").into_customer().expect("about a customer").customer.company_name.as_deref(),
        Some(name)
    );
}

#[rstest]
#[case("cp852", "iconv")]
#[case("utf-32le", "UTF-8")]
#[case("klingon", "windows-1250")]
fn an_unknown_label_is_refused_with_a_hint(#[case] label: &str, #[case] hint: &str) {
    let mut options = options();
    options.encoding = Some(label.to_owned());
    let refused = refusal("Microsoft ID\n", &options);
    assert!(refused.hint.as_deref().is_some_and(|text| text.contains(hint)), "{refused:?}");
}
