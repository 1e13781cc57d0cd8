//! `switch_admin/v1`, configuration: what holds, what is drafted, what is published.
//!
//! One publishes at a time: check, then the disk, then the driver. What the driver did not take is taken off the disk
//! again, so that a restart never starts with what nobody was told holds.

use super::ControlRequest;
use super::control::{ask, name};
use crate::configuration::machine::{acceptable, known_name};
use crate::configuration::store::{Files, Kept, Version};
use crate::configuration::{Configuration, Holds, applied, secrets};
use crate::statistics::{Counted, members_of};
use careline_daemon::Clock;
use careline_model::config::{ConfigError, DiffLine, Plan, changes, diff};
use careline_model::event::ConfigChange;
use careline_rpc::proto::switch_admin::v1 as wire;
use std::sync::Arc;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};
use wire::switch_configuration_server::SwitchConfiguration;

/// Longest comment, in characters.
const COMMENT_CHARS_MAX: usize = 200;
/// Lines that are the same around those that differ.
const CONTEXT_LINES: usize = 3;

#[derive(Clone)]
pub(super) struct Configured {
    all: Arc<Configuration>,
    driver: mpsc::Sender<ControlRequest>,
    statistics: Option<Counted>,
}

/// What somebody wants to hold.
struct Wanted {
    files: Files,
    base_version: u64,
    by: String,
    comment: String,
    rolled_back_to: Option<u64>,
}

impl Configured {
    pub(super) fn new(
        all: Arc<Configuration>,
        driver: mpsc::Sender<ControlRequest>,
        statistics: Option<Counted>,
    ) -> Self {
        Self { all, driver, statistics }
    }

    /// Reads and writes of versions, off the threads that serve streams.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Configuration) -> T + Send + 'static,
    ) -> Result<T, Status> {
        let all = Arc::clone(&self.all);
        let done = tokio::task::spawn_blocking(move || work(&all)).await;
        done.map_err(|_| Status::internal("the configuration could not be looked at"))
    }

    async fn version(&self, number: u64) -> Result<Kept, Status> {
        let found = self.aside(move |all| all.store.read(number)).await?;
        found
            .map_err(|error| disk(&error))?
            .ok_or_else(|| Status::not_found(format!("version {number} is not kept")))
    }

    async fn draft(&self) -> Result<Option<Kept>, Status> {
        self.aside(|all| all.store.draft()).await?.map_err(|error| disk(&error))
    }

    async fn check(&self, files: Files) -> Result<Result<Arc<Plan>, Vec<ConfigError>>, Status> {
        self.aside(move |all| all.check(&files)).await
    }

    /// The files that a request means, on what holds.
    async fn meant(&self, put: Option<wire::ConfigurationFiles>) -> Result<Files, Status> {
        let wire::ConfigurationFiles { files, whole } = put.unwrap_or_default();
        let count = files.len();
        let put: Files = files.into_iter().map(|file| (file.name, file.text)).collect();
        if put.len() != count {
            return Err(Status::invalid_argument("files: a name is there twice; allowed: each once"));
        }
        let current = self.all.holds().await.kept.files.clone();
        let files = Configuration::changed(&current, put, whole);
        acceptable(&files).map_err(Status::invalid_argument)?;
        Ok(files)
    }

    async fn publish(&self, wanted: Wanted) -> Result<wire::PublishConfigurationResponse, Status> {
        let mut holds = self.all.holds().await;
        let current = holds.kept.version.version;
        if wanted.base_version != 0 && wanted.base_version != current {
            let by = &holds.kept.version.by;
            return Err(Status::aborted(format!(
                "version {current} holds since {by} published it, and not {} any more; allowed: to look at the \
                 difference, and to publish on {current}",
                wanted.base_version
            )));
        }
        let plan = self.check(wanted.files.clone()).await?.map_err(|errors| refused(&errors))?;
        let changes = changes(&holds.plan, &plan);
        if wanted.files == holds.kept.files {
            return Ok(answer(&holds.kept.version, true, Vec::new()));
        }
        let version = Version {
            version: current + 1,
            at_us: Clock::start().now().wall_us,
            by: wanted.by,
            comment: wanted.comment,
            rolled_back_to: wanted.rolled_back_to,
        };
        let kept = Kept { version, files: wanted.files };
        self.make_hold(&mut holds, kept, plan, &changes).await?;
        tracing::info!(version = current + 1, by = holds.kept.version.by, "a configuration was published");
        Ok(answer(&holds.kept.version, false, changes))
    }

    /// The disk first: who is told that a version holds has it after a restart too.
    async fn make_hold(
        &self,
        holds: &mut Holds,
        kept: Kept,
        plan: Arc<Plan>,
        changes: &[ConfigChange],
    ) -> Result<(), Status> {
        let written = kept.clone();
        self.aside(move |all| all.store.write(&written)).await?.map_err(|error| disk(&error))?;
        let (told, by) = (Some(applied(&kept.version, changes)), kept.version.by.clone());
        let given = Arc::clone(&plan);
        let done = ask(&self.driver, |reply| ControlRequest::Replan { plan: given, told, by, reply }).await;
        // A late driver may still do it: then the disk is right, and what holds must be believed to.
        let late = done.as_ref().is_err_and(|status| status.code() == tonic::Code::DeadlineExceeded);
        if let (Err(status), false) = (&done, late) {
            let number = kept.version.version;
            self.aside(move |all| all.store.remove(number)).await?.map_err(|error| disk(&error))?;
            return Err(status.clone());
        }
        if let Some(statistics) = &self.statistics {
            statistics.set_members(members_of(&plan));
        }
        *holds = Holds { kept, plan };
        done
    }
}

