//! Who is told what, and when the pop goes out.

use crate::facts::*;
use careline_desk::hub::{
    Action, CLOSE_SIGNED_OUT, CLOSE_SUPERSEDED, Input, Me, PAGES_MAX, POP_WAIT_MAX, PageId, Room, Row,
    ServerBody, ServerMessage, TransferEndedWord,
};
use careline_desk::pop::{Candidate, Findings, Offer, SexWord};
use careline_desk::rights::{Role, Roles, may};
use careline_desk::storage::StorageHealth;
use careline_model::event::{CallDirection, OfferOutcome, TransferOutcome};
use careline_model::{EventBody, Now, OfferId};

struct Story {
    room: Room,
    now: Now,
}

impl Story {
    fn new() -> Self {
        let mut room = Room::new([SWITCH.to_owned()], StorageHealth::Ok);
        let now = start();
        room.handle(Input::Snapshot { switch: SWITCH.into(), snapshot: quiet() }, now);
        Self { room, now }
    }

    fn open(&mut self, account: &str, agent: Option<&str>) -> (PageId, Vec<Action>) {
        self.room.open(me(account, agent), format!("cookie of {account}"), self.now).unwrap()
    }

    fn tell(&mut self, body: EventBody) -> Vec<Action> {
        self.input(Input::Event { switch: SWITCH.into(), event: at(0, body) })
    }

    fn input(&mut self, input: Input) -> Vec<Action> {
        self.room.handle(input, self.now)
    }

    fn found(&mut self, number: u64, findings: Option<Findings>) -> Vec<Action> {
        self.input(Input::Found { call: call(number), number: NUMBER.into(), findings })
    }

    fn pass(&mut self, ms: u64) {
        self.now = later(self.now, ms);
    }
}

fn me(account: &str, agent: Option<&str>) -> Me {
    let roles = Roles::from(if agent.is_some() { Role::Agent } else { Role::Supervisor });
    Me {
        account: account.into(),
        login: account.into(),
        name: account.into(),
        may: may(&roles),
        roles,
        agent: agent.map(str::to_owned),
    }
}

fn persons(names: &[&str]) -> Option<Findings> {
    let candidate = |name: &&str| Candidate {
        person: format!("id of {name}"),
        name: (*name).to_owned(),
        sex: SexWord::Unknown,
        age: None,
        record_number: None,
        relation: Some("self".into()),
        reasons: vec!["owner".into()],
        score: 20,
        alert: String::new(),
        deceased: false,
        phones: vec![MASKED.into()],
        contacts: Vec::new(),
    };
    Some(Findings { candidates: names.iter().map(candidate).collect(), ..Findings::default() })
}

fn sent_to(page: PageId, actions: &[Action]) -> Vec<&ServerMessage> {
    let sent = actions.iter().filter_map(|action| match action {
        Action::Send(to, message) if *to == page => Some(message),
        _ => None,
    });
    sent.collect()
}

fn offers_to(page: PageId, actions: &[Action]) -> Vec<Offer> {
    let offers = sent_to(page, actions).into_iter().filter_map(|message| match &message.body {
        ServerBody::Offer { offer } => Some((**offer).clone()),
        _ => None,
    });
    offers.collect()
}

fn rows(actions: &[Action]) -> Vec<&Row> {
    let rows = actions.iter().filter_map(|action| match action {
        Action::Write(row) => Some(row),
        _ => None,
    });
    rows.collect()
}

