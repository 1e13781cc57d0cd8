//! Our own packets, written one behind the other.

use rtcp_types::{
    Bye, ReceiverReport, ReportBlock, ReportBlockBuilder, RtcpPacketWriterExt as _, Sdes, SdesChunk,
    SdesItem, SenderReport,
};

use super::reception::Block;

/// The sender's part of an SR.
#[derive(Clone, Copy, Debug)]
pub(super) struct SenderPart {
    pub(super) ntp: u64,
    pub(super) timestamp: u32,
    pub(super) packets: u32,
    pub(super) octets: u32,
}

/// What one compound packet says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compound<'a> {
    pub(super) ssrc: u32,
    pub(super) sender: Option<SenderPart>,
    /// With the time of the peer's last SR and the delay since, in NTP's middle 32 bits and 1/65536 s.
    pub(super) block: Option<(Block, u32, u32)>,
    pub(super) cname: &'a str,
    pub(super) bye: bool,
}

impl Compound<'_> {
    /// Writes it; 0 when there is no room.
    pub(super) fn write(&self, out: &mut [u8]) -> usize {
        self.try_write(out).unwrap_or(0)
    }

    fn try_write(&self, out: &mut [u8]) -> Option<usize> {
        let block = self.block.map(|(block, last, delay)| report_block(block, last, delay));
        let mut length = match self.sender {
            Some(part) => {
                let report = SenderReport::builder(self.ssrc)
                    .ntp_timestamp(part.ntp)
                    .rtp_timestamp(part.timestamp)
                    .packet_count(part.packets)
                    .octet_count(part.octets);
                block.into_iter().fold(report, |report, block| report.add_report_block(block)).write_into(out)
            }
            None => block
                .into_iter()
                .fold(ReceiverReport::builder(self.ssrc), |report, block| report.add_report_block(block))
                .write_into(out),
        }
        .ok()?;
        let name = SdesItem::builder(SdesItem::CNAME, self.cname);
        let chunk = SdesChunk::builder(self.ssrc).add_item(name);
        length += Sdes::builder().add_chunk(chunk).write_into(out.get_mut(length..)?).ok()?;
        if self.bye {
            length += Bye::builder().add_source(self.ssrc).write_into(out.get_mut(length..)?).ok()?;
        }
        Some(length)
    }
}

fn report_block(block: Block, last: u32, delay: u32) -> ReportBlockBuilder {
    ReportBlock::builder(block.ssrc)
        .fraction_lost(block.fraction_lost)
        .cumulative_lost(block.cumulative_lost)
        .extended_sequence_number(block.highest)
        .interarrival_jitter(block.jitter)
        .last_sender_report_timestamp(last)
        .delay_since_last_sender_report_timestamp(delay)
}
