//! `careline-desk`.
fn main() {}
