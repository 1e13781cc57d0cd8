//! `[voicemail]`, `[[mailbox]]` and voicemail nodes: what holds, and what is told of what does not.

use careline_model::config::plan::MailboxOwner;
use careline_model::config::{ConfigError, Plan, check, parse, parse_flow};
use careline_model::event::GreetingReason;

const SWITCH: &str = "[voicemail]\nnumber = \"9197\"\n\
    [[queue]]\nid = \"general\"\nname = \"general\"\n\
    [[hours]]\nid = \"office\"\nweekly = { mon = [\"08:00-18:00\"] }\n\
    [[agent]]\nid = \"1001\"\nname = \"a\"\npassword = \"a\"\npin = \"2580\"\nqueues = [\"general\"]\n\
    [[mailbox]]\nid = \"box\"\nname = \"box\"\nqueue = \"general\"\nhours = \"office\"\nbusy = [\"busy\", \"leave\"]\n\
    closed = [\"closed\"]\n";
const FLOW: &str = "id = \"main\"\nversion = 1\nstart = \"word\"\n\
    [node.word]\nkind = \"voicemail\"\nmailbox = \"box\"\nreason = \"holiday\"\nnext = \"bye\"\n\
    [node.bye]\nkind = \"hangup\"\n";

fn load(switch: &str, flow: &str) -> Result<Plan, Vec<ConfigError>> {
    let config = parse(switch, "switch.toml").map_err(|error| vec![error])?;
    let flow = parse_flow(flow, "main.toml").map_err(|error| vec![error])?;
    check(&config, &[flow], &|prompt| prompt != "missing")
}

#[test]
fn a_mailbox_has_an_owner_greetings_and_limits() {
    let plan = load(SWITCH, FLOW).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let mailbox = plan.mailboxes.values().next().expect("one");
    assert_eq!(mailbox.owner, MailboxOwner::Queue("general".into()));
    let said = |reason| mailbox.greetings[&reason].iter().map(|one| one.to_string()).collect::<Vec<_>>();
    assert_eq!(said(GreetingReason::Busy), ["busy", "leave"]);
    assert_eq!(said(GreetingReason::Closed), ["closed"]);
    assert_eq!(said(GreetingReason::Holiday), ["closed"], "as closed when nothing else is written");
    let limits = (mailbox.min, mailbox.max, mailbox.silence).map_secs();
    assert_eq!((limits, mailbox.messages_max, mailbox.due.as_secs()), ((2, 180, 6), 100, 14_400));
    let agent = plan.agents.values().next().expect("one");
    assert!(mailbox.owner.admits(agent));
    assert_eq!(&*plan.voicemail.words.beep, "beep");
}

trait Seconds {
    fn map_secs(self) -> (u64, u64, u64);
}

impl Seconds for (std::time::Duration, std::time::Duration, std::time::Duration) {
    fn map_secs(self) -> (u64, u64, u64) {
        (self.0.as_secs(), self.1.as_secs(), self.2.as_secs())
    }
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let mistakes = [
        ("queue = \"general\"\nhours", "hours", "a mailbox has one owner"),
        ("queue = \"general\"\nhours", "agent = \"9\"\nhours", "agent `9` is not known"),
        ("hours = \"office\"\nbusy", "hours = \"night\"\nbusy", "hours `night` are not known"),
        ("busy = [\"busy\", \"leave\"]", "busy = []", "has 0 prompts"),
        ("\"leave\"", "\"missing\"", "prompt `missing` is missing"),
        ("closed = [\"closed\"]", "max_s = 5\nmin_s = 5", "is no less than max_s"),
        ("closed = [\"closed\"]", "messages_max = 0", "0 is out of range"),
        ("number = \"9197\"", "number = \"1001\"", "`1001` is somebody else's"),
        ("number = \"9197\"", "number = \"x\"", "`x` is no number"),
        ("pin = \"2580\"", "pin = \"25\"", "the PIN of agent `1001` is none"),
    ];
    for (from, to, told) in mistakes {
        let errors = load(&SWITCH.replacen(from, to, 1), FLOW).expect_err(to);
        assert!(errors.iter().any(|error| error.to_string().contains(told)), "{to}: {errors:#?}");
    }
    for (from, to, told) in [
        ("mailbox = \"box\"", "mailbox = \"bx\"", "mailbox `bx` is not known"),
        ("reason = \"holiday\"", "reason = \"late\"", "`late` is not known"),
        ("next = \"bye\"", "nxt = \"bye\"", "is no key of a voicemail node"),
    ] {
        let errors = load(SWITCH, &FLOW.replacen(from, to, 1)).expect_err(to);
        assert!(errors.iter().any(|error| error.to_string().contains(told)), "{to}: {errors:#?}");
    }
}
