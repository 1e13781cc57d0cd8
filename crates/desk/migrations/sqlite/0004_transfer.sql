-- Calls that agents dial, and who passed whom on to whom. interaction.direction is in, out or internal from now on;
-- caller is the number of the party that agents talk to.
CREATE TABLE transfer (
    call_id    TEXT NOT NULL,
    began_us   INTEGER NOT NULL,
    agent      TEXT NOT NULL,                   -- who passed the party on
    target     TEXT NOT NULL,                   -- the extension, or the number in canonical form
    attended   INTEGER NOT NULL,
    ended_us   INTEGER,
    outcome    TEXT,
    ring_ms    INTEGER,
    PRIMARY KEY (call_id, began_us)
) WITHOUT ROWID;
CREATE INDEX transfer_by_agent ON transfer (agent, began_us);
