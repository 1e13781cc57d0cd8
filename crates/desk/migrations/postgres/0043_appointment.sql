-- Appointments as the hospital's systems keep them (SIU). As with stays, what a message says is taken from the newest one
-- (speaks_of), what becomes of it from the newest one about that (state_of). Earlier times stand in his_message.
CREATE TABLE appointment (
    source       TEXT COLLATE "C" NOT NULL,
    number       TEXT COLLATE "C" NOT NULL,     -- SCH-2, else SCH-1
    person_id    TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    state        TEXT COLLATE "C" NOT NULL,     -- booked, cancelled, noshow, arrived, fulfilled, pending, waitlist, entered_in_error
    starts_us    BIGINT,
    ends_us      BIGINT,
    place        TEXT COLLATE "C" NOT NULL,
    doctor       TEXT COLLATE "C" NOT NULL,
    doctor_name  TEXT COLLATE "C" NOT NULL,
    service      TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    moves        BIGINT NOT NULL,     -- how often it was put to another time
    speaks_of    TEXT COLLATE "C" NOT NULL,
    state_of     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (source, number)
);
CREATE INDEX appointment_by_person ON appointment (person_id, starts_us);
