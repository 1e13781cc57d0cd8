//! `careline-switch config`: the configuration of a running switch, and the files that are to be its next version.

use crate::configuration::BY_FILE;
use crate::configuration::machine::{CENTRE, FLOWS};
use crate::configuration::store::{Files, Kept, Store, Version};
use anyhow::{Context, bail};
use careline_model::config::{self, centre_part};
use careline_rpc::proto::switch_admin::v1 as wire;
use careline_rpc::proto::switch_events::v1 as events;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tonic::transport::Channel;
use wire::switch_configuration_client::SwitchConfigurationClient;

/// What is asked of the configuration.
#[derive(Debug, clap::Subcommand)]
pub enum ConfigCommand {
    /// Print the versions that are kept, the newest first.
    History(At),
    /// Print the files of a version; passwords as `*`.
    Show(Show),
    /// Print what one version has otherwise than another, or than the draft.
    Diff(Diff),
    /// Check files as if they were published, and change nothing.
    Check(Put),
    /// Make files the next version: centre.toml and flows, as `show --into` writes them. Others stay as they are.
    Publish(Put),
    /// Make an earlier version the next one.
    Rollback(Rollback),
    /// Take the files that the switch is started with (switch.toml and flows) as the next version, or as a draft.
    Import(Import),
}

/// Which switch.
#[derive(Debug, Clone, clap::Args)]
pub struct At {
    /// Asks the switch at this address.
    #[arg(long, default_value = "127.0.0.1:7060")]
    pub rpc: SocketAddr,
    /// The zone of the printed times.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub timezone: String,
}

/// Which version, and where to.
#[derive(Debug, Clone, clap::Args)]
pub struct Show {
    #[command(flatten)]
    at: At,
    /// This version instead of the one that holds.
    #[arg(long)]
    version: Option<u64>,
    /// The draft.
    #[arg(long)]
    draft: bool,
    /// Writes the files into this folder instead of printing them.
    #[arg(long)]
    into: Option<PathBuf>,
}

/// Which two versions.
#[derive(Debug, Clone, clap::Args)]
pub struct Diff {
    #[command(flatten)]
    at: At,
    /// The version that is compared; what holds when absent.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// With this version; with what holds when absent.
    #[arg(long, default_value_t = 0)]
    to: u64,
    /// With the draft.
    #[arg(long)]
    draft: bool,
}

/// Which files, and who puts them.
#[derive(Debug, Clone, clap::Args)]
pub struct Put {
    #[command(flatten)]
    at: At,
    /// Files, or folders with centre.toml and flows/.
    #[arg(required_unless_present = "draft")]
    files: Vec<PathBuf>,
    /// The draft instead of files.
    #[arg(long)]
    draft: bool,
    /// Who publishes.
    #[arg(long, env = "USER", default_value = "operator")]
    by: String,
    /// Why.
    #[arg(long, default_value = "")]
    comment: String,
    /// The version that the files were made from; refused when another one holds.
    #[arg(long, default_value_t = 0)]
    base: u64,
}

/// Which version again.
#[derive(Debug, Clone, clap::Args)]
pub struct Rollback {
    #[command(flatten)]
    at: At,
    /// The version.
    to: u64,
    /// Only these files of it, as flows/main.toml.
    #[arg(long)]
    file: Vec<String>,
    /// Who decides.
    #[arg(long, env = "USER", default_value = "operator")]
    by: String,
    /// Why.
    #[arg(long, default_value = "")]
    comment: String,
}

/// Which file.
#[derive(Debug, Clone, clap::Args)]
pub struct Import {
    #[command(flatten)]
    at: At,
    /// The file that the switch is started with.
    #[arg(long, env = "CARELINE_SWITCH_CONFIG", default_value = "config/switch.toml")]
    config: PathBuf,
    /// Publishes it at once instead of keeping a draft.
    #[arg(long)]
    publish: bool,
    /// The journal of a switch that does not run: the files hold when it starts.
    #[arg(long)]
    stopped: Option<PathBuf>,
    /// Who decides.
    #[arg(long, env = "USER", default_value = "operator")]
    by: String,
}

/// Does what was asked.
///
/// # Errors
/// When no switch answers, or it refuses; the error says why and what is allowed.
pub async fn run(command: ConfigCommand, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        ConfigCommand::History(at) => history(&at, out).await,
        ConfigCommand::Show(show) => print(show, out).await,
        ConfigCommand::Diff(diff) => difference(diff, out).await,
        ConfigCommand::Check(put) => check(put, out).await,
        ConfigCommand::Publish(put) => publish(put, out).await,
        ConfigCommand::Rollback(rollback) => roll_back(rollback, out).await,
        ConfigCommand::Import(import) => take_files(import, out).await,
    }
}

