//! What an agent sees in a real browser when a patient calls.

use careline_e2e::desk::{Planted, picture, plant, wait_row};
use careline_e2e::{House, HouseOptions, SOON, tell, voice};
use careline_testkit::{Answering, Browser, DeskProgram, Page, Phone, wait};
use std::time::Duration;

/// Longest wait for something on a page of a loaded machine.
const SEEN: Duration = Duration::from_secs(10);

const FATHER: Planted = Planted {
    id: "0001",
    name: "张建国",
    sex: "male",
    numbers: &[("+8613854312345", "self"), ("+865433256789", "self")],
};
const MOTHER: Planted =
    Planted { id: "0002", name: "李桂英", sex: "female", numbers: &[("+865433256789", "self")] };

fn options() -> HouseOptions {
    HouseOptions { desk: true, wrap_up_s: 1, ..HouseOptions::default() }
}

/// Everything a story of this file starts with: a desk with two people, a browser, and agent 1001 signed in.
struct Scene {
    desk: DeskProgram,
    browser: Browser,
    page: Page,
    agent: Phone,
}

fn scene(house: &mut House) -> anyhow::Result<Scene> {
    let desk = house.with_desk()?;
    plant(&desk, &[FATHER, MOTHER])?;
    let browser = Browser::start(house.place().dir())?;
    let page = house.sign_in(&browser, &desk, "1001")?;
    page.wait_for("my-state", SEEN)?;
    let voice = house.steady_voice(voice::AGENT_HZ)?;
    let agent = house.agent("1001", Answering::Manual, &voice)?;
    Ok(Scene { desk, browser, page, agent })
}

fn patient(house: &House, number: &str) -> anyhow::Result<Phone> {
    let voice = house.steady_voice(voice::PATIENT_HZ)?;
    house.patient(number, &voice)
}

/// No page may complain, nor shut out people who cannot see or point.
fn expect_clean(page: &Page) -> anyhow::Result<()> {
    let errors = page.errors()?;
    anyhow::ensure!(errors.is_empty(), "the console says {errors:?}");
    let bad =
        page.axe()?.into_iter().filter(|found| found["impact"] == "serious" || found["impact"] == "critical");
    let bad: Vec<_> = bad.collect();
    anyhow::ensure!(bad.is_empty(), "axe finds {bad:#?}");
    Ok(())
}

#[test]
fn the_page_knows_the_patient_and_the_last_contact_before_the_phone_is_answered() {
    tell("pop", options(), |house| {
        let Scene { desk, page, mut agent, browser } = scene(house)?;
        let mut patient = patient(house, "13854312345")?;

        // A first call leaves a note behind.
        let first = house.ask_for_a_person(&mut patient)?;
        agent.wait_event("CALL_INCOMING", SOON)?;
        page.wait_text("candidate-name", "张建国", SEEN)?;
        agent.accept()?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *first)?;
        page.wait_for("note", SEEN)?;
        page.type_into("note", "复诊预约,下周二上午")?;
        let noted =
            format!("SELECT text FROM note WHERE call_id = '{first}' AND text = '复诊预约,下周二上午'");
        wait_row(&desk, "the note", &noted, SOON)?;
        wait::last(Duration::from_secs(3)); // of talk, for the recording
        patient.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.recording_of(&first)?;

        // The second call's pop has the name and that note, and is on the screen while the phone still rings.
        let second = house.ask_for_a_person(&mut patient)?;
        agent.wait_event("CALL_INCOMING", SOON)?;
        page.wait_for("ringing-bar", SEEN)?;
        page.wait_text("candidate-name", "张建国", SEEN)?;
        page.wait_text("contact", "复诊预约", SEEN)?;
        page.wait_text("pop-caller", "138****2345", SEEN)?;
        let painted =
            format!("SELECT painted_us - offered_us FROM pop WHERE call_id = '{second}' AND painted_us > 0");
        let painted = wait_row(&desk, "the painted pop", &painted, SOON)?;
        println!("painted {} us after the offer", painted[0].as_deref().unwrap_or("?"));
        picture(&page, "ringing-zh")?;
        expect_clean(&page)?;
        agent.accept()?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *second)?;
        let before = format!(
            "SELECT 1 FROM pop JOIN interaction USING (call_id) WHERE call_id = '{second}' AND painted_us < connected_us"
        );
        wait_row(&desk, "a pop painted before the answer", &before, SOON)?;
        let body = page.body()?;
        anyhow::ensure!(!body.contains("13854312345"), "the whole number is on the page:\n{body}");

        page.click("language-en")?;
        picture(&page, "talking-en")?;
        expect_clean(&page)?;
        page.click("language-zh")?;
        patient.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.recording_of(&second)?;
        plays_from_the_page(&page)?;
        picture(&page, "player-zh")?;
        drop(browser);
        house.expect_no_hole_no_repeat(&desk)
    });
}

