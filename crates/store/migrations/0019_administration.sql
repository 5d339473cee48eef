-- What background jobs did: one row for each time that one ran.
CREATE TABLE job_run (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- How long it took, in milliseconds.
    took_ms BIGINT NOT NULL,
    -- 1 when it came to its end.
    done BIGINT NOT NULL,
    -- What it did, as a JSON object of counts.
    counts TEXT NOT NULL,
    -- Why it stopped; empty when it did not.
    error TEXT NOT NULL
);

CREATE INDEX job_run_name ON job_run (name, started_at);
CREATE INDEX job_run_started ON job_run (started_at);

-- Settings of the instance made on the site. They win over the configuration.
CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Every change of a setting. Rows are only ever added. An absent value is that of the configuration.
CREATE TABLE setting_change (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    former TEXT,
    value TEXT,
    author TEXT NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE INDEX setting_change_key ON setting_change (key, made_at);
