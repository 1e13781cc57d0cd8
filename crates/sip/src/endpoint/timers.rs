//! Session timers of calls (RFC 4028): asked for, agreed on, refreshed, run out.

use std::time::{Duration, Instant};

use super::Endpoint;
use crate::dialog::{Own, Refresher, SessionExpires, SessionTimer, Stage, Terms, min_se, supports};
use crate::event::EndCause;
use crate::flow::DialogId;
use crate::message::{Headers, Method, Request, Response};

/// How often a 422 makes us ask again for one call: each proxy on the way may have its own minimum.
const RAISED_MAX: u8 = 3;

impl Endpoint {
    /// Puts Session-Expires into a request of ours.
    pub(super) fn ask_for_timer(
        &self,
        headers: &mut Headers,
        interval: Duration,
        timer: Option<SessionTimer>,
        floor: Option<Duration>,
    ) {
        let interval = timer.map_or(interval, |timer| timer.interval);
        if interval.is_zero() {
            return;
        }
        let low = floor.unwrap_or_default().max(self.config.min_se);
        let refresher = match timer {
            None => "",
            Some(timer) if timer.ours => ";refresher=uac",
            Some(_) => ";refresher=uas",
        };
        headers.set("Session-Expires", format!("{}{refresher}", interval.max(low).as_secs()));
        if floor.is_some() || low > super::MIN_SE {
            headers.set("Min-SE", low.as_secs().to_string());
        }
    }

    /// RFC 4028 6: the shortest interval we accept, when a request asks for a shorter one and its sender can be told.
    pub(super) fn too_short(&self, request: &Request) -> Option<Duration> {
        let refreshes = matches!(request.method, Method::Invite | Method::Update);
        let asked = SessionExpires::of(&request.headers).filter(|_| refreshes)?;
        let low = self.config.min_se;
        (asked.interval < low && supports(&request.headers, "timer")).then_some(low)
    }

    /// RFC 4028 9: our 2xx says who refreshes how often, and the timer runs from now.
    pub(super) fn agree_on_timer(
        &mut self,
        now: Instant,
        id: DialogId,
        request: &Request,
        response: &mut Response,
    ) {
        let low = self.config.min_se;
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let ours = dialog.session_expires;
        // Before the call is answered there is nothing to refresh.
        let early = match &dialog.stage {
            Stage::Calling(_) => true,
            Stage::Incoming { .. } => request.method != Method::Invite,
            Stage::Confirmed | Stage::Leaving { .. } => false,
        };
        if early {
            return;
        }
        let terms = Terms::answering(&request.headers, ours, low);
        dialog.timer =
            terms.map(|terms| SessionTimer::start(now, terms.interval, terms.refresher == Refresher::Uas));
        if let Some(Terms { interval, refresher, supported }) = terms {
            let value = format!("{};refresher={}", interval.as_secs(), refresher.as_str());
            response.headers.push("Session-Expires", value);
            if supported {
                response.headers.push("Require", "timer");
            }
        }
        self.file_dialog(id);
    }

    /// RFC 4028 7.2: what a 2xx to a request of ours says; without Session-Expires the session does not expire.
    pub(super) fn start_timer(&mut self, now: Instant, id: DialogId, response: &Response) {
        let low = self.config.min_se;
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if !matches!(dialog.stage, Stage::Confirmed) {
            return;
        }
        dialog.timer = SessionExpires::of(&response.headers).map(|agreed| {
            let ours = agreed.refresher != Some(Refresher::Uas);
            SessionTimer::start(now, agreed.interval.max(low), ours)
        });
        self.file_dialog(id);
    }

    /// RFC 4028 7.3: after a 422 our INVITE asks again, for an interval as long as its Min-SE.
    pub(super) fn ask_for_longer(
        &mut self,
        now: Instant,
        id: DialogId,
        request: &Request,
        response: &Response,
    ) -> bool {
        let Some(floor) = min_se(&response.headers).filter(|_| response.status == 422) else { return false };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        let Stage::Calling(calling) = &mut dialog.stage else { return false };
        if dialog.abandoned || calling.raised >= RAISED_MAX {
            return false;
        }
        calling.raised += 1;
        let floor = floor.max(dialog.min_se.unwrap_or_default());
        dialog.min_se = Some(floor);
        let (interval, mut again) = (dialog.session_expires, request.clone());
        self.ask_for_timer(&mut again.headers, interval, None, Some(floor));
        self.send_again(now, id, again);
        true
    }

    /// Refreshes the session at half time; ends the call when nobody did.
    pub(super) fn session_deadline(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(timer) = dialog.timer.as_mut().filter(|_| matches!(dialog.stage, Stage::Confirmed)) else {
            return;
        };
        if timer.expire_at <= now {
            self.counters.timeouts += 1;
            return self.end_by_bye(now, id, EndCause::SessionExpired);
        }
        if !timer.is_refresh_due(now) {
            return;
        }
        timer.postpone(now);
        if dialog.own.is_some() {
            return;
        }
        // RFC 4028 7.4: "it is RECOMMENDED that the UPDATE request be used"; a re-INVITE repeats our last description.
        let (method, sdp) = if dialog.updates || dialog.local_sdp.is_empty() {
            (Method::Update, None)
        } else {
            (Method::Invite, Some(dialog.local_sdp.clone()))
        };
        dialog.own = Some(Box::new(Own::new(method, sdp, false, None)));
        self.next_own(now, id);
    }
}
