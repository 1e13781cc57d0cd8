//! A PostgreSQL server for as long as somebody holds our standard input: prints `ready port=<port>`, and is gone, with its
//! folder, when the input ends.

use careline_testkit::PostgresServer;
use std::io::{Read, Write};

fn main() -> anyhow::Result<()> {
    let server = PostgresServer::start()?;
    writeln!(std::io::stdout(), "ready port={}", server.port)?;
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest)?;
    drop(server);
    Ok(())
}