#[tonic::async_trait]
impl SwitchConfiguration for Configured {
    async fn get_configuration(
        &self,
        request: Request<wire::GetConfigurationRequest>,
    ) -> Result<Response<wire::GetConfigurationResponse>, Status> {
        use wire::get_configuration_request::Which;
        let peer = request.remote_addr();
        let wire::GetConfigurationRequest { which, with_secrets } = request.into_inner();
        let holding = self.all.holds().await.kept.clone();
        let current = holding.version.version;
        let draft = self.draft().await?;
        let has_draft = draft.is_some();
        let kept = match which {
            None | Some(Which::Version(0) | Which::Draft(false)) => holding,
            Some(Which::Version(number)) => self.version(number).await?,
            Some(Which::Draft(true)) => draft.ok_or_else(|| Status::not_found("there is no draft"))?,
        };
        if with_secrets {
            tracing::warn!(?peer, "the configuration is read with its passwords");
        }
        let text = |text: String| if with_secrets { text } else { secrets::mask(&text) };
        let files = kept.files.into_iter();
        let files = files.map(|(name, body)| wire::ConfigurationFile { name, text: text(body) }).collect();
        let version = Some(on_the_wire(&kept.version));
        Ok(Response::new(wire::GetConfigurationResponse { version, files, current, has_draft }))
    }

    async fn list_versions(
        &self,
        request: Request<wire::ListVersionsRequest>,
    ) -> Result<Response<wire::ListVersionsResponse>, Status> {
        let limit = match request.into_inner().limit {
            0 => usize::MAX,
            limit => usize::try_from(limit).unwrap_or(usize::MAX),
        };
        let current = self.all.holds().await.kept.version.version;
        let found = self.aside(move |all| {
            let numbers = all.store.numbers()?;
            let newest = numbers.into_iter().rev().take(limit);
            let read = newest.filter_map(|number| all.store.read(number).transpose());
            read.map(|kept| kept.map(|kept| on_the_wire(&kept.version))).collect::<Result<Vec<_>, _>>()
        });
        let versions = found.await?.map_err(|error: std::io::Error| disk(&error))?;
        Ok(Response::new(wire::ListVersionsResponse { versions, current }))
    }

