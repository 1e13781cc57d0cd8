//! The driver: the one task that owns the switchboard. It waits for one thing, feeds it, obeys what comes out, again.

mod asked;
mod trunks;

use crate::boundary::caught;
use crate::directory_client::{Answer, DirectoryClient};
use crate::flow_client::{FlowClient, FlowReply};
use crate::grpc::ControlRequest;
use crate::journal::Journal;
use crate::keeper::Keeper;
use crate::kept::Registrations;
use crate::kept_messages::Messages;
use crate::lateness::Lateness;
use crate::media_glue::{MediaGlue, leg_of};
use crate::metrics::SoundTally;
use crate::trace::Trace;
use crate::transport::{WIRE_QUEUE_MAX, Wire, Wires};
use careline_daemon::Clock;
use careline_media::EventReceiver;
use careline_media::archive::Archive;
use careline_model::EventBody;
use careline_model::outbound::OutboundState;
use careline_sip::{Flow, Transmit};
use careline_switchboard::{FlowAnswer, KeptCentre, LookUpAnswer, MediaSignal, Output, Switchboard};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

/// Messages taken from the network in one turn, before timers and commands are looked at again.
const BATCH_MAX: usize = 64;
/// How much later than asked a deadline may be kept.
const GRID: Duration = Duration::from_millis(10);
/// How long the end waits for recordings to be closed on disk.
const CLOSING_MAX: Duration = Duration::from_secs(5);

/// Everything the driver owns.
pub struct Driver {
    /// The switch without a socket.
    pub board: Switchboard,
    /// The sockets under SIP.
    pub wires: Wires,
    /// The media engine.
    pub media: MediaGlue,
    /// Where events go.
    pub journal: Journal,
    /// Where messages are kept, if anywhere.
    pub trace: Option<Trace>,
    /// Where registrations are kept over a restart.
    pub registrations: Registrations,
    /// Where messages are kept over a restart.
    pub messages: Messages,
    /// Where agents and orders are kept over a restart.
    pub keeper: Keeper<KeptCentre>,
    /// Keeps what campaigns know.
    pub campaigns: Keeper<OutboundState>,
    /// Who is asked about callers, if anybody.
    pub directory: Option<DirectoryClient>,
    /// Who answers questions of flows, if anybody.
    pub flows: Option<FlowClient>,
    /// Looks after old recordings. Told to end when the driver ends; what it was doing is finished by the next start.
    pub archive: Archive,
    /// The one clock.
    pub clock: Clock,
    /// Where the grid of deadlines begins.
    pub started: Instant,
    /// Deadlines are not looked at before: one of them panicked.
    pub rest_until: Instant,
    /// Steps that ended by a panic, for whoever counts.
    pub panics: Arc<AtomicU64>,
    /// How late the loop is.
    pub lateness: Lateness,
    /// How the legs sounded that are over, for whoever counts.
    pub sound: SoundTally,
}

/// What the driver listens to.
pub struct Inlets {
    /// From the sockets.
    pub wire: mpsc::Receiver<Wire>,
    /// From the media engine.
    pub media: AsyncFd<EventReceiver>,
    /// From gRPC.
    pub control: mpsc::Receiver<ControlRequest>,
    /// From the desk, about callers; closed when nobody is asked.
    pub answers: mpsc::Receiver<Answer>,
    /// From the desk, about what flows asked; closed when nobody is asked.
    pub replies: mpsc::Receiver<FlowReply>,
    /// Signals of the operating system: the first drains, the second ends.
    pub signals: mpsc::Receiver<()>,
}

/// What to do after a turn.
enum Turn {
    Goes,
    Ends,
}

impl Driver {
    /// Serves until it is told to end and is done.
    ///
    /// # Errors
    /// When the media engine's wake-up descriptor fails.
    pub async fn run(mut self, mut inlets: Inlets) -> anyhow::Result<()> {
        let mut draining = false;
        let mut batch = Vec::with_capacity(BATCH_MAX);
        loop {
            self.obey_all();
            if draining && self.board.live_legs() == 0 {
                break;
            }
            let turn = self.turn(&mut inlets, &mut batch, &mut draining).await?;
            if matches!(turn, Turn::Ends) {
                break;
            }
        }
        self.finish(inlets).await
    }

