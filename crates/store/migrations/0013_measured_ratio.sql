-- What was measured over what had been estimated for the same thing, as somebody of the carrier declared it.
CREATE TABLE measured_ratio (
    measured_id TEXT NOT NULL REFERENCES evaluation (id),
    estimated_id TEXT NOT NULL REFERENCES evaluation (id),
    ratio_low DOUBLE PRECISION NOT NULL,
    ratio DOUBLE PRECISION NOT NULL,
    ratio_high DOUBLE PRECISION NOT NULL,
    kept_at BIGINT NOT NULL,
    PRIMARY KEY (measured_id, estimated_id)
);

CREATE INDEX measured_ratio_estimated ON measured_ratio (estimated_id);
