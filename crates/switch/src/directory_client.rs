//! Asks the desk who may be calling, beside the driver: a desk that is away, slow or hostile costs look-ups and nothing
//! else.
//!
//! What it is not: it decides nothing about calls. Whether an answer is in time is the call centre's own deadline; what
//! is dropped here (the queue of answers is full, the budget has passed) is decided there as "timed out".

use careline_model::config::plan::Directory;
use careline_model::{AgentId, CallId};
use careline_rpc::proto::directory::v1::directory_client::DirectoryClient as Stub;
use careline_rpc::proto::directory::v1::{LookUpRequest, LookUpResponse};
use careline_switchboard::{Hints, LookUpAnswer, NewRank, Question};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

/// Questions that wait for their turn, and answers that wait for the driver. Of more, each question is answered at once
/// with "unavailable".
const LOOK_UPS_MAX: usize = 256;
/// Questions at the desk at the same time; more wait here.
const IN_FLIGHT_MAX: usize = 32;
/// Longest answer read, in bytes: a count and a name.
const ANSWER_BYTES_MAX: usize = 4096;
/// So many answers missing in a row count as a desk that is away.
const SLOW_MAX: u32 = 3;
/// After a failed attempt the desk is left alone for this long, twice as long each time...
const REST_MIN: Duration = Duration::from_millis(100);
/// ...up to this.
const REST_MAX: Duration = Duration::from_secs(1);
/// A silent connection is asked for a sign of life this often...
const KEEPALIVE_EVERY: Duration = Duration::from_secs(10);
/// ...and given up when none comes for so long.
const KEEPALIVE_WAIT: Duration = Duration::from_secs(5);

/// The driver's end.
#[derive(Debug)]
pub struct DirectoryClient {
    questions: mpsc::Sender<Asked>,
}

/// What came back about a call.
#[derive(Debug)]
pub struct Answer {
    /// The call.
    pub call: CallId,
    /// What the desk said.
    pub answer: LookUpAnswer,
    /// What it said about the order of service.
    pub hints: Option<Hints>,
}

#[derive(Debug)]
struct Asked {
    question: Question,
    at: Instant,
}

impl DirectoryClient {
    /// Begins to serve questions on a runtime that the driver does not share. The desk need not be there.
    #[must_use]
    pub fn start(side: &Handle, directory: Directory) -> (Self, mpsc::Receiver<Answer>) {
        let (questions, asked) = mpsc::channel(LOOK_UPS_MAX);
        let (answers, answered) = mpsc::channel(LOOK_UPS_MAX);
        side.spawn(async move {
            match stub(&directory) {
                Ok(stub) => Client::new(directory, stub, answers).run(asked).await,
                // Nobody takes questions then: each is unavailable at once.
                Err(error) => tracing::error!(address = %directory.address, %error, "no look-ups"),
            }
        });
        (Self { questions }, answered)
    }

    /// Takes a question without waiting; false when too many wait already.
    #[must_use]
    pub fn ask(&self, question: Question) -> bool {
        self.questions.try_send(Asked { question, at: Instant::now() }).is_ok()
    }
}

fn stub(directory: &Directory) -> Result<Stub<Channel>, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(format!("http://{}", directory.address))?
        .connect_timeout(directory.budget)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE_EVERY)
        .keep_alive_timeout(KEEPALIVE_WAIT)
        .keep_alive_while_idle(true);
    Ok(Stub::new(endpoint.connect_lazy()).max_decoding_message_size(ANSWER_BYTES_MAX))
}

/// How one request ended.
#[derive(Debug)]
enum Outcome {
    Answered(LookUpResponse),
    /// No answer within the budget.
    Slow,
    /// Nobody there.
    Away,
    /// Somebody is there and has no answer.
    Refused(Code),
}

/// The client's end of both queues.
struct Client {
    directory: Directory,
    stub: Stub<Channel>,
    answers: mpsc::Sender<Answer>,
    requests: JoinSet<(CallId, Outcome)>,
    /// As last logged; nothing before the first answer.
    answering: Option<bool>,
    /// Answers missing in a row.
    slow: u32,
    /// Nobody is asked before this.
    rest_until: Option<Instant>,
    rest: Duration,
}

impl Client {
    fn new(directory: Directory, stub: Stub<Channel>, answers: mpsc::Sender<Answer>) -> Self {
        let requests = JoinSet::new();
        Self {
            directory,
            stub,
            answers,
            requests,
            answering: None,
            slow: 0,
            rest_until: None,
            rest: REST_MIN,
        }
    }

