-- Since when the summary of a purchase is public; empty while it is not.
ALTER TABLE purchase ADD COLUMN public_at BIGINT;
