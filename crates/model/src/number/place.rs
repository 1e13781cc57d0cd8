//! Where a number is at home (归属地): lookups in the files of `data/`, which are read in place. Their format is
//! written down in `data/README.md`.

use super::{Number, NumberKind, first};
use std::fmt;

const PLACES: &str = include_str!("../../data/places.txt");
const SEGMENTS: &[u8] = include_bytes!("../../data/segments.bin");
const CARRIERS: &[u8] = include_bytes!("../../data/carriers.bin");

/// The first segment of the table and the one after its last.
const FIRST_SEGMENT: u32 = 1_300_000;
const END_SEGMENT: u32 = 2_000_000;

/// Segments in a block.
const BLOCK: u32 = 100;

const BLOCKS: usize = ((END_SEGMENT - FIRST_SEGMENT) / BLOCK) as usize;

/// Low bits of a run that hold its length less one.
const LENGTH_BITS: u32 = 7;

/// The place number of segments that nobody has.
const UNKNOWN: u16 = 511;

/// Where a number was issued. People move and take their number along, so it is a hint. Shown as `山东 滨州`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Province or municipality, as 山东.
    pub province: &'static str,
    /// City, as 滨州.
    pub city: &'static str,
    /// Area code with its zero, as 0543.
    pub area: &'static str,
    /// The carrier that was given a mobile's segment; empty for land lines.
    pub carrier: &'static str,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.province == self.city {
            return f.write_str(self.city);
        }
        write!(f, "{} {}", self.province, self.city)
    }
}

/// The place of a number in normal form; nothing when it has none or is not known. Land lines need their area code.
#[must_use]
pub fn place_of(number: &Number) -> Option<Place> {
    let parsed = number.parsed();
    match parsed.kind {
        NumberKind::Mobile => {
            let national = number.as_str().strip_prefix("+86")?;
            let segment: u32 = first(national, 7).parse().ok()?;
            let place = PLACES.lines().nth(usize::from(place_number(segment)?))?;
            place_in(place, carrier(segment))
        }
        NumberKind::Landline | NumberKind::Short => {
            let area = parsed.area?;
            place_in(PLACES.lines().find(|place| place.rsplit('|').next() == Some(area.as_str()))?, "")
        }
        _ => None,
    }
}

/// The segments (first seven digits) of mobiles that were issued in an area, by its code with or without zero.
/// Reads the whole table: for making numbers up, not for looking them up.
#[must_use]
pub fn segments_of(area: &str) -> Vec<u32> {
    let area = area.strip_prefix('0').unwrap_or(area);
    let is_of = |line: &str| line.rsplit_once("|0").is_some_and(|(_, code)| code == area);
    let here: Vec<bool> = PLACES.lines().map(is_of).collect();
    let (runs, _) = SEGMENTS.get(BLOCKS * 4..).unwrap_or_default().as_chunks::<2>();
    let mut segment = FIRST_SEGMENT;
    let mut segments = Vec::new();
    for run in runs {
        let (place, length) = place_and_length(*run);
        if here.get(usize::from(place)) == Some(&true) {
            segments.extend(segment..segment + length);
        }
        segment += length;
    }
    segments
}

fn place_and_length(run: [u8; 2]) -> (u16, u32) {
    let run = u16::from_le_bytes(run);
    (run >> LENGTH_BITS, u32::from(run & ((1 << LENGTH_BITS) - 1)) + 1)
}

fn place_in(line: &'static str, carrier: &'static str) -> Option<Place> {
    let mut fields = line.split('|');
    Some(Place { province: fields.next()?, city: fields.next()?, area: fields.next()?, carrier })
}

/// Walks the runs of the segment's block, at most [`BLOCK`] of them.
fn place_number(segment: u32) -> Option<u16> {
    let at = segment.checked_sub(FIRST_SEGMENT).filter(|_| segment < END_SEGMENT)?;
    let (index, runs) = SEGMENTS.split_at_checked(BLOCKS * 4)?;
    let (index, _) = index.as_chunks::<4>();
    let (runs, _) = runs.as_chunks::<2>();
    let first_run = u32::from_le_bytes(*index.get((at / BLOCK) as usize)?) as usize;
    let mut left = at % BLOCK;
    for run in runs.get(first_run..)? {
        let (place, length) = place_and_length(*run);
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => return Some(place).filter(|place| *place != UNKNOWN),
        }
    }
    None
}

fn carrier(segment: u32) -> &'static str {
    let (entries, _) = CARRIERS.as_chunks::<4>();
    let after = entries.partition_point(|entry| u32::from_le_bytes(*entry) >> 8 <= segment);
    let Some(entry) = after.checked_sub(1).and_then(|at| entries.get(at)) else { return "" };
    match entry[0] {
        1 => "移动",
        2 => "联通",
        3 => "电信",
        4 => "电信虚拟运营商",
        5 => "联通虚拟运营商",
        6 => "移动虚拟运营商",
        7 => "广电",
        8 => "广电虚拟运营商",
        _ => "",
    }
}
