//! Metrics of queues: demand, service level, waits, handling (CF 3.1, 3.2, 3.3, 3.5).

use super::super::cell::Cell;
use super::super::entries::WayOut;
use super::super::service_level::{cn, share, sl1, sl2, sl3, sl4, sl5};
use super::{COUNT, Includes, Metric, Subject, Unit, mean, seconds, whole};
use crate::event::TransferOutcome;

const ENTERS: Option<&str> = Some("the caller enters the queue");
const HEARS: Option<&str> = Some("caller and agent hear each other");
const LEAVES: Option<&str> = Some("the caller leaves the queue");
const PARTS: Option<&str> = Some("the agent's conversation ends, or she passes the caller on");
const BOTH: &[Subject] = &[Subject::Queue, Subject::Agent];

const SHARE: Metric = Metric { unit: Unit::Share, ..COUNT };
const WAIT: Metric = Metric { unit: Unit::Seconds, starts: ENTERS, stops: HEARS, ..COUNT };
const LEVEL: Metric = Metric { unit: Unit::Share, starts: ENTERS, stops: HEARS, ..COUNT };

fn left(cell: &Cell, way: WayOut) -> u32 {
    cell.entries.of(way)
}

pub(super) const METRICS: &[Metric] = &[
    Metric {
        id: "offered",
        zh: "人工请求量",
        en: "offered",
        formula: "O = entries of the queue = A + B + S + F + system faults + waiting",
        value: |cell, _| whole(cell.entries.offered),
        ..COUNT
    },
    Metric {
        id: "answered",
        zh: "人工接通量",
        en: "answered",
        formula: "A = entries that an agent answered",
        value: |cell, _| whole(left(cell, WayOut::Answered)),
        ..COUNT
    },
    Metric {
        id: "abandoned",
        zh: "放弃量",
        en: "abandoned",
        formula: "B = entries whose caller hung up after the short-abandon time, also while a phone rang",
        value: |cell, _| whole(left(cell, WayOut::Abandoned)),
        ..COUNT
    },
    Metric {
        id: "short_abandoned",
        zh: "短时放弃量",
        en: "short abandons",
        formula: "S = entries whose caller hung up within the short-abandon time of the queue",
        value: |cell, _| whole(left(cell, WayOut::ShortAbandoned)),
        ..COUNT
    },
    Metric {
        id: "flow_out",
        zh: "溢出量",
        en: "flow-outs",
        formula: "F = entries that left by a rule, a supervisor or another program",
        value: |cell, _| whole(left(cell, WayOut::FlowOut)),
        ..COUNT
    },
    Metric {
        id: "system_fault",
        zh: "系统故障量",
        en: "system faults",
        formula: "entries lost by our fault",
        value: |cell, _| whole(left(cell, WayOut::SystemFault)),
        ..COUNT
    },
    Metric {
        id: "waiting",
        zh: "排队中",
        en: "waiting",
        formula: "O less all outcomes; by event: what the interval added to those that wait",
        value: |cell, _| whole(cell.entries.waiting),
        ..COUNT
    },
    Metric {
        id: "answer_rate",
        zh: "接通率",
        en: "answer rate",
        formula: "A / O",
        includes: Some(Includes::OFFERED),
        value: |cell, _| share(left(cell, WayOut::Answered), cell.entries.offered),
        ..SHARE
    },
    Metric {
        id: "abandon_rate",
        zh: "放弃率",
        en: "abandon rate",
        formula: "B / (O - S)",
        includes: Some(Includes::WITHOUT_SHORT),
        value: |cell, _| {
            let meant = i64::from(cell.entries.offered) - i64::from(left(cell, WayOut::ShortAbandoned));
            share(left(cell, WayOut::Abandoned), meant)
        },
        ..SHARE
    },
    Metric {
        id: "sl_cn",
        zh: "N秒接通率",
        en: "answered within N seconds",
        letter: Some("CN"),
        formula: "A_N / O; the agent's number is announced where the conversation begins",
        includes: Some(Includes::OFFERED),
        value: |cell, terms| cn(&cell.entries, terms),
        ..LEVEL
    },
    Metric {
        id: "sl1",
        zh: "服务水平1",
        en: "service level 1",
        letter: Some("SL1"),
        formula: "A_N / A",
        includes: Some(Includes::ANSWERED),
        value: |cell, terms| sl1(&cell.entries, terms),
        ..LEVEL
    },
    Metric {
        id: "sl2",
        zh: "服务水平2",
        en: "service level 2",
        letter: Some("SL2"),
        formula: "(A_N + B_N) / (A + B)",
        stops: LEAVES,
        includes: Some(Includes { abandoned: true, ..Includes::ANSWERED }),
        value: |cell, terms| sl2(&cell.entries, terms),
        ..LEVEL
    },
    Metric {
        id: "sl3",
        zh: "服务水平3",
        en: "service level 3",
        letter: Some("SL3"),
        formula: "A_N / (A [+ B] [+ S] [+ F]), each by its switch",
        includes: Some(Includes { abandoned: true, ..Includes::ANSWERED }),
        value: |cell, terms| sl3(&cell.entries, terms),
        ..LEVEL
    },
    Metric {
        id: "sl4",
        zh: "服务水平4",
        en: "service level 4",
        letter: Some("SL4"),
        formula: "(A_N + B_N + S_N) / O; looks good while people hang up: no target",
        stops: LEAVES,
        includes: Some(Includes::OFFERED),
        value: |cell, terms| sl4(&cell.entries, terms),
        ..LEVEL
    },
    Metric {
        id: "sl5",
        zh: "服务水平5",
        en: "service level 5",
        letter: Some("SL5"),
        formula: "A_N / (O - S)",
        includes: Some(Includes::WITHOUT_SHORT),
        value: |cell, terms| sl5(&cell.entries, terms),
        ..LEVEL
    },
    Metric {
        id: "asa",
        zh: "平均应答速度",
        en: "average speed of answer",
        formula: "sum of waits of answered / A",
        includes: Some(Includes::ANSWERED),
        value: |cell, _| mean(cell.answered_wait.total.sum_ms, cell.answered_wait.total.count),
        ..WAIT
    },
    Metric {
        id: "wait_p50",
        zh: "等待时长中位数",
        en: "median wait of answered",
        formula: "half of the answered waited no longer; right to 1/32",
        value: |cell, _| cell.answered_wait.percentile_ms(50).map(seconds),
        ..WAIT
    },
    Metric {
        id: "wait_p90",
        zh: "等待时长90分位",
        en: "90th percentile of the wait of answered",
        formula: "nine of ten answered waited no longer; right to 1/32",
        value: |cell, _| cell.answered_wait.percentile_ms(90).map(seconds),
        ..WAIT
    },
    Metric {
        id: "wait_max",
        zh: "最长等待",
        en: "longest wait",
        formula: "longest wait of all who left the queue",
        stops: LEAVES,
        value: |cell, _| {
            let all = [&cell.answered_wait.total, &cell.abandoned_wait.total, &cell.other_wait];
            let longest = all.into_iter().filter(|total| total.count > 0).map(|total| total.max_ms).max();
            longest.map(seconds)
        },
        ..WAIT
    },
    Metric {
        id: "aat",
        zh: "平均放弃时长",
        en: "average time to abandon",
        formula: "sum of waits of abandoned / B",
        stops: Some("the caller hangs up"),
        value: |cell, _| mean(cell.abandoned_wait.total.sum_ms, cell.abandoned_wait.total.count),
        ..WAIT
    },
    Metric {
        id: "ring_time",
        zh: "平均振铃时长",
        en: "ring time",
        formula: "sum of ring times of answered offers / answered offers",
        starts: Some("the agent is chosen"),
        stops: Some("the agent answers"),
        subjects: BOTH,
        value: |cell, _| mean(cell.offers.answered_ring.sum_ms, cell.offers.answered_ring.count),
        ..WAIT
    },
    Metric {
        id: "att",
        zh: "平均通话时长",
        en: "average talk time",
        formula: "sum of talk, hold included / A; talk counts when it ends",
        starts: HEARS,
        stops: PARTS,
        includes: Some(Includes::ANSWERED),
        value: |cell, _| mean(cell.talk.sum_ms, left(cell, WayOut::Answered)),
        ..WAIT
    },
    Metric {
        id: "acw",
        zh: "平均话后处理时长",
        en: "average after-call work",
        formula: "sum of wrap-up / number of wrap-ups",
        starts: Some("the agent's conversation ends"),
        stops: Some("the agent is free again"),
        subjects: BOTH,
        value: |cell, _| mean(cell.wrap_up.sum_ms, cell.wrap_up.count),
        ..WAIT
    },
    Metric {
        id: "aht",
        zh: "平均处理时长",
        en: "average handle time",
        formula: "(sum of talk, hold included + sum of wrap-up) / handled; both count when they end",
        starts: HEARS,
        stops: Some("the agent is free again"),
        subjects: BOTH,
        value: |cell, _| mean(cell.talk.sum_ms.saturating_add(cell.wrap_up.sum_ms), cell.handled),
        ..WAIT
    },
    Metric {
        id: "handled",
        zh: "处理量",
        en: "handled",
        formula: "conversations with callers of a queue: answered, and taken over by transfer",
        subjects: BOTH,
        value: |cell, _| whole(cell.handled),
        ..COUNT
    },
    Metric {
        id: "transfer_rate",
        zh: "转接率",
        en: "transfer rate",
        formula: "transfers that a third party took, outside ones included / A; consultations do not count",
        includes: Some(Includes::ANSWERED),
        value: |cell, _| {
            share(cell.transfers.outcomes.of(TransferOutcome::Connected), left(cell, WayOut::Answered))
        },
        ..SHARE
    },
];
