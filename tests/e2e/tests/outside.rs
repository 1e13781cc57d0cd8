//! An agent calls somebody outside, through a trunk that SIPp plays.

use careline_e2e::phones::{PART, house_for};
use careline_e2e::{SOON, tell, text, voice};
use careline_testkit::sipp::{self, SippRun};
use careline_testkit::wave::Wave;
use careline_testkit::{Answering, Transport, ports};
use std::time::Duration;

/// Length of the windows in which a tone is looked for, seconds.
const WINDOW_S: f64 = 0.2;

const GATEWAY: &str = include_str!("../scenarios/gateway.xml");

/// The gateway is sent a key as INFO, takes it, and goes on.
const TAKES_A_KEY: &str = r#"<recv request="ACK" />
  <recv request="INFO">
    <action>
      <ereg regexp="application/dtmf-relay" search_in="hdr" header="Content-Type:" check_it="true" assign_to="kind" />
      <ereg regexp="Signal=5" search_in="body" check_it="true" assign_to="key" />
    </action>
  </recv>
  <send>
    <![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0

    ]]>
  </send>"#;

#[test]
fn the_line_is_heard_before_the_answer_and_the_talk_is_recorded() {
    tell("outside", house_for(Transport::Udp), |house| {
        let (handset, ip) = house.handset(voice::PATIENT_2_HZ)?;
        let line = ports::free(ip)?;
        house.configure(&format!(
            "[[trunk]]\nid = \"city\"\nsources = [\"{line}\"]\nproxy = [\"{line}\"]\noptions_interval_s = 0\n\
             [[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"city\" }}]\n[[route]]\ngroup = \"out\"\n"
        ));
        let switch = house.sip()?;
        let scenario = GATEWAY.replace("\"PART\"", &format!("\"{}\"", PART.as_millis()));
        let port = handset.port().to_string();
        let run = SippRun {
            name: "gateway",
            scenario: &scenario,
            local: line,
            remote: switch,
            transport: Transport::Udp,
            service: "line",
            keys: &[("handset", &port)],
            calls: 1,
            when_called: None,
            auth_uri: None,
            within: Duration::from_secs(25),
        };
        let gateway = sipp::start(house.place(), &run)?;
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Manual)?;
        agent.dial("13912345678", switch)?;
        agent.wait_event("CALL_PROGRESS", SOON)?;
        agent.wait_event("CALL_ESTABLISHED", SOON + PART)?;
        careline_testkit::wait::last(PART);
        agent.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        gateway.finish()?.all_as_scripted()?;
        let dialled = house.journal().wait_for("call_dialled", SOON, |event| event["agent"] == "1001")?;
        anyhow::ensure!(dialled["direction"] == "outbound" && dialled["trunk_group"] == "out", "{dialled}");
        anyhow::ensure!(dialled["to"] == "+8613912345678", "in normal form: {dialled}");
        let call = text(&dialled, "call")?;
        house.expect_ended(&call, "completed", "agent")?;
        let heard = agent.heard()?.longest_tone(0, voice::PATIENT_2_HZ) as f64 * WINDOW_S;
        let least = PART.as_secs_f64() * 1.3;
        anyhow::ensure!(heard >= least, "heard for {heard} s, so not before the answer (at least {least})");
        let recorded = Wave::read(&house.recording(&format!("{call}-1"))?.0)?;
        recorded.expect_tone("the line on the left", 0, voice::PATIENT_2_HZ)?;
        recorded.expect_tone("the agent on the right", 1, voice::AGENT_HZ)
    });
}

#[test]
fn a_key_of_the_agents_phone_reaches_a_trunk_of_info_as_info() {
    tell("outside-info", house_for(Transport::Udp), |house| {
        let (handset, ip) = house.handset(voice::PATIENT_2_HZ)?;
        let line = ports::free(ip)?;
        house.configure(&format!(
            "[[trunk]]\nid = \"city\"\nsources = [\"{line}\"]\nproxy = [\"{line}\"]\noptions_interval_s = 0\n\
             dtmf = \"info\"\n[[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"city\" }}]\n\
             [[route]]\ngroup = \"out\"\n"
        ));
        let switch = house.sip()?;
        let scenario =
            GATEWAY.replace("\"PART\"", "\"200\"").replace("<recv request=\"ACK\" />", TAKES_A_KEY);
        let scenario = scenario.replace("\"them,us\"", "\"them,us,kind,key\"");
        let port = handset.port().to_string();
        let run = SippRun {
            name: "gateway",
            scenario: &scenario,
            local: line,
            remote: switch,
            transport: Transport::Udp,
            service: "line",
            keys: &[("handset", &port)],
            calls: 1,
            when_called: None,
            auth_uri: None,
            within: Duration::from_secs(25),
        };
        let gateway = sipp::start(house.place(), &run)?;
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Manual)?;
        agent.dial("13912345678", switch)?;
        agent.wait_event("CALL_ESTABLISHED", SOON + PART)?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1001")?;
        agent.press("5")?;
        careline_testkit::wait::last(PART);
        agent.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        gateway.finish()?.all_as_scripted()?;
        Ok(())
    });
}
