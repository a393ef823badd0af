use proptest::prelude::*;

use super::*;

/// `15 add +12 R2 [15-31] price:7`: a day of June (or `j15`, `f15` for January and February); the type; the number with
/// `+`, `-` or `0` (no amount); a reference; the charge period; a price that distinguishes alike lines. `legacy` lines
/// have no order date.
fn line(text: &str) -> Line {
    let mut words = text.split_whitespace();
    let day = day_of(words.next().expect("a day"));
    let kind = match words.next().expect("a kind") {
        "new" => LineKind::New,
        "renew" => LineKind::Renew,
        "cycle" => LineKind::Cycle,
        "purchase" => LineKind::Purchase,
        "add" => LineKind::Add,
        "remove" => LineKind::Remove,
        "move" => LineKind::Move,
        "plan" => LineKind::ChangePlan,
        "extend" => LineKind::ExtendTerm,
        "convert" => LineKind::Convert,
        "prorate" => LineKind::Prorate,
        "cancel" => LineKind::Cancel,
        "unknown" => LineKind::Unknown,
        other => unreachable!("{other}"),
    };
    let number = words.next().expect("a number");
    let (sign, seats) = match number.split_at(1) {
        ("+", seats) => (1, seats),
        ("-", seats) => (-1, seats),
        ("0", seats) => (0, seats),
        _ => unreachable!("{number}"),
    };
    let mut line = Line {
        day,
        kind,
        sign,
        seats: seats.parse().ok(),
        start: None,
        end: None,
        is_ordered: true,
        likeness: 0,
        price: 0,
        reference: 0,
        is_double: false,
    };
    for word in words {
        if let Some(period) = word.strip_prefix('[') {
            let (from, to) = period.trim_end_matches(']').split_once('-').expect("a period");
            (line.start, line.end) = (Some(day_of(from)), Some(day_of(to)));
        } else if let Some(price) = word.strip_prefix("price:") {
            line.price = price.parse().expect("a price");
        } else if word == "legacy" {
            line.is_ordered = false;
        } else if word == "twice" {
            line.is_double = true;
        } else {
            line.likeness = word.bytes().fold(7, |hash, byte| hash * 31 + u32::from(byte));
        }
    }
    line
}

fn day_of(text: &str) -> i32 {
    let (month, day) = match text.split_at(1) {
        ("j", day) => (1, day),
        ("f", day) => (2, day),
        ("m", day) => (3, day),
        _ => (6, text),
    };
    use chrono::Datelike;
    let date = chrono::NaiveDate::from_ymd_opt(2026, month, day.parse().expect("a day"));
    date.expect("a date").num_days_from_ce()
}

fn set(lines: &[&str]) -> ChargeSet {
    ChargeSet::of(lines.iter().map(|text| line(text)))
}

fn found(lines: &[&str]) -> Finding {
    set(lines).work_out(&|_| false).finding
}

fn held(lines: &[&str]) -> (Reason, Option<u32>) {
    match found(lines) {
        Finding::Held { reason, before, .. } => (reason, before),
        other => panic!("{other:?} of {lines:?}"),
    }
}

