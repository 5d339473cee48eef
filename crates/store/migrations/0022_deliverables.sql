-- What is owed after an award, with who is reminded of it.
CREATE TABLE purchase_deliverable (
    id TEXT NOT NULL PRIMARY KEY,
    purchase_id TEXT NOT NULL REFERENCES purchase (id),
    label TEXT NOT NULL,
    -- Who owes it: supplier or buyer.
    owed_by TEXT NOT NULL,
    -- YYYY-MM-DD.
    due_on TEXT NOT NULL,
    received_on TEXT,
    -- The agent who is reminded; empty once the account was erased.
    account_id TEXT REFERENCES account (id),
    -- 1 while that agent wants reminders.
    reminds BIGINT NOT NULL,
    -- Mailbox of the supplier that is reminded too; emptied by a click on "no more".
    email TEXT,
    made_at BIGINT NOT NULL
);

CREATE INDEX purchase_deliverable_purchase ON purchase_deliverable (purchase_id);
CREATE INDEX purchase_deliverable_account ON purchase_deliverable (account_id);
CREATE INDEX purchase_deliverable_due ON purchase_deliverable (due_on);
