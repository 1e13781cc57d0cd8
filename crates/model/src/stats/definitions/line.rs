//! Metrics of lines, and of calls that agents dialled (CF 1.11, 3.5).

use super::super::service_level::share;
use super::{COUNT, Metric, Subject, Unit, mean, whole};
use crate::event::EndCause;

const LINE: Metric = Metric { subjects: &[Subject::Line], ..COUNT };

pub(super) const METRICS: &[Metric] = &[
    Metric {
        id: "calls",
        zh: "呼叫量",
        en: "calls",
        formula: "calls that began",
        value: |cell, _| whole(cell.calls.begun),
        ..LINE
    },
    Metric {
        id: "calls_queued",
        zh: "转人工量",
        en: "calls that asked for an agent",
        formula: "calls that entered a queue, each once",
        value: |cell, _| whole(cell.calls.queued),
        ..LINE
    },
    Metric {
        id: "ivr_abandoned",
        zh: "自助语音放弃量",
        en: "IVR abandons",
        formula: "calls whose caller hung up in the IVR",
        value: |cell, _| whole(cell.calls.ended.of(EndCause::IvrAbandoned)),
        ..LINE
    },
    Metric {
        id: "refused",
        zh: "呼损量",
        en: "refused calls",
        formula: "calls refused at the door: full, draining, unknown number, no common codec",
        value: |cell, _| whole(cell.calls.ended.of(EndCause::Refused)),
        ..LINE
    },
    Metric {
        id: "refusal_rate",
        zh: "呼损率",
        en: "refusal rate",
        formula: "refused calls / calls that began",
        unit: Unit::Share,
        value: |cell, _| share(cell.calls.ended.of(EndCause::Refused), cell.calls.begun),
        ..LINE
    },
    Metric {
        id: "call_length",
        zh: "平均呼叫时长",
        en: "average length of a call",
        formula: "sum of lengths / calls that ended",
        unit: Unit::Seconds,
        starts: Some("the call arrives"),
        stops: Some("the call ends"),
        value: |cell, _| mean(cell.calls.length.sum_ms, cell.calls.length.count),
        ..LINE
    },
];