#[test]
fn the_lines_prove_a_number() {
    let cases: &[(&str, &[&str], u32)] = &[
        ("the contract's example", &["18 new +10 R1", "20 add -10 R2", "20 add +12 R2"], 12),
        ("seats removed", &["1 renew +10 R1", "9 remove -10 R2", "9 remove +4 R2"], 4),
        ("the refund bears the purchase's reference", &["1 new +10 R1", "15 add -10 R1", "15 add +12 R2"], 12),
        ("one reference for all", &["1 new +10 R1", "15 add -10 R1", "15 add +12 R1"], 12),
        ("no reference", &["1 new +10", "15 add -10", "15 add +12"], 12),
        ("two changes", &["1 new +10", "5 add -10", "5 add +12", "9 add -12", "9 add +20"], 20),
        ("two changes of one day", &["11 new +10", "12 add -10", "12 add +12", "12 add -12", "12 add +15"], 15),
        ("there and back on two days", &["1 new +10", "5 add -10", "5 add +12", "9 remove -12", "9 remove +10"], 10),
        ("a change on the day of the purchase", &["11 new +1", "11 add -1", "11 add +2"], 2),
        ("a change of the billing plan with other seats", &["1 cycle +10", "15 plan -10", "15 plan +15"], 15),
        ("a change of the billing plan alone", &["1 cycle +10", "15 plan -10", "15 plan +10"], 10),
        ("a move stated in full", &["1 new +10", "15 move -10", "15 move +6"], 6),
        ("a partial move stated as what was moved out", &["1 new +10", "15 move -4"], 6),
        ("seats that were moved in", &["15 move +4"], 4),
        ("a partial upgrade", &["1 new +10", "7 convert -4"], 6),
        ("a partial upgrade in the base's period", &["1 new +10 [1-30]", "7 convert -4"], 6),
        (
            "two changes on the day of the renewal, before it",
            &["20 cycle +41", "20 add -33", "20 add +41", "20 remove -36", "20 remove +33"],
            41,
        ),
        (
            "a change before the renewal and one after it, on its day",
            &["20 cycle +45", "20 add -30", "20 add +45", "20 remove -45", "20 remove +41"],
            41,
        ),
        (
            "two changes before the renewal in a licence file",
            &[
                "1 cycle +15 legacy [1-30]",
                "1 prorate -9 legacy [1-1]",
                "1 prorate +15 legacy [1-1]",
                "1 prorate -11 legacy [1-1]",
                "1 prorate +9 legacy [1-1]",
            ],
            15,
        ),
        ("an extended term repeats the number", &["1 new +10", "20 extend +10"], 10),
        ("a newer base begins anew", &["1 new +10", "5 add -10", "5 add +12", "30 cycle +12"], 12),
        ("a newer base in spite of a gap before it", &["1 new +10", "5 add +12", "30 cycle +15"], 15),
        ("seats changed at the renewal", &["18 renew +8", "18 remove -10", "18 remove +8"], 8),
        ("seats changed after the renewal", &["18 renew +10", "18 remove -10", "18 remove +8"], 8),
        ("free seats", &["18 new 010", "20 add 010", "20 add 025"], 25),
        ("free seats, changed twice", &["1 new 010", "5 add 010", "5 add 025", "9 remove 025", "9 remove 07"], 7),
        ("free seats after paid ones", &["1 new +10", "5 add 010", "5 add 025"], 25),
        ("free seats at the renewal", &["18 renew 08", "18 remove 010", "18 remove 08"], 8),
        ("alike but for the price", &["1 new +10 price:1", "1 new +10 price:2"], 10),
        (
            "a change that is alike but for the price",
            &["1 new +10", "5 add -10", "5 add +12 price:1", "5 add +12 price:2"],
            12,
        ),
        ("the first purchase fee is a base", &["j1 purchase +5 legacy"], 5),
        (
            "a later purchase fee is a change",
            &["j1 purchase +5 legacy", "j9 purchase -5 legacy", "j9 purchase +8 legacy"],
            8,
        ),
        (
            "one change stated over sub-periods",
            &[
                "j13 cycle +1 legacy [j13-f12]",
                "j13 prorate -1 legacy [j13-f12]",
                "j13 prorate +1 legacy [j13-j31]",
                "f1 prorate +2 legacy [f1-f12]",
                "f13 prorate +2 legacy [f13-m12]",
            ],
            2,
        ),
        (
            "two changes over sub-periods",
            &[
                "j13 cycle +10 legacy [j13-f12]",
                "j13 prorate -10 legacy [j13-f12]",
                "j13 prorate +10 legacy [j13-j19]",
                "j20 prorate +12 legacy [j20-f12]",
                "j20 prorate -12 legacy [j20-f12]",
                "j20 prorate +12 legacy [j20-j31]",
                "f1 prorate +15 legacy [f1-f12]",
            ],
            15,
        ),
        (
            "a licence file's change on the day of the renewal, and another after it",
            &[
                "f3 cycle +20 legacy [f3-m2]",
                "f3 prorate -17 legacy [f3-f3]",
                "f3 prorate +20 legacy [f3-f3]",
                "f3 prorate -20 legacy [f3-m2]",
                "f3 prorate +20 legacy [f3-f18]",
                "f19 prorate +24 legacy [f19-m2]",
                "m3 prorate +24 legacy [m3-m31]",
            ],
            24,
        ),
        (
            "a licence file's change for the rest of a period",
            &["j1 cycle +10 legacy [j1-j31]", "j15 prorate -10 legacy [j15-j31]", "j15 prorate +12 legacy [j15-j31]"],
            12,
        ),
        (
            "a change that is charged for two periods",
            &["1 new +10 [1-30]", "20 add -10 [20-30]", "20 add +12 [20-25]", "20 add +12 [26-30]"],
            12,
        ),
        (
            "another plan and another number, free, as the term is renewed",
            &["7 new 06", "9 plan 06", "9 plan 017", "9 renew 017"],
            17,
        ),
        ("the same with amounts of the renewal alone", &["7 new 06", "9 plan 06", "9 plan 017", "9 renew +17"], 17),
        ("changed, free, on the day of the purchase", &["9 new 010", "9 remove 010", "9 remove 07"], 7),
        (
            "there, back and on: only apart the lines add up",
            &["1 new +10", "5 add -10 twice", "5 add +12 twice", "5 remove -12 twice", "5 remove +10", "5 add +15"],
            15,
        ),
    ];
    for (name, lines, seats) in cases {
        assert_eq!(found(lines), Finding::Proven(*seats), "{name}");
    }
}