async fn client(at: &At) -> anyhow::Result<SwitchConfigurationClient<Channel>> {
    const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", at.rpc))?
        .connect()
        .await
        .with_context(|| format!("no switch answers at {}; is it running?", at.rpc))?;
    let client = SwitchConfigurationClient::new(channel);
    Ok(client.max_decoding_message_size(MESSAGE_BYTES_MAX).max_encoding_message_size(MESSAGE_BYTES_MAX))
}

fn refused(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!("{}", status.message())
}

async fn history(at: &At, out: &mut impl Write) -> anyhow::Result<()> {
    let zone = TimeZone::get(&at.timezone).with_context(|| format!("--timezone {}", at.timezone))?;
    let request = wire::ListVersionsRequest { limit: 0 };
    let answer = client(at).await?.list_versions(request).await.map_err(refused)?.into_inner();
    for version in answer.versions {
        let at = Timestamp::from_microsecond(version.at_us)?.to_zoned(zone.clone());
        let holds = if version.version == answer.current { "  holds" } else { "" };
        let again = version.rolled_back_to.map(|to| format!("  {to} again")).unwrap_or_default();
        let time = at.strftime("%F %T");
        writeln!(out, "{:>5}  {time}  {}  {}{again}{holds}", version.version, version.by, version.comment)?;
    }
    Ok(())
}

async fn print(show: Show, out: &mut impl Write) -> anyhow::Result<()> {
    use wire::get_configuration_request::Which;
    let which = match (show.draft, show.version) {
        (true, _) => Some(Which::Draft(true)),
        (false, version) => version.map(Which::Version),
    };
    let request = wire::GetConfigurationRequest { which, with_secrets: false };
    let answer = client(&show.at).await?.get_configuration(request).await.map_err(refused)?.into_inner();
    for wire::ConfigurationFile { name, text } in answer.files {
        match &show.into {
            Some(folder) => {
                let file = folder.join(&name);
                std::fs::create_dir_all(file.parent().unwrap_or(folder))?;
                std::fs::write(&file, text).with_context(|| format!("failed to write {}", file.display()))?;
                writeln!(out, "{}", file.display())?;
            }
            None => writeln!(out, "# ---- {name}\n{text}")?,
        }
    }
    Ok(())
}

