//! What a configuration may say and an operator should know about all the same.

use super::plan::{Latch, Plan, Srtp, Transport};

impl Plan {
    /// Settings that hold and are doubtful, one sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings: Vec<String> = self.flow_warnings.iter().map(ToString::to_string).collect();
        for trunk in self.trunks.values().filter(|trunk| trunk.audio.srtp == Srtp::Required) {
            if trunk.transport != Transport::Tls {
                warnings.push(format!(
                    "trunk.srtp: trunk `{}` has to encrypt its audio, and over {} the keys travel readable; allowed, \
                     better: transport = \"tls\"",
                    trunk.id,
                    trunk.transport.word()
                ));
            }
        }
        warnings.extend(self.readable_keys());
        if self.media.latch == Latch::Any {
            warnings.push(
                "media.latch: with `any` a stranger who sends to a port before the phone does gets its call; better: \
                 latch = \"signalled\""
                    .to_owned(),
            );
        }
        warnings
    }

    /// Phones that have to encrypt, and listeners where their keys would travel readable.
    fn readable_keys(&self) -> Option<String> {
        const NAMES_MAX: usize = 10;
        let required = self.agents.values().filter(|agent| agent.audio.srtp == Srtp::Required);
        let names: Vec<&str> = required.map(|agent| agent.id.as_str()).take(NAMES_MAX).collect();
        let open = self.listeners.iter().filter(|listener| !listener.transport.is_secure());
        let open: Vec<String> =
            open.map(|one| format!("{} {}", one.transport.word(), one.address)).take(NAMES_MAX).collect();
        if names.is_empty() || open.is_empty() {
            return None;
        }
        Some(format!(
            "agent.srtp: the phones of {} have to encrypt their audio, and over {} their keys would travel readable; \
             allowed, better: let them register over tls or wss",
            names.join(", "),
            open.join(", ")
        ))
    }
}
