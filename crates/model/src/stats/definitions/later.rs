//! Metrics of callbacks and surveys (CF 3.5).

use super::super::later::BEST_ANSWER;
use super::super::service_level::share;
use super::{COUNT, Metric, Subject, Unit, mean, whole};
use crate::callback::CallbackOutcome;

const BOTH: &[Subject] = &[Subject::Queue, Subject::Agent];
const OF_BOTH: Metric = Metric { subjects: BOTH, ..COUNT };

pub(super) const METRICS: &[Metric] = &[
    Metric {
        id: "callbacks",
        zh: "回呼请求量",
        en: "callbacks asked for",
        formula: "callbacks that were promised",
        value: |cell, _| whole(cell.callbacks.requested),
        ..COUNT
    },
    Metric {
        id: "callbacks_reached",
        zh: "回呼成功量",
        en: "callbacks reached",
        formula: "callbacks whose person and an agent heard each other, or who rang again herself",
        value: |cell, _| {
            let outcomes = &cell.callbacks.outcomes;
            let met = |outcome| matches!(outcome, CallbackOutcome::Reached | CallbackOutcome::Returned);
            whole(outcomes.total_of(met))
        },
        ..COUNT
    },
    Metric {
        id: "callbacks_missed",
        zh: "回呼未果量",
        en: "callbacks missed",
        formula: "callbacks that failed or expired",
        value: |cell, _| {
            let missed = |outcome| matches!(outcome, CallbackOutcome::Failed | CallbackOutcome::Expired);
            whole(cell.callbacks.outcomes.total_of(missed))
        },
        ..COUNT
    },
    Metric {
        id: "callback_delay",
        zh: "平均回呼时长",
        en: "mean time to callback",
        formula: "time from the wish to the conversation / callbacks reached",
        unit: Unit::Seconds,
        starts: Some("the callback is promised"),
        stops: Some("its person and an agent hear each other"),
        value: |cell, _| {
            let until = &cell.callbacks.until_reached;
            mean(until.sum_ms, until.count)
        },
        ..COUNT
    },
    Metric {
        id: "survey_invited",
        zh: "满意度邀评量",
        en: "callers asked",
        formula: "conversations after which the caller was led to the survey",
        value: |cell, _| whole(cell.surveys.invited()),
        ..OF_BOTH
    },
    Metric {
        id: "survey_rate",
        zh: "满意度参评率",
        en: "survey response rate",
        formula: "callers who gave an answer / callers who were asked",
        unit: Unit::Share,
        value: |cell, _| share(cell.surveys.answered(), cell.surveys.invited()),
        ..OF_BOTH
    },
    Metric {
        id: "survey_mean",
        zh: "满意度",
        en: "satisfaction",
        formula: "mean of the answers, the worst of each scale being 0 and its best 1",
        unit: Unit::Share,
        value: |cell, _| {
            let best = u64::from(cell.surveys.answers) * u64::from(BEST_ANSWER);
            (best > 0).then(|| cell.surveys.sum as f64 / best as f64)
        },
        ..OF_BOTH
    },
    Metric {
        id: "survey_low",
        zh: "低分量",
        en: "low answers",
        formula: "answers that somebody has to look after",
        value: |cell, _| whole(cell.surveys.low),
        ..OF_BOTH
    },
];
