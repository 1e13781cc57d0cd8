//! The library itself: whole, without doubles, and honest about what it cannot say.

use careline_model::stats::Cell;
use careline_model::stats::definitions::{Subject, Terms, Unit, metric, metrics};
use std::collections::BTreeSet;

#[test]
fn every_metric_says_what_it_is() {
    let mut ids = BTreeSet::new();
    for metric in metrics() {
        assert!(ids.insert(metric.id), "{} is there twice", metric.id);
        for text in [metric.id, metric.zh, metric.en, metric.formula] {
            assert!(!text.is_empty(), "{}", metric.id);
        }
        assert!(!metric.zh.is_ascii(), "{}", metric.zh);
        assert!(!metric.subjects.is_empty(), "{}", metric.id);
        assert_eq!(metric.starts.is_some(), metric.stops.is_some(), "{}: a clock has two ends", metric.id);
        if metric.unit == Unit::Seconds {
            assert!(metric.id == "occupancy" || metric.starts.is_some(), "{} reads a clock", metric.id);
        }
    }
    let names: BTreeSet<_> = metrics().map(|metric| (metric.zh, metric.en)).collect();
    assert_eq!(names.len(), ids.len());
}

#[test]
fn every_service_level_carries_its_letter() {
    let letters: Vec<_> = metrics().filter_map(|metric| Some((metric.id, metric.letter?))).collect();
    assert_eq!(
        letters,
        [("sl_cn", "CN"), ("sl1", "SL1"), ("sl2", "SL2"), ("sl3", "SL3"), ("sl4", "SL4"), ("sl5", "SL5")]
    );
}

#[test]
fn nothing_is_divided_by_nothing() {
    for metric in metrics() {
        let counts = metric.unit == Unit::Count || metric.id.ends_with("_time") && metric.id != "ring_time";
        let figure = metric.value(&Cell::default(), &Terms::default());
        assert_eq!(figure, counts.then_some(0.0), "{}", metric.id);
    }
}

#[test]
fn rates_of_entries_say_who_is_in_the_denominator() {
    for metric in metrics().filter(|m| m.subjects == [Subject::Queue] && m.unit == Unit::Share) {
        assert!(metric.includes.is_some(), "{}", metric.id);
    }
    let abandon = metric("abandon_rate").unwrap().includes.unwrap();
    assert!(abandon.waiting && abandon.flow_out && !abandon.short_abandoned);
    assert!(metric("sl1").unwrap().includes.is_some_and(|includes| !includes.waiting));
    assert!(metric("no such").is_none());
}

#[test]
fn a_report_can_keep_the_definition_with_the_figure() {
    let text = serde_json::to_string(metric("sl_cn").unwrap()).unwrap();
    assert!(text.contains("\"letter\":\"CN\"") && text.contains("N秒接通率"), "{text}");
    let terms = Terms::default();
    let kept = serde_json::to_string(&terms).unwrap();
    assert_eq!(
        kept,
        r#"{"within":"20","sl3":{"abandoned":true,"short_abandoned":false,"flow_out":false},"productive":[]}"#
    );
    assert_eq!(serde_json::from_str::<Terms>(&kept).unwrap(), terms);
}
