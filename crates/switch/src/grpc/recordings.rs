//! `recordings/v1`: bytes, facts and peaks of recordings.

use super::RecordingsOptions;
use super::store::{self, RecordingName, State, StoreError};
use careline_media::archive::{Hold, HoldError, HoldKind, LibraryError};
use careline_rpc::proto::recordings::v1 as wire;
use std::io::SeekFrom;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use wire::recordings_server::Recordings as Service;

/// Files that are read at once: enough for a ward of listeners, too few to starve the recorder's disk.
const READS_MAX: usize = 16;
/// Bytes of one message.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks between the disk and a peer that reads slowly.
const AHEAD_MAX: usize = 4;
/// Slices per second when none is asked for, and the most.
const PER_SECOND_DEFAULT: u32 = 20;
const PER_SECOND_MAX: u32 = 100;

pub(super) struct Recordings {
    options: Arc<RecordingsOptions>,
    room: Arc<Semaphore>,
}

impl Recordings {
    pub(super) fn new(options: RecordingsOptions) -> Self {
        Self { options: Arc::new(options), room: Arc::new(Semaphore::new(READS_MAX)) }
    }

    fn permit(&self) -> Result<OwnedSemaphorePermit, Status> {
        let permit = Arc::clone(&self.room).try_acquire_owned();
        permit.map_err(|_| {
            Status::resource_exhausted(format!(
                "{READS_MAX} recordings are being read: try again in a second"
            ))
        })
    }

    /// Runs something that waits for the disk where it holds up nobody.
    async fn on_disk<T: Send + 'static>(
        &self,
        recording: &str,
        work: impl FnOnce(&RecordingName, &RecordingsOptions) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Status> {
        let name = RecordingName::parse(recording).map_err(|error| status(&error))?;
        let permit = self.permit()?;
        let options = Arc::clone(&self.options);
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&name, &options)
        });
        done.await
            .map_err(|_| Status::internal("reading the recording failed"))?
            .map_err(|error| status(&error))
    }
}

#[tonic::async_trait]
impl Service for Recordings {
    type ReadStream = ReceiverStream<Result<wire::ReadResponse, Status>>;

    async fn stat(
        &self,
        request: Request<wire::StatRequest>,
    ) -> Result<Response<wire::StatResponse>, Status> {
        let known = self.on_disk(&request.into_inner().recording, store::stat).await?;
        let state = match known.state {
            State::Open => wire::RecordingState::Open,
            State::Complete => wire::RecordingState::Complete,
            State::Incomplete => wire::RecordingState::Incomplete,
        };
        Ok(Response::new(wire::StatResponse {
            bytes: known.bytes,
            duration_ms: known.duration_ms,
            sha256: known.sha256,
            state: state.into(),
            started_at_us: known.started_at_us,
            sidecar_json: known.sidecar_json,
            archived: known.archived,
            holds: known.holds.into_iter().map(hold_info).collect(),
        }))
    }

