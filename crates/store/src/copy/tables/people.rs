//! Accounts and how people sign in.

use super::Kind::{Number, Text};
use super::Table;

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "account",
        columns: &[
            ("id", Text),
            ("email", Text),
            ("given_name", Text),
            ("family_name", Text),
            ("job_title", Text),
            ("organisation_name", Text),
            ("role", Text),
            ("status", Text),
            ("password_hash", Text),
            ("totp_secret", Text),
            ("totp_step", Number),
            ("recovery_codes", Text),
            ("created_at", Number),
            ("last_signed_in_at", Number),
            ("warned_at", Number),
        ],
    },
    Table {
        name: "account_identity",
        columns: &[
            ("issuer", Text),
            ("subject", Text),
            ("account_id", Text),
            ("linked_at", Number),
        ],
    },
    Table {
        name: "membership",
        columns: &[
            ("account_id", Text),
            ("organisation_id", Text),
            ("status", Text),
            ("asked_at", Number),
            ("decided_at", Number),
            ("decided_by", Text),
        ],
    },
    Table {
        name: "organisation_domain",
        columns: &[("domain", Text), ("organisation_id", Text), ("added_at", Number)],
    },
    Table {
        name: "session",
        columns: &[
            ("id", Text),
            ("secret_hash", Text),
            ("account_id", Text),
            ("method", Text),
            ("half_open", Number),
            ("device", Text),
            ("created_at", Number),
            ("last_seen_at", Number),
            ("expires_at", Number),
            ("provider", Text),
            ("id_token", Text),
        ],
    },
    Table {
        name: "secret",
        columns: &[
            ("secret_hash", Text),
            ("purpose", Text),
            ("account_id", Text),
            ("payload", Text),
            ("created_at", Number),
            ("expires_at", Number),
        ],
    },
    Table {
        name: "consent",
        columns: &[
            ("id", Text),
            ("account_id", Text),
            ("purpose", Text),
            ("given", Number),
            ("wording", Text),
            ("source", Text),
            ("made_at", Number),
        ],
    },
];
