//! The desk's database of one test.

use careline_desk::storage::{Place, Server, ServerTls, Store};
use careline_testkit::Database;
use careline_testkit::postgres::SUPERUSER;

/// Where it is, in the desk's words.
pub fn place(database: &Database) -> Place {
    match database {
        Database::File(_, file) => Place::File(file.clone()),
        Database::Server { port, name } => Place::Server(Server {
            host: "127.0.0.1".into(),
            port: *port,
            database: name.clone(),
            user: SUPERUSER.into(),
            password: None,
            tls: ServerTls::Preferred,
        }),
    }
}

/// A new one.
pub async fn database() -> Database {
    Database::new().await.expect("a database of the test's own")
}

/// Opens it.
pub async fn open(database: &Database) -> Store {
    Store::open(&place(database)).await.expect("it opens")
}
