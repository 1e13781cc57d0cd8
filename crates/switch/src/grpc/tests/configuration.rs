//! Configurations over a real connection: checked, kept, given to the driver, and taken back when it does not take them.

use super::*;
use crate::configuration::store::Store;
use crate::startup::{Which, load};
use careline_rpc::proto::switch_admin::v1 as wire;
use std::path::Path;
use tonic::{Code, Response, Status};
use wire::publish_configuration_request::What;
use wire::switch_configuration_client::SwitchConfigurationClient;

/// A switch with the sample configuration, whose driver is the test.
struct Sample {
    folder: TempDir,
    driver: mpsc::Receiver<ControlRequest>,
    client: SwitchConfigurationClient<Channel>,
}

async fn sample() -> Sample {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/switch.toml");
    let loaded = load(&config, Some(folder.path()), Which::Holding).expect("the sample is good");
    loaded.configuration.begin(&loaded.found, &loaded.plan).expect("written");
    let (journal, _) =
        Journal::open(JournalOptions::new(folder.path().join("journal.db"), "switch-1".into()))
            .await
            .expect("the journal opens");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (control, driver) = mpsc::channel(1);
    let services = Services { configuration: Some(loaded.configuration), ..services_in(&folder) };
    tokio::spawn(serve(listener, journal, control, services, std::future::pending()));
    Sample { client: SwitchConfigurationClient::new(connect(address).await), folder, driver }
}

impl Sample {
    async fn text(&mut self) -> String {
        let request = wire::GetConfigurationRequest { which: None, with_secrets: false };
        let answer = self.client.get_configuration(request).await.unwrap().into_inner();
        answer.files.into_iter().find(|file| file.name == "centre.toml").expect("it is there").text
    }

    /// Publishes a text while the driver takes what it gets; whether it got something.
    async fn publish(
        &mut self,
        text: &str,
        base_version: u64,
    ) -> (Result<wire::PublishConfigurationResponse, Status>, Option<Arc<Plan>>) {
        let file = wire::ConfigurationFile { name: "centre.toml".into(), text: text.into() };
        let files = wire::ConfigurationFiles { files: vec![file], whole: false };
        let request = wire::PublishConfigurationRequest {
            what: Some(What::Files(files)),
            base_version,
            by: "wang".into(),
            comment: "more agents".into(),
        };
        let publishing = self.client.publish_configuration(request);
        tokio::pin!(publishing);
        tokio::select! {
            done = &mut publishing => (done.map(Response::into_inner), None),
            Some(ControlRequest::Replan { plan, told, by, reply }) = self.driver.recv() => {
                assert_eq!(by, "wang");
                assert!(matches!(told, Some(EventBody::ConfigurationApplied { .. })));
                reply.send(()).expect("somebody waits");
                (publishing.await.map(Response::into_inner), Some(plan))
            }
        }
    }
}

const MORE: &str = "\n[[agent]]\nid = \"6501\"\nname = \"new\"\npassword = \"p6501\"\nqueues = []\n";

