//! How good a conversation sounds, computed from what was measured: the E-model of ITU-T G.107 (06/2015), with the
//! default values of its Table 3 for everything but delay, codec and loss.
//!
//! ```text
//! R = Ro - Is - Id - Ie,eff        0 (nothing) to 93.2 (a local call over the PSTN)
//!           |    |     `--- codec and packet loss, burstier loss counting more (clause 7.5)
//!           |    `--------- delay, and the echo that delay makes audible (clause 7.4)
//!           `-------------- loudness, side tone, quantisation (clause 7.3)
//! ```
//! What it is not: a measurement of the sound. Echo, noise and level of the phones are taken for good ones.
//! G.722 and Opus are rated on this narrowband scale, on which nothing is better than G.711: see [`Codec`].

use core::time::Duration;

/// What a codec and its concealment make of loss.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Codec {
    /// G.711 with concealment (Appendix I): Ie 0, Bpl 25.1 (G.113 Appendix I, Table I.4).
    #[default]
    G711,
    /// G.711 where the far end plays nothing for what is lost: Ie 0, Bpl 4.3 (same table).
    G711WithoutConcealment,
    /// G.722 at 64 kbit/s with concealment. G.113 rates it on the wideband scale only; here: Ie 0, and a Bpl of 16,
    /// our approximation between G.711 with and without concealment, as its ADPCM state takes time to recover.
    G722,
    /// Opus for speech with in-band FEC. ITU-T gives no values; Ie 0 and Bpl 20 are our approximation.
    Opus,
}

impl Codec {
    const fn equipment_impairment(self) -> f64 {
        0.0
    }

    const fn loss_robustness(self) -> f64 {
        match self {
            Self::G711 => 25.1,
            Self::G711WithoutConcealment => 4.3,
            Self::G722 => 16.0,
            Self::Opus => 20.0,
        }
    }

    /// What coding and decoding add to the packet's length: look-ahead.
    #[must_use]
    pub const fn delay(self) -> Duration {
        match self {
            Self::G711 | Self::G711WithoutConcealment => Duration::ZERO,
            Self::G722 => Duration::from_micros(1_500),
            Self::Opus => Duration::from_micros(6_500),
        }
    }
}

/// One direction of a call.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Path {
    /// From mouth to packet and over the network: the packet's length, and half the round trip.
    pub network: Duration,
    /// How long packets wait in the listener's jitter buffer.
    pub jitter_buffer: Duration,
    /// Share of packets that were not played, lost and late ones: 0 to 1.
    pub loss: f64,
    /// 1 for independent losses, more when they come in bursts (see [`Bursts`]). 1 to 8 are used.
    pub burst_ratio: f64,
    /// The worst codec on the way.
    pub codec: Codec,
}

impl Default for Path {
    fn default() -> Self {
        Self {
            network: Duration::ZERO,
            jitter_buffer: Duration::ZERO,
            loss: 0.0,
            burst_ratio: 1.0,
            codec: Codec::default(),
        }
    }
}

/// A rating.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rating {
    /// 0 to 93.2.
    pub r: f64,
    /// 1 (bad) to 4.41.
    pub mos: f64,
}

impl Path {
    /// Rates it. Values that make no sense are taken for the nearest that do.
    #[must_use]
    pub fn rate(&self) -> Rating {
        let delay = self.network.saturating_add(self.jitter_buffer).saturating_add(self.codec.delay());
        let delay_ms = (delay.as_secs_f64() * 1000.0).min(10_000.0);
        let r = signal_to_noise()
            - simultaneous_impairment(delay_ms)
            - delay_impairment(delay_ms)
            - self.effective_equipment_impairment();
        let r = r.clamp(0.0, 100.0);
        Rating { r, mos: mos(r) }
    }

    /// Clause 7.5, equation 7-29.
    fn effective_equipment_impairment(&self) -> f64 {
        let percent = if self.loss.is_finite() { self.loss.clamp(0.0, 1.0) * 100.0 } else { 100.0 };
        let burst_ratio = if self.burst_ratio.is_finite() { self.burst_ratio.clamp(1.0, 8.0) } else { 1.0 };
        let (ie, bpl) = (self.codec.equipment_impairment(), self.codec.loss_robustness());
        ie + (95.0 - ie) * percent / (percent / burst_ratio + bpl)
    }
}

/// The mean opinion score of a rating (Annex B), 1 to 4.5.
#[must_use]
pub fn mos(r: f64) -> f64 {
    if r <= 0.0 {
        1.0
    } else if r >= 100.0 {
        4.5
    } else {
        (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0)
    }
}

