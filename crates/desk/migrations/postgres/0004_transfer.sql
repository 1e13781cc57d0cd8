-- Calls that agents dial, and who passed whom on to whom. interaction.direction is in, out or internal from now on;
-- caller is the number of the party that agents talk to.
CREATE TABLE transfer (
    call_id    TEXT COLLATE "C" NOT NULL,
    began_us   BIGINT NOT NULL,
    agent      TEXT COLLATE "C" NOT NULL,  -- who passed the party on
    target     TEXT COLLATE "C" NOT NULL,  -- the extension, or the number in canonical form
    attended   BOOLEAN NOT NULL,
    ended_us   BIGINT,
    outcome    TEXT COLLATE "C",
    ring_ms    BIGINT,
    PRIMARY KEY (call_id, began_us)
);
CREATE INDEX transfer_by_agent ON transfer (agent, began_us);