    async fn turn(
        &mut self,
        inlets: &mut Inlets,
        batch: &mut Vec<Wire>,
        draining: &mut bool,
    ) -> anyhow::Result<Turn> {
        let now = self.clock.now();
        self.lateness.beat(now.instant);
        self.keeper.turn(now.instant, || self.board.keep(now));
        self.campaigns.turn(now.instant, || self.board.outbound_state());
        let deadline = self.board.next_deadline().map(|at| self.on_grid(at.max(self.rest_until)));
        let wake_at = deadline.map_or(self.lateness.next(), |at| at.min(self.lateness.next()));
        tokio::select! {
            count = inlets.wire.recv_many(batch, BATCH_MAX) => {
                if count == 0 {
                    return Ok(Turn::Ends);
                }
                let crowded = inlets.wire.len() > WIRE_QUEUE_MAX / 2;
                for wire in batch.drain(..) {
                    self.take_wire(wire, crowded);
                }
            }
            guard = inlets.media.readable_mut() => {
                let mut guard = guard?;
                while let Some(event) = guard.get_inner_mut().try_recv() {
                    self.take_media(event);
                }
                guard.clear_ready();
            }
            Some(request) = inlets.control.recv() => {
                self.guarded("command", |driver| driver.take_control(request));
            }
            Some(Answer { call, answer, hints }) = inlets.answers.recv() => {
                let now = self.clock.now();
                self.guarded("directory", |driver| {
                    driver.board.handle_looked_up(now, call, answer);
                    if let Some(hints) = hints {
                        driver.board.handle_hints(now, call, hints);
                    }
                });
            }
            Some(FlowReply { call, look_up, answer }) = inlets.replies.recv() => {
                let now = self.clock.now();
                self.guarded("flow", |driver| driver.board.handle_flow_looked_up(now, call, look_up, answer));
            }
            Some(()) = inlets.signals.recv() => {
                if *draining {
                    return Ok(Turn::Ends);
                }
                *draining = true;
                tracing::info!(calls = self.board.live_calls(), "draining: no new calls");
                let now = self.clock.now();
                self.guarded("drain", |driver| driver.board.drain(now));
            }
            () = tokio::time::sleep_until(wake_at.into()) => {
                // Figures of sound wake nobody.
                while let Some(event) = inlets.media.get_mut().try_recv() {
                    self.take_media(event);
                }
                // Otherwise there was nothing to do but to come round.
                if deadline.is_some_and(|at| at <= wake_at) {
                    self.guarded_deadlines();
                }
            }
        }
        Ok(Turn::Goes)
    }

    /// Deadlines are kept up to [`GRID`] late, so that many close ones cost one wake-up: all of them are longer than
    /// that by far, and an idle processor takes longer to wake than most of them to serve.
    fn on_grid(&self, at: Instant) -> Instant {
        let since = at.saturating_duration_since(self.started).as_nanos();
        let late = since.next_multiple_of(GRID.as_nanos()) - since;
        at + Duration::from_nanos(u64::try_from(late).unwrap_or(0))
    }

    fn take_wire(&mut self, wire: Wire, crowded: bool) {
        match wire {
            Wire::Message { flow, bytes, at } => {
                let now = self.clock.now();
                let lag = self.lateness.of(at, now.instant, crowded);
                self.guarded_message(flow, &bytes, |driver, bytes| {
                    driver.board.handle_lag(now, lag);
                    driver.board.handle_message(now, flow, bytes);
                });
                if let Some(trace) = &self.trace {
                    trace.received(now.wall_us, flow, bytes);
                }
            }
            Wire::KeepAlive { flow, answer } => {
                let now = self.clock.now();
                self.guarded("keep-alive", |driver| {
                    if driver.board.answers_keep_alive(now, flow) {
                        driver.wires.send(Transmit { flow, bytes: answer, hurry: false });
                    }
                });
            }
            Wire::Connected { flow, id, writer } => self.wires.connected(flow, id, writer),
            Wire::Lost { flow, id } => {
                if self.wires.lost(flow, id) {
                    self.flow_lost(flow);
                }
            }
        }
        self.obey_all();
    }

