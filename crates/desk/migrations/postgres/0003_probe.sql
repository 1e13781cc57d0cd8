-- Written again and again to learn whether the database can be written; its one row says nothing.

CREATE TABLE probe (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    turn  BIGINT NOT NULL
);
INSERT INTO probe (id, turn) VALUES (1, 0);
