//! What the engine measured, in the words of the switchboard.

use careline_media::{LegStats, Quality, Reception};
use careline_model::quality;
use careline_switchboard::LegFigures;

/// Rounded, and nothing where nothing was measured.
pub(super) fn figures(stats: &LegStats, quality: &Quality) -> LegFigures {
    LegFigures {
        received: stats.received,
        sent: stats.sent,
        inbound: (stats.received > 0).then(|| reception(&quality.inbound)),
        outbound: quality.outbound.as_ref().map(reception),
        round_trip_ms: quality.round_trip.map(|time| quality::round(time.as_secs_f64() * 1000.0, 100.0)),
    }
}

fn reception(one: &Reception) -> quality::Reception {
    quality::Reception::rounded(one.loss, one.jitter_ms, one.r, one.mos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn nothing_is_said_of_what_was_not_measured() {
        let figures = figures(&LegStats { sent: 7, ..LegStats::default() }, &Quality::default());
        assert_eq!(figures, LegFigures { sent: 7, ..LegFigures::default() });
    }

    #[test]
    fn both_directions_and_the_way_there_and_back_are_told() {
        let heard = Reception { loss: 0.5, jitter_ms: 2.04, r: 93.21, mos: 4.409 };
        let quality =
            Quality { inbound: heard, outbound: Some(heard), round_trip: Some(Duration::from_micros(1504)) };
        let figures = figures(&LegStats { received: 1, ..LegStats::default() }, &quality);
        let told = quality::Reception { loss: 0.5, jitter_ms: 2.0, r: 93.2, mos: 4.41 };
        assert_eq!((figures.inbound, figures.outbound), (Some(told), Some(told)));
        assert_eq!(figures.round_trip_ms, Some(1.5));
    }
}
