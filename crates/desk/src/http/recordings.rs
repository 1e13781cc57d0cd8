//! `/api/recordings/{id}/peaks`, and whose recordings they are.

use super::desk::Desk;
use super::extract::{Asked, Named};
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::live_feed::ANSWER_MAX;
use crate::storage::StorageError;
use axum::Json;
use axum::extract::State;
use careline_model::CallId;
use careline_rpc::proto::recordings::v1 as wire;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Status};
use utoipa::{IntoParams, ToSchema};
use wire::recordings_client::RecordingsClient;

/// Longest recording id, in characters: a UUID, a hyphen and a number.
const ID_CHARS_MAX: usize = 48;
/// Slices per second: drawn finely enough, and at most.
const PER_SECOND_DEFAULT: u32 = 10;
const PER_SECOND_MAX: u32 = 100;

/// How finely.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct PeaksQuery {
    /// Slices per second: 1 to 100, 10 when nothing is said.
    per_second: Option<u32>,
}

/// The loudest sample of each slice of time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Peaks {
    /// Slices per second.
    pub per_second: u32,
    /// The caller: 0 (silence) to 255.
    #[schema(value_type = Vec<u8>)]
    pub left: Vec<u8>,
    /// The agent.
    #[schema(value_type = Vec<u8>)]
    pub right: Vec<u8>,
    /// Length of the recording now, milliseconds.
    pub duration_ms: u64,
}

/// A recording that the asker may hear, and who has it.
pub(super) struct Heard {
    pub(super) recording: String,
    pub(super) switch: RecordingsClient<Channel>,
    /// Size and state at this moment.
    pub(super) now: wire::StatResponse,
}

/// The shape of a recording, for drawing.
#[utoipa::path(get, path = "/api/recordings/{id}/peaks", tag = "recordings", security(("cookie" = [])),
    params(("id" = String, Path), PeaksQuery), responses(
    (status = 200, body = Peaks), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem), (status = 502, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn peaks(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
    Asked(query): Asked<PeaksQuery>,
) -> Result<Json<Peaks>, Refusal> {
    let per_second = query.per_second.unwrap_or(PER_SECOND_DEFAULT);
    if !(1..=PER_SECOND_MAX).contains(&per_second) {
        return Err(Refusal::invalid("per_second 应为 1 到 100。", "per_second is 1 to 100."));
    }
    let Heard { recording, mut switch, now } = desk.recording_of(&signed_in, &id).await?;
    let answer = timeout(ANSWER_MAX, switch.peaks(wire::PeaksRequest { recording, per_second })).await;
    let wire::PeaksResponse { per_second, left, right } = answered(answer.ok())?.into_inner();
    Ok(Json(Peaks { per_second, left, right, duration_ms: now.duration_ms }))
}

/// A conversation, or one who was added to it. What a supervisor whispered is for supervisors (CF I4).
fn is_segment(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('p')
        .map_or_else(|| is_number(text), |(segment, party)| is_number(segment) && is_number(party))
}

impl Desk {
    /// The recording, if its call is the asker's, as it is at its switch now.
    pub(super) async fn recording_of(&self, signed_in: &SignedIn, id: &str) -> Result<Heard, Refusal> {
        let (call, segment) = id.rsplit_once('-').ok_or_else(Refusal::unknown_recording)?;
        let well_formed = id.len() <= ID_CHARS_MAX
            && call.parse::<CallId>().is_ok_and(|parsed| parsed.to_string() == call)
            && is_segment(segment);
        if !well_formed {
            return Err(Refusal::unknown_recording());
        }
        let switch_id = match self.message_of(signed_in, id).await? {
            // Whoever may work on a message may hear it.
            Some(message) => message.switch_id,
            None => self.switch_of_own(signed_in, (call, id)).await?,
        };
        let mut switch = self.switches.recordings(&switch_id).ok_or_else(Refusal::switch_away)?;
        let stat = timeout(ANSWER_MAX, switch.stat(wire::StatRequest { recording: id.to_owned() })).await;
        let now = answered(stat.ok())?.into_inner();
        Ok(Heard { recording: id.to_owned(), switch, now })
    }

    /// The switch that has a recording of the asker's own calls.
    async fn switch_of_own(&self, signed_in: &SignedIn, (call, id): (&str, &str)) -> Result<String, Refusal> {
        let seen = self.call_of(signed_in, call).await.map_err(Refusal::about_recording)?;
        match self.switch_of(id).await? {
            Some(switch_id) => Ok(switch_id),
            // One that has just begun is at the switch of its call.
            None => {
                let live = self.hub.look(|room| room.board().switch_of_call(seen.id).map(str::to_owned));
                live.ok_or_else(Refusal::unknown_recording)
            }
        }
    }

    async fn switch_of(&self, recording: &str) -> Result<Option<String>, StorageError> {
        Ok(self.store.recording(recording).await?.map(|row| row.switch_id))
    }
}

/// What a switch said of a recording; nothing: it said nothing in time.
pub(super) fn answered<T>(answer: Option<Result<T, Status>>) -> Result<T, Refusal> {
    match answer {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(status)) => Err(match status.code() {
            Code::NotFound | Code::InvalidArgument => Refusal::unknown_recording(),
            Code::ResourceExhausted => Refusal::busy(),
            Code::OutOfRange => Refusal::range_not_satisfiable(),
            Code::DataLoss => Refusal::damaged(),
            _ => Refusal::switch_away(),
        }),
        None => Err(Refusal::switch_away()),
    }
}
