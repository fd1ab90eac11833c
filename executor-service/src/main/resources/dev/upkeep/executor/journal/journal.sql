CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE command (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'ended')),
    attempts INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    cancelled TEXT,
    traceparent TEXT
);

CREATE INDEX command_open ON command (seq) WHERE state <> 'ended';

CREATE INDEX command_ended ON command (ended_at) WHERE state = 'ended';

CREATE TABLE step (
    command TEXT NOT NULL REFERENCES command (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'ended')),
    attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    result BLOB,
    cursor TEXT,
    PRIMARY KEY (command, position)
) WITHOUT ROWID;

CREATE TABLE cursor (
    owner TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    saved_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    command TEXT REFERENCES command (id) ON DELETE CASCADE,
    topic TEXT NOT NULL,
    key TEXT,
    headers TEXT NOT NULL,
    value BLOB NOT NULL,
    sent_at INTEGER
);

CREATE INDEX outbox_pending ON outbox (seq) WHERE sent_at IS NULL;

CREATE INDEX outbox_command ON outbox (command);
