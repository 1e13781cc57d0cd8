//! Who calls, as networks assert it, and whether it may be shown (RFC 3323, RFC 3325).

use super::{Headers, NameAddr};

/// The most identities read from one header: RFC 3325 9.1 allows one `sip:` or `sips:` and one `tel:`.
const IDENTITIES_MAX: usize = 2;

impl Headers {
    /// Whether the caller asks not to be shown: a Privacy header with `id`, `user` or `header` (RFC 3323 4.2, RFC 3325
    /// 9.3). `none` takes everything else back; `session` alone is about media and says nothing of the name.
    pub fn wants_privacy(&self) -> bool {
        let mut wanted = false;
        for value in self.get_all("Privacy").flat_map(|line| line.split([';', ','])).map(str::trim) {
            if value.eq_ignore_ascii_case("none") {
                return false;
            }
            wanted |= ["id", "user", "header"].iter().any(|one| value.eq_ignore_ascii_case(one));
        }
        wanted
    }

    /// P-Asserted-Identity, in order. Only the word of a trusted neighbour: from anybody else it is not to be asked.
    /// What is no address is left out.
    pub fn asserted_identities(&self) -> Vec<NameAddr> {
        self.identities("P-Asserted-Identity")
    }

    /// P-Preferred-Identity, in order: what a user agent asks its network to assert.
    pub fn preferred_identities(&self) -> Vec<NameAddr> {
        self.identities("P-Preferred-Identity")
    }

    fn identities(&self, name: &str) -> Vec<NameAddr> {
        self.list(name).filter_map(|one| one.parse().ok()).take(IDENTITIES_MAX).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(lines: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in lines {
            headers.push(name, *value);
        }
        headers
    }

    #[test]
    fn privacy_is_asked_for_by_id_user_or_header() {
        for (value, wanted) in [
            ("id", true),
            ("header;user;critical", true),
            ("session", false),
            ("session; ID", true),
            ("none", false),
            ("id;none", false),
            ("critical", false),
            ("", false),
        ] {
            assert_eq!(with(&[("Privacy", value)]).wants_privacy(), wanted, "{value}");
        }
        assert!(!Headers::default().wants_privacy());
        assert!(with(&[("Privacy", "session"), ("Privacy", "id")]).wants_privacy());
    }

    #[test]
    fn a_sip_and_a_tel_identity_are_both_read() {
        let value = "\"Li, Mei\" <sip:+8613800138000@ims.example.com>, <tel:+8613800138000>, <sip:third@x>";
        let headers = with(&[("P-Asserted-Identity", value)]);
        let found = headers.asserted_identities();
        assert_eq!(found.len(), IDENTITIES_MAX);
        assert_eq!(found[0].display.as_deref(), Some("Li, Mei"));
        assert_eq!(found[1].uri.as_str(), "tel:+8613800138000");
        assert_eq!(headers.preferred_identities(), []);
    }

    #[test]
    fn what_is_no_identity_is_left_out() {
        let lines = [("P-Preferred-Identity", "<<>"), ("P-Preferred-Identity", "sip:a@b")];
        let found = with(&lines).preferred_identities();
        assert_eq!(found.iter().map(|one| one.uri.as_str()).collect::<Vec<_>>(), ["sip:a@b"]);
    }
}
