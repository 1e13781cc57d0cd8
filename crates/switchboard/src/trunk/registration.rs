//! Our registration with a carrier (RFC 3261 10.2): one for a block of numbers, kept alive, with digest.

use careline_model::config::plan::Registration;
use careline_sip::{Method, NameAddr, Response, Uri, auth};
use std::time::{Duration, Instant};

/// The first wait after a failure; twice as long each time.
const RETRY: Duration = Duration::from_secs(5);
/// No failure makes us wait longer. A carrier's own Retry-After is kept below it, too.
const RETRY_MAX: Duration = Duration::from_secs(300);
/// Challenges that are answered in a row: one for a new nonce, one for a stale one.
const CHALLENGES_MAX: u32 = 2;
/// Granted times below it are taken for this, so that no carrier makes us a flood.
const EXPIRES_MIN: Duration = Duration::from_secs(20);
/// Entries of a Service-Route that are kept (RFC 3608).
const ROUTES_MAX: usize = 8;

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// Which of the registrars.
    pub registrar: usize,
    /// CSeq number.
    pub cseq: u32,
    /// Asked for.
    pub expires: Duration,
    /// Header name and value of credentials.
    pub authorization: Option<(&'static str, String)>,
}

/// What a response meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Ask again at once: [`Registering::register`].
    Again,
    /// We are registered.
    Registered,
    /// We are registered no more, as we wished.
    Left,
    /// The carrier answered, and not as we like; for operators.
    Refused(String),
    /// Nobody answered.
    Silent,
}

/// The state of one registration.
#[derive(Debug, Clone)]
pub struct Registering {
    /// Call-ID of all its requests (RFC 3261 10.2).
    pub call_id: String,
    /// From tag of all its requests.
    pub tag: String,
    cseq: u32,
    expires: Duration,
    registrar: usize,
    /// When the next request is due; `None` while one is under way.
    due: Option<Instant>,
    failures: u32,
    challenges: u32,
    authorization: Option<(&'static str, String)>,
    registered_until: Option<Instant>,
    service_route: Vec<String>,
    leaving: Leaving,
}

/// Whether the registration is being taken back (RFC 3261 10.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    No,
    /// A request is under way that may yet register us.
    Wanted,
    /// The request under way takes it back.
    Asked,
    /// Nothing is asked any more.
    Done,
}

impl Registering {
    /// Due at once.
    pub fn new(plan: &Registration, call_id: String, tag: String, now: Instant) -> Self {
        Self {
            call_id,
            tag,
            cseq: 0,
            expires: plan.expires,
            registrar: 0,
            due: Some(now),
            failures: 0,
            challenges: 0,
            authorization: None,
            registered_until: None,
            service_route: Vec::new(),
            leaving: Leaving::No,
        }
    }

    /// When the next request is due.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// When the carrier forgets us, unless it answers before.
    pub fn lapses(&self) -> Option<Instant> {
        self.registered_until
    }

    /// Notes that the carrier has forgotten us, if it is time.
    pub fn lapse(&mut self, now: Instant) {
        self.registered_until = self.registered_until.filter(|until| now < *until);
    }

    /// Whether the carrier knows us.
    pub fn is_registered(&self, now: Instant) -> bool {
        self.registered_until.is_some_and(|until| now < until)
    }

    /// The way our requests have to take (RFC 3608).
    pub fn service_route(&self) -> &[String] {
        &self.service_route
    }

    /// The registrar that is asked.
    pub fn registrar(&self) -> usize {
        self.registrar
    }

    /// Wants to be registered no more; true when a request for that can be sent at once.
    ///
    /// RFC 3261 10.2: "UAs MUST NOT send a new registration [...] until they have received a final response from the
    /// registrar for the previous one", so one under way is waited for.
    pub fn leave(&mut self, now: Instant) -> bool {
        if self.leaving != Leaving::No {
            return false;
        }
        let under_way = self.due.take().is_none();
        self.leaving = match (under_way, self.is_registered(now)) {
            (true, _) => Leaving::Wanted,
            (false, true) => Leaving::Asked,
            (false, false) => Leaving::Done,
        };
        self.leaving == Leaving::Asked
    }

    /// Whether it is being taken back, or has been.
    pub fn leaves(&self) -> bool {
        self.leaving != Leaving::No
    }

    /// Whether an answer is waited for before we are gone.
    pub fn is_leaving(&self) -> bool {
        matches!(self.leaving, Leaving::Wanted | Leaving::Asked)
    }

    /// The next request; it is under way from now on.
    pub fn register(&mut self) -> Register {
        self.due = None;
        self.cseq += 1;
        Register {
            registrar: self.registrar,
            cseq: self.cseq,
            expires: if self.leaving == Leaving::No { self.expires } else { Duration::ZERO },
            authorization: self.authorization.take(),
        }
    }

    /// The request under way could not be sent; it is due again then.
    pub fn retry_at(&mut self, at: Instant) {
        if self.leaving == Leaving::No {
            self.due = Some(at);
        } else {
            self.leaving = Leaving::Done;
        }
    }

    /// The connection to the registrar is gone, and the binding with it (RFC 5626 in spirit).
    pub fn connection_lost(&mut self, now: Instant) {
        self.registered_until = None;
        if self.leaving != Leaving::No {
            self.leaving = Leaving::Done;
        } else if self.due.is_some() {
            self.due = Some(now + RETRY.min(self.wait()));
        }
    }