async fn difference(args: Diff, out: &mut impl Write) -> anyhow::Result<()> {
    use wire::diff_configuration_request::With;
    let with = if args.draft { With::Draft(true) } else { With::To(args.to) };
    let request = wire::DiffConfigurationRequest { from: args.from, with: Some(with) };
    let answer = client(&args.at).await?.diff_configuration(request).await.map_err(refused)?.into_inner();
    for file in answer.files {
        writeln!(out, "# ---- {}", file.name)?;
        file.lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    tell_changes(&answer.changes, out)
}

async fn check(put: Put, out: &mut impl Write) -> anyhow::Result<()> {
    let files = wire::ConfigurationFiles { files: read_all(&put.files)?, whole: false };
    let request = wire::ValidateConfigurationRequest { files: Some(files) };
    let answer = client(&put.at).await?.validate_configuration(request).await.map_err(refused)?.into_inner();
    answer.warnings.iter().try_for_each(|warning| writeln!(out, "warning: {warning}"))?;
    if !answer.problems.is_empty() {
        let line = |one: &wire::ConfigurationProblem| {
            let allowed = one.allowed.as_ref().map(|allowed| format!("; allowed: {allowed}"));
            format!("{}:{}: {}: {}{}", one.file, one.line, one.key, one.what, allowed.unwrap_or_default())
        };
        let lines: Vec<String> = answer.problems.iter().map(line).collect();
        bail!("{}", lines.join("\n"));
    }
    writeln!(out, "good")?;
    tell_changes(&answer.changes, out)
}

async fn publish(put: Put, out: &mut impl Write) -> anyhow::Result<()> {
    use wire::publish_configuration_request::What;
    let what = match put.draft {
        true => What::Draft(true),
        false => What::Files(wire::ConfigurationFiles { files: read_all(&put.files)?, whole: false }),
    };
    let Put { by, comment, base, .. } = put.clone();
    let request = wire::PublishConfigurationRequest { what: Some(what), base_version: base, by, comment };
    let answer = client(&put.at).await?.publish_configuration(request).await.map_err(refused)?;
    tell_published(&answer.into_inner(), out)
}

async fn roll_back(args: Rollback, out: &mut impl Write) -> anyhow::Result<()> {
    let Rollback { at, to, file, by, comment } = args;
    let request = wire::RollBackConfigurationRequest { to, files: file, base_version: 0, by, comment };
    let answer = client(&at).await?.roll_back_configuration(request).await.map_err(refused)?;
    tell_published(&answer.into_inner(), out)
}

async fn take_files(args: Import, out: &mut impl Write) -> anyhow::Result<()> {
    use wire::publish_configuration_request::What;
    let files = files_of(&args.config)?;
    if let Some(journal) = &args.stopped {
        return take_when_stopped(&Store::beside(journal), files, out);
    }
    let listed = files.into_iter().map(|(name, text)| wire::ConfigurationFile { name, text }).collect();
    let files = Some(wire::ConfigurationFiles { files: listed, whole: true });
    let mut client = client(&args.at).await?;
    if args.publish {
        let request = wire::PublishConfigurationRequest {
            what: files.map(What::Files),
            base_version: 0,
            by: args.by,
            comment: format!("{} imported", args.config.display()),
        };
        let answer = client.publish_configuration(request).await.map_err(refused)?;
        return tell_published(&answer.into_inner(), out);
    }
    let request = wire::DraftConfigurationRequest { files, by: args.by };
    let problems = client.draft_configuration(request).await.map_err(refused)?.into_inner().problems.len();
    writeln!(
        out,
        "the files are the draft; {problems} mistakes. `config diff --draft` shows what is otherwise"
    )?;
    Ok(())
}

/// For a published version that keeps the switch from starting: the files are its successor, and checked at the start.
fn take_when_stopped(store: &Store, files: Files, out: &mut impl Write) -> anyhow::Result<()> {
    let number = store.numbers()?.last().copied().unwrap_or(0) + 1;
    let version = Version {
        version: number,
        at_us: Timestamp::now().as_microsecond(),
        by: BY_FILE.to_owned(),
        comment: "imported while the switch was stopped".to_owned(),
        rolled_back_to: None,
    };
    store.set_seen(&files)?;
    store.write(&Kept { version, files })?;
    writeln!(out, "version {number} holds at the next start")?;
    Ok(())
}

/// The call centre's part of a switch's files.
fn files_of(config: &Path) -> anyhow::Result<Files> {
    let read = |file: &Path| {
        std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))
    };
    let (name, text) = (config.display().to_string(), read(config)?);
    let parsed = config::parse(&text, &name)?;
    let mut files = Files::from([(CENTRE.to_owned(), centre_part(&text, &name)?)]);
    let base = config.parent().unwrap_or(Path::new("."));
    files.extend(flows_in(&base.join(parsed.flows.directory.get_ref()))?);
    Ok(files)
}

fn flows_in(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("failed to read {}", folder.display()))?;
    let mut flows = Vec::new();
    for entry in entries {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("failed to read {}", file.display()))?;
            flows.push((format!("{FLOWS}{name}"), text));
        }
    }
    Ok(flows)
}

/// A file called centre.toml is that; any other one is a flow.
fn read_all(paths: &[PathBuf]) -> anyhow::Result<Vec<wire::ConfigurationFile>> {
    let mut files = Files::new();
    for path in paths {
        if path.is_dir() {
            let centre = path.join(CENTRE);
            if centre.exists() {
                files.insert(CENTRE.to_owned(), std::fs::read_to_string(centre)?);
            }
            let flows = path.join(FLOWS);
            if flows.exists() {
                files.extend(flows_in(&flows)?);
            }
            continue;
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = if name == CENTRE { name } else { format!("{FLOWS}{name}") };
        let text =
            std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
        files.insert(name, text);
    }
    if files.is_empty() {
        bail!("nothing to read; allowed: {CENTRE}, flow files, a folder with {CENTRE} and {FLOWS}");
    }
    Ok(files.into_iter().map(|(name, text)| wire::ConfigurationFile { name, text }).collect())
}

fn tell_published(answer: &wire::PublishConfigurationResponse, out: &mut impl Write) -> anyhow::Result<()> {
    let version = answer.version.as_ref().map_or(0, |version| version.version);
    match answer.unchanged {
        true => writeln!(out, "nothing is otherwise: version {version} holds")?,
        false => writeln!(out, "version {version} holds")?,
    }
    tell_changes(&answer.changes, out)
}

fn tell_changes(changes: &[events::ConfigChange], out: &mut impl Write) -> anyhow::Result<()> {
    for change in changes {
        let how = match change.how() {
            events::ChangeKind::Added => "+",
            events::ChangeKind::Removed => "-",
            events::ChangeKind::Changed | events::ChangeKind::Unspecified => "~",
        };
        writeln!(out, "{how} {} {}", change.what, change.id)?;
    }
    Ok(())
}
