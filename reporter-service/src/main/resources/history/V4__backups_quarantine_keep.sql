-- Backups as results tell of them; executors have the catalogue itself.
CREATE TABLE backup (
    db TEXT NOT NULL,
    name TEXT NOT NULL,
    executor TEXT NOT NULL,
    method TEXT,
    state TEXT,
    taken_at BIGINT NOT NULL,
    bytes BIGINT,
    source_bytes BIGINT,
    verified_at BIGINT,
    proven_at BIGINT,
    problem TEXT,
    gone_at BIGINT,
    -- how many were left once this one had made older ones expire
    left_over INTEGER,
    at BIGINT NOT NULL,
    PRIMARY KEY (db, name)
) ${clustered};
CREATE INDEX backup_taken ON backup (taken_at, name);
CREATE INDEX backup_gone ON backup (gone_at);

-- Results that cannot be what they say they are; kept aside until the state of their run clears them.
CREATE TABLE quarantine (
    id ${identity},
    command TEXT NOT NULL,
    run TEXT NOT NULL,
    db TEXT NOT NULL,
    executor TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    doc ${bytes} NOT NULL,
    UNIQUE (command, executor)
);
CREATE INDEX quarantine_run ON quarantine (run);
CREATE INDEX quarantine_at ON quarantine (at, id);

-- For how long the newest purge of each policy was told to keep the rows of each table.
CREATE TABLE keep (
    db TEXT NOT NULL,
    origin TEXT NOT NULL,
    table_name TEXT NOT NULL,
    keep_ms BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (db, origin, table_name)
) ${clustered};
