-- What both figures of a ratio take in. A ratio whose perimeter nobody declared compares nothing.
DELETE FROM measured_ratio;

ALTER TABLE measured_ratio ADD COLUMN perimeter TEXT NOT NULL DEFAULT '';
