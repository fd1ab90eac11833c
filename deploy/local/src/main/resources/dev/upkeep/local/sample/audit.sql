-- System 1: audit database of a pipeline engine, 400 runs over 160 days, 166 000 rows
PRAGMA page_size = 4096;
PRAGMA synchronous = OFF;
PRAGMA journal_mode = WAL;
BEGIN;

CREATE TABLE runs (
    run_id       TEXT PRIMARY KEY,
    started_at   TEXT NOT NULL,
    completed_at TEXT,
    status       TEXT NOT NULL,
    config       TEXT NOT NULL
);
CREATE TABLE rows (
    row_id   INTEGER PRIMARY KEY,
    run_id   TEXT NOT NULL,
    position INTEGER NOT NULL,
    content  TEXT NOT NULL
);
CREATE TABLE nodes (node_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE edges (edge_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, from_node TEXT NOT NULL, to_node TEXT NOT NULL);
CREATE TABLE artifacts (artifact_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL);
CREATE TABLE checkpoints (checkpoint_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, taken_at TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE token_outcomes (outcome_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, outcome TEXT NOT NULL);
CREATE TABLE tokens (
    token_id    INTEGER PRIMARY KEY,
    row_id      INTEGER NOT NULL REFERENCES rows (row_id),
    branch_name TEXT NOT NULL
);
CREATE TABLE node_states (
    state_id   INTEGER PRIMARY KEY,
    token_id   INTEGER NOT NULL REFERENCES tokens (token_id),
    node_name  TEXT NOT NULL,
    status     TEXT NOT NULL,
    entered_at TEXT NOT NULL
);
CREATE TABLE routing_events (
    event_id INTEGER PRIMARY KEY,
    state_id INTEGER NOT NULL,
    label    TEXT NOT NULL
);

-- one run each 9.6 hours; one of long ago was abandoned: it never ended, so it is not old
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 399)
INSERT INTO runs
SELECT printf('run-%05d', i),
       strftime('%Y-%m-%dT%H:%M:%SZ', ${now} - 160 * 86400 + i * 34560 + 30000, 'unixepoch'),
       CASE WHEN i = 7 THEN NULL
            ELSE strftime('%Y-%m-%dT%H:%M:%SZ', ${now} - 160 * 86400 + i * 34560 + 30600 + i * 37 % 3000, 'unixepoch') END,
       CASE WHEN i = 7 THEN 'abandoned' WHEN i % 23 = 0 THEN 'failed' ELSE 'completed' END,
       printf('{"source":"feed-%d","sink":"warehouse","batch":%d}', i % 9, 100 + i % 7)
FROM n;

WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59)
INSERT INTO rows (run_id, position, content)
SELECT run_id, i, printf('{"customer":%d,"amount":%d.%02d,"note":"%s"}', i * 7919 % 10007, i * 31 % 900, i * 17 % 100,
                         substr('settled by transfer, confirmed by the branch and archived', 1, 20 + i % 36))
FROM runs, n ORDER BY run_id, i;

WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4)
INSERT INTO nodes (run_id, name) SELECT run_id, 'node-' || i FROM runs, n ORDER BY run_id, i;

WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
INSERT INTO edges (run_id, from_node, to_node)
SELECT run_id, 'node-' || i, 'node-' || (i + 1) FROM runs, n ORDER BY run_id, i;

WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1)
INSERT INTO artifacts (run_id, path, bytes)
SELECT run_id, printf('payload/%s/%d.json', run_id, i), 1000 + i * 711 FROM runs, n ORDER BY run_id, i;

WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2)
INSERT INTO checkpoints (run_id, taken_at, state)
SELECT run_id, started_at, printf('{"position":%d}', i * 20) FROM runs, n ORDER BY run_id, i;

INSERT INTO token_outcomes (run_id, outcome)
SELECT run_id, CASE WHEN row_id % 41 = 0 THEN 'rejected' ELSE 'delivered' END FROM rows ORDER BY row_id;

INSERT INTO tokens (row_id, branch_name)
SELECT row_id, branch FROM rows, (SELECT 'main' AS branch UNION ALL SELECT 'enrich') ORDER BY row_id, branch;

INSERT INTO node_states (token_id, node_name, status, entered_at)
SELECT t.token_id, 'node-' || (t.token_id % 5), 'done', r.started_at
FROM tokens t JOIN rows w ON w.row_id = t.row_id JOIN runs r ON r.run_id = w.run_id ORDER BY t.token_id;

INSERT INTO routing_events (state_id, label)
SELECT state_id, CASE WHEN state_id % 2 = 0 THEN 'continue' ELSE 'fork' END FROM node_states WHERE state_id % 3 = 0
ORDER BY state_id;

CREATE INDEX runs_started_at ON runs (started_at);
CREATE INDEX rows_run_id ON rows (run_id);
CREATE INDEX nodes_run_id ON nodes (run_id);
CREATE INDEX artifacts_run_id ON artifacts (run_id);
CREATE INDEX checkpoints_run_id ON checkpoints (run_id);
CREATE INDEX token_outcomes_run_id ON token_outcomes (run_id);
CREATE INDEX tokens_row_id ON tokens (row_id);
CREATE INDEX node_states_token_id ON node_states (token_id);
CREATE INDEX routing_events_state_id ON routing_events (state_id);
COMMIT;
