-- What a person allows; rows are only added, and the newest of each purpose holds.
CREATE TABLE consent (
    id          TEXT PRIMARY KEY NOT NULL,
    person_id   TEXT NOT NULL REFERENCES person (id),
    purpose     TEXT NOT NULL,                  -- of consent::Purpose
    state       TEXT NOT NULL,                  -- granted, withdrawn, refused
    evidence    TEXT NOT NULL,                  -- how it is known: said on the telephone, a signed paper
    call_id     TEXT,                           -- the call in which it was said
    until_us    INTEGER,
    at_us       INTEGER NOT NULL,
    account_id  TEXT NOT NULL,
    merge_id    TEXT REFERENCES merge_record (id)  -- it follows from a merge, and goes with it
);
CREATE INDEX consent_by_person ON consent (person_id, purpose, at_us);
CREATE INDEX consent_by_merge ON consent (merge_id) WHERE merge_id IS NOT NULL;
