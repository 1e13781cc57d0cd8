-- What a person allows; rows are only added, and the newest of each purpose holds.
CREATE TABLE consent (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    person_id   TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    purpose     TEXT COLLATE "C" NOT NULL,      -- of consent::Purpose
    state       TEXT COLLATE "C" NOT NULL,      -- granted, withdrawn, refused
    evidence    TEXT COLLATE "C" NOT NULL,      -- how it is known: said on the telephone, a signed paper
    call_id     TEXT COLLATE "C",               -- the call in which it was said
    until_us    BIGINT,
    at_us       BIGINT NOT NULL,
    account_id  TEXT COLLATE "C" NOT NULL,
    merge_id    TEXT COLLATE "C" REFERENCES merge_record (id)  -- it follows from a merge, and goes with it
);
CREATE INDEX consent_by_person ON consent (person_id, purpose, at_us);
CREATE INDEX consent_by_merge ON consent (merge_id) WHERE merge_id IS NOT NULL;
