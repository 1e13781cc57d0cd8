-- What a person did about a message that could not be used.
ALTER TABLE his_message ADD COLUMN replays INTEGER NOT NULL DEFAULT 0; -- how often it was tried again by a person
ALTER TABLE his_message ADD COLUMN decided_us INTEGER;
ALTER TABLE his_message ADD COLUMN decided_by TEXT;    -- account, or "command line"
ALTER TABLE his_message ADD COLUMN decision TEXT;      -- why it was discarded
CREATE INDEX his_message_to_mend ON his_message (received_us, id) WHERE state IN ('parked', 'refused');

-- How many messages of each system became what, so that nobody counts them again; changed with them. Those that came
-- again stand under repeated, which no message has as its state.
CREATE TABLE his_count (
    source    TEXT NOT NULL,
    state     TEXT NOT NULL,
    messages  INTEGER NOT NULL,
    last_us   INTEGER NOT NULL,
    PRIMARY KEY (source, state)
) WITHOUT ROWID;
INSERT INTO his_count (source, state, messages, last_us)
SELECT source, state, count(*), max(received_us) FROM his_message GROUP BY source, state;
INSERT INTO his_count (source, state, messages, last_us)
SELECT source, 'repeated', CAST(sum(repeats) AS BIGINT), max(received_us) FROM his_message WHERE repeats > 0 GROUP BY source;
