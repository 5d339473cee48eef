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
        select: "SELECT id, email, given_name, family_name, job_title, organisation_name, role, status, \
                 password_hash, totp_secret, totp_step, recovery_codes, created_at, last_signed_in_at, warned_at \
                 FROM account",
        clear: None,
    },
    Table {
        name: "account_identity",
        columns: &[
            ("issuer", Text),
            ("subject", Text),
            ("account_id", Text),
            ("linked_at", Number),
        ],
        select: "SELECT issuer, subject, account_id, linked_at FROM account_identity",
        clear: None,
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
        select: "SELECT account_id, organisation_id, status, asked_at, decided_at, decided_by FROM membership",
        clear: None,
    },
    Table {
        name: "organisation_domain",
        columns: &[("domain", Text), ("organisation_id", Text), ("added_at", Number)],
        select: "SELECT domain, organisation_id, added_at FROM organisation_domain",
        clear: None,
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
        select: "SELECT id, secret_hash, account_id, method, half_open, device, created_at, last_seen_at, \
                 expires_at, provider, id_token FROM session",
        clear: None,
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
        select: "SELECT secret_hash, purpose, account_id, payload, created_at, expires_at FROM secret",
        clear: None,
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
        select: "SELECT id, account_id, purpose, given, wording, source, made_at FROM consent",
        clear: None,
    },
];
