//! SIP: messages, transactions, dialogs, digest authentication, registrar; sans-IO
