//! Accounts are given on a page, quality hears a call, and the auditor sees who did what; nobody sees more than that.

use careline_e2e::desk::picture;
use careline_e2e::phones::PART;
use careline_e2e::{HouseOptions, tell};
use careline_testkit::{Browser, Page, wait};
use std::time::Duration;

const SEEN: Duration = Duration::from_secs(10);

fn no_violations(page: &Page, what: &str) -> anyhow::Result<()> {
    let found = page.axe()?;
    anyhow::ensure!(found.is_empty(), "{what}: {found:?}");
    Ok(())
}

fn is_at(page: &Page, path: &str) -> anyhow::Result<()> {
    page.wait_true(path, &format!("location.pathname === '{path}'"), SEEN)
}

#[test]
fn accounts_are_given_used_and_taken_on_pages_and_the_auditor_sees_it() {
    let options = HouseOptions { desk: true, agents: vec!["1001"], ..HouseOptions::default() };
    tell("rights", options, |house| {
        let desk = house.with_desk()?;
        desk.add_account_as("admin", "秦安", "security_admin", None)?;
        desk.add_account_as("audit", "何真", "audit_admin", None)?;
        let mut talk = house.conversation()?;
        wait::last(PART);
        talk.patient.hang_up()?;
        house.expect_ended(&talk.call, "completed", "caller")?;
        house.wait_caught_up(&desk)?;

        let browser = Browser::start(house.place().dir())?;
        let admin = house.sign_in(&browser, &desk, "admin")?;
        is_at(&admin, "/accounts")?;
        admin.click("account-add")?;
        for (field, text) in
            [("account-login", "qiu"), ("account-name", "邱质检"), ("account-password", "demo-qiu")]
        {
            admin.fill(field, text)?;
        }
        let roles = admin.attributes("account-role", "data-role")?;
        let quality = roles.iter().position(|role| role == "quality").unwrap_or_default();
        admin.click_nth("account-role", quality)?;
        no_violations(&admin, "a new account")?;
        picture(&admin, "accounts-new")?;
        admin.click("account-save")?;
        admin.wait_true("her row", "document.body.innerText.includes('邱质检')", SEEN)?;
        no_violations(&admin, "accounts")?;
        picture(&admin, "accounts")?;

        let qiu = house.sign_in(&browser, &desk, "qiu")?;
        is_at(&qiu, "/calls")?;
        qiu.wait_for("play", SEEN)?;
        no_violations(&qiu, "calls")?;
        picture(&qiu, "calls")?;
        qiu.click("play")?;
        qiu.goto(&format!("{}/accounts", desk.url))?;
        is_at(&qiu, "/calls")?;

        let audit = house.sign_in(&browser, &desk, "audit")?;
        is_at(&audit, "/audit")?;
        audit.wait_true("the play", "document.querySelector('[data-action=play]') !== null", SEEN)?;
        let actions = audit.attributes("audit-entry", "data-action")?;
        anyhow::ensure!(actions.iter().any(|action| action == "account_added"), "{actions:?}");
        audit.click("audit-verify")?;
        audit.wait_for("audit-result", SEEN)?;
        anyhow::ensure!(audit.attributes("audit-result", "data-whole")? == ["true"], "{}", audit.body()?);
        no_violations(&audit, "the log")?;
        picture(&audit, "audit")?;

        let logins = admin.attributes("account", "data-login")?;
        let others = logins.iter().filter(|login| *login != "admin");
        let row = others.clone().position(|login| login == "qiu").unwrap_or_default();
        admin.click_nth("account-state", row)?;
        admin.click_nth("account-state", row)?;
        admin.wait_true(
            "her account to be disabled",
            "document.querySelector('[data-login=qiu]').dataset.disabled === 'true'",
            SEEN,
        )?;
        qiu.reload()?;
        is_at(&qiu, "/")?;

        let whole = desk.command(&["audit", "verify"])?;
        anyhow::ensure!(whole.as_ref().is_ok_and(|said| said.starts_with("whole: ")), "{whole:?}");
        let database = desk.database()?;
        database.execute("UPDATE access_log SET account_id = '' WHERE action = 'play'")?;
        let broken = desk.command(&["audit", "verify"])?;
        anyhow::ensure!(broken.as_ref().is_err_and(|said| said.contains("broken: entry")), "{broken:?}");
        anyhow::ensure!(!desk.log().contains("邱质检"), "no name in the log");
        Ok(())
    });
}
