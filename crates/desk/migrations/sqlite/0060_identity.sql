-- Who is whom: pairs that may be one person, and people that were joined.

-- The person this one became; nothing while they stand for themselves.
ALTER TABLE person ADD COLUMN merged_into TEXT REFERENCES person (id);
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX person_by_birth ON person (birth_date, name_initials);

-- Pairs for somebody to look at; a_id sorts before b_id.
CREATE TABLE duplicate_pair (
    a_id        TEXT NOT NULL REFERENCES person (id),
    b_id        TEXT NOT NULL REFERENCES person (id),
    rule        TEXT NOT NULL,                  -- of identity::Rule
    score       INTEGER NOT NULL,               -- thousandths
    found_us    INTEGER NOT NULL,               -- when the newest search saw them
    state       TEXT NOT NULL,                  -- open, later, not_duplicate, merged
    decided_by  TEXT,                           -- account id
    decided_us  INTEGER,
    PRIMARY KEY (a_id, b_id)
) WITHOUT ROWID;
CREATE INDEX duplicate_pair_by_state ON duplicate_pair (state, score);

-- One person became another. Nothing is ever taken out: a merge that was undone stays with who undid it.
CREATE TABLE merge_record (
    id               TEXT PRIMARY KEY NOT NULL,
    survivor_id      TEXT NOT NULL REFERENCES person (id),
    loser_id         TEXT NOT NULL REFERENCES person (id),
    kind             TEXT NOT NULL,             -- manual, hl7
    reason           TEXT NOT NULL,
    survivor_before  TEXT NOT NULL,             -- JSON of the person's row
    survivor_after   TEXT NOT NULL,
    loser_before     TEXT NOT NULL,
    merged_by        TEXT NOT NULL,             -- account id, or the source of a message
    merged_us        INTEGER NOT NULL,
    reversed_by      TEXT,
    reversed_us      INTEGER
);
CREATE INDEX merge_record_by_survivor ON merge_record (survivor_id);
CREATE INDEX merge_record_by_loser ON merge_record (loser_id);
CREATE INDEX merge_record_by_time ON merge_record (merged_us);

-- What went over with it, so that it can go back.
CREATE TABLE merge_moved (
    merge_id  TEXT NOT NULL REFERENCES merge_record (id),
    entity    TEXT NOT NULL,                    -- phone, identifier, visit, appointment, call
    key_1     TEXT NOT NULL,
    key_2     TEXT NOT NULL DEFAULT '',
    key_3     TEXT NOT NULL DEFAULT '',
    key_4     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (merge_id, entity, key_1, key_2, key_3, key_4)
) WITHOUT ROWID;