    /// Until the driver is gone.
    async fn run(mut self, mut questions: mpsc::Receiver<Asked>) {
        loop {
            tokio::select! {
                asked = questions.recv(), if self.requests.len() < IN_FLIGHT_MAX => match asked {
                    Some(asked) => self.begin(asked),
                    None => return,
                },
                Some(ended) = self.requests.join_next() => {
                    if let Ok((call, outcome)) = ended {
                        self.finish(call, outcome);
                    }
                }
            }
        }
    }

    fn begin(&mut self, Asked { question, at }: Asked) {
        let call = question.call;
        if self.rest_until.is_some_and(|until| Instant::now() < until) {
            return self.give(call, LookUpAnswer::Unavailable);
        }
        let left = self.directory.budget.saturating_sub(at.elapsed());
        if left.is_zero() {
            return;
        }
        let mut stub = self.stub.clone();
        self.requests.spawn(async move {
            let mut request = tonic::Request::new(LookUpRequest {
                call: call.to_string(),
                caller: question.caller.as_str().to_owned(),
                dialled: question.dialled.as_str().to_owned(),
            });
            request.set_timeout(left);
            let outcome = match tokio::time::timeout(left, stub.look_up(request)).await {
                Ok(Ok(response)) => Outcome::Answered(response.into_inner()),
                Ok(Err(status)) => outcome_of(&status),
                Err(_) => Outcome::Slow,
            };
            (call, outcome)
        });
    }

    fn finish(&mut self, call: CallId, outcome: Outcome) {
        match outcome {
            Outcome::Answered(answer) => {
                self.is_there();
                self.log(true, "it was asked");
                let hints = hints_of(&answer);
                let LookUpResponse { persons, label, .. } = answer;
                let answer = LookUpAnswer::Answered { persons, label: label.as_str().into() };
                let _ = self.answers.try_send(Answer { call, answer, hints });
            }
            Outcome::Refused(code) => {
                self.is_there();
                self.log(false, code.description());
                self.give(call, LookUpAnswer::Unavailable);
            }
            // The call centre's deadline is due at the same moment.
            Outcome::Slow => {
                self.slow = self.slow.saturating_add(1);
                if self.slow >= SLOW_MAX {
                    self.log(false, "no answer within the budget");
                }
            }
            Outcome::Away => {
                self.log(false, "no connection");
                // Several requests fail by one cause: one rest for them.
                if self.rest_until.is_none_or(|until| Instant::now() >= until) {
                    self.rest_until = Some(Instant::now() + self.rest);
                    self.rest = (self.rest * 2).min(REST_MAX);
                }
                self.give(call, LookUpAnswer::Unavailable);
            }
        }
    }

    fn is_there(&mut self) {
        (self.slow, self.rest_until, self.rest) = (0, None, REST_MIN);
    }

    /// The driver takes answers as they come; should it not, the call centre's deadline decides.
    fn give(&self, call: CallId, answer: LookUpAnswer) {
        let _ = self.answers.try_send(Answer { call, answer, hints: None });
    }

    /// One line for each change.
    fn log(&mut self, answering: bool, why: &str) {
        if self.answering.replace(answering) != Some(answering) {
            let address = self.directory.address;
            if answering {
                tracing::info!(%address, why, "directory answers: phones show whom it knows");
            } else {
                tracing::info!(%address, why, "directory gives no answers: phones show numbers alone");
            }
        }
    }
}

/// Nothing when it says nothing; the call centre brings what is out of range into it.
fn hints_of(answer: &LookUpResponse) -> Option<Hints> {
    let rank = NewRank {
        red_flag: answer.red_flag,
        class: answer.class.map(|class| u8::try_from(class).unwrap_or(u8::MAX)),
        points: answer.points,
    };
    let agent = Some(answer.agent.as_str()).filter(|agent| !agent.is_empty()).map(AgentId::from);
    (rank != NewRank::default() || agent.is_some()).then_some(Hints { rank, agent })
}

fn outcome_of(status: &Status) -> Outcome {
    match status.code() {
        // What the deadline becomes when the library or the desk is faster to notice it than we are.
        Code::DeadlineExceeded | Code::Cancelled => Outcome::Slow,
        // Only what failed on the way has a cause; what the desk itself says has none.
        _ if std::error::Error::source(status).is_some() => Outcome::Away,
        code => Outcome::Refused(code),
    }
}

#[cfg(test)]
mod tests;