    async fn read(&self, request: Request<wire::ReadRequest>) -> Result<Response<Self::ReadStream>, Status> {
        let wire::ReadRequest { recording, offset, length } = request.into_inner();
        let path = self.on_disk(&recording, RecordingName::wav).await?;
        let permit = self.permit()?;
        let mut file = File::open(path).await.map_err(|error| status(&error.into()))?;
        let bytes = file.metadata().await.map_err(|error| status(&error.into()))?.len();
        if offset > bytes {
            return Err(Status::out_of_range(format!("offset {offset} is behind the end, {bytes}")));
        }
        file.seek(SeekFrom::Start(offset)).await.map_err(|error| status(&error.into()))?;
        // A file that grows is read up to the end it had when it was asked for.
        let left = bytes - offset;
        let left = if length == 0 { left } else { left.min(length) };
        let (sender, stream) = mpsc::channel(AHEAD_MAX);
        tokio::spawn(pass_on(file.take(left), sender, permit));
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn peaks(
        &self,
        request: Request<wire::PeaksRequest>,
    ) -> Result<Response<wire::PeaksResponse>, Status> {
        let wire::PeaksRequest { recording, per_second } = request.into_inner();
        let per_second = if per_second == 0 { PER_SECOND_DEFAULT } else { per_second };
        if per_second > PER_SECOND_MAX {
            return Err(Status::invalid_argument(format!("per_second: give 1 to {PER_SECOND_MAX}")));
        }
        let peaks =
            self.on_disk(&recording, move |name, options| store::peaks(name, options, per_second)).await?;
        let (left, right) = peaks;
        Ok(Response::new(wire::PeaksResponse { per_second, left, right }))
    }

    async fn hold(
        &self,
        request: Request<wire::HoldRequest>,
    ) -> Result<Response<wire::HoldResponse>, Status> {
        let wire::HoldRequest { recording, hold } = request.into_inner();
        let hold = hold_of(hold.ok_or_else(|| Status::invalid_argument("hold: what holds is missing"))?)?;
        let place = move |name: &RecordingName, options: &RecordingsOptions| -> Result<(), StoreError> {
            Ok(options.library.hold(&name.find(options)?, hold)?)
        };
        self.on_disk(&recording, place).await?;
        Ok(Response::new(wire::HoldResponse {}))
    }

    async fn release(
        &self,
        request: Request<wire::ReleaseRequest>,
    ) -> Result<Response<wire::ReleaseResponse>, Status> {
        let wire::ReleaseRequest { recording, name: hold, who } = request.into_inner();
        let release = move |name: &RecordingName, options: &RecordingsOptions| -> Result<(), StoreError> {
            Ok(options.library.release(&name.find(options)?, &hold, &who)?)
        };
        self.on_disk(&recording, release).await?;
        Ok(Response::new(wire::ReleaseResponse {}))
    }

    async fn disk(
        &self,
        _request: Request<wire::DiskRequest>,
    ) -> Result<Response<wire::DiskResponse>, Status> {
        let disk = self.options.library.disk();
        Ok(Response::new(wire::DiskResponse {
            at_us: disk.at_us,
            free_bytes: disk.free_bytes,
            recorded_7_days_bytes: disk.recorded_7_days_bytes,
            freed_7_days_bytes: disk.freed_7_days_bytes,
            days_left: disk.days_left,
            not_archived: disk.failed,
            archive_away: disk.archive_away,
        }))
    }
}

fn hold_info(hold: Hold) -> wire::HoldInfo {
    let kind = match hold.kind {
        HoldKind::Complaint => wire::HoldKind::Complaint,
        HoldKind::Legal => wire::HoldKind::Legal,
    };
    wire::HoldInfo {
        name: hold.name,
        kind: kind.into(),
        reason: hold.reason,
        who: hold.who,
        until_us: hold.until_us.unwrap_or(0),
        placed_at_us: hold.placed_at_us,
    }
}

fn hold_of(info: wire::HoldInfo) -> Result<Hold, Status> {
    let kind = match info.kind() {
        wire::HoldKind::Complaint => HoldKind::Complaint,
        wire::HoldKind::Legal => HoldKind::Legal,
        wire::HoldKind::Unspecified => {
            return Err(Status::invalid_argument("hold.kind: give COMPLAINT or LEGAL"));
        }
    };
    let placed_at_us = now_us();
    let until_us = (info.until_us != 0).then_some(info.until_us);
    Ok(Hold { name: info.name, kind, reason: info.reason, who: info.who, placed_at_us, until_us })
}

fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

async fn pass_on(
    mut file: tokio::io::Take<File>,
    peer: mpsc::Sender<Result<wire::ReadResponse, Status>>,
    _permit: OwnedSemaphorePermit,
) {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let mut part = (&mut file).take(CHUNK_BYTES as u64);
        let message = match part.read_to_end(&mut chunk).await {
            Ok(0) => return,
            Ok(_) => Ok(wire::ReadResponse { chunk }),
            Err(error) => Err(status(&error.into())),
        };
        let last = message.is_err();
        if peer.send(message).await.is_err() || last {
            return;
        }
    }
}

fn status(error: &StoreError) -> Status {
    let text = error.to_string();
    match error {
        StoreError::Id => Status::invalid_argument(text),
        StoreError::Missing => Status::not_found(text),
        StoreError::TooManyPeaks(_) => Status::out_of_range(text),
        StoreError::Format(_) => Status::data_loss(text),
        StoreError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => Status::not_found(text),
        StoreError::Library(LibraryError::Missing) | StoreError::Hold(HoldError::Missing) => {
            Status::not_found(text)
        }
        StoreError::Library(LibraryError::Away(_)) => Status::unavailable(text),
        StoreError::Library(LibraryError::Damaged(_)) => Status::data_loss(text),
        StoreError::Hold(HoldError::Text(_)) => Status::invalid_argument(text),
        StoreError::Hold(HoldError::Full) => Status::failed_precondition(text),
        StoreError::Io(error)
        | StoreError::Library(LibraryError::Io(error))
        | StoreError::Hold(HoldError::Io(error)) => {
            tracing::warn!(%error, "a recording cannot be read");
            Status::unavailable(text)
        }
    }
}