#[test]
fn the_pop_is_ready_before_the_phone_rings() {
    let mut story = Story::new();
    let (page, actions) = story.open("wang", Some("1001"));
    assert!(matches!(sent_to(page, &actions)[0], ServerMessage { seq: 1, body: ServerBody::Snapshot(_) }));

    let actions = story.tell(offered(1, NUMBER, "<b>x</b>"));
    assert_eq!(actions, [Action::Find(call(1), NUMBER.into())], "an agent hears nothing of others' calls");
    story.found(1, persons(&["王小明", "王大明"]));
    story.tell(node(1, "menu"));
    story.tell(queued(1));
    let actions = story.tell(offer(1, 7, "1001"));
    let offers = offers_to(page, &actions);
    let [offer] = offers.as_slice() else { panic!("{actions:?}") };
    assert_eq!((offer.offer, offer.offered_us), (7, START_US));
    let pop = &offer.pop;
    assert_eq!(
        (pop.caller_masked.as_str(), pop.caller_name.as_str(), pop.stale),
        (MASKED, "<b>x</b>", false)
    );
    assert_eq!((pop.candidates.len(), pop.ivr.as_slice()), (2, &["menu".to_owned()][..]));
    assert!(matches!(rows(&actions)[0], Row::PopSent { candidates: 2, .. }));

    let painted = Input::Painted { page, call: call(1), offer: OfferId(7) };
    assert!(matches!(rows(&story.input(painted.clone()))[0], Row::PopPainted { .. }));
    assert_eq!(story.input(painted), [], "once");
    let other = Input::Painted { page, call: call(2), offer: OfferId(7) };
    assert_eq!(story.input(other), [], "a page paints only what it was sent");

    // Two candidates: the agent chooses.
    story.tell(offer_ended(1, 7, "1001", OfferOutcome::Answered));
    assert_eq!(rows(&story.tell(connected(1, "1001"))), Vec::<&Row>::new());
}

#[test]
fn whom_no_queue_brought_is_on_the_screen_all_the_same() {
    let mut story = Story::new();
    let (first, _) = story.open("wang", Some("1001"));
    let (second, _) = story.open("li", Some("1002"));
    story.tell(offered(1, NUMBER, ""));
    story.found(1, persons(&["王小明"]));
    for body in answered(1, "1001") {
        story.tell(body);
    }
    for body in passed_on(1, "1001", "1002", TransferOutcome::Connected) {
        story.tell(body);
    }
    let actions = story.tell(connected(1, "1002"));
    let offers = offers_to(second, &actions);
    let [offer] = offers.as_slice() else { panic!("{actions:?}") };
    assert_eq!(offer.pop.candidates[0].name, "王小明", "the patient came with the call");

    // 1001 dials: the patient's file opens; a colleague's does not.
    story.tell(dialled(2, "1001", CallDirection::Outbound, NUMBER));
    story.found(2, persons(&["王小明"]));
    assert_eq!(offers_to(first, &story.tell(connected(2, "1001"))).len(), 1);
    story.tell(ended(2));
    story.tell(dialled(3, "1001", CallDirection::Internal, "1002"));
    assert_eq!(offers_to(first, &story.tell(connected(3, "1001"))).len(), 0);
}

#[test]
fn who_passes_a_call_on_hears_how_that_went() {
    let mut story = Story::new();
    let (first, _) = story.open("wang", Some("1001"));
    let (second, _) = story.open("li", Some("1002"));
    story.tell(offered(1, NUMBER, ""));
    for body in answered(1, "1001") {
        story.tell(body);
    }
    let mut pass = |to: &str, outcome| {
        let [started, ended] = passed_on(1, "1001", to, outcome);
        story.tell(started);
        let actions = story.tell(ended);
        let bodies = |page| sent_to(page, &actions).into_iter().map(|message| message.body.clone());
        assert_eq!(bodies(second).count(), 0, "the third party sees the call itself");
        let told: Vec<ServerBody> = bodies(first).collect();
        story.tell(connected(1, "1001"));
        told
    };
    let id = call(1).to_string();
    let gone = ServerBody::CallGone { call: id.clone() };
    let told = |to: &str, outcome| ServerBody::TransferEnded { call: id.clone(), to: to.into(), outcome };

    assert_eq!(pass("1002", TransferOutcome::Busy), [told("李娜", TransferEndedWord::Busy), gone.clone()]);
    // It came back to her, and goes to somebody outside: no full number.
    assert_eq!(pass(NUMBER, TransferOutcome::Connected), [told(MASKED, TransferEndedWord::Connected), gone]);
    let again = EventBody::TransferEnded { call: call(1), outcome: TransferOutcome::Busy, ring_ms: 1 };
    assert_eq!(
        sent_to(first, &story.tell(again)).len(),
        1,
        "only that the call is gone: nobody passed it on"
    );
}

