//! What the ear of the stories can prove, and what it refuses.

use careline_testkit::wave::{self, Wave};

#[test]
fn a_steady_tone_is_heard_and_another_is_not() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("tone.wav");
    wave::write_steady(&path, 3.0, 440.0).expect("writable");
    let tone = Wave::read(&path).expect("readable");
    tone.expect_tone("the file", 0, 440.0).expect("440 Hz is in it");
    assert!(tone.expect_tone("the file", 0, 620.0).is_err());
    assert!(!tone.ever_has(0, 620.0));
    assert!((tone.seconds() - 3.0).abs() < 0.001);
}

#[test]
fn bursts_are_found_within_ten_milliseconds() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bursts.wav");
    let said = wave::unmistakable_onsets(20.0);
    wave::write_bursts(&path, 20.0, 700.0, &said).expect("writable");
    let heard = Wave::read(&path).expect("readable").burst_onsets(0, 700.0);
    assert_eq!(heard.len(), said.len());
    for (heard, said) in heard.iter().zip(&said) {
        assert!((heard - said).abs() < 0.010, "{heard} against {said}");
    }
}

#[test]
fn a_part_of_the_bursts_is_put_in_its_place_and_a_moved_one_is_refused() {
    let known = wave::unmistakable_onsets(30.0);
    let part: Vec<f64> = known[5..12].iter().map(|at| at - 3.0).collect();
    let shift = wave::fit_onsets(&part, &known, 0.05).expect("fits");
    assert!((shift + 3.0).abs() < 0.01);
    let mut moved = part;
    moved[3] += 0.12;
    assert!(wave::fit_onsets(&moved, &known, 0.05).is_err());
}
