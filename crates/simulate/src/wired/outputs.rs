//! What comes out of the switch: datagrams for the post, orders that a media engine would obey, events.

use super::post::To;
use super::{SWITCH, Wired};
use careline_callcentre::Action;
use careline_model::{EventBody, Now};
use careline_switchboard::{LegFigures, MediaOrder, MediaSignal, Output};
use std::net::SocketAddr;

impl Wired {
    pub(super) fn take_output(&mut self, output: Output, now: Now) {
        match output {
            Output::Transmit(transmit) => {
                let to = self.peers.iter().position(|peer| peer.flow.local == transmit.flow.remote);
                if let Some(peer) = to {
                    self.post.send(To::Peer(peer), transmit.bytes, now.instant);
                }
            }
            Output::Media(order) => self.obey(order, now),
            Output::Journal(event) => {
                match &event.body {
                    EventBody::CallOffered { call, caller, .. } => {
                        self.by_number.insert(caller.clone(), *call);
                        self.numbers.insert(*call, caller.clone());
                        self.by_name.insert(call.low_bits(), *call);
                    }
                    EventBody::CallEnded { call, .. } => {
                        self.by_name.remove(&call.low_bits());
                        if let Some(number) = self.numbers.remove(call) {
                            self.by_number.remove(&number);
                        }
                    }
                    _ => {}
                }
                self.actions.push_back(Action::Emit(event));
            }
            Output::Ask(question) => self.actions.push_back(Action::FlowLookUp {
                call: question.call,
                look_up: question.look_up,
                query: question.query,
                variables: question.variables,
            }),
            Output::LookUp(question) => self.actions.push_back(Action::LookUp {
                call: question.call,
                caller: question.caller,
                dialled: question.dialled,
            }),
            Output::Disconnect(_) | Output::Named { .. } | Output::KeepRegistration(_) | Output::Trunk(_) => {
            }
        }
    }

    fn obey(&mut self, order: MediaOrder, now: Now) {
        let phone = |leg| self.ports.get(&leg).and_then(|port| self.phone_leg.get(port)).copied();
        match order {
            MediaOrder::Open { leg, call, socket } => {
                self.ports.insert(leg, socket.port());
                self.board_leg.insert(socket.port(), leg);
                if let Some(call) = self.by_name.get(&call) {
                    self.call_of_board.insert(leg, *call);
                }
            }
            MediaOrder::Close { leg } => {
                self.call_of_board.remove(&leg);
                if let Some(port) = self.ports.remove(&leg) {
                    self.board_leg.remove(&port);
                    self.board.handle_port(SocketAddr::new(SWITCH.ip(), port));
                }
                self.board.handle_media(now, MediaSignal::LegClosed { leg, figures: LegFigures::default() });
            }
            MediaOrder::Play { leg, playback, prompts } => {
                if let Some(leg) = phone(leg) {
                    self.actions.push_back(Action::Play { leg, playback, prompts });
                }
            }
            MediaOrder::StopPlay { leg } => {
                if let Some(leg) = phone(leg) {
                    self.actions.push_back(Action::StopPlay { leg });
                }
            }
            MediaOrder::Bridge { caller, agent } => {
                let call = self.call_of_board.get(&caller).copied();
                if let (Some(call), Some(caller), Some(agent)) = (call, phone(caller), phone(agent)) {
                    self.actions.push_back(Action::Bridge { call, caller, agent });
                }
            }
            MediaOrder::Record(order) => self.actions.push_back(Action::Record {
                recording: order.recording,
                call: order.call,
                caller: order.caller,
                agent: order.agent,
                details: order.details,
            }),
            MediaOrder::RecordTrack(order) => self.actions.push_back(Action::RecordAlone {
                recording: order.recording,
                call: order.call,
                leg: order.leg,
                track: order.track,
                details: order.details,
            }),
            MediaOrder::RecordOne(order) => self.actions.push_back(Action::RecordCaller {
                recording: order.recording,
                call: order.call,
                leg: order.leg,
                mailbox: order.mailbox,
                details: order.details,
            }),
            MediaOrder::PlayRecording { leg, playback, recording } => {
                if let Some(leg) = phone(leg) {
                    self.actions.push_back(Action::PlayRecording { leg, playback, recording });
                }
            }
            MediaOrder::StopRecording { recording } => {
                self.actions.push_back(Action::StopRecording { recording });
            }
            _ => {}
        }
    }
}