    /// Takes the response to the request under way. `contact` is ours, to find what was granted.
    pub fn answered(
        &mut self,
        now: Instant,
        response: &Response,
        plan: &Registration,
        realm: &str,
        contact: &Uri,
        cnonce: &str,
    ) -> Outcome {
        match self.leaving {
            Leaving::No => {}
            Leaving::Wanted => {
                self.leaving = Leaving::Asked;
                return Outcome::Again;
            }
            Leaving::Asked | Leaving::Done => return self.let_go(now, response, plan, realm, cnonce),
        }
        match response.status {
            200..=299 => {
                self.granted(now, response, contact);
                return Outcome::Registered;
            }
            401 | 407 => return self.challenged(now, response, plan, realm, cnonce),
            423 => {
                let least = seconds(response, "Min-Expires").filter(|least| *least > self.expires);
                if let Some(least) = least.filter(|least| *least <= Duration::from_secs(86_400)) {
                    self.expires = least;
                    return Outcome::Again;
                }
            }
            _ => {}
        }
        let silent = matches!(response.status, 408 | 503);
        if silent {
            // Another one may be there.
            self.registrar = (self.registrar + 1) % plan.registrars.len().max(1);
        }
        self.fail(now, seconds(response, "Retry-After"));
        if silent { Outcome::Silent } else { Outcome::Refused(format!("status {}", response.status)) }
    }

    /// The answer to the request that takes the registration back: whatever it is, a challenge excepted, we go.
    fn let_go(
        &mut self,
        now: Instant,
        response: &Response,
        plan: &Registration,
        realm: &str,
        cnonce: &str,
    ) -> Outcome {
        if matches!(response.status, 401 | 407)
            && self.challenged(now, response, plan, realm, cnonce) == Outcome::Again
        {
            return Outcome::Again;
        }
        (self.leaving, self.due) = (Leaving::Done, None);
        if response.status >= 300 {
            return Outcome::Refused(format!(
                "the registration could not be taken back: status {}",
                response.status
            ));
        }
        self.registered_until = None;
        Outcome::Left
    }

    fn granted(&mut self, now: Instant, response: &Response, contact: &Uri) {
        let ours = response.headers.list("Contact").filter_map(|one| one.parse::<NameAddr>().ok());
        let ours = ours.filter(|one| one.uri.user() == contact.user() && one.uri.host() == contact.host());
        let of_contact =
            ours.filter_map(|one| one.param("expires")?.parse().ok().map(Duration::from_secs)).max();
        let granted = of_contact.or_else(|| seconds(response, "Expires")).unwrap_or(self.expires);
        let granted = granted.clamp(EXPIRES_MIN, Duration::from_secs(86_400));
        (self.failures, self.challenges) = (0, 0);
        self.registered_until = Some(now + granted);
        self.due = Some(now + granted / 2);
        self.service_route =
            response.headers.list("Service-Route").take(ROUTES_MAX).map(str::to_owned).collect();
    }

    fn challenged(
        &mut self,
        now: Instant,
        response: &Response,
        plan: &Registration,
        realm: &str,
        cnonce: &str,
    ) -> Outcome {
        let (asks, answers) = match response.status {
            401 => ("WWW-Authenticate", "Authorization"),
            _ => ("Proxy-Authenticate", "Proxy-Authorization"),
        };
        let uri = Uri::sip(None, &plan.domain, None);
        let mut strange = None;
        let answer = response.headers.get_all(asks).find_map(|challenge| {
            let asked = realm_of(challenge);
            if asked.as_deref() != Some(realm) {
                strange = asked;
                return None;
            }
            let (user, password) = (&plan.auth_user, plan.password.expose());
            auth::authorize(challenge, &Method::Register, &uri, user, password, cnonce, 1)
        });
        self.challenges += 1;
        match answer.filter(|_| self.challenges <= CHALLENGES_MAX) {
            Some(answer) => {
                self.authorization = Some((answers, answer));
                Outcome::Again
            }
            None => {
                self.fail(now, None);
                Outcome::Refused(match strange {
                    Some(strange) => format!("challenged for realm `{strange}`, not `{realm}`"),
                    None => "wrong user or password".to_owned(),
                })
            }
        }
    }

    fn fail(&mut self, now: Instant, retry_after: Option<Duration>) {
        self.challenges = 0;
        let wait = retry_after.unwrap_or_else(|| self.wait()).clamp(RETRY, RETRY_MAX);
        self.failures = self.failures.saturating_add(1);
        self.due = Some(now + wait);
    }

    fn wait(&self) -> Duration {
        RETRY.saturating_mul(1 << self.failures.min(6)).min(RETRY_MAX)
    }
}

fn seconds(response: &Response, header: &str) -> Option<Duration> {
    let text = response.headers.get(header)?;
    let digits = text.split([';', ' ', '(']).next()?.trim();
    digits.parse().ok().map(Duration::from_secs)
}

/// The realm that a challenge names, quotes taken off; credentials are for one realm only.
pub fn realm_of(challenge: &str) -> Option<String> {
    let fields = challenge.trim().split_once([' ', '\t'])?.1;
    let mut rest = fields;
    loop {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim().trim_start_matches(',').trim();
        let (value, left) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if name.eq_ignore_ascii_case("realm") {
            return Some(value.to_owned());
        }
        rest = left.trim_start().trim_start_matches(',');
    }
}
