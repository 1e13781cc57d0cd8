-- ID numbers lie sealed; a whole one is found by its digest under the key.
ALTER TABLE person ADD COLUMN id_number TEXT;  -- a256gcm:<key>:<base64>
ALTER TABLE person ADD COLUMN id_digest TEXT;  -- hs256:<key>:<hex>
CREATE INDEX person_by_id_digest ON person (id_digest) WHERE id_digest IS NOT NULL;
-- The survivor took the loser's ID number.
ALTER TABLE merge_record ADD COLUMN took_id_number INTEGER NOT NULL DEFAULT 0;

-- The key under which values are sealed; its secret stands in a file of its own.
CREATE TABLE data_key (
    name      TEXT PRIMARY KEY NOT NULL,
    since_us  INTEGER NOT NULL
);

-- What somebody asked to see whole, and why.
CREATE TABLE reveal (
    id          TEXT PRIMARY KEY NOT NULL,
    at_us       INTEGER NOT NULL,
    account_id  TEXT NOT NULL,
    person_id   TEXT NOT NULL REFERENCES person (id),
    field       TEXT NOT NULL,                  -- id_number
    reason      TEXT NOT NULL
);
CREATE INDEX reveal_by_account ON reveal (account_id, at_us);
CREATE INDEX reveal_by_time ON reveal (at_us);
