//! How the legs sounded that are over: histograms of loss, jitter, round trip and opinion score.

use super::text::Text;
use careline_model::quality::Reception;
use careline_switchboard::LegFigures;

/// Below 3.6 many people are not content, above 4.3 nearly all are (ITU-T G.107 annex B).
const MOS_BOUNDS: [f64; 8] = [2.0, 2.6, 3.1, 3.6, 4.0, 4.2, 4.3, 4.4];
/// Shares of lost packets.
const LOSS_BOUNDS: [f64; 8] = [0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25];
/// Seconds.
const JITTER_BOUNDS: [f64; 8] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16];
/// Seconds.
const TRIP_BOUNDS: [f64; 8] = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8];

/// Values by size: how many, their sum, and how many were not above each bound.
#[derive(Debug, Clone)]
struct Histogram {
    bounds: &'static [f64; 8],
    /// Not cumulated; the last is what is above all bounds.
    buckets: [u64; 9],
    sum: f64,
}

impl Histogram {
    fn new(bounds: &'static [f64; 8]) -> Self {
        Self { bounds, buckets: [0; 9], sum: 0.0 }
    }

    fn add(&mut self, value: f64) {
        let bucket = self.bounds.iter().position(|bound| value <= *bound).unwrap_or(self.bounds.len());
        self.buckets[bucket] += 1;
        self.sum += value;
    }

    fn write(&self, text: &mut Text, name: &str, labels: &[(&str, &str)]) {
        let (bucket, mut count) = (format!("{name}_bucket"), 0);
        for (index, in_it) in self.buckets.iter().enumerate() {
            count += in_it;
            let bound = self.bounds.get(index).map_or_else(|| "+Inf".to_owned(), ToString::to_string);
            let labels: Vec<(&str, &str)> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
            text.sample(&bucket, &labels, count);
        }
        text.sample(&format!("{name}_sum"), labels, self.sum);
        text.sample(&format!("{name}_count"), labels, count);
    }
}

/// One direction of all legs.
#[derive(Debug, Clone)]
struct Direction {
    mos: Histogram,
    loss: Histogram,
    jitter: Histogram,
}

impl Direction {
    fn new() -> Self {
        Self {
            mos: Histogram::new(&MOS_BOUNDS),
            loss: Histogram::new(&LOSS_BOUNDS),
            jitter: Histogram::new(&JITTER_BOUNDS),
        }
    }

    fn add(&mut self, reception: &Reception) {
        self.mos.add(reception.mos);
        self.loss.add(reception.loss);
        self.jitter.add(reception.jitter_ms / 1000.0);
    }
}

/// All legs that are over, since the start.
#[derive(Debug, Clone)]
pub struct SoundTally {
    inbound: Direction,
    outbound: Direction,
    round_trip: Histogram,
}

impl Default for SoundTally {
    fn default() -> Self {
        let (inbound, outbound) = (Direction::new(), Direction::new());
        Self { inbound, outbound, round_trip: Histogram::new(&TRIP_BOUNDS) }
    }
}

impl SoundTally {
    /// One more leg is over.
    pub fn add(&mut self, figures: &LegFigures) {
        if let Some(inbound) = &figures.inbound {
            self.inbound.add(inbound);
        }
        if let Some(outbound) = &figures.outbound {
            self.outbound.add(outbound);
        }
        if let Some(trip_ms) = figures.round_trip_ms {
            self.round_trip.add(trip_ms / 1000.0);
        }
    }

    pub(super) fn write(&self, text: &mut Text) {
        type Pick = fn(&Direction) -> &Histogram;
        let families: [(&str, &str, Pick); 3] = [
            ("leg_mos", "Mean opinion score (E-model) of legs that are over.", |one| &one.mos),
            ("leg_loss_ratio", "Share of packets lost of legs that are over.", |one| &one.loss),
            ("leg_jitter_seconds", "Interarrival jitter of legs that are over.", |one| &one.jitter),
        ];
        for (name, help, pick) in families {
            text.family(name, help, "histogram");
            pick(&self.inbound).write(text, name, &[("direction", "inbound")]);
            pick(&self.outbound).write(text, name, &[("direction", "outbound")]);
        }
        let name = "leg_round_trip_seconds";
        text.family(name, "To the peer and back, of legs that are over.", "histogram");
        self.round_trip.write(text, name, &[]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_leg_stands_in_the_bucket_of_its_value_and_in_all_above() {
        let mut tally = SoundTally::default();
        let good = Reception::rounded(0.0, 1.5, 93.2, 4.41);
        let bad = Reception::rounded(0.03, 30.0, 60.0, 3.1);
        tally.add(&LegFigures { inbound: Some(good), outbound: Some(bad), ..LegFigures::default() });
        tally.add(&LegFigures { inbound: Some(bad), round_trip_ms: Some(7.0), ..LegFigures::default() });
        let mut text = Text::default();
        tally.write(&mut text);
        let text = text.finish();
        for line in [
            "leg_mos_bucket{direction=\"inbound\",le=\"2.6\"} 0",
            "leg_mos_bucket{direction=\"inbound\",le=\"3.1\"} 1",
            "leg_mos_bucket{direction=\"inbound\",le=\"4.4\"} 1",
            "leg_mos_bucket{direction=\"inbound\",le=\"+Inf\"} 2",
            "leg_mos_count{direction=\"inbound\"} 2",
            "leg_mos_count{direction=\"outbound\"} 1",
            "leg_loss_ratio_bucket{direction=\"inbound\",le=\"0\"} 1",
            "leg_jitter_seconds_bucket{direction=\"outbound\",le=\"0.04\"} 1",
            "leg_round_trip_seconds_sum 0.007",
        ] {
            assert!(text.contains(&format!("careline_switch_{line}\n")), "{line} is not in\n{text}");
        }
    }
}
