//! Metrics of agents: offers and load (CF 3.4).

use super::super::cell::Cell;
use super::super::service_level::share;
use super::{COUNT, Metric, Subject, Unit, mean, seconds_of_us, share_of_us, whole};
use crate::event::{OfferOutcome, TransferOutcome};

const AGENT: Metric = Metric { subjects: &[Subject::Agent], ..COUNT };
const OFFERED: Metric = Metric { subjects: &[Subject::Queue, Subject::Agent], ..COUNT };
const SIGNS_IN: Option<&str> = Some("the agent signs in");
const SIGNS_OUT: Option<&str> = Some("the agent signs out");
const TIME: Metric =
    Metric { unit: Unit::Seconds, subjects: &[Subject::Agent], starts: SIGNS_IN, stops: SIGNS_OUT, ..COUNT };
const LOAD: Metric = Metric { unit: Unit::Share, ..TIME };

/// Offers whose end was the agent's to decide: not those that the caller, a faster colleague or the switch ended.
fn hers(cell: &Cell) -> u32 {
    cell.offers.outcomes.total_of(|outcome| match outcome {
        OfferOutcome::Answered
        | OfferOutcome::NoAnswer
        | OfferOutcome::Rejected
        | OfferOutcome::Busy
        | OfferOutcome::DeviceLost => true,
        OfferOutcome::CallerLeft | OfferOutcome::LostRace | OfferOutcome::Cancelled => false,
    })
}

pub(super) const METRICS: &[Metric] = &[
    Metric {
        id: "offers",
        zh: "派送量",
        en: "offers",
        formula: "offers made to agents",
        value: |cell, _| whole(cell.offers.made),
        ..OFFERED
    },
    Metric {
        id: "rona",
        zh: "未应答量",
        en: "RONA",
        formula: "offers that rang out",
        value: |cell, _| whole(cell.offers.outcomes.of(OfferOutcome::NoAnswer)),
        ..OFFERED
    },
    Metric {
        id: "rona_rate",
        zh: "未应答率",
        en: "RONA rate",
        formula: "offers that rang out / offers made",
        unit: Unit::Share,
        value: |cell, _| share(cell.offers.outcomes.of(OfferOutcome::NoAnswer), cell.offers.made),
        ..OFFERED
    },
    Metric {
        id: "agent_answer_rate",
        zh: "座席应答率",
        en: "agent answer rate",
        formula: "answered offers / offers that ended by her answer, refusal, silence or phone",
        unit: Unit::Share,
        value: |cell, _| share(cell.offers.outcomes.of(OfferOutcome::Answered), hers(cell)),
        ..OFFERED
    },
    Metric {
        id: "agent_att",
        zh: "座席平均通话时长",
        en: "average talk time of an agent",
        formula: "sum of talk, hold included / handled; talk counts when it ends",
        unit: Unit::Seconds,
        starts: Some("caller and agent hear each other"),
        stops: Some("the agent's conversation ends, or she passes the caller on"),
        value: |cell, _| mean(cell.talk.sum_ms, cell.handled),
        ..AGENT
    },
    Metric {
        id: "agent_transfer_rate",
        zh: "座席转接率",
        en: "transfer rate of an agent",
        formula: "transfers that a third party took / handled; may exceed 1 where she passes on calls of her own",
        unit: Unit::Share,
        value: |cell, _| share(cell.transfers.outcomes.of(TransferOutcome::Connected), cell.handled),
        ..AGENT
    },
    Metric {
        id: "login_time",
        zh: "登录时长",
        en: "login time",
        formula: "sum of the times of all states but signed out",
        value: |cell, _| Some(seconds_of_us(cell.time.login_us())),
        ..TIME
    },
    Metric {
        id: "ready_time",
        zh: "空闲时长",
        en: "ready time",
        formula: "waiting for calls with a phone that is there",
        starts: Some("the agent waits for calls"),
        stops: Some("she does anything else, or her phone is lost"),
        value: |cell, _| Some(seconds_of_us(cell.time.ready_us)),
        ..TIME
    },
    Metric {
        id: "not_ready_time",
        zh: "示忙时长",
        en: "not-ready time",
        formula: "sum over all reason codes",
        starts: Some("the agent takes no calls and has no work in hand"),
        stops: Some("she does anything else"),
        value: |cell, _| Some(seconds_of_us(cell.time.all_not_ready_us())),
        ..TIME
    },
    Metric {
        id: "occupancy",
        zh: "占用率",
        en: "occupancy",
        formula: "handling / (handling + ready); handling = talking + own calls + wrap-up; ringing is neither",
        value: |cell, _| {
            let handling = cell.time.handling_us();
            share_of_us(handling, handling.saturating_add(cell.time.ready_us))
        },
        ..LOAD
    },
    Metric {
        id: "utilisation",
        zh: "利用率",
        en: "utilisation",
        formula: "(handling + not ready for a productive code) / login time",
        value: |cell, terms| {
            let productive = cell.time.not_ready_of_us(&terms.productive);
            share_of_us(cell.time.handling_us().saturating_add(productive), cell.time.login_us())
        },
        ..LOAD
    },
];
