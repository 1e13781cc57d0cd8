-- What the switches said, and what follows from it. Only the follower of events writes the tables of this file, but
-- for the last section; they can be made again from the journal. All times are the switch's (UTC microseconds).

-- Each event once, under the first key it came with. The key is the event's own.
CREATE TABLE switch_event (
    switch_id  TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    at_us      INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    call_id    TEXT,
    body       TEXT NOT NULL,                   -- JSON of model::EventBody; {"kind":"omitted","count":n} for a gap
    PRIMARY KEY (switch_id, epoch, number)
) WITHOUT ROWID;
CREATE INDEX switch_event_by_call ON switch_event (call_id, at_us) WHERE call_id IS NOT NULL;
CREATE INDEX switch_event_without_call ON switch_event (switch_id, at_us) WHERE call_id IS NULL;

-- Where to go on with each switch. omitted: events that no journal has any more.
CREATE TABLE feed (
    switch_id  TEXT PRIMARY KEY NOT NULL,
    epoch      INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    omitted    INTEGER NOT NULL DEFAULT 0,
    again      INTEGER NOT NULL DEFAULT 0       -- facts that came a second time under another key, and changed nothing
);

-- 接触记录. One row for one concern of one person; here: one call.
CREATE TABLE interaction (
    call_id        TEXT PRIMARY KEY NOT NULL,
    switch_id      TEXT NOT NULL,
    channel        TEXT NOT NULL,               -- phone
    direction      TEXT NOT NULL,               -- in
    caller         TEXT NOT NULL,               -- canonical; empty when withheld
    caller_name    TEXT NOT NULL,               -- display name as the network sent it, control characters replaced
    dialled        TEXT NOT NULL,
    line           TEXT NOT NULL,
    medium         TEXT NOT NULL,
    trunk          TEXT,
    flow           TEXT,
    queue          TEXT,                        -- the last queue
    agent          TEXT,                        -- the last agent who talked
    offered_us     INTEGER NOT NULL,
    connected_us   INTEGER,                     -- first conversation
    ended_us       INTEGER,
    wait_ms        INTEGER NOT NULL DEFAULT 0,  -- in queues, in all
    talk_ms        INTEGER NOT NULL DEFAULT 0,
    duration_ms    INTEGER NOT NULL DEFAULT 0,
    end_cause      TEXT,
    ended_by       TEXT
);
CREATE INDEX interaction_by_caller ON interaction (caller, offered_us);
CREATE INDEX interaction_by_agent ON interaction (agent, offered_us);
CREATE INDEX interaction_by_time ON interaction (offered_us);
CREATE INDEX interaction_open ON interaction (switch_id) WHERE ended_us IS NULL;

CREATE TABLE queue_visit (
    call_id     TEXT NOT NULL,
    entry       INTEGER NOT NULL,
    queue       TEXT NOT NULL,
    entered_us  INTEGER NOT NULL,
    left_us     INTEGER,
    outcome     TEXT,
    wait_ms     INTEGER,
    PRIMARY KEY (call_id, entry)
) WITHOUT ROWID;

CREATE TABLE offer (
    call_id   TEXT NOT NULL,
    offer     INTEGER NOT NULL,
    entry     INTEGER NOT NULL,
    agent     TEXT NOT NULL,
    made_us   INTEGER NOT NULL,
    ended_us  INTEGER,
    outcome   TEXT,
    ring_ms   INTEGER,
    PRIMARY KEY (call_id, offer)
) WITHOUT ROWID;
CREATE INDEX offer_by_agent ON offer (agent, made_us);

CREATE TABLE recording (
    id           TEXT PRIMARY KEY NOT NULL,     -- <call id>-<segment>
    call_id      TEXT NOT NULL,
    switch_id    TEXT NOT NULL,
    started_us   INTEGER,
    finished_us  INTEGER,
    duration_ms  INTEGER,
    bytes        INTEGER,
    sha256       TEXT,
    complete     INTEGER,                       -- 0 when a part is missing
    trouble      TEXT                           -- why a part is missing
);
CREATE INDEX recording_by_call ON recording (call_id);

CREATE TABLE agent_state (
    switch_id  TEXT NOT NULL,
    agent      TEXT NOT NULL,
    at_us      INTEGER NOT NULL,
    intent     TEXT NOT NULL,                   -- logged_out, ready, or the not-ready code
    work       TEXT NOT NULL,
    device     TEXT NOT NULL,
    PRIMARY KEY (switch_id, agent, at_us, intent, work, device)
) WITHOUT ROWID;

-- ---------------------------------------------------------------- written by people

-- Who the caller was, as chosen. reason: only (one candidate), chosen (by the agent), new (created in this call).
CREATE TABLE interaction_person (
    call_id     TEXT PRIMARY KEY NOT NULL,
    person_id   TEXT NOT NULL REFERENCES person (id),
    reason      TEXT NOT NULL,
    account_id  TEXT NOT NULL,
    at_us       INTEGER NOT NULL
);
CREATE INDEX interaction_person_by_person ON interaction_person (person_id, at_us);

-- What was written down in a call, saved as it is typed.
CREATE TABLE note (
    call_id     TEXT PRIMARY KEY NOT NULL,
    text        TEXT NOT NULL,
    account_id  TEXT NOT NULL,
    at_us       INTEGER NOT NULL,
    version     INTEGER NOT NULL
);

-- When the pop was on the screen; the desk's clock.
CREATE TABLE pop (
    call_id     TEXT NOT NULL,
    offer       INTEGER NOT NULL,
    agent       TEXT NOT NULL,
    offered_us  INTEGER NOT NULL,               -- the switch's clock
    sent_us     INTEGER NOT NULL,
    painted_us  INTEGER,
    candidates  INTEGER NOT NULL,
    PRIMARY KEY (call_id, offer)
) WITHOUT ROWID;
