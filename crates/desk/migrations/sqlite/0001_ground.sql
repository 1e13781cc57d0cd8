-- People, numbers and accounts. Times are UTC microseconds since 1970; ids are UUIDs as text unless said otherwise.

CREATE TABLE person (
    id             TEXT PRIMARY KEY NOT NULL,
    record_number  TEXT UNIQUE,                 -- 病历号; absent for somebody who never was a patient
    kind           TEXT NOT NULL,               -- patient, prospect, contact_only
    name           TEXT NOT NULL,
    name_initials  TEXT NOT NULL,               -- pinyin initials, lower case: 张建国 -> zjg
    sex            TEXT NOT NULL,               -- male, female, unknown
    birth_date     TEXT,                        -- YYYY-MM-DD
    address        TEXT NOT NULL DEFAULT '',
    alert          TEXT NOT NULL DEFAULT '',    -- one line shown on top of the pop, e.g. hearing or language need
    deceased       INTEGER NOT NULL DEFAULT 0,
    source_code    TEXT NOT NULL DEFAULT '',    -- first-touch source, asked once; empty while unknown
    first_seen_us  INTEGER NOT NULL,
    created_by     TEXT NOT NULL,               -- account id, or 'seed', or 'import'
    version        INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX person_by_initials ON person (name_initials);
CREATE INDEX person_by_name ON person (name);

-- One row for each number of a person; a number may stand in many rows.
CREATE TABLE person_phone (
    id          TEXT PRIMARY KEY NOT NULL,
    person_id   TEXT NOT NULL REFERENCES person (id),
    number      TEXT NOT NULL,                  -- canonical form of model::number, the form in which calls carry it
    raw         TEXT NOT NULL,
    kind        TEXT NOT NULL,                  -- mobile, landline, service, short, foreign, invalid
    relation    TEXT NOT NULL,                  -- self, spouse, child, parent, other: whose number it is to the person
    authorised  INTEGER NOT NULL DEFAULT 0,     -- the holder may act for the person
    priority    INTEGER NOT NULL DEFAULT 0,     -- 0 first
    shared      INTEGER NOT NULL DEFAULT 0,     -- more than 8 persons: hotel, landlord, agent
    UNIQUE (person_id, number)
);
CREATE INDEX person_phone_by_number ON person_phone (number);

CREATE TABLE account (
    id             TEXT PRIMARY KEY NOT NULL,
    login          TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    role           TEXT NOT NULL,               -- agent, supervisor
    agent          TEXT UNIQUE,                 -- id of the agent at the switch, for role agent
    password_hash  TEXT NOT NULL,               -- PHC string, argon2id
    disabled       INTEGER NOT NULL DEFAULT 0,
    created_us     INTEGER NOT NULL
);

-- A browser that signed in. Only the digest of the cookie is kept.
CREATE TABLE sign_in (
    token_sha256   TEXT PRIMARY KEY NOT NULL,
    account_id     TEXT NOT NULL REFERENCES account (id),
    created_us     INTEGER NOT NULL,
    seen_us        INTEGER NOT NULL,
    ended_us       INTEGER
);
CREATE INDEX sign_in_by_account ON sign_in (account_id);

-- Who saw or heard what. No content, only references.
CREATE TABLE access_log (
    id          INTEGER PRIMARY KEY,
    at_us       INTEGER NOT NULL,
    account_id  TEXT NOT NULL,
    action      TEXT NOT NULL,                  -- pop, person, search, play, sign_in, sign_in_refused, sign_out
    entity      TEXT NOT NULL,                  -- call, person, recording, account
    entity_id   TEXT NOT NULL
);
CREATE INDEX access_log_by_entity ON access_log (entity, entity_id, at_us);