/// The recording is loaded by range and its time goes on.
fn plays_from_the_page(page: &Page) -> anyhow::Result<()> {
    wait::until("a recording to play", SEEN, || Ok((!page.texts("play")?.is_empty()).then_some(())))?;
    page.click("play")?;
    page.wait_for("player", SEEN)?;
    let audio = "document.querySelector('audio')";
    page.wait_true("the length of the recording", &format!("({audio}?.duration ?? 0) > 1"), SEEN)?;
    let paused = page.evaluate(&format!("{audio}.paused"))?;
    if paused == true {
        page.click("player-toggle")?;
    }
    page.wait_true("half a second played", &format!("{audio}.currentTime > 0.5"), SEEN)?;
    // What comes out is what was said: the agent's tone on the right channel, the patient's on the left.
    let tones = page.evaluate(&format!(
        "(async () => {{
            const answer = await fetch({audio}.currentSrc)
            const sound = await new OfflineAudioContext(2, 8000, 8000).decodeAudioData(await answer.arrayBuffer())
            const level = (samples, hz) => {{
                let [re, im, n] = [0, 0, Math.min(samples.length, sound.sampleRate * 2)]
                for (let i = 0; i < n; i++) {{
                    re += samples[i] * Math.cos(2 * Math.PI * hz * i / sound.sampleRate)
                    im += samples[i] * Math.sin(2 * Math.PI * hz * i / sound.sampleRate)
                }}
                return Math.hypot(re, im) / n
            }}
            const [left, right] = [sound.getChannelData(0), sound.getChannelData(1)]
            const [patient, agent] = [{}, {}]
            return [level(left, patient), level(left, agent), level(right, agent), level(right, patient)]
        }})()",
        voice::PATIENT_HZ,
        voice::AGENT_HZ
    ))?;
    let level = |at: usize| tones[at].as_f64().unwrap_or(0.0);
    anyhow::ensure!(level(0) > 20.0 * level(1) && level(0) > 0.01, "the patient's side: {tones}");
    anyhow::ensure!(level(2) > 20.0 * level(3) && level(2) > 0.01, "the agent's side: {tones}");
    Ok(())
}

#[test]
fn a_shared_number_shows_both_and_opens_neither_until_one_is_chosen() {
    tell("shared", options(), |house| {
        let Scene { desk, page, mut agent, browser: _browser } = scene(house)?;
        let mut patient = patient(house, "05433256789")?;
        let call = house.ask_for_a_person(&mut patient)?;
        agent.wait_event("CALL_INCOMING", SOON)?;
        page.wait_text("candidate-name", "张建国", SEEN)?;
        page.wait_text("candidate-name", "李桂英", SEEN)?;
        let people = page.attributes("candidate", "data-person")?;
        anyhow::ensure!(people.len() == 2, "candidates {people:?}");
        anyhow::ensure!(!page.sees("chosen-name")?, "somebody was opened without being chosen");
        picture(&page, "shared-zh")?;
        agent.accept()?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(
            desk.database()?.number("SELECT count(*) FROM interaction_person")? == 0,
            "chosen by itself"
        );

        let second = page.texts("candidate-name")?[1].clone();
        page.press("2")?;
        page.wait_text("chosen-name", &second, SEEN)?;
        let chosen = format!(
            "SELECT 1 FROM interaction_person WHERE call_id = '{call}' AND person_id = '{}' AND reason = 'chosen'",
            people[1]
        );
        wait_row(&desk, "the choice", &chosen, SOON)?;
        patient.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON).map(drop)
    });
}

