-- Messages that callers leave: work for the agents of a queue, or for one person. The sound stays at the switch.
CREATE TABLE voice_message (
    id          TEXT COLLATE "C" PRIMARY KEY,  -- of its recording
    call_id     TEXT COLLATE "C" NOT NULL,
    switch_id   TEXT COLLATE "C" NOT NULL,
    mailbox     TEXT COLLATE "C" NOT NULL,
    queue       TEXT COLLATE "C",              -- whose agents have it
    agent       TEXT COLLATE "C",              -- whose it is
    left_us     BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    urgent      BOOLEAN NOT NULL,
    due_us      BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,     -- open, claimed, handled, archived
    holder      TEXT COLLATE "C",              -- who works on it, or decided last
    state_us    BIGINT NOT NULL
);
CREATE INDEX voice_message_by_due ON voice_message (state, due_us);
