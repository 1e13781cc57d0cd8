//! Decisions above the configuration, as a supervisor's page sends them.

use super::*;
use careline_model::Number;
use careline_model::hours::{Opening, Reason};
use careline_model::screening::{BlockAction, Pattern, Scope};
use careline_rpc::proto::switch_control::v1 as control;
use careline_rpc::proto::switch_control::v1::supervisor_control_client::SupervisorControlClient;
use careline_rpc::proto::switch_events::v1 as events;
use tonic::Code;

type Client = SupervisorControlClient<Channel>;

/// The driver's answer to the next order, which is given back with who gave it.
async fn answers(driver: &mut mpsc::Receiver<ControlRequest>, done: Result<(), String>) -> (Order, String) {
    let Some(ControlRequest::Order { order, by, reply }) = driver.recv().await else { panic!("no order") };
    reply.send(done).expect("somebody waits");
    (*order, by)
}

fn override_request() -> control::OverrideHoursRequest {
    control::OverrideHoursRequest {
        hours: "office".into(),
        opening: events::Opening::Closed.into(),
        until_us: 7,
        by: "3001".into(),
        reason: "台风".into(),
    }
}

fn entry() -> events::CallerListEntry {
    events::CallerListEntry {
        list: events::CallerList::Black.into(),
        pattern: Some(events::caller_list_entry::Pattern::Number("13812345678".into())),
        scope: Some(events::caller_list_entry::Scope::Line("main".into())),
        reason: "骚扰".into(),
        until_us: None,
        action: events::BlockAction::Message.into(),
        flow: "sorry".into(),
    }
}

#[tokio::test]
async fn hours_are_overridden_and_given_back() {
    let mut served = served(1).await;
    let mut client: Client = SupervisorControlClient::new(served.channel.clone());
    let (done, (order, by)) =
        tokio::join!(client.override_hours(override_request()), answers(&mut served.driver, Ok(())));
    done.unwrap();
    let opening = Opening::Closed;
    let (hours, reason) = ("office".to_owned(), "台风".to_owned());
    assert_eq!(order, Order::OverrideHours { hours: hours.clone(), opening, until_us: 7, reason });
    assert_eq!(by, "3001");
    let request = control::RevertHoursRequest { hours: hours.clone(), by: "3002".into() };
    let refusal = Err("hours office are not overridden".to_owned());
    let (done, (order, _)) = tokio::join!(client.revert_hours(request), answers(&mut served.driver, refusal));
    let refused = done.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::FailedPrecondition, "hours office are not overridden")
    );
    assert_eq!(order, Order::RevertHours { hours });
}

