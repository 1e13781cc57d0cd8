-- What a person did about a message that could not be used.
ALTER TABLE his_message ADD COLUMN replays BIGINT NOT NULL DEFAULT 0; -- how often it was tried again by a person
ALTER TABLE his_message ADD COLUMN decided_us BIGINT;
ALTER TABLE his_message ADD COLUMN decided_by TEXT COLLATE "C";    -- account, or "command line"
ALTER TABLE his_message ADD COLUMN decision TEXT COLLATE "C";      -- why it was discarded
CREATE INDEX his_message_to_mend ON his_message (received_us, id) WHERE state IN ('parked', 'refused');

-- How many messages of each system became what, so that nobody counts them again; changed with them. Those that came
-- again stand under repeated, which no message has as its state.
CREATE TABLE his_count (
    source    TEXT COLLATE "C" NOT NULL,
    state     TEXT COLLATE "C" NOT NULL,
    messages  BIGINT NOT NULL,
    last_us   BIGINT NOT NULL,
    PRIMARY KEY (source, state)
);
INSERT INTO his_count (source, state, messages, last_us)
SELECT source, state, count(*), max(received_us) FROM his_message GROUP BY source, state;
INSERT INTO his_count (source, state, messages, last_us)
SELECT source, 'repeated', CAST(sum(repeats) AS BIGINT), max(received_us) FROM his_message WHERE repeats > 0 GROUP BY source;
