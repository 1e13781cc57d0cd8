//! Numbers as networks and people write them, and the one form they get.

use careline_model::Number;
use careline_model::number::{NUMBER_CHARS_MAX, NumberKind, NumberPlan, ParsedNumber, place_of, segments_of};
use proptest::prelude::*;

/// A hospital in Binzhou.
fn plan() -> NumberPlan {
    NumberPlan {
        area: Some("0543".into()),
        own_numbers: vec!["0543-3250000".into()],
        ..NumberPlan::default()
    }
}

fn normal(raw: &str) -> String {
    Number::normalize(raw, "86", Some("0769")).as_str().to_owned()
}

/// Raw text, canonical form, kind, area, extension.
type Vector = (&'static str, &'static str, NumberKind, &'static str, &'static str);

use NumberKind::{Extension, Foreign, Hidden, Invalid, Landline, Mobile, Service, Short};

const MOBILES: &[Vector] = &[
    ("13854312345", "+8613854312345", Mobile, "", ""),
    ("+8613854312345", "+8613854312345", Mobile, "", ""),
    ("008613854312345", "+8613854312345", Mobile, "", ""),
    ("8613854312345", "+8613854312345", Mobile, "", ""),
    ("013854312345", "+8613854312345", Mobile, "", ""),
    ("+86013854312345", "+8613854312345", Mobile, "", ""),
    ("+868613854312345", "+8613854312345", Mobile, "", ""),
    ("+86 (0)138 5431 2345", "+8613854312345", Mobile, "", ""),
    ("(+86) 138.5431.2345", "+8613854312345", Mobile, "", ""),
    ("１３８５４３１２３４５", "+8613854312345", Mobile, "", ""),
    ("＋８６（１３８）５４３１－２３４５", "+8613854312345", Mobile, "", ""),
    ("138–5431—2345", "+8613854312345", Mobile, "", ""),
    ("\u{202a}138 5431 2345\u{202c}", "+8613854312345", Mobile, "", ""),
    ("tel:+8613854312345;phone-context=x", "+8613854312345", Mobile, "", ""),
    ("<sip:13854312345@192.0.2.1:5060>", "+8613854312345", Mobile, "", ""),
    ("1795113854312345", "+8613854312345", Mobile, "", ""),
    ("017951013854312345", "+8613854312345", Mobile, "", ""),
    ("1259313854312345", "+8613854312345", Mobile, "", ""),
    ("17911008613854312345", "+8613854312345", Mobile, "", ""),
    ("13854312345转2", "+8613854312345", Mobile, "", "2"),
    ("17012345678", "+8617012345678", Mobile, "", ""),
    ("19912345678", "+8619912345678", Mobile, "", ""),
];

const LAND_LINES: &[Vector] = &[
    ("0543-3256789", "+865433256789", Landline, "0543", ""),
    ("3256789", "+865433256789", Landline, "0543", ""),
    ("325-6789", "+865433256789", Landline, "0543", ""),
    ("+86 543 3256789", "+865433256789", Landline, "0543", ""),
    ("+86 0543 3256789", "+865433256789", Landline, "0543", ""),
    ("+86 (0543) 3256789", "+865433256789", Landline, "0543", ""),
    ("865433256789", "+865433256789", Landline, "0543", ""),
    ("8605433256789", "+865433256789", Landline, "0543", ""),
    ("+863256789", "+865433256789", Landline, "0543", ""),
    ("1790905433256789", "+865433256789", Landline, "0543", ""),
    ("0543-3256789转8012", "+865433256789", Landline, "0543", "8012"),
    ("0543-3256789-8012", "+865433256789", Landline, "0543", "8012"),
    ("0543-3256789 ext. 12", "+865433256789", Landline, "0543", "12"),
    ("0543-3256789 分机:12", "+865433256789", Landline, "0543", "12"),
    ("(0543)3256789#12345", "+865433256789", Landline, "0543", "12345"),
    ("05433256789，1", "+865433256789", Landline, "0543", "1"),
    ("3256789-801", "+865433256789", Landline, "0543", "801"),
    ("010-65001234", "+861065001234", Landline, "010", ""),
    ("02165001234", "+862165001234", Landline, "021", ""),
    ("(0769) 2233 4455", "+8676922334455", Landline, "0769", ""),
    ("62233445", "+8654362233445", Landline, "0543", ""),
];

