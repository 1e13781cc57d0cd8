//! Interoperability: message corpora and hostile input, on the switchboard and on the live port