    fn flow_lost(&mut self, flow: Flow) {
        let now = self.clock.now();
        self.guarded("connection", |driver| driver.board.handle_flow_lost(now, flow));
    }

    fn take_media(&mut self, event: careline_media::MediaEvent) {
        if let Some(signal) = self.media.signal(event) {
            self.take_signal(signal);
            self.obey_all();
        }
    }

    fn take_signal(&mut self, signal: MediaSignal) {
        let now = self.clock.now();
        if let MediaSignal::LegClosed { figures, .. } = &signal {
            self.sound.add(figures);
        }
        self.guarded("media", |driver| driver.board.handle_media(now, signal));
    }

    /// Obeys until nothing is left to obey.
    fn obey_all(&mut self) {
        for socket in self.media.refill() {
            self.board.handle_port(socket);
        }
        while let Some(output) = self.board.poll_output() {
            let leg = match &output {
                Output::Media(order) => leg_of(order),
                _ => None,
            };
            if caught(|| self.obey(output)).is_none() {
                self.after_panic("output", None, leg);
            }
        }
        self.media.wake();
    }

    fn obey(&mut self, output: Output) {
        match output {
            Output::Transmit(transmit) => {
                let flow = transmit.flow;
                if let Some(trace) = &self.trace {
                    trace.sent(self.clock.now().wall_us, flow, transmit.bytes.clone());
                }
                if !self.wires.send(transmit) {
                    self.flow_lost(flow);
                }
            }
            Output::Disconnect(flow) => {
                self.wires.disconnect(flow);
                self.flow_lost(flow);
            }
            Output::Media(order) => {
                if let Some(signal) = self.media.obey(order) {
                    self.take_signal(signal);
                }
            }
            Output::Journal(event) => {
                self.messages.note(&event);
                self.keeper.changed();
                if matches!(event.body, EventBody::Campaign(_)) {
                    self.campaigns.changed();
                }
                self.journal.append(event);
            }
            Output::Named { sip_call_id, call } => {
                if let Some(trace) = &self.trace {
                    trace.named(sip_call_id, call);
                }
            }
            Output::Trunk(news) => trunks::tell(&news),
            Output::KeepRegistration(registration) => self.registrations.keep(registration),
            Output::Ask(question) => {
                let (call, look_up) = (question.call, question.look_up);
                if !self.flows.as_ref().is_some_and(|flows| flows.ask(question)) {
                    let now = self.clock.now();
                    self.board.handle_flow_looked_up(now, call, look_up, FlowAnswer::Failed);
                }
            }
            Output::LookUp(question) => {
                let call = question.call;
                if !self.directory.as_ref().is_some_and(|directory| directory.ask(question)) {
                    self.board.handle_looked_up(self.clock.now(), call, LookUpAnswer::Unavailable);
                }
            }
        }
    }

    /// Ends what is left: calls hung up, recordings closed, events on disk.
    async fn finish(mut self, mut inlets: Inlets) -> anyhow::Result<()> {
        let now = self.clock.now();
        for call in self.board.snapshot(now).calls {
            self.guarded("end", |driver| {
                // A call that ended in between is no error.
                let _ = driver.board.hang_up(now, call.call);
            });
        }
        self.obey_all();
        // Calls are over, and agents as they were: they will be there again after the start.
        let kept = self.board.keep(self.clock.now());
        self.keeper.finish(kept);
        self.campaigns.finish(self.board.outbound_state());
        self.leave_trunks(&mut inlets).await;
        let give_up = tokio::time::Instant::now() + CLOSING_MAX;
        while self.media.open_recordings() > 0 {
            let Ok(guard) = tokio::time::timeout_at(give_up, inlets.media.readable_mut()).await else {
                break;
            };
            let mut guard = guard?;
            while let Some(event) = guard.get_inner_mut().try_recv() {
                if let Some(signal) = self.media.signal(event) {
                    self.take_signal(signal);
                }
            }
            guard.clear_ready();
            self.obey_all();
        }
        self.media.shutdown();
        // The last figures of the legs that ended just now.
        while let Some(event) = inlets.media.get_mut().try_recv() {
            self.take_media(event);
        }
        self.journal.flush().await;
        if let Some(trace) = &self.trace {
            trace.flush().await;
        }
        tracing::info!("ended");
        Ok(())
    }
}
