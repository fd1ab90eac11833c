-- a semicolon that does not end a statement of this script is followed by a comment
-- System 2: telemetry platform, 120 000 events of 12 days and 216 000 one-minute aggregates of 150 days
CREATE TABLE events_seen (
    event_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source     text NOT NULL,
    kind       text NOT NULL,
    body       jsonb NOT NULL,
    created_at timestamptz NOT NULL
);

INSERT INTO events_seen (source, kind, body, created_at)
SELECT 'probe-' || i % 40,
       (ARRAY['metric', 'trace', 'log'])[1 + i % 3],
       jsonb_build_object('value', i * 7919 % 1009, 'host', 'h' || i % 200, 'ok', i % 17 <> 0),
       to_timestamp(${now} - 12 * 86400) + i * interval '8.64 seconds'
FROM generate_series(1, 120000) AS i;

CREATE INDEX events_seen_created_at ON events_seen (created_at);

CREATE TABLE agg_1m (
    window_start_ts timestamptz NOT NULL,
    source          text NOT NULL,
    count           bigint NOT NULL,
    mean            double precision NOT NULL,
    PRIMARY KEY (window_start_ts, source)
) PARTITION BY RANGE (window_start_ts);

-- a partition for each month that has rows, and for the next one
DO $$
DECLARE
    month timestamp := date_trunc('month', to_timestamp(${now} - 150 * 86400) AT TIME ZONE 'UTC'); --
BEGIN
    WHILE month <= date_trunc('month', to_timestamp(${now}) AT TIME ZONE 'UTC') + interval '1 month' LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF agg_1m FOR VALUES FROM (%L) TO (%L)',
                       'agg_1m_' || to_char(month, 'YYYY_MM'), month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'); --
        month := month + interval '1 month'; --
    END LOOP; --
END $$;

INSERT INTO agg_1m
SELECT date_trunc('minute', to_timestamp(${now})) - i * interval '1 minute', 'probe-' || i % 8, 60 + i % 40, (i * 31 % 997) / 10.0
FROM generate_series(1, 150 * 1440) AS i;

DO $$
DECLARE
    r record; --
BEGIN
    FOR r IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO telemetry_owner', r.name); --
    END LOOP; --
END $$;