#[test]
fn a_stranger_becomes_a_person_in_three_keys() {
    tell("stranger", options(), |house| {
        let Scene { desk, page, mut agent, browser: _browser } = scene(house)?;
        let mut patient = patient(house, "13912345670")?;
        let call = house.ask_for_a_person(&mut patient)?;
        agent.wait_event("CALL_INCOMING", SOON)?;
        page.wait_text("pop-caller", "139****5670", SEEN)?;
        picture(&page, "stranger-zh")?;
        agent.accept()?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        for key in ["0", "2", "Enter"] {
            page.press(key)?;
        }
        let made = format!(
            "SELECT person.name, person.source_code, person_phone.number FROM interaction_person \
             JOIN person ON person.id = person_id JOIN person_phone USING (person_id) \
             WHERE call_id = '{call}' AND reason = 'new'"
        );
        let row = wait_row(&desk, "the new person", &made, SOON)?;
        let row: Vec<&str> = row.iter().map(|text| text.as_deref().unwrap_or("")).collect();
        anyhow::ensure!(row == ["未登记", "nearby", "+8613912345670"], "{row:?}");
        page.wait_for("chosen-name", SEEN)?;
        patient.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON).map(drop)
    });
}

#[test]
fn a_hostile_display_name_is_only_text() {
    const NAME: &str = "<img src=x onerror=alert(1)>'); DROP TABLE person;--\u{7}\u{202e}";
    tell("hostile", options(), |house| {
        let Scene { desk, page, mut agent, browser } = scene(house)?;
        let voice = house.steady_voice(voice::PATIENT_HZ)?;
        let mut patient = house.named_patient("13912345670", NAME, &voice)?;
        let supervisor = house.sign_in(&browser, &desk, "8001")?;
        let call = house.ask_for_a_person(&mut patient)?;
        agent.wait_event("CALL_INCOMING", SOON)?;
        page.wait_text("pop", "<img src=x onerror=alert(1)>", SEEN)?;
        supervisor.wait_text("live-call", "<img src=x onerror=alert(1)>", SEEN)?;
        anyhow::ensure!(
            page.evaluate("document.querySelectorAll('img[src=x]').length")? == 0,
            "it became HTML"
        );
        let kept = wait_row(
            &desk,
            "the name as it came",
            &format!("SELECT caller_name FROM interaction WHERE call_id = '{call}'"),
            SOON,
        )?;
        let kept = kept[0].clone().unwrap_or_default();
        anyhow::ensure!(kept.starts_with("<img src=x") && kept.contains("DROP TABLE person"), "{kept}");
        anyhow::ensure!(!kept.contains(['\u{7}', '\u{202e}']), "control characters were kept");
        anyhow::ensure!(desk.database()?.number("SELECT count(*) FROM person")? == 2, "people are gone");
        picture(&supervisor, "live-zh")?;
        expect_clean(&page)?;
        expect_clean(&supervisor)?;
        patient.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON).map(drop)
    });
}

#[test]
fn the_older_browser_of_an_agent_is_told() {
    tell("two-browsers", options(), |house| {
        let desk = house.with_desk()?;
        let browser = Browser::start(house.place().dir())?;
        let old = house.sign_in(&browser, &desk, "1001")?;
        old.wait_for("my-state", SEEN)?;
        let new = browser.open("another-pc", &format!("{}/sign-in", desk.url))?;
        new.fill("sign-in-login", "1001")?;
        new.fill("sign-in-password", "demo-1001")?;
        new.click("sign-in-submit")?;
        new.wait_for("my-state", SEEN)?;
        old.wait_for("superseded", SEEN)?;
        picture(&old, "superseded-zh")?;
        old.click("take-over")?;
        old.wait_for("my-state", SEEN)?;
        new.wait_for("superseded", SEEN)
    });
}
