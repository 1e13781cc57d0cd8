//! Ranges of bytes.

use careline_desk::http::{ByteRange, NotSatisfiable, requested};
use proptest::prelude::*;

#[test]
fn one_range_is_understood_and_everything_else_means_all() {
    let range = |first, last| Ok(Some(ByteRange { first, last }));
    assert_eq!(requested("bytes=0-", 100), range(0, 99));
    assert_eq!(requested("bytes=0-0", 100), range(0, 0));
    assert_eq!(requested("bytes= 5 - 9 ", 100), range(5, 9));
    assert_eq!(requested("bytes=-10", 100), range(90, 99));
    assert_eq!(requested("bytes=-1000", 100), range(0, 99));
    assert_eq!(requested("bytes=50-99999999999999999999999999", 100), range(50, 99));
    for all in [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=9-5",
        "bytes=0-1,5-6",
        "lines=1-2",
        "bytes=a-b",
        "bytes=+1-2",
    ] {
        assert_eq!(requested(all, 100), Ok(None), "{all}");
    }
    for behind in ["bytes=100-", "bytes=-0", "bytes=99999999999999999999-"] {
        assert_eq!(requested(behind, 100), Err(NotSatisfiable), "{behind}");
    }
    for nothing in ["bytes=0-", "bytes=-1"] {
        assert_eq!(requested(nothing, 0), Err(NotSatisfiable), "{nothing}");
    }
}

proptest! {
    #[test]
    fn a_range_lies_in_the_file(header in "(bytes=)?[0-9a-z=,-]{0,12}", bytes in 0_u64..2000) {
        if let Ok(Some(range)) = requested(&header, bytes) {
            prop_assert!(range.first <= range.last && range.last < bytes && !range.is_empty());
        }
    }
}
