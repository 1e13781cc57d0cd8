-- What the switches said, and what follows from it. Only the follower of events writes the tables of this file, but
-- for the last section; they can be made again from the journal. All times are the switch's (UTC microseconds).

-- Each event once, under the first key it came with. The key is the event's own.
CREATE TABLE switch_event (
    switch_id  TEXT COLLATE "C" NOT NULL,
    epoch      BIGINT NOT NULL,
    number     BIGINT NOT NULL,
    at_us      BIGINT NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    call_id    TEXT COLLATE "C",
    body       TEXT COLLATE "C" NOT NULL,  -- JSON of model::EventBody; {"kind":"omitted","count":n} for a gap
    PRIMARY KEY (switch_id, epoch, number)
);
CREATE INDEX switch_event_by_call ON switch_event (call_id, at_us) WHERE call_id IS NOT NULL;
CREATE INDEX switch_event_without_call ON switch_event (switch_id, at_us) WHERE call_id IS NULL;

-- Where to go on with each switch. omitted: events that no journal has any more.
CREATE TABLE feed (
    switch_id  TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    epoch      BIGINT NOT NULL,
    number     BIGINT NOT NULL,
    omitted    BIGINT NOT NULL DEFAULT 0,
    again      BIGINT NOT NULL DEFAULT 0  -- facts that came a second time under another key, and changed nothing
);

-- 接触记录. One row for one concern of one person; here: one call.
CREATE TABLE interaction (
    call_id        TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    switch_id      TEXT COLLATE "C" NOT NULL,
    channel        TEXT COLLATE "C" NOT NULL,  -- phone
    direction      TEXT COLLATE "C" NOT NULL,  -- in
    caller         TEXT COLLATE "C" NOT NULL,  -- canonical; empty when withheld
    caller_name    TEXT COLLATE "C" NOT NULL,  -- display name as the network sent it, control characters replaced
    dialled        TEXT COLLATE "C" NOT NULL,
    line           TEXT COLLATE "C" NOT NULL,
    medium         TEXT COLLATE "C" NOT NULL,
    trunk          TEXT COLLATE "C",
    flow           TEXT COLLATE "C",
    queue          TEXT COLLATE "C",           -- the last queue
    agent          TEXT COLLATE "C",           -- the last agent who talked
    offered_us     BIGINT NOT NULL,
    connected_us   BIGINT,                     -- first conversation
    ended_us       BIGINT,
    wait_ms        BIGINT NOT NULL DEFAULT 0,  -- in queues, in all
    talk_ms        BIGINT NOT NULL DEFAULT 0,
    duration_ms    BIGINT NOT NULL DEFAULT 0,
    end_cause      TEXT COLLATE "C",
    ended_by       TEXT COLLATE "C"
);
CREATE INDEX interaction_by_caller ON interaction (caller, offered_us);
CREATE INDEX interaction_by_agent ON interaction (agent, offered_us);
CREATE INDEX interaction_by_time ON interaction (offered_us);
CREATE INDEX interaction_open ON interaction (switch_id) WHERE ended_us IS NULL;

CREATE TABLE queue_visit (
    call_id     TEXT COLLATE "C" NOT NULL,
    entry       BIGINT NOT NULL,
    queue       TEXT COLLATE "C" NOT NULL,
    entered_us  BIGINT NOT NULL,
    left_us     BIGINT,
    outcome     TEXT COLLATE "C",
    wait_ms     BIGINT,
    PRIMARY KEY (call_id, entry)
);

CREATE TABLE offer (
    call_id   TEXT COLLATE "C" NOT NULL,
    offer     BIGINT NOT NULL,
    entry     BIGINT NOT NULL,
    agent     TEXT COLLATE "C" NOT NULL,
    made_us   BIGINT NOT NULL,
    ended_us  BIGINT,
    outcome   TEXT COLLATE "C",
    ring_ms   BIGINT,
    PRIMARY KEY (call_id, offer)
);
CREATE INDEX offer_by_agent ON offer (agent, made_us);

CREATE TABLE recording (
    id           TEXT COLLATE "C" PRIMARY KEY NOT NULL,  -- <call id>-<segment>
    call_id      TEXT COLLATE "C" NOT NULL,
    switch_id    TEXT COLLATE "C" NOT NULL,
    started_us   BIGINT,
    finished_us  BIGINT,
    duration_ms  BIGINT,
    bytes        BIGINT,
    sha256       TEXT COLLATE "C",
    complete     BOOLEAN,                                -- false when a part is missing
    trouble      TEXT COLLATE "C"                        -- why a part is missing
);
CREATE INDEX recording_by_call ON recording (call_id);

CREATE TABLE agent_state (
    switch_id  TEXT COLLATE "C" NOT NULL,
    agent      TEXT COLLATE "C" NOT NULL,
    at_us      BIGINT NOT NULL,
    intent     TEXT COLLATE "C" NOT NULL,  -- logged_out, ready, or the not-ready code
    work       TEXT COLLATE "C" NOT NULL,
    device     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (switch_id, agent, at_us, intent, work, device)
);

-- ---------------------------------------------------------------- written by people

-- Who the caller was, as chosen. reason: only (one candidate), chosen (by the agent), new (created in this call).
CREATE TABLE interaction_person (
    call_id     TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    person_id   TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    reason      TEXT COLLATE "C" NOT NULL,
    account_id  TEXT COLLATE "C" NOT NULL,
    at_us       BIGINT NOT NULL
);
CREATE INDEX interaction_person_by_person ON interaction_person (person_id, at_us);

-- What was written down in a call, saved as it is typed.
CREATE TABLE note (
    call_id     TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    text        TEXT COLLATE "C" NOT NULL,
    account_id  TEXT COLLATE "C" NOT NULL,
    at_us       BIGINT NOT NULL,
    version     BIGINT NOT NULL
);

-- When the pop was on the screen; the desk's clock.
CREATE TABLE pop (
    call_id     TEXT COLLATE "C" NOT NULL,
    offer       BIGINT NOT NULL,
    agent       TEXT COLLATE "C" NOT NULL,
    offered_us  BIGINT NOT NULL,  -- the switch's clock
    sent_us     BIGINT NOT NULL,
    painted_us  BIGINT,
    candidates  BIGINT NOT NULL,
    PRIMARY KEY (call_id, offer)
);
