//! `careline-switch events`: the journal for people and for scripts, from a running switch or from its file.
//!
//! Lines for people show callers shortened; `--json` shows everything, one object a line.

use crate::journal::{self, JournalError, Numbered, Position, Reader};
use anyhow::{Context, bail};
use careline_model::{CallerName, Event, Number};
use careline_rpc::Received;
use careline_rpc::proto::switch_control::v1::SnapshotRequest;
use careline_rpc::proto::switch_control::v1::switch_control_client::SwitchControlClient;
use careline_rpc::proto::switch_events::v1 as wire;
use careline_rpc::proto::switch_events::v1::switch_events_client::SwitchEventsClient;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a followed file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Without `--follow`, a running switch that sends nothing for so long has nothing more.
const QUIET_MAX: Duration = Duration::from_secs(1);

/// Which events, from where, in which form.
#[derive(Debug, Clone, clap::Args)]
pub struct EventsArgs {
    /// Asks a running switch at this address.
    #[arg(long, default_value = "127.0.0.1:7060", conflicts_with = "journal")]
    pub rpc: SocketAddr,
    /// Reads this journal file; the switch may run or not.
    #[arg(long)]
    pub journal: Option<PathBuf>,
    /// Goes on with what happens from now on.
    #[arg(long)]
    pub follow: bool,
    /// One JSON object a line, with full numbers.
    #[arg(long)]
    pub json: bool,
    /// Only events after this number.
    #[arg(long)]
    pub after: Option<u64>,
    /// The zone of the printed times.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub timezone: String,
}

/// Prints to standard output until the end, or for ever with `--follow`. A reader that closes the pipe ends it well.
///
/// # Errors
/// When the switch or the file cannot be read, or the zone is unknown.
pub async fn run(args: EventsArgs) -> anyhow::Result<()> {
    let ended = print_to(&args, &mut io::stdout()).await;
    match ended {
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(is_broken_pipe) => Ok(()),
        other => other,
    }
}

fn is_broken_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

async fn print_to(args: &EventsArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let zone = TimeZone::get(&args.timezone).with_context(|| format!("--timezone {}", args.timezone))?;
    let mut printer = Printer { out, json: args.json, zone };
    match &args.journal {
        Some(file) => from_file(args, file, &mut printer).await,
        None => from_switch(args, &mut printer).await,
    }
}

async fn from_file(
    args: &EventsArgs,
    file: &Path,
    printer: &mut Printer<'_, impl Write>,
) -> anyhow::Result<()> {
    let (reader, mut head) =
        open(file).await.with_context(|| format!("failed to read the journal {}", file.display()))?;
    let number = match args.after {
        Some(after) => after,
        None => reader.before_oldest().await?,
    };
    let mut after = Position { epoch: head.epoch, number };
    loop {
        while after.number < head.number {
            for numbered in reader.page(after, head.number).await? {
                after = numbered.position;
                printer.print(numbered)?;
            }
        }
        printer.out.flush()?;
        if !args.follow {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
        head = reader.head().await?.1;
        after.epoch = head.epoch;
    }
}

async fn open(file: &Path) -> Result<(Reader, Position), JournalError> {
    let reader = Reader::open(file, false)?;
    match reader.head().await {
        Ok((_, head)) => Ok((reader, head)),
        // Where nobody may write, a file can be read only as one that never changes; with a log beside it, it does.
        Err(_) if !journal::has_log(file) => {
            let reader = Reader::open(file, true)?;
            let head = reader.head().await?.1;
            Ok((reader, head))
        }
        Err(error) => Err(error),
    }
}

async fn from_switch(args: &EventsArgs, printer: &mut Printer<'_, impl Write>) -> anyhow::Result<()> {
    let address = format!("http://{}", args.rpc);
    let channel = tonic::transport::Endpoint::from_shared(address)?
        .connect()
        .await
        .with_context(|| format!("no switch answers at {}; is it running?", args.rpc))?;
    let snapshot = SwitchControlClient::new(channel.clone()).snapshot(SnapshotRequest {}).await?.into_inner();
    let after = args.after.map(|number| wire::Position { epoch: snapshot.epoch, number });
    if args.after.is_some_and(|after| after > snapshot.number) {
        bail!("--after {}: the journal has {} events", args.after.unwrap_or_default(), snapshot.number);
    }
    // Without a name nothing is kept for us.
    let request = wire::SubscribeRequest { subscriber: String::new(), after };
    let mut stream = SwitchEventsClient::new(channel).subscribe(request).await?.into_inner();
    let mut last = args.after.unwrap_or(0);
    while args.follow || last < snapshot.number {
        let message = if args.follow {
            stream.message().await?
        } else {
            let Ok(message) = tokio::time::timeout(QUIET_MAX, stream.message()).await else { break };
            message?
        };
        let Some(message) = message else { break };
        let received = Received::try_from(message)?;
        last = received.number;
        printer.print(local(received))?;
    }
    printer.out.flush()?;
    Ok(())
}

fn local(received: Received) -> Numbered {
    let fact = match received.fact {
        careline_rpc::Fact::Event(event) => journal::Fact::Event(event),
        careline_rpc::Fact::Omitted(count) => journal::Fact::Omitted(count),
    };
    let position = Position { epoch: received.epoch, number: received.number };
    Numbered { position, epoch_changed: received.epoch_changed, fact }
}

struct Printer<'a, W> {
    out: &'a mut W,
    json: bool,
    zone: TimeZone,
}