#[test]
fn the_only_candidate_is_taken_when_they_talk() {
    let mut story = Story::new();
    story.open("wang", Some("1001"));
    story.tell(offered(1, NUMBER, ""));
    story.found(1, persons(&["王小明"]));
    let mut actions = Vec::new();
    for body in answered(1, "1001") {
        actions.extend(story.tell(body));
    }
    let only: Vec<_> =
        rows(&actions).into_iter().filter(|row| matches!(row, Row::OnlyCandidate { .. })).collect();
    let Row::OnlyCandidate { person, account, .. } = only[0] else { panic!() };
    assert_eq!((only.len(), person.as_str(), account.as_str()), (1, "id of 王小明", "wang"));

    // Somebody chose before they talked: nothing is taken for granted.
    story.tell(offered(2, NUMBER, ""));
    story.found(2, persons(&["王小明"]));
    story.input(Input::Chosen { call: call(2), person: "another".into() });
    let actions: Vec<Action> = answered(2, "1001").into_iter().flat_map(|body| story.tell(body)).collect();
    assert!(!rows(&actions).iter().any(|row| matches!(row, Row::OnlyCandidate { .. })));
}

#[test]
fn a_slow_database_shows_the_number_first_and_the_rest_when_it_comes() {
    let mut story = Story::new();
    let (page, _) = story.open("wang", Some("1001"));
    story.tell(offered(1, NUMBER, ""));
    assert_eq!(offers_to(page, &story.tell(offer(1, 7, "1001"))), []);
    assert_eq!(story.room.next_deadline(), Some(story.now.instant + POP_WAIT_MAX));
    story.pass(100);
    let offers = offers_to(page, &story.input(Input::Deadline));
    assert_eq!((offers.len(), offers[0].pop.stale, offers[0].pop.caller_masked.as_str()), (1, true, MASKED));
    assert_eq!(story.room.next_deadline(), None);
    story.pass(900);
    let offers = offers_to(page, &story.found(1, persons(&["王小明"])));
    assert_eq!((offers.len(), offers[0].pop.stale), (1, false));
    assert_eq!(offers_to(page, &story.found(1, persons(&["王小明"]))), [], "it is whole");
}

#[test]
fn a_database_that_fails_is_asked_again() {
    let mut story = Story::new();
    let (page, _) = story.open("wang", Some("1001"));
    story.tell(offered(1, NUMBER, ""));
    story.tell(offer(1, 7, "1001"));
    let offers = offers_to(page, &story.found(1, None));
    assert_eq!((offers.len(), offers[0].pop.stale), (1, true), "nobody waits for what will not come");
    story.pass(1000);
    assert_eq!(story.input(Input::Deadline), [Action::Find(call(1), NUMBER.into())]);
    story.found(1, None);

    // Not a second is lost when the database is back.
    story.input(Input::Storage(StorageHealth::ReadOnly));
    story.input(Input::NotWritten(Row::PopPainted { call: call(1), offer: OfferId(7), at_us: 1 }));
    let actions = story.input(Input::Storage(StorageHealth::Ok));
    let told = sent_to(page, &actions).into_iter().map(|message| message.body.clone()).collect::<Vec<_>>();
    assert_eq!(told, [ServerBody::Storage { storage: StorageHealth::Ok }]);
    assert!(actions.contains(&Action::Find(call(1), NUMBER.into())), "{actions:?}");
    assert!(matches!(rows(&actions)[0], Row::PopPainted { at_us: 1, .. }));
    assert_eq!(offers_to(page, &story.found(1, persons(&[]))).len(), 1);
}

#[test]
fn a_row_that_was_refused_for_a_moment_is_written_a_moment_later() {
    let mut story = Story::new();
    let row = Row::PopPainted { call: call(1), offer: OfferId(7), at_us: 1 };
    assert_eq!(story.input(Input::NotWritten(row.clone())), []);
    assert_eq!(story.input(Input::Deadline), []);
    story.pass(1000);
    assert_eq!(story.input(Input::Deadline), [Action::Write(row)]);
    assert_eq!(story.room.next_deadline(), None);
}