    async fn diff_configuration(
        &self,
        request: Request<wire::DiffConfigurationRequest>,
    ) -> Result<Response<wire::DiffConfigurationResponse>, Status> {
        use wire::diff_configuration_request::With;
        let wire::DiffConfigurationRequest { from, with } = request.into_inner();
        let holding = self.all.holds().await.kept.clone();
        let old = if from == 0 { holding.clone() } else { self.version(from).await? };
        let new = match with {
            None | Some(With::To(0) | With::Draft(false)) => holding,
            Some(With::To(number)) => self.version(number).await?,
            Some(With::Draft(true)) => {
                self.draft().await?.ok_or_else(|| Status::not_found("there is no draft"))?
            }
        };
        let (before, after) = (self.check(old.files.clone()).await?, self.check(new.files.clone()).await?);
        let things = match (before, after) {
            (Ok(before), Ok(after)) => changes(&before, &after),
            _ => Vec::new(),
        };
        let files = self.aside(move |_| file_diffs(&old.files, &new.files)).await?;
        let changes = things.into_iter().map(Into::into).collect();
        Ok(Response::new(wire::DiffConfigurationResponse { files, changes }))
    }

    async fn validate_configuration(
        &self,
        request: Request<wire::ValidateConfigurationRequest>,
    ) -> Result<Response<wire::ValidateConfigurationResponse>, Status> {
        let files = self.meant(request.into_inner().files).await?;
        let answer = match self.check(files).await? {
            Ok(plan) => wire::ValidateConfigurationResponse {
                problems: Vec::new(),
                warnings: plan.warnings(),
                changes: {
                    let before = Arc::clone(&self.all.holds().await.plan);
                    changes(&before, &plan).into_iter().map(Into::into).collect()
                },
            },
            Err(errors) => wire::ValidateConfigurationResponse {
                problems: errors.iter().map(problem).collect(),
                ..wire::ValidateConfigurationResponse::default()
            },
        };
        Ok(Response::new(answer))
    }

    async fn draft_configuration(
        &self,
        request: Request<wire::DraftConfigurationRequest>,
    ) -> Result<Response<wire::DraftConfigurationResponse>, Status> {
        let wire::DraftConfigurationRequest { files, by } = request.into_inner();
        let by = name("by", by)?;
        if files.as_ref().is_none_or(|files| files.files.is_empty()) {
            self.aside(|all| all.store.set_draft(None)).await?.map_err(|error| disk(&error))?;
            return Ok(Response::new(wire::DraftConfigurationResponse::default()));
        }
        let files = self.meant(files).await?;
        let version = Version {
            version: self.all.holds().await.kept.version.version,
            at_us: Clock::start().now().wall_us,
            by,
            comment: String::new(),
            rolled_back_to: None,
        };
        let draft = Kept { version, files: files.clone() };
        self.aside(move |all| all.store.set_draft(Some(&draft))).await?.map_err(|error| disk(&error))?;
        let errors = self.check(files).await?.err().unwrap_or_default();
        let problems = errors.iter().map(problem).collect();
        Ok(Response::new(wire::DraftConfigurationResponse { problems }))
    }

    async fn publish_configuration(
        &self,
        request: Request<wire::PublishConfigurationRequest>,
    ) -> Result<Response<wire::PublishConfigurationResponse>, Status> {
        use wire::publish_configuration_request::What;
        let wire::PublishConfigurationRequest { what, base_version, by, comment } = request.into_inner();
        let (by, comment) = (name("by", by)?, commented(comment)?);
        let drafted = matches!(what, Some(What::Draft(true)));
        let files = match what {
            Some(What::Files(files)) => self.meant(Some(files)).await?,
            Some(What::Draft(true)) => {
                let none = || Status::failed_precondition("there is no draft; allowed: to put one, or files");
                self.draft().await?.ok_or_else(none)?.files
            }
            None | Some(What::Draft(false)) => {
                return Err(Status::invalid_argument("what: give files, or draft"));
            }
        };
        let wanted = Wanted { files, base_version, by, comment, rolled_back_to: None };
        let answer = self.publish(wanted).await?;
        if drafted {
            self.aside(|all| all.store.set_draft(None)).await?.map_err(|error| disk(&error))?;
        }
        Ok(Response::new(answer))
    }