const OTHERS: &[Vector] = &[
    ("4000500827", "4000500827", Service, "", ""),
    ("+864000500827", "4000500827", Service, "", ""),
    ("400-050-0827转3", "4000500827", Service, "", "3"),
    ("04000500827", "4000500827", Service, "", ""),
    ("8008101234", "8008101234", Service, "", ""),
    ("120", "120", Short, "", ""),
    ("12320", "12320", Short, "", ""),
    ("12345", "12345", Short, "", ""),
    ("95598", "95598", Short, "", ""),
    ("+8695598", "95598", Short, "", ""),
    ("010086", "10086", Short, "", ""),
    ("1008611", "1008611", Short, "", ""),
    ("96120", "96120", Short, "", ""),
    ("0543-12345", "+8654312345", Short, "0543", ""),
    ("01010000", "+861010000", Short, "010", ""),
    ("1001", "1001", Extension, "", ""),
    ("9196", "9196", Extension, "", ""),
    ("0014155550100", "+14155550100", Foreign, "", ""),
    ("+1 415 555 0100", "+14155550100", Foreign, "", ""),
    ("+49 (0)30 901820", "+4930901820", Foreign, "", ""),
    ("10000000000", "10000000000", Invalid, "", ""),
    ("13800138000", "13800138000", Invalid, "", ""),
    ("+86 138 0013 8000", "13800138000", Invalid, "", ""),
    ("12345678901", "12345678901", Invalid, "", ""),
    ("11111111111", "11111111111", Invalid, "", ""),
    ("8888888", "8888888", Invalid, "", ""),
    ("3250000", "+865433250000", Invalid, "0543", ""),
    ("0543-325678", "0543325678", Invalid, "", ""),
    ("1385431234", "1385431234", Invalid, "", ""),
    ("138543123456", "138543123456", Invalid, "", ""),
    ("不详", "不详", Invalid, "", ""),
    ("13854312345/3256789", "13854312345/3256789", Invalid, "", ""),
    ("+1234567890123456", "+1234567890123456", Invalid, "", ""),
    ("anonymous", "", Hidden, "", ""),
    ("sip:Anonymous@anonymous.invalid", "", Hidden, "", ""),
    ("", "", Hidden, "", ""),
    ("0", "", Hidden, "", ""),
    ("+", "", Hidden, "", ""),
];

#[test]
fn every_way_of_writing_has_one_form() {
    let vectors = || [MOBILES, LAND_LINES, OTHERS].into_iter().flatten();
    assert!(vectors().count() >= 60);
    for &(raw, number, kind, area, extension) in vectors() {
        let got = plan().parse(raw);
        let ParsedNumber { number: n, kind: k, area: a, extension: e, .. } = &got;
        let got = (n.as_str(), *k, a.as_deref().unwrap_or(""), e.as_deref().unwrap_or(""));
        assert_eq!(got, (number, kind, area, extension), "{raw}");
        assert_eq!(Number::normalize(raw, "86", Some("543")).as_str(), number, "{raw}");
    }
}

#[test]
fn without_a_default_area_a_local_number_stays_local() {
    let parsed = NumberPlan::default().parse("3256789");
    assert_eq!((parsed.number.as_str(), parsed.kind, parsed.area), ("3256789", Landline, None));
}

#[test]
fn the_exchange_s_digit_goes_only_from_whole_numbers_and_only_when_configured() {
    let behind = NumberPlan { outside_digit: Some('9'), ..plan() };
    for (raw, number) in [
        ("913854312345", "+8613854312345"),
        ("905433256789", "+865433256789"),
        ("93256789", "+865433256789"),
        ("9196", "9196"),
        ("96120", "96120"),
        ("13854312345", "+8613854312345"),
    ] {
        assert_eq!(behind.parse(raw).number.as_str(), number, "{raw}");
    }
    assert_eq!(plan().parse("913854312345").kind, Invalid);
}

#[test]
fn segments_of_virtual_operators_are_told() {
    for (raw, is_virtual) in [("17012345678", true), ("16212345678", true), ("13854312345", false)] {
        assert_eq!(plan().parse(raw).virtual_operator, is_virtual, "{raw}");
    }
}

#[test]
fn another_own_country_is_known_by_its_form_only() {
    let number = |raw| Number::normalize(raw, "49", None).as_str().to_owned();
    for raw in ["030901820", "+4930901820", "004930901820", "+49 (0)30 901820"] {
        assert_eq!(number(raw), "+4930901820", "{raw}");
    }
    assert_eq!(number("+8613854312345"), "+8613854312345");
}

#[test]
fn a_mobile_has_one_form_however_the_carrier_writes_it() {
    for raw in [
        "13812345678",
        "+8613812345678",
        "008613812345678",
        "8613812345678",
        "013812345678",
        "+86 138-1234-5678",
        "tel:+8613812345678;phone-context=x",
        "<sip:13812345678@10.0.0.1>",
    ] {
        assert_eq!(normal(raw), "+8613812345678", "{raw}");
    }
}

#[test]
fn a_land_line_carries_its_area_code() {
    for raw in ["0769-22334455", "+86 769 22334455", "8676922334455", "22334455", "(0769) 2233 4455"] {
        assert_eq!(normal(raw), "+8676922334455", "{raw}");
    }
    assert_eq!(normal("010-12345678"), "+861012345678");
    assert_eq!(Number::normalize("22334455", "86", None).as_str(), "22334455");
}

