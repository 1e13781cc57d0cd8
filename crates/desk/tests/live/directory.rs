//! What a switch is told of a caller.

use crate::facts::*;
use careline_daemon::Clock;
use careline_desk::directory::{LABEL_CHARS_MAX, LOOK_UP_MAX, serve};
use careline_desk::hub::Hub;
use careline_desk::storage::{NewPerson, Store};
use careline_rpc::proto::directory::v1 as wire;
use std::time::Instant;
use tokio::net::TcpListener;
use tonic::Code;
use tonic::transport::Channel;
use wire::directory_client::DirectoryClient;

struct World {
    _database: careline_testkit::Database,
    store: Store,
    hub: Hub,
    client: DirectoryClient<Channel>,
}

impl World {
    async fn new() -> Self {
        let database = crate::place::database().await;
        let store = crate::place::open(&database).await;
        let clock = Clock::start();
        let hub = Hub::start(store.clone(), clock.clone(), [SWITCH.to_owned()]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, (hub.clone(), store.clone(), clock), std::future::pending()));
        let client = DirectoryClient::connect(address).await.unwrap();
        Self { _database: database, store, hub, client }
    }

    async fn person(&self, name: &str) {
        let new = NewPerson {
            name: name.into(),
            sex: "unknown".into(),
            birth_date: None,
            source_code: String::new(),
            number: Some((NUMBER.into(), NUMBER.into(), "mobile".into())),
            call_id: None,
        };
        self.store.add_person(new, "test", START_US).await.unwrap();
    }

    async fn ask(&self, call: &str, caller: &str) -> Result<wire::LookUpResponse, tonic::Status> {
        let request =
            wire::LookUpRequest { call: call.into(), caller: caller.into(), dialled: "12320".into() };
        self.client.clone().look_up(request).await.map(tonic::Response::into_inner)
    }
}

#[tokio::test]
async fn one_candidate_is_named_and_several_are_counted() {
    let world = World::new().await;
    let stranger = world.ask(&call(1).to_string(), NUMBER).await.unwrap();
    assert_eq!((stranger.persons, stranger.label.as_str()), (0, ""));
    world.person(&format!("王\u{202e}{}", "明".repeat(60))).await;
    let one = world.ask(&call(2).to_string(), NUMBER).await.unwrap();
    assert_eq!((one.persons, one.label.chars().count()), (1, LABEL_CHARS_MAX));
    assert!(!one.label.contains('\u{202e}'), "{}", one.label.escape_unicode());
    world.person("李娜").await;
    let two = world.ask(&call(3).to_string(), NUMBER).await.unwrap();
    assert_eq!((two.persons, two.label.as_str()), (2, ""));
    // Asked once for each call: what was found stands ready for the pop.
    assert!(world.hub.look(|room| room.findings(call(3)).is_some()));
    let again = world.ask(&call(1).to_string(), NUMBER).await.unwrap();
    assert_eq!(again.persons, 0, "the answer of this call is known already");
}

#[tokio::test]
async fn nonsense_is_refused_and_a_withheld_number_is_nobody() {
    let world = World::new().await;
    for (call, caller) in [("no uuid", NUMBER), (&"1".repeat(5000), NUMBER)] {
        assert_eq!(world.ask(call, caller).await.unwrap_err().code(), Code::InvalidArgument);
    }
    let long = world.ask(&call(1).to_string(), &"1".repeat(33)).await.unwrap_err();
    assert_eq!(long.code(), Code::InvalidArgument);
    assert_eq!(world.ask(&call(1).to_string(), "").await.unwrap(), wire::LookUpResponse::default());
}

#[tokio::test]
async fn a_database_that_fails_costs_the_switch_no_time() {
    let world = World::new().await;
    world.store.close().await;
    let began = Instant::now();
    let refused = world.ask(&call(1).to_string(), NUMBER).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    assert!(began.elapsed() < LOOK_UP_MAX * 5, "{:?}", began.elapsed());
    assert!(!refused.message().contains("138"), "{refused:?}");
}

/// What a flow is told, by name.
fn told(answer: &wire::AskResponse, name: &str) -> Option<wire::variable::Value> {
    answer.variables.iter().find(|variable| variable.name == name)?.value.clone()
}

fn question(query: &str, variables: &[(&str, &str)]) -> wire::AskRequest {
    let variable = |(name, text): &(&str, &str)| wire::Variable {
        name: (*name).to_owned(),
        value: Some(wire::variable::Value::Text((*text).to_owned())),
    };
    let variables = variables.iter().map(variable).collect();
    wire::AskRequest { call: call(9).to_string(), query: query.to_owned(), variables }
}

#[tokio::test]
async fn a_flow_asks_who_it_is_by_number_or_by_card() {
    use wire::variable::Value;
    let world = World::new().await;
    let mut client = world.client.clone();
    let by_number = || question("identify", &[("call.number", NUMBER)]);
    let nobody = client.ask(by_number()).await.unwrap().into_inner();
    assert_eq!(nobody, wire::AskResponse::default(), "nothing found is an answer");
    let old = NewPerson {
        name: "王奶奶".into(),
        sex: "female".into(),
        birth_date: Some("1930-01-01".into()),
        source_code: String::new(),
        number: Some((NUMBER.into(), NUMBER.into(), "mobile".into())),
        call_id: None,
    };
    world.store.add_person(old, "test", START_US).await.unwrap();
    let mut other = by_number();
    other.call = call(10).to_string();
    let found = client.ask(other).await.unwrap().into_inner();
    assert!(found.found, "{found:?}");
    assert_eq!(told(&found, "persons"), Some(Value::Number(1)));
    assert_eq!(told(&found, "elderly"), Some(Value::Flag(true)));
    assert!(matches!(told(&found, "age"), Some(Value::Number(90..))), "{found:?}");
    let known = world.ask(&call(11).to_string(), NUMBER).await.unwrap();
    assert_eq!((known.points, known.red_flag, known.agent.as_str()), (5, false, ""), "the old go earlier");
    let unknown = client.ask(question("identify", &[("card", "no such card")])).await.unwrap().into_inner();
    assert!(!unknown.found);
    for (query, variables) in [("weather", vec![]), ("identify", vec![("card", "x".repeat(40))])] {
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let refused = client.ask(question(query, &variables)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{query}");
    }
}