    async fn roll_back_configuration(
        &self,
        request: Request<wire::RollBackConfigurationRequest>,
    ) -> Result<Response<wire::PublishConfigurationResponse>, Status> {
        let wire::RollBackConfigurationRequest { to, files, base_version, by, comment } =
            request.into_inner();
        let (by, comment) = (name("by", by)?, commented(comment)?);
        let old = self.version(to).await?;
        let mut wanted = old.files.clone();
        if !files.is_empty() {
            wanted = self.all.holds().await.kept.files.clone();
            for file in files {
                known_name(&file).map_err(Status::invalid_argument)?;
                let text = old.files.get(&file);
                let text = text.ok_or_else(|| Status::not_found(format!("version {to} has no {file}")))?;
                wanted.insert(file, text.clone());
            }
        }
        let wanted = Wanted { files: wanted, base_version, by, comment, rolled_back_to: Some(to) };
        Ok(Response::new(self.publish(wanted).await?))
    }
}

fn commented(comment: String) -> Result<String, Status> {
    if comment.chars().count() <= COMMENT_CHARS_MAX {
        return Ok(comment);
    }
    Err(Status::invalid_argument(format!("comment: give up to {COMMENT_CHARS_MAX} characters")))
}

fn disk(error: &std::io::Error) -> Status {
    tracing::error!(%error, "the versions of the configuration cannot be read or written");
    Status::unavailable(format!("the switch cannot read or write its versions: {error}"))
}

fn refused(errors: &[ConfigError]) -> Status {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Status::invalid_argument(lines.join("\n"))
}

fn problem(error: &ConfigError) -> wire::ConfigurationProblem {
    wire::ConfigurationProblem {
        file: error.file.to_string(),
        line: u32::try_from(error.line).unwrap_or(u32::MAX),
        key: error.key.clone(),
        what: error.what.clone(),
        allowed: error.allowed.clone(),
    }
}

fn on_the_wire(version: &Version) -> wire::ConfigurationVersion {
    wire::ConfigurationVersion {
        version: version.version,
        at_us: version.at_us,
        by: version.by.clone(),
        comment: version.comment.clone(),
        rolled_back_to: version.rolled_back_to,
    }
}

fn answer(
    version: &Version,
    unchanged: bool,
    changes: Vec<ConfigChange>,
) -> wire::PublishConfigurationResponse {
    let changes = changes.into_iter().map(Into::into).collect();
    wire::PublishConfigurationResponse { version: Some(on_the_wire(version)), unchanged, changes }
}

/// The files that differ, each with the lines around what differs.
fn file_diffs(old: &Files, new: &Files) -> Vec<wire::FileDiff> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let none = String::new();
    let of = |name: &String| {
        let (before, after) = (old.get(name).unwrap_or(&none), new.get(name).unwrap_or(&none));
        (before != after).then(|| wire::FileDiff { name: name.clone(), lines: around(&diff(before, after)) })
    };
    names.into_iter().filter_map(of).collect()
}

fn around(lines: &[DiffLine]) -> Vec<String> {
    let differs = |line: &DiffLine| !matches!(line, DiffLine::Same(_));
    let near = |at: usize| {
        let (from, to) = (at.saturating_sub(CONTEXT_LINES), (at + CONTEXT_LINES + 1).min(lines.len()));
        lines[from..to].iter().any(differs)
    };
    let text = |line: &DiffLine| match line {
        DiffLine::Same(text) => format!(" {}", secrets::mask(text)),
        DiffLine::Gone(text) => format!("-{}", secrets::mask(text)),
        DiffLine::New(text) => format!("+{}", secrets::mask(text)),
    };
    lines.iter().enumerate().filter(|(at, _)| near(*at)).map(|(_, line)| text(line)).collect()
}