#[tokio::test]
async fn a_decision_without_its_parts_is_refused_with_the_name_of_the_part() {
    let served = served(1).await;
    let mut client: Client = SupervisorControlClient::new(served.channel.clone());
    for (request, part) in [
        (control::OverrideHoursRequest { hours: String::new(), ..override_request() }, "hours: give 1 to 64"),
        (control::OverrideHoursRequest { opening: 0, ..override_request() }, "opening: give open, closed or"),
        (control::OverrideHoursRequest { by: "x".repeat(65), ..override_request() }, "by: give 1 to 64"),
        (
            control::OverrideHoursRequest { reason: String::new(), ..override_request() },
            "reason: give 1 to 64",
        ),
    ] {
        let refused = client.override_hours(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().contains(part), "{refused}");
    }
    let by = || "3001".to_owned();
    for (bad, part) in [
        (None, "entry: give one"),
        (Some(events::CallerListEntry { list: 0, ..entry() }), "list is missing"),
        (Some(events::CallerListEntry { pattern: None, ..entry() }), "number or prefix is missing"),
        (Some(events::CallerListEntry { flow: String::new(), ..entry() }), "flow of the action is missing"),
        (Some(events::CallerListEntry { reason: String::new(), ..entry() }), "entry.reason: give 1 to 64"),
    ] {
        let request = control::SetCallerListEntryRequest { entry: bad, by: by() };
        let refused = client.set_caller_list_entry(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().contains(part), "{refused}");
    }
    let request = control::ListCallerListEntriesRequest { list: 9 };
    assert_eq!(client.list_caller_list_entries(request).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn an_emergency_begins_and_ends() {
    let mut served = served(1).await;
    let mut client: Client = SupervisorControlClient::new(served.channel.clone());
    let (by, reason) = ("3001".to_owned(), "地震".to_owned());
    let request =
        control::BeginEmergencyRequest { until_us: Some(9), by: by.clone(), reason: reason.clone() };
    let (done, (order, _)) =
        tokio::join!(client.begin_emergency(request), answers(&mut served.driver, Ok(())));
    done.unwrap();
    assert_eq!(order, Order::BeginEmergency { until_us: Some(9), reason });
    let request = control::EndEmergencyRequest { by };
    let (done, (order, by)) =
        tokio::join!(client.end_emergency(request), answers(&mut served.driver, Ok(())));
    done.unwrap();
    assert_eq!((order, by.as_str()), (Order::EndEmergency, "3001"));
}

#[tokio::test]
async fn entries_are_set_and_taken_out_and_read() {
    let mut served = served(1).await;
    let mut client: Client = SupervisorControlClient::new(served.channel.clone());
    let by = || "3001".to_owned();
    let request = control::SetCallerListEntryRequest { entry: Some(entry()), by: by() };
    let (done, (order, _)) =
        tokio::join!(client.set_caller_list_entry(request), answers(&mut served.driver, Ok(())));
    done.unwrap();
    let Order::SetListEntry(set) = order else { panic!("another order") };
    let pattern = Pattern::Number(Number::from("13812345678"));
    assert_eq!((&set.pattern, &set.scope), (&pattern, &Scope::Line("main".into())));
    assert_eq!(set.action, BlockAction::Message("sorry".into()));
    let key = events::CallerListEntry { flow: String::new(), reason: String::new(), ..entry() };
    let request = control::RemoveCallerListEntryRequest { entry: Some(key), by: by() };
    let (done, (order, _)) =
        tokio::join!(client.remove_caller_list_entry(request), answers(&mut served.driver, Ok(())));
    done.unwrap();
    let (list, scope) = (ListKind::Black, Scope::Line("main".into()));
    assert_eq!(order, Order::RemoveListEntry { list, pattern, scope });
    let driver = async {
        let Some(ControlRequest::ListEntries { list: ListKind::Black, reply }) = served.driver.recv().await
        else {
            panic!("nobody asks for the list")
        };
        reply.send(vec![set]).unwrap();
    };
    let request = control::ListCallerListEntriesRequest { list: events::CallerList::Black.into() };
    let (read, ()) = tokio::join!(client.list_caller_list_entries(request), driver);
    assert_eq!(read.unwrap().into_inner().entries, [entry()]);
}

#[tokio::test]
async fn a_preview_says_why() {
    let mut served = served(1).await;
    let mut client: Client = SupervisorControlClient::new(served.channel.clone());
    let driver = async {
        let Some(ControlRequest::PreviewHours { hours, at_us, reply }) = served.driver.recv().await else {
            panic!("no preview")
        };
        assert_eq!((hours.as_str(), at_us), ("office", Some(5)));
        let reason = Reason::Holiday { name: Some("国庆节".into()) };
        reply.send(Ok(Outlook { opening: Opening::Closed, reason, next: None })).unwrap();
    };
    let request = control::PreviewHoursRequest { hours: "office".into(), at_us: Some(5) };
    let (told, ()) = tokio::join!(client.preview_hours(request), driver);
    let outlook = told.unwrap().into_inner().outlook.unwrap();
    assert_eq!(outlook.opening, i32::from(events::Opening::Closed));
    let Some(control::outlook::Reason::Holiday(day)) = outlook.reason else { panic!("another reason") };
    assert_eq!(day.name.as_deref(), Some("国庆节"));
}
