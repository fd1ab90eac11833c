-- Times are milliseconds since 1970 in UTC. Documents are the messages as they came.

CREATE TABLE place (
    topic TEXT NOT NULL,
    part INTEGER NOT NULL,
    topic_id TEXT NOT NULL,
    next_offset BIGINT NOT NULL,
    PRIMARY KEY (topic, part)
);

CREATE TABLE executor (
    executor TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    silent_after BIGINT NOT NULL,
    stopping INTEGER NOT NULL,
    doc TEXT NOT NULL
);

CREATE TABLE fleet (
    db TEXT PRIMARY KEY,
    executor TEXT NOT NULL,
    engine TEXT NOT NULL,
    problem TEXT,
    labels TEXT NOT NULL,
    at BIGINT NOT NULL,
    gone INTEGER NOT NULL,
    doc TEXT NOT NULL
);

CREATE TABLE result (
    command TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    origin_kind TEXT NOT NULL,
    origin TEXT NOT NULL,
    db TEXT NOT NULL,
    executor TEXT NOT NULL,
    outcome TEXT NOT NULL,
    good INTEGER NOT NULL,
    dry_run INTEGER NOT NULL,
    at BIGINT NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX result_at ON result (at, command);
CREATE INDEX result_db ON result (db, at, command);
CREATE INDEX result_run ON result (run);
CREATE INDEX result_bad ON result (at, command) WHERE good = 0;

-- How each task, policy, or request last ended on each database: one row per subject.
CREATE TABLE ending (
    db TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    started INTEGER NOT NULL,
    code TEXT,
    message TEXT,
    command TEXT NOT NULL,
    run TEXT NOT NULL,
    executor TEXT NOT NULL,
    at BIGINT NOT NULL,
    took_ms BIGINT,
    nominal_at BIGINT,
    every_ms BIGINT,
    good_at BIGINT,
    partials INTEGER NOT NULL,
    PRIMARY KEY (db, subject)
) ${clustered};

CREATE TABLE tally (
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (name, labels)
) ${clustered};

CREATE TABLE series (
    id ${identity},
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    kind TEXT NOT NULL,
    db TEXT NOT NULL,
    labels TEXT NOT NULL,
    executor TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (db, name, unit, kind, labels)
);

CREATE TABLE sample (
    series BIGINT NOT NULL,
    at BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (series, at)
) ${clustered};

-- The newest look of one task with certain parameters at one database; older ones change no finding.
CREATE TABLE look (
    db TEXT NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (db, source)
) ${clustered};

CREATE TABLE finding (
    id ${identity},
    db TEXT NOT NULL,
    task TEXT NOT NULL,
    source TEXT NOT NULL,
    check_name TEXT NOT NULL,
    object TEXT NOT NULL,
    severity TEXT NOT NULL,
    value TEXT NOT NULL,
    threshold TEXT NOT NULL,
    origin TEXT NOT NULL,
    advice TEXT NOT NULL,
    command TEXT NOT NULL,
    since BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    ended BIGINT
);
CREATE UNIQUE INDEX finding_open ON finding (db, task, check_name, object) WHERE ended IS NULL;
CREATE INDEX finding_since ON finding (since, id);
CREATE INDEX finding_db ON finding (db, since, id);

CREATE TABLE run (
    run TEXT PRIMARY KEY,
    origin_kind TEXT NOT NULL,
    origin TEXT NOT NULL,
    status TEXT NOT NULL,
    as_of BIGINT NOT NULL,
    at BIGINT NOT NULL,
    databases INTEGER NOT NULL,
    dry_run INTEGER NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX run_as_of ON run (as_of, run);
CREATE INDEX run_origin ON run (origin, as_of, run);

CREATE TABLE run_part (
    run TEXT NOT NULL,
    part INTEGER NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (run, part)
) ${clustered};

CREATE TABLE target (
    run TEXT NOT NULL,
    db TEXT NOT NULL,
    command TEXT NOT NULL,
    executor TEXT NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT,
    sent_at BIGINT,
    ended_at BIGINT,
    finish_by BIGINT,
    reasons TEXT NOT NULL,
    PRIMARY KEY (run, db)
) ${clustered};
CREATE INDEX target_open ON target (finish_by) WHERE outcome IS NULL;

CREATE TABLE progress (
    command TEXT PRIMARY KEY,
    db TEXT NOT NULL,
    run TEXT NOT NULL,
    at BIGINT NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX progress_run ON progress (run);
CREATE INDEX progress_at ON progress (at);

CREATE TABLE control (
    id TEXT PRIMARY KEY,
    until BIGINT NOT NULL,
    doc TEXT NOT NULL
);

CREATE TABLE dead_letter (
    part INTEGER NOT NULL,
    at_offset BIGINT NOT NULL,
    at BIGINT NOT NULL,
    source_topic TEXT NOT NULL,
    source_part INTEGER NOT NULL,
    source_offset BIGINT NOT NULL,
    reader TEXT NOT NULL,
    code TEXT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (part, at_offset)
) ${clustered};
CREATE INDEX dead_letter_at ON dead_letter (at);

CREATE TABLE alert (
    fingerprint TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    db TEXT,
    executor TEXT,
    since BIGINT NOT NULL,
    gone_since BIGINT,
    ended BIGINT,
    told_at BIGINT,
    doc TEXT NOT NULL
);
CREATE INDEX alert_since ON alert (since, fingerprint);
CREATE INDEX alert_ended ON alert (ended);

CREATE TABLE outbox (
    id ${identity},
    way TEXT NOT NULL,
    event TEXT NOT NULL,
    doc TEXT NOT NULL,
    created BIGINT NOT NULL,
    due BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    problem TEXT
);
CREATE INDEX outbox_way ON outbox (way, id);
