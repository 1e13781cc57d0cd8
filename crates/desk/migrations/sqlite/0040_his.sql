-- What the hospital's systems told: each message as it came, and what became of it.
CREATE TABLE his_message (
    id           TEXT PRIMARY KEY NOT NULL,
    source       TEXT NOT NULL,                 -- of [[his]]
    remote       TEXT NOT NULL,                 -- address it came from
    received_us  INTEGER NOT NULL,
    raw          BLOB NOT NULL,
    charset      TEXT NOT NULL,
    digest       TEXT NOT NULL,                 -- of the content, without control id and time
    kind         TEXT NOT NULL,                 -- ADT, SIU, ...; empty when it could not be read
    event        TEXT NOT NULL,                 -- A08, S12, ...
    control_id   TEXT NOT NULL,
    sent         TEXT NOT NULL,                 -- digits of MSH-7
    state        TEXT NOT NULL,                 -- applied, ignored, stale, parked, refused
    code         INTEGER,                       -- of HL7 table 0357
    path         TEXT,                          -- where it is wrong: PID-3
    reason       TEXT,
    person_id    TEXT REFERENCES person (id),
    reused       INTEGER NOT NULL DEFAULT 0,    -- its control id had come with another content
    repeats      INTEGER NOT NULL DEFAULT 0,    -- how often it came again
    UNIQUE (source, control_id, sent, digest)
);
CREATE INDEX his_message_by_state ON his_message (state, received_us);

-- By what each system knows a person.
CREATE TABLE person_identifier (
    source     TEXT NOT NULL,
    kind       TEXT NOT NULL,                   -- MR, PI, ...
    authority  TEXT NOT NULL,
    value      TEXT NOT NULL,
    person_id  TEXT NOT NULL REFERENCES person (id),
    speaks_of  TEXT NOT NULL,                   -- the moment of the newest message applied, digits of the hospital's time
    PRIMARY KEY (source, kind, authority, value)
) WITHOUT ROWID;
CREATE INDEX person_identifier_by_person ON person_identifier (person_id);
