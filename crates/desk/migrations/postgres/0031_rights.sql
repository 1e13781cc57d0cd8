-- An account has one role or more; the access log is a chain: each row's digest covers the digest before it.
CREATE TABLE account_role (
    account_id  TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    role        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, role)
);
INSERT INTO account_role (account_id, role) SELECT id, role FROM account;
ALTER TABLE account DROP COLUMN role;

-- "<algorithm>:<hex>"; empty in rows from before.
ALTER TABLE access_log ADD COLUMN digest TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX access_log_by_account ON access_log (account_id, id);
