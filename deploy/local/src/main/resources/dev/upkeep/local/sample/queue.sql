-- System 4: task queue, 40 000 tasks of the last 40 days, 14 stale leases, and pages left free by an earlier cleanup
PRAGMA page_size = 4096;
PRAGMA synchronous = OFF;
PRAGMA journal_mode = WAL;
BEGIN;

CREATE TABLE task_queue (
    task_id          INTEGER PRIMARY KEY,
    kind             TEXT NOT NULL,
    payload          TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'done', 'dead')),
    priority         INTEGER NOT NULL,
    attempts         INTEGER NOT NULL,
    owner            TEXT,
    lease_expires_at INTEGER,
    created_at       INTEGER NOT NULL,
    finished_at      INTEGER
);

WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999)
INSERT INTO task_queue (kind, payload, state, priority, attempts, owner, lease_expires_at, created_at, finished_at)
SELECT CASE i % 4 WHEN 0 THEN 'mail' WHEN 1 THEN 'invoice' WHEN 2 THEN 'report' ELSE 'import' END,
       printf('{"document":%d,"template":"%s"}', i * 7919 % 100003, substr('standard letter with reminder and receipt', 1, 12 + i % 28)),
       CASE WHEN i < 49000 THEN CASE WHEN i % 97 = 0 THEN 'dead' ELSE 'done' END WHEN i % 31 = 0 THEN 'leased' ELSE 'ready' END,
       i % 5, 1 + i % 3,
       CASE WHEN i >= 49000 AND i % 31 = 0 THEN 'worker-' || (i % 6) END,
       CASE WHEN i >= 49000 AND i % 31 = 0 THEN ${now} + CASE WHEN i % 62 = 0 THEN 3600 ELSE -1800 END END,
       ${now} - (49999 - i) * 69,
       CASE WHEN i < 49000 THEN ${now} - (49999 - i) * 69 + 30 END
FROM n;

-- keeps 14 stale leases, the others were renewed
UPDATE task_queue SET lease_expires_at = ${now} + 3600
WHERE task_id IN (SELECT task_id FROM task_queue WHERE lease_expires_at < ${now} ORDER BY task_id LIMIT -1 OFFSET 14);

CREATE INDEX task_queue_next ON task_queue (state, priority, task_id);
CREATE INDEX task_queue_lease ON task_queue (state, lease_expires_at);
CREATE INDEX task_queue_finished ON task_queue (finished_at);

-- an earlier cleanup left its pages free
DELETE FROM task_queue WHERE task_id BETWEEN 2001 AND 12000;
COMMIT;
