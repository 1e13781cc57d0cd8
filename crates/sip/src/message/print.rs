//! Printing: values as they came, names in their long form, Content-Length computed.

use super::{Request, Response};

/// Enough for a typical message without growing.
const HEAD_BYTES: usize = 1024;

impl Request {
    /// The message as it goes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD_BYTES + self.body.len());
        out.extend_from_slice(self.method.as_str().as_bytes());
        out.push(b' ');
        out.extend_from_slice(self.uri.as_str().as_bytes());
        out.extend_from_slice(b" SIP/2.0\r\n");
        self.headers.print(&mut out);
        finish(&mut out, &self.body);
        out
    }
}

impl Response {
    /// The message as it goes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD_BYTES + self.body.len());
        out.extend_from_slice(format!("SIP/2.0 {} ", self.status).as_bytes());
        let reason = self.reason.bytes().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte });
        out.extend(reason);
        out.extend_from_slice(b"\r\n");
        self.headers.print(&mut out);
        finish(&mut out, &self.body);
        out
    }
}

fn finish(out: &mut Vec<u8>, body: &[u8]) {
    out.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    out.extend_from_slice(body);
}