#[test]
fn without_a_base_the_newest_number_is_not_proven() {
    assert_eq!(found(&["15 add +12"]), Finding::Unproven(12));
    assert_eq!(found(&["15 add -10", "15 add +12"]), Finding::Unproven(12));
    assert_eq!(found(&["15 add -10", "15 add +12", "20 add -12", "20 add +20"]), Finding::Unproven(20));
    assert_eq!(found(&["15 add 010", "15 add 025"]), Finding::Unproven(25));
    assert_eq!(found(&["15 remove 010", "15 remove 025"]), Finding::Unproven(10));
}

#[test]
fn what_does_not_add_up_is_held() {
    assert_eq!(held(&["1 new +10", "15 add -10"]), (Reason::NothingStatedAnew, Some(10)));
    assert_eq!(held(&["1 new +10", "15 add -12", "15 add +15"]), (Reason::LineMissing, Some(10)));
    assert_eq!(held(&["1 new +10", "5 add -10", "5 add +12", "9 add +20"]), (Reason::LineMissing, Some(12)));
    assert_eq!(held(&["1 new +10", "15 plan 010", "15 plan 025", "15 plan 031"]), (Reason::LineMissing, Some(10)));
    assert_eq!(held(&["15 plan 010", "15 plan 025"]), (Reason::LineMissing, None));
    // Another period was charged in between, and its lines are missing.
    assert_eq!(held(&["j1 new +10 [j1-j31]", "m7 move -4"]), (Reason::LineMissing, Some(10)));
    assert_eq!(held(&["18 unknown +10"]), (Reason::UnknownKind, None));
    assert_eq!(held(&["1 new +10", "18 unknown +3"]), (Reason::UnknownKind, Some(10)));
    // Before the base it is history.
    assert_eq!(found(&["1 unknown +10", "18 renew +3"]), Finding::Proven(3));
    let credited = ["j13 cycle +1 legacy [j13-f12]", "j13 prorate -1 legacy [j13-f12]"];
    assert_eq!(held(&credited), (Reason::NothingStatedAnew, Some(1)));
    let same_day = ["11 new +10", "12 add -10 twice", "12 add +12 twice", "12 remove -12", "12 remove +10"];
    assert_eq!(held(&same_day), (Reason::AlikeLines, Some(10)));
}

#[test]
fn a_cancellation_leaves_no_seats_unless_something_is_charged_after() {
    let cancelled = |lines: &[&str]| {
        let out = set(lines).work_out(&|_| false);
        (out.cancelled_on, out.finding)
    };
    assert_eq!(cancelled(&["1 new +10", "9 cancel -10"]), (Some(day_of("9")), Finding::Proven(0)));
    assert_eq!(cancelled(&["13 new 011", "13 cancel 011"]), (Some(day_of("13")), Finding::Proven(0)));
    assert_eq!(cancelled(&["1 new +10", "9 cancel -10", "12 new +8"]), (None, Finding::Proven(8)));
    assert_eq!(cancelled(&["1 new +10", "9 cancel -10", "12 add +5"]), (None, Finding::Proven(5)));
    assert_eq!(cancelled(&["9 cancel -"]), (Some(day_of("9")), Finding::Proven(0)));
}

