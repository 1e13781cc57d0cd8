//! The other side of a leg as the offer/answer settled it.

use std::net::{IpAddr, SocketAddr};

use careline_audio::codec::CodecKind;
use careline_rtp::latch::Sources;
use careline_rtp::srtp::Keys;

/// Formats of which a peer may use any at any time (RFC 3264 section 6.1); further ones are left out.
pub const FORMATS_MAX: usize = 4;

/// A payload type and what it stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format {
    /// 0 to 127.
    pub payload_type: u8,
    /// The codec.
    pub codec: CodecKind,
}

/// Where reports about the stream travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Rtcp {
    /// To this address, or to the port after the RTP port when nobody named one; on the leg's own RTCP socket.
    Own(Option<SocketAddr>),
    /// On the RTP port (RFC 5761).
    Mux,
    /// Nowhere.
    #[default]
    Off,
}

/// Master keys of both directions.
#[derive(Clone)]
pub struct StreamKeys {
    /// What we send is protected with these: ours in the SDP.
    pub send: Keys,
    /// What the peer sends is protected with these.
    pub receive: Keys,
    /// Another number with another `send`, and the same one with the same: how the engine knows that it has changed
    /// without comparing secrets. A key that stays goes on where it was; beginning it again would use key stream twice.
    pub send_generation: u64,
    /// The same for `receive`.
    pub receive_generation: u64,
}

impl std::fmt::Debug for StreamKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let generations = (self.send_generation, self.receive_generation);
        f.debug_struct("StreamKeys").field("generations", &generations).finish_non_exhaustive()
    }
}

/// What the engine has to know of the other side.
#[derive(Clone, Debug)]
pub struct RemoteStream {
    /// Address in the peer's SDP: packets go there until the latch has learnt where they come from.
    pub addr: SocketAddr,
    /// The address that its signalling comes from: behind a NAT its media has the same.
    pub signalled_from: Option<IpAddr>,
    /// Who may be latched.
    pub sources: Sources,
    /// What we send.
    pub send_format: Format,
    /// What the peer may send, the likeliest first; at most [`FORMATS_MAX`].
    pub receive_formats: Vec<Format>,
    /// Payload type of telephone-event towards the peer.
    pub send_events: Option<u8>,
    /// Payload type of telephone-event from the peer.
    pub receive_events: Option<u8>,
    /// Clock of the events' durations and timestamps, Hz: 8000 mostly, also beside codecs whose clock is another one.
    pub events_clock: u32,
    /// Keys reach the peer by signalling: those that its bridge peer presses are neither sent as events nor as tones.
    pub keys_signalled: bool,
    /// We may send to the peer.
    pub send: bool,
    /// The peer is expected to send; otherwise its packets are dropped and no time-out runs.
    pub receive: bool,
    /// SDES-SRTP (RFC 4568). With keys, nothing goes out in clear and nothing in clear is taken.
    pub keys: Option<StreamKeys>,
    /// Where reports travel.
    pub rtcp: Rtcp,
}

impl RemoteStream {
    /// One format both ways under its payload type, in clear, without events and reports.
    #[must_use]
    pub fn plain(addr: SocketAddr, format: Format) -> Self {
        Self {
            addr,
            signalled_from: None,
            sources: Sources::Signalled,
            send_format: format,
            receive_formats: vec![format],
            send_events: None,
            receive_events: None,
            events_clock: 8000,
            keys_signalled: false,
            send: true,
            receive: true,
            keys: None,
            rtcp: Rtcp::Off,
        }
    }
}

impl Format {
    /// A-law under its static payload type (RFC 3551).
    pub const PCMA: Self = Self { payload_type: 8, codec: CodecKind::Pcma };
    /// Mu-law under its static payload type (RFC 3551).
    pub const PCMU: Self = Self { payload_type: 0, codec: CodecKind::Pcmu };
}