/// Counts runs of lost packets: how much burstier loss is than chance would have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bursts {
    received: u64,
    lost: u64,
    runs: u64,
}

impl Bursts {
    /// A packet came in order, after `missing` that did not.
    pub fn observe(&mut self, missing: u16) {
        self.received += 1;
        self.lost += u64::from(missing);
        self.runs += u64::from(missing > 0);
    }

    /// Mean length of runs over the one expected of independent losses (G.107 clause 7.5); 1 without losses.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        if self.runs == 0 {
            return 1.0;
        }
        let loss = self.lost as f64 / (self.lost + self.received) as f64;
        (self.lost as f64 / self.runs as f64 * (1.0 - loss)).max(1.0)
    }
}

// Table 3 of G.107: default values.
const SLR: f64 = 8.0;
const RLR: f64 = 2.0;
const OLR: f64 = SLR + RLR;
const STMR: f64 = 15.0;
const LSTR: f64 = STMR + DR;
const DR: f64 = 3.0;
const DS: f64 = 3.0;
const TELR: f64 = 65.0;
const WEPL: f64 = 110.0;
const PS: f64 = 35.0;
const PR: f64 = 35.0;
const NC: f64 = -70.0;
const NFOR: f64 = -64.0;

fn from_db(db: f64) -> f64 {
    10f64.powf(db / 10.0)
}

/// No, clause 7.2.
fn noise() -> f64 {
    let sent = PS - SLR - DS - 100.0 + 0.004 * (PS - OLR - DS - 14.0).powi(2);
    let room = PR + 10.0 * (1.0 + from_db(10.0 - LSTR)).log10();
    let received = RLR - 121.0 + room + 0.008 * (room - 35.0).powi(2);
    10.0 * (from_db(NC) + from_db(sent) + from_db(received) + from_db(NFOR + RLR)).log10()
}

/// Ro, clause 7.2.
fn signal_to_noise() -> f64 {
    15.0 - 1.5 * (SLR + noise())
}

/// Is, clause 7.3: too loud, side tone, quantisation of one coder.
fn simultaneous_impairment(delay_ms: f64) -> f64 {
    let x = OLR + 0.2 * (64.0 + noise() - RLR);
    let loudness = 20.0 * ((1.0 + (x / 8.0).powi(8)).powf(1.0 / 8.0) - x / 8.0);
    let masked = -10.0 * (from_db(-STMR) + (-delay_ms / 4.0).exp() * from_db(-TELR)).log10();
    let side_tone = 12.0 * (1.0 + ((masked - 13.0) / 6.0).powi(8)).powf(1.0 / 8.0)
        - 28.0 * (1.0 + ((masked + 1.0) / 19.4).powi(35)).powf(1.0 / 35.0)
        - 13.0 * (1.0 + ((masked - 3.0) / 33.0).powi(13)).powf(1.0 / 13.0)
        + 29.0;
    let q = 37.0;
    let g = 1.07 + 0.258 * q + 0.0602 * q * q;
    let y = (signal_to_noise() - 100.0) / 15.0 + 46.0 / 8.4 - g / 9.0;
    let z = 46.0 / 30.0 - g / 40.0;
    loudness + side_tone + 15.0 * (1.0 + 10f64.powf(y) + 10f64.powf(z)).log10()
}

/// Id, clause 7.4: talker echo, listener echo, too long a delay.
fn delay_impairment(t: f64) -> f64 {
    let terv = TELR - 40.0 * ((1.0 + t / 10.0) / (1.0 + t / 150.0)).log10() + 6.0 * (-0.3 * t * t).exp();
    let talker = (-1.5 * (noise() - RLR) - (80.0 + 2.5 * (terv - 14.0))) / 2.0;
    let talker = (talker + (talker * talker + 100.0).sqrt() - 1.0) * (1.0 - (-t).exp());
    let listener = 10.5 * (WEPL + 7.0) * (2.0 * t + 1.0).powf(-0.25);
    let listener = (signal_to_noise() - listener) / 2.0;
    let listener = listener + (listener * listener + 169.0).sqrt();
    let absolute = if t <= 100.0 {
        0.0
    } else {
        let x = (t / 100.0).log2();
        25.0 * ((1.0 + x.powi(6)).powf(1.0 / 6.0) - 3.0 * (1.0 + (x / 3.0).powi(6)).powf(1.0 / 6.0) + 2.0)
    };
    talker + listener + absolute
}
