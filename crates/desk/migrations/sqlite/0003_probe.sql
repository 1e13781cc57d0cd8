-- Written again and again to learn whether the database can be written; its one row says nothing.

CREATE TABLE probe (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    turn  INTEGER NOT NULL
);
INSERT INTO probe (id, turn) VALUES (1, 0);