#[test]
fn all_seats_that_go_elsewhere_leave_none_where_they_are_found() {
    let lines = set(&["1 new +10", "7 convert -10"]);
    assert_eq!(lines.work_out(&|line| line.day == day_of("7")).finding, Finding::Proven(0));
    assert!(matches!(lines.work_out(&|_| false).finding, Finding::Held { reason: Reason::NothingStatedAnew, .. }));
}

#[test]
fn without_a_base_a_part_that_was_moved_is_stated_by_the_other_side() {
    let lines = set(&["15 convert +3", "20 plan -3", "20 plan +8", "20 convert -4"]);
    assert_eq!(lines.work_out(&|line| line.kind == LineKind::Convert).finding, Finding::Proven(4));
    assert_eq!(lines.work_out(&|_| false).finding, Finding::Unproven(8));
    let anew = set(&["20 convert -4", "20 convert +8"]);
    assert_eq!(anew.work_out(&|_| true).finding, Finding::Unproven(8));
}

#[test]
fn alike_lines_that_make_no_difference_are_reported() {
    let lines = ["1 new +10 price:1", "1 new +10 price:2"];
    assert!(set(&lines).work_out(&|_| false).has_alike);
    assert!(!set(&["1 new +10"]).work_out(&|_| false).has_alike);
}

#[test]
fn a_decided_number_begins_anew() {
    let mut lines = set(&["1 new +10", "15 add -10"]);
    lines.restart(12);
    assert_eq!(lines.work_out(&|_| false).finding, Finding::Proven(12));
    // The lines that led to the number are history, and stay so when they are imported again.
    lines.extend([line("1 new +10"), line("15 add -10"), line("15 add +11")]);
    assert_eq!(lines.work_out(&|_| false).finding, Finding::Proven(12));
    lines.extend([line("20 add -12"), line("20 add +14")]);
    assert_eq!(lines.work_out(&|_| false).finding, Finding::Proven(14));
}

#[test]
fn a_chain_reads_as_it_happened() {
    assert_eq!(
        set(&["20 add +12", "18 new +10", "20 add -10"]).chain(),
        "new 10 (2026-06-18), addQuantity credit 10 charge 12 (2026-06-20)"
    );
    assert_eq!(
        set(&["20 remove +20", "18 new +30", "20 remove -30", "25 plan 020"]).chain(),
        "new 30 (2026-06-18), removeQuantity credit 30 charge 20 (2026-06-20), changeBillingPlan zero amount 20 (2026-06-25)"
    );
}

fn any_line() -> impl Strategy<Value = Line> {
    (0..14_usize, 0..6_i32, -1..2_i8, 0..5_u32, 0..3_i32, 0..3_i32, any::<bool>(), 0..2_u32, 0..2_u16).prop_map(
        |(kind, day, sign, seats, start, length, is_ordered, likeness, price)| Line {
            day: 739_000 + day,
            kind: LineKind::ALL[kind],
            sign,
            seats: (seats > 0).then_some(seats),
            start: Some(739_000 + start),
            end: Some(739_000 + start + length),
            is_ordered,
            likeness,
            price,
            reference: 0,
            is_double: false,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn order_and_splitting_change_nothing(
        lines in proptest::collection::vec(any_line(), 0..9), order in any::<u64>(), cut in 0..9_usize,
    ) {
        let whole = ChargeSet::of(lines.iter().copied());
        let mut shuffled = lines.clone();
        shuffled.sort_by_key(|line| (u64::from(line.day as u32) * 31 + u64::from(line.seats.unwrap_or(9))).wrapping_mul(order | 1));
        let (first, second) = shuffled.split_at(cut.min(shuffled.len()));
        let mut apart = ChargeSet::of(second.iter().copied());
        // The set is packed and unpacked between the steps.
        apart = ChargeSet::unpack(&apart.pack()).expect("packed");
        apart.extend(first.iter().copied());
        prop_assert_eq!(&apart, &whole);
        apart.extend(lines.iter().copied());
        prop_assert_eq!(&apart, &whole);
        prop_assert_eq!(apart.work_out(&|_| false), whole.work_out(&|_| false));
    }

    #[test]
    fn bytes_of_any_kind_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Some(set) = ChargeSet::unpack(&bytes) {
            let _ = set.chain();
            let _ = set.work_out(&|_| true);
        }
    }
}
