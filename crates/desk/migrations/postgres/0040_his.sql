-- What the hospital's systems told: each message as it came, and what became of it.
CREATE TABLE his_message (
    id           TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    source       TEXT COLLATE "C" NOT NULL,             -- of [[his]]
    remote       TEXT COLLATE "C" NOT NULL,             -- address it came from
    received_us  BIGINT NOT NULL,
    raw          BYTEA NOT NULL,
    charset      TEXT COLLATE "C" NOT NULL,
    digest       TEXT COLLATE "C" NOT NULL,             -- of the content, without control id and time
    kind         TEXT COLLATE "C" NOT NULL,             -- ADT, SIU, ...; empty when it could not be read
    event        TEXT COLLATE "C" NOT NULL,             -- A08, S12, ...
    control_id   TEXT COLLATE "C" NOT NULL,
    sent         TEXT COLLATE "C" NOT NULL,             -- digits of MSH-7
    state        TEXT COLLATE "C" NOT NULL,             -- applied, ignored, stale, parked, refused
    code         BIGINT,                                -- of HL7 table 0357
    path         TEXT COLLATE "C",                      -- where it is wrong: PID-3
    reason       TEXT COLLATE "C",
    person_id    TEXT COLLATE "C" REFERENCES person (id),
    reused       BOOLEAN NOT NULL DEFAULT FALSE,        -- its control id had come with another content
    repeats      BIGINT NOT NULL DEFAULT 0,             -- how often it came again
    UNIQUE (source, control_id, sent, digest)
);
CREATE INDEX his_message_by_state ON his_message (state, received_us);

-- By what each system knows a person.
CREATE TABLE person_identifier (
    source     TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,               -- MR, PI, ...
    authority  TEXT COLLATE "C" NOT NULL,
    value      TEXT COLLATE "C" NOT NULL,
    person_id  TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    speaks_of  TEXT COLLATE "C" NOT NULL,               -- the moment of the newest message applied, digits of the hospital's time
    PRIMARY KEY (source, kind, authority, value)
);
CREATE INDEX person_identifier_by_person ON person_identifier (person_id);
