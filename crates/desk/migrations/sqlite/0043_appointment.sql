-- Appointments as the hospital's systems keep them (SIU). As with stays, what a message says is taken from the newest one
-- (speaks_of), what becomes of it from the newest one about that (state_of). Earlier times stand in his_message.
CREATE TABLE appointment (
    source       TEXT NOT NULL,
    number       TEXT NOT NULL,     -- SCH-2, else SCH-1
    person_id    TEXT NOT NULL REFERENCES person (id),
    state        TEXT NOT NULL,     -- booked, cancelled, noshow, arrived, fulfilled, pending, waitlist, entered_in_error
    starts_us    INTEGER,
    ends_us      INTEGER,
    place        TEXT NOT NULL,
    doctor       TEXT NOT NULL,
    doctor_name  TEXT NOT NULL,
    service      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    moves        INTEGER NOT NULL,     -- how often it was put to another time
    speaks_of    TEXT NOT NULL,
    state_of     TEXT NOT NULL,
    PRIMARY KEY (source, number)
) WITHOUT ROWID;
CREATE INDEX appointment_by_person ON appointment (person_id, starts_us);
