use super::*;

/// A house in 0543, Binzhou.
fn kind(raw: &str) -> Option<DialKind> {
    DialKind::of(&Number::normalize(raw, "86", Some("0543")), Some("0543")).ok()
}

#[test]
fn everyday_numbers_have_their_kind() {
    let cases = [
        ("1001", DialKind::Internal),
        ("8021", DialKind::Internal),
        ("110", DialKind::Emergency),
        ("119", DialKind::Emergency),
        ("120", DialKind::Emergency),
        ("122", DialKind::Emergency),
        ("12356", DialKind::Emergency),
        ("0543120", DialKind::Emergency),
        ("0531120", DialKind::Emergency),
        ("10086", DialKind::Service),
        ("12345", DialKind::Service),
        ("0531-12345", DialKind::Service),
        ("95598", DialKind::Service),
        ("400-123-4567", DialKind::Service),
        ("3226789", DialKind::Local),
        ("0543-3226789", DialKind::Local),
        ("+86 543 3226789", DialKind::Local),
        ("010-62345678", DialKind::National),
        ("0531 8123 4567", DialKind::National),
        ("13812345678", DialKind::Mobile),
        ("013812345678", DialKind::Mobile),
        ("17951 13812345678", DialKind::Mobile),
        ("0044 20 7946 0958", DialKind::International),
        ("+852 2345 6789", DialKind::International),
        ("16899168", DialKind::Premium),
        ("12590123", DialKind::Premium),
    ];
    for (raw, expected) in cases {
        assert_eq!(kind(raw), Some(expected), "{raw}");
    }
}

/// Ways to make an expensive number look cheap. Each is barred for who may dial at home only: it is international,
/// premium or nothing at all.
#[test]
fn spellings_of_toll_fraud_do_not_pass_for_cheap_numbers() {
    let tricks = [
        "001 900 555 0100",
        "+1 900 555 0100",
        "0044 9098 790 000",
        "00 00 44 20 7946 0958",
        "+00442079460958",
        "011 44 20 7946 0958",
        "**62*00442079460958#",
        "*21*00442079460958#",
        "9,00442079460958",
        "0543 00 44 20 7946 0958",
        "0543-16899168",
        "17909 0044 20 7946 0958",
        "17951",
        "+881 6 2345 6789",
        "+86 17909 00442079460958",
        "０0４4 2079460958",
        "tel:00442079460958;phone-context=+86",
        "sip:00442079460958@127.0.0.1",
    ];
    for raw in tricks {
        let found = kind(raw);
        let costly = matches!(found, None | Some(DialKind::International | DialKind::Premium));
        assert!(costly, "{raw} passes for {found:?}");
    }
}

/// What is behind a comma or a second `+` is never dialled: what is judged is the number alone.
#[test]
fn what_is_judged_is_what_is_dialled() {
    for raw in ["10086,,00442079460958", "120;ext=0044", "4001234567-00442", "13812345678@evil;00"] {
        let number = Number::normalize(raw, "86", Some("0543"));
        if DialKind::of(&number, Some("0543")).is_ok() {
            assert!(!number.as_str().contains("44"), "{raw} would dial {}", number.as_str());
        }
    }
}

#[test]
fn words_and_kinds_agree() {
    for kind in DialKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert!("cheap".parse::<DialKind>().is_err());
}
