//! Asks the desk what flows want to know, beside the driver. A caller waits meanwhile, so a desk that is away is asked
//! again until the caller's time is over: it may just be restarting. When it has been silent too often, questions fail at
//! once for a while (CF 4.3), so that nobody waits for a desk that is gone.
//!
//! What it is not: it decides nothing about calls. The hard limit is the call centre's; what comes after it is not used.

use careline_callcentre::FlowAnswer;
use careline_model::CallId;
use careline_model::config::plan::{Directory, Value};
use careline_rpc::proto::directory::v1::directory_client::DirectoryClient as Stub;
use careline_rpc::proto::directory::v1::{AskRequest, AskResponse, Variable, variable};
use careline_switchboard::FlowQuestion;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tonic::transport::{Channel, Endpoint};

/// Questions that wait for their turn, and answers that wait for the driver. Of more, each question fails at once.
const QUESTIONS_MAX: usize = 256;
/// Questions at the desk at the same time; more wait here.
const IN_FLIGHT_MAX: usize = 32;
/// Longest answer read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Variables taken from one answer.
const VARIABLES_MAX: usize = 16;
/// As long as a caller waits: nothing is asked for longer.
const HARD_LIMIT: Duration = Duration::from_secs(5);
/// A desk that cannot be reached is tried again after so long.
const AGAIN: Duration = Duration::from_millis(250);
/// After so many questions in a row without an answer...
const SILENT_MAX: u32 = 3;
/// ...all fail at once for so long.
const REST: Duration = Duration::from_secs(15);

/// The driver's end.
#[derive(Debug)]
pub struct FlowClient {
    questions: mpsc::Sender<Asked>,
}

/// What came of a question.
#[derive(Debug)]
pub struct FlowReply {
    /// The call.
    pub call: CallId,
    /// The question's number.
    pub look_up: u64,
    /// What the desk said.
    pub answer: FlowAnswer,
}

#[derive(Debug)]
struct Asked {
    question: FlowQuestion,
    until: Instant,
}

impl FlowClient {
    /// Begins to serve questions on a runtime that the driver does not share. The desk need not be there.
    #[must_use]
    pub fn start(side: &Handle, directory: Directory) -> (Self, mpsc::Receiver<FlowReply>) {
        let (questions, asked) = mpsc::channel(QUESTIONS_MAX);
        let (replies, replied) = mpsc::channel(QUESTIONS_MAX);
        side.spawn(async move {
            let endpoint = Endpoint::from_shared(format!("http://{}", directory.address));
            match endpoint {
                Ok(endpoint) => {
                    let channel = endpoint.connect_timeout(AGAIN).tcp_nodelay(true).connect_lazy();
                    let stub = Stub::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX);
                    let breaker = Breaker::default();
                    Client { stub, replies, breaker, requests: JoinSet::new() }.run(asked).await;
                }
                // Nobody takes questions then: each fails at once.
                Err(error) => tracing::error!(address = %directory.address, %error, "flows cannot ask"),
            }
        });
        (Self { questions }, replied)
    }

    /// Takes a question without waiting; false when too many wait already.
    #[must_use]
    pub fn ask(&self, question: FlowQuestion) -> bool {
        self.questions.try_send(Asked { question, until: Instant::now() + HARD_LIMIT }).is_ok()
    }
}

/// Says whether a desk that was silent is asked at all.
#[derive(Debug, Default)]
struct Breaker {
    silent: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    fn is_open(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    fn heard(&mut self, answered: bool, now: Instant) {
        if answered {
            *self = Self::default();
            return;
        }
        self.silent = self.silent.saturating_add(1);
        if self.silent >= SILENT_MAX && !self.is_open(now) {
            tracing::warn!(
                seconds = REST.as_secs(),
                "the desk answers no flows: they go on without it for a while"
            );
            self.rests_until = Some(now + REST);
        }
    }
}

struct Client {
    stub: Stub<Channel>,
    replies: mpsc::Sender<FlowReply>,
    breaker: Breaker,
    /// Call, question, and what came; nothing when nothing came in time.
    requests: JoinSet<(CallId, u64, Option<FlowAnswer>)>,
}

impl Client {
    /// Until the driver is gone.
    async fn run(mut self, mut questions: mpsc::Receiver<Asked>) {
        loop {
            tokio::select! {
                asked = questions.recv(), if self.requests.len() < IN_FLIGHT_MAX => match asked {
                    Some(asked) => self.begin(asked),
                    None => return,
                },
                Some(ended) = self.requests.join_next() => {
                    if let Ok((call, look_up, answer)) = ended {
                        self.breaker.heard(answer.is_some(), Instant::now());
                        if let Some(answer) = answer {
                            self.give(call, look_up, answer);
                        }
                    }
                }
            }
        }
    }

    fn begin(&mut self, Asked { question, until }: Asked) {
        let (call, look_up) = (question.call, question.look_up);
        if self.breaker.is_open(Instant::now()) {
            return self.give(call, look_up, FlowAnswer::Failed);
        }
        let stub = self.stub.clone();
        self.requests.spawn(async move { (call, look_up, asked(stub, question, until).await) });
    }

    /// The driver takes answers as they come; should it not, the call centre's deadline decides.
    fn give(&self, call: CallId, look_up: u64, answer: FlowAnswer) {
        let _ = self.replies.try_send(FlowReply { call, look_up, answer });
    }
}

/// Asks until there is an answer; nothing when there is none in time.
async fn asked(mut stub: Stub<Channel>, question: FlowQuestion, until: Instant) -> Option<FlowAnswer> {
    let request = AskRequest {
        call: question.call.to_string(),
        query: question.query.to_string(),
        variables: question.variables.iter().map(|(name, value)| told(name, value)).collect(),
    };
    while Instant::now() < until {
        match timeout_at(until, stub.ask(request.clone())).await {
            Ok(Ok(answer)) => return Some(read(answer.into_inner())),
            // What failed on the way has a cause; what the desk itself says has none.
            Ok(Err(status)) if std::error::Error::source(&status).is_some() => sleep(AGAIN).await,
            Ok(Err(status)) => {
                tracing::debug!(code = status.code().description(), "a question of a flow was refused");
                return Some(FlowAnswer::Failed);
            }
            Err(_) => return None,
        }
    }
    None
}

fn told(name: &Arc<str>, value: &Value) -> Variable {
    let value = match value {
        Value::Text(text) => variable::Value::Text(text.to_string()),
        Value::Number(number) => variable::Value::Number(*number),
        Value::Flag(flag) => variable::Value::Flag(*flag),
    };
    Variable { name: name.to_string(), value: Some(value) }
}

fn read(answer: AskResponse) -> FlowAnswer {
    if !answer.found {
        return FlowAnswer::NotFound;
    }
    let variable = |variable: Variable| {
        let value = match variable.value? {
            variable::Value::Text(text) => Value::text(&text),
            variable::Value::Number(number) => Value::Number(number),
            variable::Value::Flag(flag) => Value::Flag(flag),
        };
        Some((Arc::from(variable.name), value))
    };
    let variables = answer.variables.into_iter().take(VARIABLES_MAX).filter_map(variable).collect();
    FlowAnswer::Found { variables }
}

#[cfg(test)]
mod tests;
