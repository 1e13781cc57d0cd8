-- Messages that callers leave: work for the agents of a queue, or for one person. The sound stays at the switch.
CREATE TABLE voice_message (
    id          TEXT PRIMARY KEY,               -- of its recording
    call_id     TEXT NOT NULL,
    switch_id   TEXT NOT NULL,
    mailbox     TEXT NOT NULL,
    queue       TEXT,                           -- whose agents have it
    agent       TEXT,                           -- whose it is
    left_us     INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    urgent      INTEGER NOT NULL,
    due_us      INTEGER NOT NULL,
    state       TEXT NOT NULL,                  -- open, claimed, handled, archived
    holder      TEXT,                           -- who works on it, or decided last
    state_us    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX voice_message_by_due ON voice_message (state, due_us);