impl<W: Write> Printer<'_, W> {
    fn print(&mut self, numbered: Numbered) -> anyhow::Result<()> {
        let line = if self.json { json_line(numbered)? } else { human_line(numbered, &self.zone)? };
        writeln!(self.out, "{line}")?;
        Ok(())
    }
}

fn json_line(numbered: Numbered) -> anyhow::Result<String> {
    let mut fields = match numbered.fact {
        journal::Fact::Event(event) => object(&event)?,
        journal::Fact::Omitted(count) => {
            Map::from_iter([("kind".to_owned(), json!("omitted")), ("count".to_owned(), json!(count))])
        }
    };
    fields.insert("epoch".to_owned(), json!(numbered.position.epoch));
    fields.insert("number".to_owned(), json!(numbered.position.number));
    Ok(Value::Object(fields).to_string())
}

fn human_line(numbered: Numbered, zone: &TimeZone) -> anyhow::Result<String> {
    let number = numbered.position.number;
    let event = match numbered.fact {
        journal::Fact::Omitted(count) => return Ok(format!("{:23} #{number:<8} omitted {count}", "")),
        journal::Fact::Event(event) => event,
    };
    let at = Timestamp::from_microsecond(event.at_us)?.to_zoned(zone.clone());
    let mut fields = object(&event)?;
    fields.remove("at_us");
    let kind = fields.remove("kind").unwrap_or_default();
    let mut line = format!("{} #{number:<8} {:<20}", at.strftime("%Y-%m-%d %H:%M:%S%.3f"), plain(&kind));
    let call = fields.remove("call").map(|call| ("call".to_owned(), call));
    for (key, value) in call.into_iter().chain(fields) {
        let text = match key.as_str() {
            "caller" | "to" => Number::from(plain(&value).as_str()).to_string(),
            "caller_name" => CallerName::from(plain(&value).as_str()).to_string(),
            "call" | "recording" => tail(&plain(&value)),
            "entry" => without_numbers(value),
            _ => plain(&value),
        };
        write!(line, " {key}={text}")?;
    }
    Ok(line)
}

