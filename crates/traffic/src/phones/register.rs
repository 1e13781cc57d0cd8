//! Registration with digest (RFC 3261 10.2, 22.4).

use super::{Happened, Phones};
use anyhow::Context;
use careline_sip::{Event, Method, NameAddr, Response, TransactionId, Uri, auth};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Everybody must have an answer by then.
const REGISTERED_WITHIN: Duration = Duration::from_secs(15);

/// A phone to register.
#[derive(Debug, Clone)]
pub struct Account {
    /// The agent's id.
    pub agent: String,
    /// Its password.
    pub password: String,
}

struct Pending<'a> {
    account: &'a Account,
    challenged: bool,
}

impl Phones {
    /// Registers all phones, or with 0 seconds takes them away again.
    ///
    /// # Errors
    /// When one is refused or there is no answer in time.
    pub async fn register(&mut self, accounts: &[Account], expires_s: u32) -> anyhow::Result<()> {
        let deadline = Instant::now() + REGISTERED_WITHIN;
        let mut pending = BTreeMap::new();
        for account in accounts {
            let transaction = self.send_register(account, expires_s, None)?;
            pending.insert(transaction, Pending { account, challenged: false });
        }
        while !pending.is_empty() {
            match self.next(Some(deadline)).await {
                Happened::Dialog(Event::Response { transaction, response }) => {
                    let Some(asked) = pending.remove(&transaction) else { continue };
                    if let Some(challenge) = challenge(&response, &asked)? {
                        let again = self.send_register(asked.account, expires_s, Some(&challenge))?;
                        pending.insert(again, Pending { challenged: true, ..asked });
                    }
                }
                Happened::Deadline => anyhow::bail!("{} phones had no answer to REGISTER", pending.len()),
                // Nothing else can be under way before anybody is registered; afterwards it does not matter.
                Happened::Rings(_) | Happened::Dialog(_) | Happened::Rtp(_) => {}
            }
        }
        Ok(())
    }

    fn send_register(
        &mut self,
        account: &Account,
        expires_s: u32,
        challenge: Option<&str>,
    ) -> anyhow::Result<TransactionId> {
        let flow = self.agents.flow;
        let host = flow.remote.ip().to_string();
        let registrar = Uri::sip(None, &host, Some(flow.remote.port()));
        let own = NameAddr::new(Uri::sip(Some(&account.agent), &host, Some(flow.remote.port())));
        let mut headers = vec![
            ("Contact".to_owned(), format!("<{}>", self.contact_of(&account.agent).as_str())),
            ("Expires".to_owned(), expires_s.to_string()),
        ];
        if let Some(challenge) = challenge {
            let cnonce = format!("{:016x}", self.next_session);
            self.next_session += 1;
            let (user, password) = (&account.agent, &account.password);
            let value = auth::authorize(challenge, &Method::Register, &registrar, user, password, &cnonce, 1)
                .context("a challenge that cannot be answered")?;
            headers.push(("Authorization".to_owned(), value));
        }
        let from = own.clone();
        let now = Instant::now();
        Ok(self.endpoint.request(now, flow, Method::Register, registrar, from, own, headers, Vec::new())?)
    }
}

/// The challenge to answer, or nothing when the phone is registered.
fn challenge(response: &Response, asked: &Pending<'_>) -> anyhow::Result<Option<String>> {
    let agent = &asked.account.agent;
    match response.status {
        200..=299 => Ok(None),
        401 if !asked.challenged => {
            let value = response.headers.get("WWW-Authenticate").context("a 401 without a challenge")?;
            Ok(Some(value.to_owned()))
        }
        status => anyhow::bail!("phone {agent} was refused: {status} {}", response.reason),
    }
}
