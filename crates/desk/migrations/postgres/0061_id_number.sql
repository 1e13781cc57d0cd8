-- ID numbers lie sealed; a whole one is found by its digest under the key.
ALTER TABLE person ADD COLUMN id_number TEXT COLLATE "C";  -- a256gcm:<key>:<base64>
ALTER TABLE person ADD COLUMN id_digest TEXT COLLATE "C";  -- hs256:<key>:<hex>
CREATE INDEX person_by_id_digest ON person (id_digest) WHERE id_digest IS NOT NULL;
-- The survivor took the loser's ID number.
ALTER TABLE merge_record ADD COLUMN took_id_number BOOLEAN NOT NULL DEFAULT FALSE;

-- The key under which values are sealed; its secret stands in a file of its own.
CREATE TABLE data_key (
    name      TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    since_us  BIGINT NOT NULL
);

-- What somebody asked to see whole, and why.
CREATE TABLE reveal (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    at_us       BIGINT NOT NULL,
    account_id  TEXT COLLATE "C" NOT NULL,
    person_id   TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    field       TEXT COLLATE "C" NOT NULL,  -- id_number
    reason      TEXT COLLATE "C" NOT NULL
);
CREATE INDEX reveal_by_account ON reveal (account_id, at_us);
CREATE INDEX reveal_by_time ON reveal (at_us);