fn object(event: &Event) -> anyhow::Result<Map<String, Value>> {
    match serde_json::to_value(event)? {
        Value::Object(fields) => Ok(fields),
        other => bail!("an event became {other}"),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

/// An entry of a caller list, its numbers shortened.
fn without_numbers(mut entry: Value) -> String {
    let numbers = entry.get_mut("pattern").and_then(Value::as_object_mut).into_iter();
    for number in numbers.flat_map(|pattern| pattern.values_mut()) {
        *number = json!(Number::from(plain(number).as_str()).to_string());
    }
    entry.to_string()
}

/// The last group of a UUID and what follows: short, and found again in the whole.
fn tail(id: &str) -> String {
    id.get(24..).unwrap_or(id).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc;
    use crate::journal::{Journal, JournalOptions};
    use careline_model::event::AgentIntent;
    use careline_model::snapshot::Snapshot;
    use careline_model::{CallId, EventBody};

    fn args(journal: &Path, json: bool) -> EventsArgs {
        EventsArgs {
            rpc: ([127, 0, 0, 1], 7060).into(),
            journal: Some(journal.into()),
            follow: false,
            json,
            after: None,
            timezone: "Asia/Shanghai".into(),
        }
    }

    async fn printed(args: &EventsArgs) -> Vec<String> {
        let mut out = Vec::new();
        print_to(args, &mut out).await.expect("it prints");
        String::from_utf8(out).expect("text").lines().map(str::to_owned).collect()
    }

    async fn written(folder: &tempfile::TempDir) -> Journal {
        let options = JournalOptions::new(folder.path().join("journal.sqlite"), "switch-1".into());
        let (journal, _) = Journal::open(options).await.expect("the journal opens");
        let call: CallId = "0190a5b0-1111-7abc-8def-0123456789ab".parse().expect("a UUID");
        let body = EventBody::CallOffered {
            call,
            caller: "+8613812345678".into(),
            caller_name: "王小明".into(),
            dialled: "12320".into(),
            line: "main".into(),
            medium: "web".into(),
            trunk: None,
        };
        journal.append(Event { at_us: 1_772_296_200_123_456, body });
        let (agent, intent) = ("1001".into(), AgentIntent::NotReady("lunch".into()));
        let (work, device) =
            (careline_model::event::AgentWork::Idle, careline_model::event::AgentDevice::Registered);
        journal.append(Event { at_us: 0, body: EventBody::AgentState { agent, intent, work, device } });
        assert!(journal.flush().await);
        journal
    }

    #[tokio::test]
    async fn people_read_local_time_and_no_number() {
        let folder = tempfile::tempdir().unwrap();
        let journal = written(&folder).await;
        let lines = printed(&args(&folder.path().join("journal.sqlite"), false)).await;
        assert_eq!(
            lines[0],
            "2026-03-01 00:30:00.123 #1        call_offered         call=0123456789ab caller=…78 caller_name=… \
             dialled=12320 line=main medium=web trunk=-"
        );
        assert!(
            lines[1].contains("#2") && lines[1].contains("intent={\"not_ready\":\"lunch\"}"),
            "{}",
            lines[1]
        );
        assert_eq!(lines.len(), 2);
        journal.close().await;
    }

    #[test]
    fn people_read_no_number_that_was_dialled() {
        let call: CallId = "0190a5b0-1111-7abc-8def-0123456789ab".parse().expect("a UUID");
        let to = || Number::from("+8613812345678");
        let direction = careline_model::event::CallDirection::Outbound;
        let agent = || "1001".into();
        for body in [
            EventBody::CallDialled { call, agent: agent(), direction, to: to(), trunk_group: None },
            EventBody::TransferStarted { call, agent: agent(), to: to(), attended: true },
        ] {
            let position = Position { epoch: 1, number: 1 };
            let fact = journal::Fact::Event(Event { at_us: 0, body });
            let line = human_line(Numbered { position, epoch_changed: false, fact }, &TimeZone::UTC).unwrap();
            assert!(line.contains(" to=…78") && !line.contains("3812345"), "{line}");
        }
    }

    #[test]
    fn people_read_no_number_of_a_list() {
        use careline_model::screening::{BlockAction, ListChange, ListEntry, ListKind, Pattern, Scope};
        let entry = ListEntry {
            list: ListKind::Protected,
            pattern: Pattern::Number(Number::from("+8613812345678")),
            scope: Scope::All,
            reason: "open complaint".into(),
            until_us: None,
            action: BlockAction::Busy,
        };
        let body = EventBody::CallerListChanged {
            change: ListChange::Set,
            entry: Box::new(entry),
            by: "3001".into(),
        };
        let position = Position { epoch: 1, number: 1 };
        let fact = journal::Fact::Event(Event { at_us: 0, body });
        let line = human_line(Numbered { position, epoch_changed: false, fact }, &TimeZone::UTC).unwrap();
        assert!(line.contains("…78") && line.contains("open complaint"), "{line}");
        assert!(!line.contains("3812345"), "{line}");
    }

    #[tokio::test]
    async fn scripts_read_everything_while_the_switch_runs_and_after() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal.sqlite");
        let journal = written(&folder).await;
        let epoch = journal.head().0;
        let live = printed(&args(&file, true)).await;
        journal.close().await;
        let closed = printed(&args(&file, true)).await;
        assert_eq!(live, closed);
        let first: Value = serde_json::from_str(&live[0]).unwrap();
        assert_eq!(first["epoch"], epoch);
        assert_eq!((&first["number"], &first["at_us"]), (&json!(1), &json!(1_772_296_200_123_456_i64)));
        assert_eq!((&first["kind"], &first["caller"]), (&json!("call_offered"), &json!("+8613812345678")));
        let after = EventsArgs { after: Some(1), ..args(&file, true) };
        assert_eq!(printed(&after).await, live[1..]);
    }

    #[tokio::test]
    async fn a_running_switch_is_asked_and_keeps_nothing_for_us() {
        let folder = tempfile::tempdir().unwrap();
        let journal = written(&folder).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let rpc = listener.local_addr().unwrap();
        let (control, mut driver) = tokio::sync::mpsc::channel(1);
        let kept = careline_media::archive::ArchiveConfig::new(folder.path().into());
        let library = std::sync::Arc::new(careline_media::archive::Library::new(&kept));
        let recordings =
            grpc::RecordingsOptions { directory: folder.path().into(), timezone: TimeZone::UTC, library };
        tokio::spawn(grpc::serve(
            listener,
            journal.clone(),
            control,
            grpc::Services { recordings, trace: None, configuration: None, statistics: None },
            std::future::pending(),
        ));
        let (epoch, number) = journal.head();
        tokio::spawn(async move {
            while let Some(grpc::ControlRequest::Snapshot(reply)) = driver.recv().await {
                let _ = reply.send(grpc::SnapshotReply { epoch, number, snapshot: Snapshot::default() });
            }
        });
        let file = args(&folder.path().join("journal.sqlite"), true);
        let live = EventsArgs { rpc, journal: None, ..file.clone() };
        assert_eq!(printed(&live).await, printed(&file).await);
        let none = EventsArgs { after: Some(2), ..live.clone() };
        assert!(printed(&none).await.is_empty());
        let beyond = EventsArgs { after: Some(3), ..live };
        assert!(print_to(&beyond, &mut Vec::new()).await.is_err());
    }

    #[tokio::test]
    async fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("nothing.sqlite");
        let error = print_to(&args(&missing, false), &mut Vec::new()).await.unwrap_err();
        assert!(format!("{error:#}").contains("nothing.sqlite"), "{error:#}");
    }
}
