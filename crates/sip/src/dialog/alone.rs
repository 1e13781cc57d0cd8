//! Dialogs that no INVITE of ours made: a REFER out of the blue opens one for its NOTIFYs (RFC 3515 2.4.4), a branch of
//! a forked INVITE that nobody needs one for its BYE.

use super::{Dialog, Stage};
use crate::flow::Flow;
use crate::message::{Request, Uri};

/// How far the numbering of a copy is ahead: numbers may be skipped (RFC 3261 12.2.2), never used twice.
const CSEQ_AHEAD: u32 = 1000;

impl Dialog {
    /// What is left of a dialog for its subscriptions when the call is over (RFC 5057 4.1: BYE ends the INVITE usage
    /// only). It goes on numbering where the dialog cannot have come.
    pub(crate) fn copy_for_subscription(&self) -> Self {
        Self {
            remote: self.remote.clone(),
            remote_tag: self.remote_tag.clone(),
            routes: self.routes.clone(),
            local_cseq: self.local_cseq.saturating_add(CSEQ_AHEAD),
            remote_cseq: self.remote_cseq,
            abandoned: true,
            ..Self::new(
                self.flow,
                self.call_id.clone(),
                self.local.clone(),
                self.local_tag.clone(),
                self.target.clone(),
                self.contact.clone(),
                Stage::Leaving { challenged: true },
            )
        }
    }

    /// The dialog of an INVITE of ours that nobody remembers, as far as the INVITE itself tells.
    pub(crate) fn begun_by(invite: &Request, flow: Flow) -> Self {
        let from = invite.headers.get("From").unwrap_or_default().to_owned();
        let tag = invite.from().and_then(|from| from.tag().map(str::to_owned)).unwrap_or_default();
        let contact = invite.contact().map_or_else(|| invite.uri.clone(), |contact| contact.uri);
        let stage = Stage::Leaving { challenged: true };
        let uri = invite.uri.clone();
        let mut dialog = Self::new(flow, invite.call_id().to_owned(), from, tag, uri, contact, stage);
        dialog.local_cseq = invite.cseq().map_or(1, |cseq| cseq.number);
        dialog.abandoned = true;
        dialog
    }

    /// The dialog a request out of any dialog opens on our side.
    pub(crate) fn opened_by(
        request: &Request,
        flow: Flow,
        local_tag: String,
        contact: Uri,
        stage: Stage,
    ) -> Self {
        let from = request.from();
        // RFC 2543 peers may leave Contact out; then From is all there is to call back.
        let target = request.contact().or(from.clone()).map(|address| address.uri);
        let target = target.unwrap_or_else(|| request.uri.clone());
        let call_id = request.call_id().to_owned();
        let local = format!("{};tag={local_tag}", request.headers.get("To").unwrap_or_default());
        let mut dialog = Self {
            remote: request.headers.get("From").unwrap_or_default().to_owned(),
            remote_tag: from.and_then(|from| from.tag().map(str::to_owned)).unwrap_or_default(),
            remote_cseq: request.cseq().map(|cseq| cseq.number),
            // RFC 3261 12.1.1: "the list of URIs in the Record-Route header field from the request, taken in order".
            routes: request.headers.list("Record-Route").map(str::to_owned).collect(),
            remote_sdp: request.sdp().map(<[u8]>::to_vec).unwrap_or_default(),
            ..Self::new(flow, call_id, local, local_tag, target, contact, stage)
        };
        dialog.note_allow(&request.headers);
        dialog
    }
}
