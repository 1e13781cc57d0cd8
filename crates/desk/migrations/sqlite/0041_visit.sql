-- Stays and visits as the hospital's systems tell of them. What a message says of its place and people is taken from the
-- newest message (speaks_of), what it says of coming and going from the newest message about that (state_of).
CREATE TABLE visit (
    source         TEXT NOT NULL,
    number         TEXT NOT NULL,               -- PV1-19, as some write it PID-18
    person_id      TEXT NOT NULL REFERENCES person (id),
    class          TEXT NOT NULL,               -- inpatient, outpatient, emergency, other
    state          TEXT NOT NULL,               -- planned, present, left, cancelled
    department     TEXT NOT NULL,               -- codes of the hospital
    ward           TEXT NOT NULL,
    room           TEXT NOT NULL,
    bed            TEXT NOT NULL,
    doctor         TEXT NOT NULL,               -- code of who is in charge
    doctor_name    TEXT NOT NULL,
    admitted_us    INTEGER,
    discharged_us  INTEGER,
    disposition    TEXT NOT NULL,               -- PV1-36, the hospital's code
    speaks_of      TEXT NOT NULL,
    state_of       TEXT NOT NULL,
    PRIMARY KEY (source, number)
) WITHOUT ROWID;
CREATE INDEX visit_by_person ON visit (person_id, admitted_us);
CREATE INDEX visit_by_discharge ON visit (discharged_us) WHERE state = 'left';
