//! Dialogs that no INVITE made: a REFER out of the blue opens one for its NOTIFYs (RFC 3515 2.4.4).

use super::{Dialog, Stage};
use crate::flow::Flow;
use crate::message::{Request, Uri};

/// How far the numbering of a copy is ahead: numbers may be skipped (RFC 3261 12.2.2), never used twice.
const CSEQ_AHEAD: u32 = 1000;

impl Dialog {
    /// What is left of a dialog for its subscriptions when the call is over (RFC 5057 4.1: BYE ends the INVITE usage
    /// only). It goes on numbering where the dialog cannot have come.
    pub(crate) fn copy_for_subscription(&self) -> Self {
        let mut copy = self.branch();
        copy.remote_tag.clone_from(&self.remote_tag);
        copy.routes.clone_from(&self.routes);
        copy.local_cseq = self.local_cseq.saturating_add(CSEQ_AHEAD);
        copy.remote_cseq = self.remote_cseq;
        copy.reason = None;
        copy
    }

    /// The dialog a request out of any dialog opens on our side.
    pub(crate) fn opened_by(request: &Request, flow: Flow, local_tag: String, contact: Uri) -> Self {
        let from = request.from();
        let target = request.contact().or(from.clone()).map(|address| address.uri);
        Self {
            flow,
            call_id: request.call_id().to_owned(),
            local: format!("{};tag={local_tag}", request.headers.get("To").unwrap_or_default()),
            local_tag,
            remote: request.headers.get("From").unwrap_or_default().to_owned(),
            remote_tag: from.and_then(|from| from.tag().map(str::to_owned)).unwrap_or_default(),
            local_cseq: 0,
            remote_cseq: request.cseq().map(|cseq| cseq.number),
            target: target.unwrap_or_else(|| request.uri.clone()),
            routes: request.headers.list("Record-Route").map(str::to_owned).collect(),
            contact,
            credentials: None,
            stage: Stage::Confirmed,
            unacked: None,
            reoffer: None,
            abandoned: false,
            reason: None,
            filed: None,
        }
    }
}