#[test]
fn a_page_that_opens_while_the_phone_rings_has_the_offer_at_once() {
    let mut story = Story::new();
    story.tell(offered(1, NUMBER, ""));
    story.found(1, persons(&["王小明"]));
    story.tell(queued(1));
    story.tell(offer(1, 7, "1001"));
    let (page, actions) = story.open("wang", Some("1001"));
    let [ServerMessage { body: ServerBody::Snapshot(snapshot), .. }] = sent_to(page, &actions)[..] else {
        panic!("{actions:?}")
    };
    let offer = snapshot.offer.as_ref().unwrap();
    assert_eq!((offer.offer, offer.pop.candidates.len()), (7, 1));
    assert_eq!((snapshot.calls.len(), snapshot.agents.len()), (1, 1), "its own");
    assert!(matches!(rows(&actions)[0], Row::PopSent { .. }));
    let actions = story.tell(offer_ended(1, 7, "1001", OfferOutcome::NoAnswer));
    let bodies: Vec<&ServerBody> = sent_to(page, &actions).into_iter().map(|message| &message.body).collect();
    assert!(bodies.iter().any(|body| matches!(body, ServerBody::OfferEnded { offer: 7, .. })), "{bodies:?}");
    assert!(bodies.iter().any(|body| matches!(body, ServerBody::CallGone { .. })), "{bodies:?}");
}

#[test]
fn an_agent_sees_own_calls_and_a_supervisor_all() {
    let mut story = Story::new();
    let (wang, _) = story.open("wang", Some("1001"));
    let (li, _) = story.open("li", Some("1002"));
    let (chief, _) = story.open("chief", None);
    let (second, _) = story.open("chief", None);
    let (mut told, mut last) = ([0; 4], Vec::new());
    let mut bodies = vec![offered(1, NUMBER, "")];
    bodies.extend(answered(1, "1001"));
    bodies.extend([ended(1), recorded(1)]);
    for body in bodies {
        let actions = story.tell(body);
        for (count, page) in told.iter_mut().zip([wang, li, chief, second]) {
            let about_calls = |message: &&ServerMessage| {
                !matches!(message.body, ServerBody::Queue { .. } | ServerBody::Storage { .. })
            };
            *count += sent_to(page, &actions).into_iter().filter(about_calls).count();
        }
        last = actions;
        story.found(1, persons(&[]));
    }
    assert_eq!(told[1], 0, "nothing of it is of agent 1002");
    assert!(told[0] > 4 && told[2] > 4 && told[2] == told[3], "{told:?}");
    let hears = |page| !sent_to(page, &last).is_empty();
    assert_eq!([wang, li, chief].map(hears), [true, false, true], "a recording is closed after its call");
}

#[test]
fn the_newest_page_of_an_agent_is_the_only_one() {
    let mut story = Story::new();
    let (old, _) = story.open("wang", Some("1001"));
    let (new, actions) = story.open("wang", Some("1001"));
    assert!(matches!(sent_to(old, &actions)[0].body, ServerBody::Superseded {}));
    assert!(actions.contains(&Action::Close(old, CLOSE_SUPERSEDED)));
    story.tell(offered(1, NUMBER, ""));
    story.found(1, persons(&[]));
    let actions = story.tell(offer(1, 7, "1001"));
    assert_eq!((offers_to(old, &actions).len(), offers_to(new, &actions).len()), (0, 1));
    let actions = story.input(Input::SignedOut { sign_in: "cookie of wang".into() });
    assert_eq!(actions, [Action::Close(new, CLOSE_SIGNED_OUT)]);
}

#[test]
fn numbers_of_messages_have_no_gap() {
    let mut story = Story::new();
    let (page, actions) = story.open("chief", None);
    let mut seen: Vec<u64> = sent_to(page, &actions).iter().map(|message| message.seq).collect();
    for body in [offered(1, NUMBER, ""), queued(1), offer(1, 1, "1001"), ended(1)] {
        seen.extend(sent_to(page, &story.tell(body)).iter().map(|message| message.seq));
    }
    let actions = story.input(Input::Snapshot { switch: SWITCH.into(), snapshot: quiet() });
    seen.extend(sent_to(page, &actions).iter().map(|message| message.seq));
    seen.extend(sent_to(page, &story.room.pong(page)).iter().map(|message| message.seq));
    assert_eq!(seen, (1..=u64::try_from(seen.len()).unwrap()).collect::<Vec<_>>());
}

#[test]
fn pages_are_bounded() {
    let mut story = Story::new();
    for page in 0..PAGES_MAX {
        story.open(&format!("chief {page}"), None);
    }
    assert!(story.room.open(me("one more", None), String::new(), story.now).is_err());
    story.input(Input::PageClosed(PageId(1)));
    story.open("one more", None);
}