#[test]
fn short_numbers_and_service_lines_stay_as_dialled() {
    for raw in ["12320", "120", "9196", "1001"] {
        assert_eq!(normal(raw), raw);
    }
    assert_eq!(normal("400-123-4567"), "4001234567");
    assert_eq!(normal("+864001234567"), "4001234567");
}

#[test]
fn a_foreign_number_keeps_its_country() {
    assert_eq!(normal("0014155550100"), "+14155550100");
    assert_eq!(normal("+1 415 555 0100"), "+14155550100");
}

#[test]
fn nonsense_is_kept_but_bounded_and_withheld_is_empty() {
    assert_eq!(normal("ward-七"), "ward-七");
    assert_eq!(normal(&"x".repeat(100)).len(), NUMBER_CHARS_MAX);
    assert_eq!(normal(&"1".repeat(100)).len(), NUMBER_CHARS_MAX);
    assert!(Number::normalize("Anonymous", "86", None).is_withheld());
    assert!(Number::normalize("", "86", None).is_withheld());
}

#[test]
fn a_page_sees_enough_to_recognise_a_number_and_too_little_to_call_it() {
    for (raw, masked) in [
        ("13854312345", "138****2345"),
        ("0543-3256789", "0543****789"),
        ("010-65001234", "010****234"),
        ("+44 20 7946 0123", "+44****123"),
        ("+1 415 555 0100", "+1****100"),
        ("+852 2345 6789", "+852****789"),
        ("12320", "12320"),
        ("4000500827", "4000500827"),
        ("1001", "1001"),
        ("13800138000", "****00"),
        ("138543123456", "****56"),
        ("无名的号码七八", "****七八"),
        ("anonymous", ""),
    ] {
        assert_eq!(plan().parse(raw).number.masked(), masked, "{raw}");
    }
    assert_eq!(Number::normalize("22334455", "86", None).masked(), "****455");
}

#[test]
fn a_number_knows_its_kind_again() {
    for &(raw, _, kind, ..) in [MOBILES, LAND_LINES, OTHERS].into_iter().flatten() {
        // The hospital's own number is nobody else's only in the eyes of the plan.
        let expected = if raw == "3250000" { Landline } else { kind };
        assert_eq!(plan().parse(raw).number.kind(), expected, "{raw}");
    }
}

#[test]
fn a_kind_has_a_word() {
    for kind in NumberKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert!("fax".parse::<NumberKind>().is_err());
}

#[test]
fn numbers_are_at_home_somewhere() {
    for (raw, shown, carrier) in [
        ("13854312345", "山东 滨州", "移动"),
        ("13001000000", "北京", "联通"),
        ("18910000000", "北京", "电信"),
        ("0543-3256789", "山东 滨州", ""),
        ("010-65001234", "北京", ""),
        ("0731-82345678", "湖南 长沙", ""),
    ] {
        let place = place_of(&plan().parse(raw).number).unwrap_or_else(|| panic!("{raw}"));
        assert_eq!((place.to_string().as_str(), place.carrier), (shown, carrier), "{raw}");
    }
    for raw in ["+14155550100", "120", "4000500827", "14000000000", "", "不详", "0999-3256789x"] {
        assert_eq!(place_of(&plan().parse(raw).number), None, "{raw}");
    }
}

#[test]
fn the_segments_of_an_area_are_those_that_are_found_there() {
    let segments = segments_of("0543");
    assert_eq!(segments, segments_of("543"));
    assert!(segments.len() > 500, "{}", segments.len());
    for segment in segments {
        let place = place_of(&Number::from(format!("+86{segment}0000").as_str()));
        assert_eq!(place.map(|place| place.area), Some("0543"), "{segment}");
    }
    assert!(segments_of("0001").is_empty());
}

/// Texts that look like numbers, and any others.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,80}",
        "[+0-9() .#,转ext-]{0,40}",
        "[<]{0,2}(tel:|sip:){0,2}[+]{0,2}(0|00|86|17951|0086|9){0,3}[0-9]{0,14}(转|-|x|#)?[0-9]{0,6}[>@;]{0,2}",
        "[０-９＋（）－ ]{0,40}",
        "(86|0|00|\\+){0,3}(138|543|10|400|1|2|0)[0-9]{4,9}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_normal_stays(text in texts(), area in prop::option::of("0?[1-9][0-9]{1,2}")) {
        let once = Number::normalize(&text, "86", area.as_deref());
        let twice = Number::normalize(once.as_str(), "86", area.as_deref());
        prop_assert_eq!(once.as_str(), twice.as_str());
        prop_assert!(once.as_str().chars().count() <= NUMBER_CHARS_MAX);
        let shown = once.masked();
        prop_assert!(shown.chars().count() <= 12, "{}", shown);
    }

    #[test]
    fn what_is_normal_stays_elsewhere(text in texts()) {
        let once = Number::normalize(&text, "49", None);
        let twice = Number::normalize(once.as_str(), "49", None);
        prop_assert_eq!(once.as_str(), twice.as_str());
    }
}
