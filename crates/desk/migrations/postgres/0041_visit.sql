-- Stays and visits as the hospital's systems tell of them. What a message says of its place and people is taken from the
-- newest message (speaks_of), what it says of coming and going from the newest message about that (state_of).
CREATE TABLE visit (
    source         TEXT COLLATE "C" NOT NULL,
    number         TEXT COLLATE "C" NOT NULL,         -- PV1-19, as some write it PID-18
    person_id      TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    class          TEXT COLLATE "C" NOT NULL,         -- inpatient, outpatient, emergency, other
    state          TEXT COLLATE "C" NOT NULL,         -- planned, present, left, cancelled
    department     TEXT COLLATE "C" NOT NULL,         -- codes of the hospital
    ward           TEXT COLLATE "C" NOT NULL,
    room           TEXT COLLATE "C" NOT NULL,
    bed            TEXT COLLATE "C" NOT NULL,
    doctor         TEXT COLLATE "C" NOT NULL,         -- code of who is in charge
    doctor_name    TEXT COLLATE "C" NOT NULL,
    admitted_us    BIGINT,
    discharged_us  BIGINT,
    disposition    TEXT COLLATE "C" NOT NULL,         -- PV1-36, the hospital's code
    speaks_of      TEXT COLLATE "C" NOT NULL,
    state_of       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (source, number)
);
CREATE INDEX visit_by_person ON visit (person_id, admitted_us);
CREATE INDEX visit_by_discharge ON visit (discharged_us) WHERE state = 'left';
