//! Orders of supervisors, and of agents with more than one other party.

use super::runtime;
use careline_rpc::proto::switch_control::v1 as control;
use careline_rpc::proto::switch_control::v1::people_control_client::PeopleControlClient;
use careline_rpc::proto::switch_control::v1::supervisor_control_client::SupervisorControlClient;
use careline_rpc::proto::switch_events::v1::WatchMode;
use std::net::SocketAddr;

/// A supervisor's phone is rung, to listen to an agent; gives what names the watch.
///
/// # Errors
/// When the switch refuses.
pub fn watch(rpc: SocketAddr, supervisor: &str, agent: &str, mode: WatchMode) -> anyhow::Result<String> {
    let (supervisor, agent, by) = (supervisor.to_owned(), agent.to_owned(), "story".to_owned());
    let request = control::WatchAgentRequest { supervisor, agent, mode: mode.into(), by };
    runtime()?.block_on(async {
        let mut client = SupervisorControlClient::connect(format!("http://{rpc}")).await?;
        Ok(client.watch_agent(request).await?.into_inner().watch)
    })
}

/// She takes part in another way.
///
/// # Errors
/// When the switch refuses.
pub fn change_watch(rpc: SocketAddr, supervisor: &str, mode: WatchMode) -> anyhow::Result<()> {
    let (supervisor, by) = (supervisor.to_owned(), "story".to_owned());
    let request = control::ChangeWatchRequest { supervisor, mode: mode.into(), by };
    runtime()?.block_on(async {
        let mut client = SupervisorControlClient::connect(format!("http://{rpc}")).await?;
        client.change_watch(request).await?;
        Ok(())
    })
}

/// An agent adds somebody to her conversation; gives the number of the party.
///
/// # Errors
/// When the switch refuses.
pub fn add_party(rpc: SocketAddr, call: &str, agent: &str, to: &str, consult: bool) -> anyhow::Result<u32> {
    let (call, agent, to) = (call.to_owned(), agent.to_owned(), to.to_owned());
    let request = control::AddPartyRequest { call, agent, to, consult };
    runtime()?.block_on(async {
        let mut client = PeopleControlClient::connect(format!("http://{rpc}")).await?;
        Ok(client.add_party(request).await?.into_inner().party)
    })
}

/// An agent leaves her conversation to the others.
///
/// # Errors
/// When the switch refuses.
pub fn leave(rpc: SocketAddr, call: &str, agent: &str) -> anyhow::Result<()> {
    let request = control::LeaveCallRequest { call: call.to_owned(), agent: agent.to_owned() };
    runtime()?.block_on(async {
        let mut client = PeopleControlClient::connect(format!("http://{rpc}")).await?;
        client.leave_call(request).await?;
        Ok(())
    })
}

/// An agent parks her other party; gives the slot.
///
/// # Errors
/// When the switch refuses.
pub fn park(rpc: SocketAddr, call: &str, agent: &str) -> anyhow::Result<u32> {
    let request = control::ParkCallRequest { call: call.to_owned(), agent: agent.to_owned(), slot: None };
    runtime()?.block_on(async {
        let mut client = PeopleControlClient::connect(format!("http://{rpc}")).await?;
        Ok(client.park_call(request).await?.into_inner().slot)
    })
}
