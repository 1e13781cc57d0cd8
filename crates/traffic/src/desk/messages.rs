//! How many messages of the hospital's systems the desk takes: stays of many patients, told over several connections,
//! each of which waits for an answer before it says the next thing, as HL7 systems do.

use super::Spread;
use crate::draw::Draw;
use anyhow::{Context, ensure};
use serde::Serialize;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// An answer is not awaited longer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// A frame of MLLP.
const BEGIN: u8 = 0x0B;
const END: [u8; 2] = [0x1C, 0x0D];
/// What is told of each stay.
const EVENTS: [&str; 4] = ["A01", "A08", "A02", "A03"];
/// Stays that one connection tells of by turns.
const STAYS_AT_ONCE: usize = 5;

const FAMILIES: [&str; 8] = ["王", "李", "张", "刘", "陈", "杨", "赵", "诸葛"];
const GIVEN: [&str; 8] = ["芳", "建国", "秀英", "伟", "娜", "敏", "丽", "志强"];
const WARDS: [&str; 6] = ["XNK", "SWK", "GK", "EK", "FK", "ICU"];

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct MessagesOptions {
    /// The desk's door.
    pub door: SocketAddr,
    /// Connections.
    pub connections: usize,
    /// How long they tell.
    pub length: Duration,
    /// Same seed, same patients.
    pub seed: u64,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Messages {
    /// Answered per second.
    pub mllp_per_s: f64,
    /// Median from the message to its answer, milliseconds.
    pub mllp_ack_p50_ms: f64,
    /// 99 of 100 were faster, milliseconds.
    pub mllp_ack_p99_ms: f64,
    /// The slowest, milliseconds.
    pub mllp_ack_max_ms: f64,
    /// Answered.
    pub messages: usize,
    /// With another answer than AA to their number, or none: 0 in a sound run.
    pub failed: usize,
}

/// Tells and measures.
///
/// # Errors
/// When the door cannot be reached, or nothing was answered.
pub async fn measure(options: &MessagesOptions) -> anyhow::Result<Messages> {
    let mut lines = JoinSet::new();
    let began = Instant::now();
    for line in 0..options.connections {
        let (options, teller) = (*options, Teller::new(options.seed, line));
        lines.spawn(async move { tell(&options, teller).await });
    }
    let (mut took, mut failed) = (Vec::new(), 0);
    for told in lines.join_all().await {
        let (times, faults) = told?;
        took.extend(times);
        failed += faults;
    }
    let seconds = began.elapsed().as_secs_f64();
    let messages = took.len();
    let spread = Spread::of(took).context("nothing was answered")?;
    Ok(Messages {
        mllp_per_s: (messages as f64 / seconds * 10.0).round() / 10.0,
        mllp_ack_p50_ms: spread.p50_ms,
        mllp_ack_p99_ms: spread.p99_ms,
        mllp_ack_max_ms: spread.max_ms,
        messages,
        failed,
    })
}

/// Times of good answers in microseconds, and how many were not good.
async fn tell(options: &MessagesOptions, mut teller: Teller) -> anyhow::Result<(Vec<i64>, usize)> {
    let stream = TcpStream::connect(options.door).await;
    let mut stream = stream.with_context(|| format!("Failed to reach {}", options.door))?;
    stream.set_nodelay(true)?;
    let (mut times, mut failed) = (Vec::new(), 0);
    let end = Instant::now() + options.length;
    while Instant::now() < end {
        let (id, text) = teller.next_message();
        let frame = [&[BEGIN], text.as_bytes(), &END].concat();
        let asked = Instant::now();
        stream.write_all(&frame).await?;
        let answer =
            tokio::time::timeout(ANSWER_MAX, answer(&mut stream)).await.context("no answer in time")??;
        let took = i64::try_from(asked.elapsed().as_micros()).unwrap_or(i64::MAX);
        if answer.contains(&format!("\rMSA|AA|{id}\r")) {
            times.push(took);
        } else {
            failed += 1;
        }
    }
    Ok((times, failed))
}

async fn answer(stream: &mut TcpStream) -> anyhow::Result<String> {
    let (mut answer, mut bytes) = (Vec::new(), [0; 2048]);
    while !answer.ends_with(&END) {
        let length = stream.read(&mut bytes).await?;
        ensure!(length > 0, "the desk closed the connection");
        answer.extend_from_slice(bytes.get(..length).unwrap_or_default());
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// One connection's messages: stays that begin, change, move and end, a few at a time.
#[derive(Debug)]
struct Teller {
    draw: Draw,
    line: usize,
    told: usize,
    run: u64,
}

impl Teller {
    fn new(seed: u64, line: usize) -> Self {
        Self { draw: Draw::new(seed, line as u64), line, told: 0, run: seed }
    }

    /// The next control id and message.
    fn next_message(&mut self) -> (String, String) {
        let round = self.told / (STAYS_AT_ONCE * EVENTS.len());
        let (event, stay) =
            (self.told / STAYS_AT_ONCE % EVENTS.len(), round * STAYS_AT_ONCE + self.told % STAYS_AT_ONCE);
        self.told += 1;
        let (run, line) = (self.run, self.line);
        let id = format!("{run}-{line}-{}", self.told);
        let trigger = EVENTS[event];
        let at = format!("202603{:02}{:02}{:02}00", event * 3 + 1, stay / 60 % 24, stay % 60);
        let (family, given) = (FAMILIES[(stay + line) % 8], GIVEN[(stay / 8 + line) % 8]);
        let (phone, kin) = (self.mobile(stay, 0), self.mobile(stay, 1));
        let ward = WARDS[(stay + if event >= 2 { 1 } else { 0 }) % WARDS.len()];
        let house = if event == 0 { 12 } else { 120 };
        let bed = stay % 40 + 1;
        let text = format!(
            "MSH|^~\\&|HIS|滨医附院|CARELINE|DESK|{at}||ADT^{trigger}|{id}|P|2.4||||||UNICODE UTF-8\r\
             EVN|{trigger}|{at}\r\
             PID|1||{run}{line:02}{stay:08}^^^HIS^MR~37230119600504{line:02}{:02}^^^^NI||{family}^{given}||19600504|1|||\
             黄河五路{house}号^^滨州市^山东省||{phone}^PRN^PH\r\
             NK1|1|{family}^{given}一|2||{kin}\r\
             PV1|1|I|{ward}^{}^{bed}||||D{:03}^王^芳|||{ward}|||||||||{run}{line:02}ZY{stay:08}|||||||||||||||||||||||||\
             20260301080000\r\
             DG1|1||I10.x00^高血压^ICD10\r",
            stay % 100,
            bed / 4 + 1,
            stay % 90
        );
        (id, text)
    }

    fn mobile(&mut self, stay: usize, whose: usize) -> String {
        // One in ten has a new number each time.
        let moved = usize::from(self.draw.chance(0.1)) * self.told;
        format!("13{:09}", (stay * 7919 + self.line * 104_729 + whose * 50_021 + moved * 31) % 1_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::Teller;

    #[test]
    fn each_stay_begins_changes_moves_and_ends() {
        let mut teller = Teller::new(7, 3);
        let told: Vec<(String, String)> = (0..40).map(|_| teller.next_message()).collect();
        let stay = |text: &str| text.split("ZY").nth(1).and_then(|rest| rest.get(..8)).map(str::to_owned);
        let of_second: Vec<&str> = told
            .iter()
            .filter(|(_, text)| stay(text).as_deref() == Some("00000001"))
            .filter_map(|(_, text)| text.split("EVN|").nth(1)?.get(..3))
            .collect();
        assert_eq!(of_second, ["A01", "A08", "A02", "A03"]);
        assert_eq!(told.iter().map(|(id, _)| id).collect::<std::collections::BTreeSet<_>>().len(), 40);
        assert_eq!(told[39].1, Teller::new(7, 3).nth_text(40));
    }

    impl Teller {
        fn nth_text(mut self, number: usize) -> String {
            (0..number).map(|_| self.next_message().1).last().unwrap_or_default()
        }
    }
}
