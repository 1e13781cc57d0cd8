//! A trunk's status in the words of `switch_admin/v1`.

use careline_rpc::proto::switch_admin::v1 as wire;
use careline_switchboard::{TrunkHealth, TrunkStatus};

pub(super) fn on_the_wire(trunk: TrunkStatus) -> wire::Trunk {
    let state = match trunk.health {
        TrunkHealth::Up => wire::TrunkState::Up,
        TrunkHealth::Impaired => wire::TrunkState::Impaired,
        TrunkHealth::Down => wire::TrunkState::Down,
    };
    let registration = match trunk.registered {
        None => wire::TrunkRegistration::None,
        Some(true) => wire::TrunkRegistration::Registered,
        Some(false) => wire::TrunkRegistration::Unregistered,
    };
    let proxy =
        |(address, up): (std::net::SocketAddr, bool)| wire::TrunkProxy { address: address.to_string(), up };
    wire::Trunk {
        trunk: trunk.id.to_string(),
        state: state.into(),
        since_us: trunk.since_us,
        reason: trunk.reason.unwrap_or_default(),
        registration: registration.into(),
        calls: count(trunk.calls),
        calls_max: trunk.calls_max.map(count),
        proxies: trunk.proxies.into_iter().map(proxy).collect(),
    }
}

fn count(calls: usize) -> u32 {
    u32::try_from(calls).unwrap_or(u32::MAX)
}
