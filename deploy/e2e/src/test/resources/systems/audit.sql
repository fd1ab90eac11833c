-- System 1 in PostgreSQL: 200 runs of 160 days, with the links declared and the indexes missing
CREATE TABLE runs (run_id text PRIMARY KEY, started_at text NOT NULL, completed_at text, status text NOT NULL, config text NOT NULL);
CREATE TABLE rows (row_id bigint PRIMARY KEY, run_id text NOT NULL REFERENCES runs);
CREATE TABLE tokens (token_id bigint PRIMARY KEY, row_id bigint NOT NULL REFERENCES rows, branch_name text NOT NULL);
CREATE TABLE node_states (state_id bigint PRIMARY KEY, token_id bigint NOT NULL REFERENCES tokens);
INSERT INTO runs SELECT 'run-' || i, to_char((now() - (160 - i * 0.8) * interval '1 day') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  NULL, 'completed', '{}' FROM generate_series(1, 200) i;
INSERT INTO rows SELECT i, 'run-' || (1 + i % 200) FROM generate_series(1, 4000) i;
INSERT INTO tokens SELECT i, 1 + i % 4000, 'main' FROM generate_series(1, 8000) i;
INSERT INTO node_states SELECT i, 1 + i % 8000 FROM generate_series(1, 8000) i;
CREATE INDEX tokens_row_id ON tokens (row_id);
ANALYZE;
