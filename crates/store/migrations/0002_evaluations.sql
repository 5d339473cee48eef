-- Footprints estimated for records: request and answer as they were, figures of a year for statistics.
CREATE TABLE evaluation (
    id TEXT NOT NULL PRIMARY KEY,
    use_case_id TEXT NOT NULL REFERENCES use_case (id),
    title TEXT NOT NULL,
    -- Who may read it: public or member.
    visibility TEXT NOT NULL,
    requests_per_year BIGINT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    method TEXT NOT NULL,
    method_version TEXT NOT NULL,
    reference_version TEXT NOT NULL,
    grade TEXT,
    energy_low_kwh DOUBLE PRECISION NOT NULL,
    energy_kwh DOUBLE PRECISION NOT NULL,
    energy_high_kwh DOUBLE PRECISION NOT NULL,
    gwp_low_kg DOUBLE PRECISION NOT NULL,
    gwp_kg DOUBLE PRECISION NOT NULL,
    gwp_high_kg DOUBLE PRECISION NOT NULL,
    made_at BIGINT NOT NULL,
    author TEXT NOT NULL,
    -- 1 once it was taken back: request and answer are then empty.
    withdrawn BIGINT NOT NULL
);

CREATE INDEX evaluation_use_case ON evaluation (use_case_id);