#[tokio::test]
async fn a_change_is_published_and_kept_and_the_same_again_changes_nothing() {
    let mut sample = sample().await;
    let text = sample.text().await;
    assert!(
        !text.contains("[sip]") && text.contains("password = \"*\""),
        "the machine's and secrets are not shown"
    );
    let (done, plan) = sample.publish(&format!("{text}{MORE}"), 1).await;
    let done = done.unwrap();
    let changes: Vec<String> = done.changes.iter().map(|one| format!("{} {}", one.what, one.id)).collect();
    assert_eq!((done.version.unwrap().version, changes), (2, vec!["agent 6501".to_owned()]));
    let plan = plan.expect("the driver got it");
    let known = plan.agents.values().find(|agent| agent.id.as_str() != "6501").unwrap();
    assert_ne!(known.password.as_ref().unwrap().expose(), "*", "hidden passwords are those of before");
    let store = Store::beside(&sample.folder.path().join("journal.db"));
    assert_eq!(store.numbers().unwrap(), [1, 2]);
    let (again, plan) = sample.publish(&format!("{text}{MORE}"), 2).await;
    assert!(again.unwrap().unchanged && plan.is_none());
    let (late, _) = sample.publish(&text, 1).await;
    let late = late.unwrap_err();
    assert_eq!(late.code(), Code::Aborted);
    assert!(late.message().contains("version 2 holds"), "{late}");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place_and_nothing_changes() {
    let mut sample = sample().await;
    let text = sample.text().await;
    let line = text.lines().count() + 5;
    let wrong =
        format!("{text}\n[[agent]]\nid = \"6501\"\npassword = \"x\"\nqueues = [\"nowhere\"]\nname = \"n\"\n");
    let (refused, plan) = sample.publish(&wrong, 0).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let place = format!("centre.toml:{line}: agent.queues");
    assert!(refused.message().contains(&place) && refused.message().contains("allowed: "), "{refused}");
    assert!(plan.is_none());
    let (refused, _) = sample.publish(&format!("{text}\n[media]\nport_min = 2\n"), 0).await;
    assert!(refused.unwrap_err().message().contains("belongs to the machine"));
    let store = Store::beside(&sample.folder.path().join("journal.db"));
    assert_eq!(store.numbers().unwrap(), [1]);
}

#[tokio::test]
async fn what_the_driver_does_not_take_is_not_kept() {
    let mut sample = sample().await;
    let text = sample.text().await;
    sample.driver.close();
    let (refused, _) = sample.publish(&format!("{text}{MORE}"), 0).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unavailable);
    let store = Store::beside(&sample.folder.path().join("journal.db"));
    assert_eq!(store.numbers().unwrap(), [1]);
}

#[tokio::test]
async fn a_draft_is_compared_and_published_and_an_earlier_version_holds_again() {
    let mut sample = sample().await;
    let text = sample.text().await;
    let file = wire::ConfigurationFile { name: "centre.toml".into(), text: format!("{text}{MORE}") };
    let files = Some(wire::ConfigurationFiles { files: vec![file], whole: false });
    let request = wire::DraftConfigurationRequest { files, by: "li".into() };
    assert!(sample.client.draft_configuration(request).await.unwrap().into_inner().problems.is_empty());
    let with = Some(wire::diff_configuration_request::With::Draft(true));
    let request = wire::DiffConfigurationRequest { from: 0, with };
    let diff = sample.client.diff_configuration(request).await.unwrap().into_inner();
    let lines = &diff.files[0].lines;
    assert!(
        lines.contains(&"+id = \"6501\"".to_owned()) && lines.contains(&"+password = \"*\"".to_owned()),
        "{lines:?}"
    );
    assert_eq!(diff.changes.len(), 1);
    let request = wire::PublishConfigurationRequest {
        what: Some(What::Draft(true)),
        base_version: 1,
        by: "wang".into(),
        comment: String::new(),
    };
    let (mut client, mut other) = (sample.client.clone(), sample.client.clone());
    let (done, _) = tokio::join!(client.publish_configuration(request), taken(&mut sample.driver));
    assert_eq!(done.unwrap().into_inner().version.unwrap().version, 2);
    let request = wire::RollBackConfigurationRequest {
        to: 1,
        files: Vec::new(),
        base_version: 2,
        by: "wang".into(),
        comment: "too many".into(),
    };
    let (done, plan) = tokio::join!(other.roll_back_configuration(request), taken(&mut sample.driver));
    let version = done.unwrap().into_inner().version.unwrap();
    assert_eq!((version.version, version.rolled_back_to), (3, Some(1)));
    assert!(!plan.agents.contains_key(&"6501".into()));
    let request = wire::ListVersionsRequest { limit: 2 };
    let history = sample.client.list_versions(request).await.unwrap().into_inner();
    let numbers: Vec<u64> = history.versions.iter().map(|version| version.version).collect();
    assert_eq!((numbers, history.current), (vec![3, 2], 3));
}

async fn taken(driver: &mut mpsc::Receiver<ControlRequest>) -> Arc<Plan> {
    let Some(ControlRequest::Replan { plan, reply, .. }) = driver.recv().await else { panic!("no plan") };
    reply.send(()).expect("somebody waits");
    plan
}
