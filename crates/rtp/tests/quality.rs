//! The E-model against known values, and that it says what people hear.

use std::time::Duration;

use careline_rtp::quality::{Bursts, Codec, Path, mos};

fn delayed(ms: u64) -> Path {
    Path { network: Duration::from_millis(ms), ..Path::default() }
}

fn lossy(loss: f64, codec: Codec) -> Path {
    Path { loss, codec, ..Path::default() }
}

#[test]
fn the_default_rating_is_93_2_and_its_score_4_41() {
    let rating = Path::default().rate();
    assert!((rating.r - 93.2).abs() < 0.05, "{rating:?}");
    assert!((rating.mos - 4.41).abs() < 0.005, "{rating:?}");
}

#[test]
fn scores_are_those_of_annex_b() {
    for (r, expected) in [(90.0, 4.34), (80.0, 4.02), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)] {
        assert!((mos(r) - expected).abs() < 0.01, "{r}: {}", mos(r));
    }
    assert_eq!((mos(-5.0), mos(0.0), mos(100.0), mos(150.0)), (1.0, 1.0, 4.5, 4.5));
}

#[test]
fn delay_hurts_little_to_150_ms_and_much_from_400_ms() {
    let r: Vec<f64> = [0, 50, 100, 150, 250, 400, 1000].map(|ms| delayed(ms).rate().r).to_vec();
    assert!(r.windows(2).all(|pair| pair[0] > pair[1]), "{r:?}");
    assert!(r[3] > 86.0 && r[5] < 70.0 && r[5] > 55.0, "{r:?}");
    let split = Path { jitter_buffer: Duration::from_millis(60), ..delayed(90) };
    assert!((split.rate().r - delayed(150).rate().r).abs() < 1e-9);
}

#[test]
fn loss_is_rated_by_codec_and_burst() {
    // 95 * 5 / (5 + 25.1) = 15.8, 95 * 5 / (5 + 4.3) = 51.1.
    let clean = Path::default().rate().r;
    assert!((clean - lossy(0.05, Codec::G711).rate().r - 15.78).abs() < 0.01);
    assert!((clean - lossy(0.05, Codec::G711WithoutConcealment).rate().r - 51.08).abs() < 0.01);
    let burst = Path { burst_ratio: 2.0, ..lossy(0.05, Codec::G711) };
    assert!(burst.rate().r < lossy(0.05, Codec::G711).rate().r);
    assert!(lossy(0.05, Codec::Opus).rate().r < lossy(0.05, Codec::G711).rate().r);
    assert!(lossy(1.0, Codec::G722).rate().mos < 1.3);
}

#[test]
fn nonsense_is_rated_too() {
    for loss in [f64::NAN, f64::INFINITY, -1.0, 7.0] {
        for burst_ratio in [f64::NAN, -3.0, 1e300] {
            let path = Path { loss, burst_ratio, network: Duration::MAX, ..Path::default() };
            let rating = path.rate();
            assert!((0.0..=100.0).contains(&rating.r) && (1.0..=4.5).contains(&rating.mos), "{rating:?}");
        }
    }
}

#[test]
fn bursts_are_told_from_single_losses() {
    let (mut single, mut bursts) = (Bursts::default(), Bursts::default());
    for n in 0..1000u32 {
        single.observe(u16::from(n % 20 == 0));
        bursts.observe(if n % 80 == 0 { 4 } else { 0 });
    }
    assert!((single.ratio() - 1.0).abs() < 0.1);
    assert!(bursts.ratio() > 3.5);
    assert!((Bursts::default().ratio() - 1.0).abs() < 1e-9);
}
