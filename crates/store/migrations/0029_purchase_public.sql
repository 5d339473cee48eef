-- Since when the summary of a purchase is public; empty while it is not.
ALTER TABLE purchase ADD COLUMN public_at BIGINT;

-- People of a training who had attended another one in the two years before, and elected members among them; empty when
-- nobody counted.
ALTER TABLE training_session ADD COLUMN already BIGINT;
ALTER TABLE training_session ADD COLUMN already_elected BIGINT;
