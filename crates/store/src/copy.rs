//! Moving an instance from one database to another, across engines.

use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::hash::Fingerprint;
use crate::row::Cells;
use crate::row::Row;
use crate::sql::{BulkInsert, Sql, Values};
use crate::store::Store;
use crate::use_cases::Interrupted;

/// What a copy wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// Tables with the number of their rows, in the order in which they were written.
    pub tables: Vec<(&'static str, u64)>,
    /// Hash of the catalogue, the same on both sides.
    pub catalogue_hash: String,
}

/// How a column is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Real,
    Bytes,
}

use Kind::{Bytes, Number, Real, Text};

/// A table, with the statement that reads it.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    select: &'static str,
    /// Empties what the migrations put in, where they did.
    clear: Option<&'static str>,
}

impl Table {
    /// Reads every row.
    pub(crate) const fn select(&self) -> &'static str {
        self.select
    }
}

/// Every table of the product, those that others refer to first.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "meta",
        columns: &[("key", Text), ("value", Number)],
        select: "SELECT key, value FROM meta",
        clear: Some("DELETE FROM meta"),
    },
    Table {
        name: "organisation",
        columns: &[
            ("id", Text),
            ("slug", Text),
            ("name", Text),
            ("name_key", Text),
            ("aliases", Text),
            ("siret", Text),
            ("siren", Text),
            ("kind", Text),
            ("latitude", Real),
            ("longitude", Real),
            ("departement", Text),
            ("region", Text),
            ("population", Number),
            ("status", Text),
        ],
        select: "SELECT id, slug, name, name_key, aliases, siret, siren, kind, latitude, longitude, departement, \
                 region, population, status FROM organisation",
        clear: None,
    },
    Table {
        name: "use_case",
        columns: &[
            ("id", Text),
            ("slug", Text),
            ("organisation_id", Text),
            ("status", Text),
            ("version", Number),
            ("published_number", Number),
            ("imported_number", Number),
            ("created_at", Number),
            ("first_published_at", Number),
            ("last_reviewed_on", Text),
            ("changed_in", Number),
            ("withdrawal", Text),
        ],
        select: "SELECT id, slug, organisation_id, status, version, published_number, imported_number, \
                 created_at, first_published_at, last_reviewed_on, changed_in, withdrawal FROM use_case",
        clear: None,
    },
    Table {
        name: "revision",
        columns: &[
            ("use_case_id", Text),
            ("number", Number),
            ("status", Text),
            ("content", Text),
            ("completeness", Number),
            ("reason", Text),
            ("author", Text),
            ("created_at", Number),
            ("published_at", Number),
        ],
        select: "SELECT use_case_id, number, status, content, completeness, reason, author, created_at, \
                 published_at FROM revision",
        clear: None,
    },
    Table {
        name: "import_batch",
        columns: &[
            ("id", Text),
            ("source", Text),
            ("source_version", Text),
            ("imported_at", Number),
            ("actor", Text),
            ("row_count", Number),
            ("summary", Text),
        ],
        select: "SELECT id, source, source_version, imported_at, actor, row_count, summary FROM import_batch",
        clear: None,
    },
    Table {
        name: "provenance",
        columns: &[
            ("use_case_id", Text),
            ("number", Number),
            ("import_id", Text),
            ("source_row", Number),
            ("natural_key", Text),
            ("source_hash", Text),
        ],
        select: "SELECT use_case_id, number, import_id, source_row, natural_key, source_hash FROM provenance",
        clear: None,
    },
    Table {
        name: "import_rows",
        columns: &[("import_id", Text), ("first_row", Number), ("rows", Bytes)],
        select: "SELECT import_id, first_row, rows FROM import_rows",
        clear: None,
    },
    Table {
        name: "slug_redirect",
        columns: &[("slug", Text), ("use_case_id", Text)],
        select: "SELECT slug, use_case_id FROM slug_redirect",
        clear: None,
    },
    Table {
        name: "evaluation",
        columns: &[
            ("id", Text),
            ("use_case_id", Text),
            ("title", Text),
            ("visibility", Text),
            ("requests_per_year", Number),
            ("request", Text),
            ("answer", Text),
            ("method", Text),
            ("method_version", Text),
            ("reference_version", Text),
            ("grade", Text),
            ("energy_low_kwh", Real),
            ("energy_kwh", Real),
            ("energy_high_kwh", Real),
            ("gwp_low_kg", Real),
            ("gwp_kg", Real),
            ("gwp_high_kg", Real),
            ("made_at", Number),
            ("author", Text),
            ("withdrawn", Number),
        ],
        select: "SELECT id, use_case_id, title, visibility, requests_per_year, request, answer, method, \
                 method_version, reference_version, grade, energy_low_kwh, energy_kwh, energy_high_kwh, \
                 gwp_low_kg, gwp_kg, gwp_high_kg, made_at, author, withdrawn FROM evaluation",
        clear: None,
    },
    Table {
        name: "measured_ratio",
        columns: &[
            ("measured_id", Text),
            ("estimated_id", Text),
            ("ratio_low", Real),
            ("ratio", Real),
            ("ratio_high", Real),
            ("kept_at", Number),
            ("perimeter", Text),
        ],
        select: "SELECT measured_id, estimated_id, ratio_low, ratio, ratio_high, kept_at, perimeter \
                 FROM measured_ratio",
        clear: None,
    },
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
    Table {
        name: "message",
        columns: &[
            ("id", Text),
            ("receipt", Text),
            ("use_case_id", Text),
            ("kind", Text),
            ("sender_id", Text),
            ("sender_name", Text),
            ("sender_email", Text),
            ("text", Text),
            ("status", Text),
            ("answer", Text),
            ("made_at", Number),
            ("handled_at", Number),
            ("handled_by", Text),
        ],
        select: "SELECT id, receipt, use_case_id, kind, sender_id, sender_name, sender_email, text, status, \
                 answer, made_at, handled_at, handled_by FROM message",
        clear: None,
    },
    Table {
        name: "mail",
        columns: &[
            ("id", Text),
            ("recipient", Text),
            ("kind", Text),
            ("message", Text),
            ("status", Text),
            ("attempts", Number),
            ("next_at", Number),
            ("locked_until", Number),
            ("last_error", Text),
            ("made_at", Number),
            ("sent_at", Number),
        ],
        select: "SELECT id, recipient, kind, message, status, attempts, next_at, locked_until, last_error, \
                 made_at, sent_at FROM mail",
        clear: None,
    },
    Table {
        name: "task",
        columns: &[("name", Text), ("ran_at", Number)],
        select: "SELECT name, ran_at FROM task",
        clear: None,
    },
    Table {
        name: "job_run",
        columns: &[
            ("id", Text),
            ("name", Text),
            ("started_at", Number),
            ("took_ms", Number),
            ("done", Number),
            ("counts", Text),
            ("error", Text),
        ],
        select: "SELECT id, name, started_at, took_ms, done, counts, error FROM job_run",
        clear: None,
    },
    Table {
        name: "setting",
        columns: &[("key", Text), ("value", Text), ("changed_at", Number)],
        select: "SELECT key, value, changed_at FROM setting",
        clear: None,
    },
    Table {
        name: "setting_change",
        columns: &[
            ("id", Text),
            ("key", Text),
            ("former", Text),
            ("value", Text),
            ("author", Text),
            ("made_at", Number),
        ],
        select: "SELECT id, key, former, value, author, made_at FROM setting_change",
        clear: None,
    },
    Table {
        name: "audit",
        columns: &[
            ("id", Text),
            ("made_at", Number),
            ("actor", Text),
            ("action", Text),
            ("subject", Text),
            ("detail", Text),
            ("number", Number),
            ("catalogue_revision", Number),
            ("detail_hash", Text),
            ("previous_hash", Text),
            ("hash", Text),
        ],
        select: "SELECT id, made_at, actor, action, subject, detail, number, catalogue_revision, detail_hash, \
                 previous_hash, hash FROM audit",
        clear: None,
    },
    Table {
        name: "contribution",
        columns: &[
            ("id", Text),
            ("use_case_id", Text),
            ("open_for", Text),
            ("kind", Text),
            ("author_id", Text),
            ("request_key", Text),
            ("organisation_id", Text),
            ("new_organisation_id", Text),
            ("base_number", Number),
            ("imported_number", Number),
            ("status", Text),
            ("form", Text),
            ("title", Text),
            ("theme", Text),
            ("organisation_name", Text),
            ("version", Number),
            ("submissions", Number),
            ("receipt", Text),
            ("created_at", Number),
            ("updated_at", Number),
            ("first_submitted_at", Number),
            ("submitted_at", Number),
            ("claimed_by", Text),
            ("claimed_at", Number),
            ("decided_by", Text),
            ("decided_at", Number),
            ("decision_reason", Text),
            ("decision_text", Text),
            ("statement", Text),
            ("appealed", Number),
        ],
        select: "SELECT id, use_case_id, open_for, kind, author_id, request_key, organisation_id, \
                 new_organisation_id, base_number, imported_number, status, form, title, theme, \
                 organisation_name, version, submissions, receipt, created_at, updated_at, first_submitted_at, \
                 submitted_at, claimed_by, claimed_at, decided_by, decided_at, decision_reason, decision_text, \
                 statement, appealed FROM contribution",
        clear: None,
    },
    Table {
        name: "proposal",
        columns: &[
            ("contribution_id", Text),
            ("use_case_id", Text),
            ("place", Number),
            ("field", Text),
            ("code", Text),
            ("origin", Text),
            ("found", Text),
            ("proposed", Text),
            ("accept_change", Text),
            ("refuse_change", Text),
            ("decision", Text),
            ("decided_by", Text),
            ("decided_at", Number),
        ],
        select: "SELECT contribution_id, use_case_id, place, field, code, origin, found, proposed, accept_change, \
                 refuse_change, decision, decided_by, decided_at FROM proposal",
        clear: None,
    },
    Table {
        name: "term_rule",
        columns: &[
            ("list", Text),
            ("term_key", Text),
            ("term", Text),
            ("replacement", Text),
            ("made_by", Text),
            ("made_at", Number),
        ],
        select: "SELECT list, term_key, term, replacement, made_by, made_at FROM term_rule",
        clear: None,
    },
    Table {
        name: "organisation_logo",
        columns: &[
            ("organisation_id", Text),
            ("hash", Text),
            ("width", Number),
            ("height", Number),
            ("alternative", Text),
            ("added_by", Text),
            ("added_at", Number),
        ],
        select: "SELECT organisation_id, hash, width, height, alternative, added_by, added_at FROM organisation_logo",
        clear: None,
    },
    Table {
        name: "link_check",
        columns: &[
            ("url", Text),
            ("checked_at", Number),
            ("verdict", Text),
            ("status", Number),
            ("failures", Number),
            ("failing_since", Number),
        ],
        select: "SELECT url, checked_at, verdict, status, failures, failing_since FROM link_check",
        clear: None,
    },
    Table {
        name: "attachment",
        columns: &[
            ("id", Text),
            ("use_case_id", Text),
            ("contribution_id", Text),
            ("removal_id", Text),
            ("from_number", Number),
            ("until_number", Number),
            ("hash", Text),
            ("kind", Text),
            ("name", Text),
            ("title", Text),
            ("bytes", Number),
            ("visibility", Text),
            ("removed", Text),
            ("added_by", Text),
            ("added_at", Number),
        ],
        select: "SELECT id, use_case_id, contribution_id, removal_id, from_number, until_number, hash, kind, name, \
                 title, bytes, visibility, removed, added_by, added_at FROM attachment",
        clear: None,
    },
    Table {
        name: "contribution_revision",
        columns: &[
            ("contribution_id", Text),
            ("number", Number),
            ("form", Text),
            ("submitted_by", Text),
            ("submitted_at", Number),
        ],
        select: "SELECT contribution_id, number, form, submitted_by, submitted_at FROM contribution_revision",
        clear: None,
    },
    Table {
        name: "review_comment",
        columns: &[
            ("contribution_id", Text),
            ("number", Number),
            ("place", Number),
            ("field", Text),
            ("text", Text),
            ("author_id", Text),
            ("made_at", Number),
        ],
        select: "SELECT contribution_id, number, place, field, text, author_id, made_at FROM review_comment",
        clear: None,
    },
    Table {
        name: "organisation_trust",
        columns: &[
            ("organisation_id", Text),
            ("trust", Text),
            ("set_by", Text),
            ("set_at", Number),
        ],
        select: "SELECT organisation_id, trust, set_by, set_at FROM organisation_trust",
        clear: None,
    },
    Table {
        name: "bookmark",
        columns: &[
            ("account_id", Text),
            ("use_case_id", Text),
            ("shelf", Text),
            ("added_at", Number),
        ],
        select: "SELECT account_id, use_case_id, shelf, added_at FROM bookmark",
        clear: None,
    },
    Table {
        name: "adoption",
        columns: &[
            ("use_case_id", Text),
            ("organisation_id", Text),
            ("account_id", Text),
            ("declared_at", Number),
        ],
        select: "SELECT use_case_id, organisation_id, account_id, declared_at FROM adoption",
        clear: None,
    },
    Table {
        name: "folder",
        columns: &[
            ("id", Text),
            ("account_id", Text),
            ("name", Text),
            ("share_token", Text),
            ("created_at", Number),
        ],
        select: "SELECT id, account_id, name, share_token, created_at FROM folder",
        clear: None,
    },
    Table {
        name: "folder_item",
        columns: &[("folder_id", Text), ("use_case_id", Text), ("added_at", Number)],
        select: "SELECT folder_id, use_case_id, added_at FROM folder_item",
        clear: None,
    },
    Table {
        name: "assessment",
        columns: &[
            ("id", Text),
            ("kind", Text),
            ("use_case_id", Text),
            ("organisation_id", Text),
            ("number", Number),
            ("rubric", Text),
            ("form", Text),
            ("summary", Text),
            ("badge", Number),
            ("author_id", Text),
            ("made_at", Number),
            ("published_at", Number),
            ("published_by", Text),
        ],
        select: "SELECT id, kind, use_case_id, organisation_id, number, rubric, form, summary, badge, author_id, \
                 made_at, published_at, published_by FROM assessment",
        clear: None,
    },
    Table {
        name: "indicator_value",
        columns: &[
            ("id", Text),
            ("organisation_id", Text),
            ("goal", Text),
            ("baseline", Number),
            ("period", Text),
            ("value", Real),
            ("low", Real),
            ("high", Real),
            ("quality", Text),
            ("evidence", Text),
            ("author_id", Text),
            ("made_at", Number),
        ],
        select: "SELECT id, organisation_id, goal, baseline, period, value, low, high, quality, evidence, \
                 author_id, made_at FROM indicator_value",
        clear: None,
    },
    Table {
        name: "committee_review",
        columns: &[
            ("id", Text),
            ("organisation_id", Text),
            ("held_on", Text),
            ("next_due", Text),
            ("attendees", Text),
            ("seen", Text),
            ("author_id", Text),
            ("made_at", Number),
        ],
        select: "SELECT id, organisation_id, held_on, next_due, attendees, seen, author_id, made_at FROM \
                 committee_review",
        clear: None,
    },
    Table {
        name: "committee_decision",
        columns: &[
            ("id", Text),
            ("organisation_id", Text),
            ("review_id", Text),
            ("place", Number),
            ("words", Text),
            ("kind", Text),
            ("owner", Text),
            ("due_on", Text),
            ("closed", Number),
            ("effect", Text),
            ("changed_at", Number),
        ],
        select: "SELECT id, organisation_id, review_id, place, words, kind, owner, due_on, closed, \
                 effect, changed_at FROM committee_decision",
        clear: None,
    },
    Table {
        name: "training_session",
        columns: &[
            ("id", Text),
            ("organisation_id", Text),
            ("title", Text),
            ("subject", Text),
            ("held_on", Text),
            ("hours", Real),
            ("provider", Text),
            ("attendees", Number),
            ("elected", Number),
            ("author_id", Text),
            ("made_at", Number),
            ("already", Number),
            ("already_elected", Number),
        ],
        select: "SELECT id, organisation_id, title, subject, held_on, hours, provider, attendees, \
                 elected, author_id, made_at, already, already_elected FROM training_session",
        clear: None,
    },
    Table {
        name: "appointment",
        columns: &[
            ("id", Text),
            ("organisation_id", Text),
            ("role", Text),
            ("person_name", Text),
            ("generic_email", Text),
            ("fte", Real),
            ("starts_on", Text),
            ("ends_on", Text),
            ("deputy", Text),
            ("is_public", Number),
            ("author_id", Text),
            ("made_at", Number),
        ],
        select: "SELECT id, organisation_id, role, person_name, generic_email, fte, starts_on, ends_on, \
                 deputy, is_public, author_id, made_at FROM appointment",
        clear: None,
    },
    Table {
        name: "saved_search",
        columns: &[
            ("id", Text),
            ("account_id", Text),
            ("name", Text),
            ("query", Text),
            ("pace", Text),
            ("created_at", Number),
            ("told_until", Number),
        ],
        select: "SELECT id, account_id, name, query, pace, created_at, told_until FROM saved_search",
        clear: None,
    },
    Table {
        name: "entry",
        columns: &[
            ("id", Text),
            ("kind", Text),
            ("slug", Text),
            ("organisation_id", Text),
            ("author_id", Text),
            ("status", Text),
            ("version", Number),
            ("published_number", Number),
            ("edition", Number),
            ("created_at", Number),
            ("updated_at", Number),
            ("first_published_at", Number),
        ],
        select: "SELECT id, kind, slug, organisation_id, author_id, status, version, published_number, edition, \
                 created_at, updated_at, first_published_at FROM entry",
        clear: None,
    },
    Table {
        name: "entry_revision",
        columns: &[
            ("entry_id", Text),
            ("number", Number),
            ("content", Text),
            ("reason", Text),
            ("author_id", Text),
            ("made_at", Number),
            ("published_at", Number),
        ],
        select: "SELECT entry_id, number, content, reason, author_id, made_at, published_at FROM entry_revision",
        clear: None,
    },
    Table {
        name: "entry_file",
        columns: &[
            ("id", Text),
            ("entry_id", Text),
            ("from_number", Number),
            ("until_number", Number),
            ("hash", Text),
            ("kind", Text),
            ("name", Text),
            ("title", Text),
            ("bytes", Number),
            ("visibility", Text),
            ("removed", Text),
            ("added_by", Text),
            ("added_at", Number),
        ],
        select: "SELECT id, entry_id, from_number, until_number, hash, kind, name, title, bytes, visibility, removed, \
                 added_by, added_at FROM entry_file",
        clear: None,
    },
    Table {
        name: "link",
        columns: &[
            ("id", Text),
            ("kind", Text),
            ("from_kind", Text),
            ("from_id", Text),
            ("to_kind", Text),
            ("to_id", Text),
            ("note", Text),
            ("author_id", Text),
            ("made_at", Number),
            ("published_at", Number),
        ],
        select: "SELECT id, kind, from_kind, from_id, to_kind, to_id, note, author_id, made_at, published_at FROM link",
        clear: None,
    },
    Table {
        name: "digest",
        columns: &[("account_id", Text), ("pace", Text), ("told_until", Number)],
        select: "SELECT account_id, pace, told_until FROM digest",
        clear: None,
    },
    Table {
        name: "purchase",
        columns: &[
            ("id", Text),
            ("organisation_id", Text),
            ("title", Text),
            ("form", Text),
            ("progress", Text),
            ("version", Number),
            ("made_at", Number),
            ("changed_at", Number),
            ("public_at", Number),
        ],
        select: "SELECT id, organisation_id, title, form, progress, version, made_at, changed_at, public_at FROM purchase",
        clear: None,
    },
    Table {
        name: "purchase_event",
        columns: &[
            ("purchase_id", Text),
            ("number", Number),
            ("made_at", Number),
            ("account_id", Text),
            ("action", Text),
            ("words", Text),
        ],
        select: "SELECT purchase_id, number, made_at, account_id, action, words FROM purchase_event",
        clear: None,
    },
    Table {
        name: "purchase_answer",
        columns: &[
            ("id", Text),
            ("purchase_id", Text),
            ("supplier", Text),
            ("email", Text),
            ("secret_hash", Text),
            ("expires_at", Number),
            ("revoked_at", Number),
            ("answers", Text),
            ("version", Number),
            ("made_at", Number),
            ("changed_at", Number),
            ("submitted_at", Number),
            ("receipt", Text),
        ],
        select: "SELECT id, purchase_id, supplier, email, secret_hash, expires_at, revoked_at, answers, version, made_at, changed_at, submitted_at, receipt FROM purchase_answer",
        clear: None,
    },
    Table {
        name: "purchase_file",
        columns: &[
            ("id", Text),
            ("answer_id", Text),
            ("question", Text),
            ("hash", Text),
            ("kind", Text),
            ("name", Text),
            ("bytes", Number),
            ("removed", Text),
            ("added_at", Number),
        ],
        select: "SELECT id, answer_id, question, hash, kind, name, bytes, removed, added_at FROM purchase_file",
        clear: None,
    },
    Table {
        name: "purchase_evaluation",
        columns: &[
            ("purchase_id", Text),
            ("seat", Number),
            ("account_id", Text),
            ("marks", Text),
            ("version", Number),
            ("changed_at", Number),
            ("submitted_at", Number),
        ],
        select: "SELECT purchase_id, seat, account_id, marks, version, changed_at, submitted_at FROM purchase_evaluation",
        clear: None,
    },
    Table {
        name: "purchase_deliverable",
        columns: &[
            ("id", Text),
            ("purchase_id", Text),
            ("label", Text),
            ("owed_by", Text),
            ("due_on", Text),
            ("received_on", Text),
            ("account_id", Text),
            ("reminds", Number),
            ("email", Text),
            ("made_at", Number),
        ],
        select: "SELECT id, purchase_id, label, owed_by, due_on, received_on, account_id, reminds, email, made_at FROM purchase_deliverable",
        clear: None,
    },
];

/// Rows held in memory at a time.
const BATCH: usize = 1024;

enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
    Real(Option<f64>),
    Bytes(Option<Vec<u8>>),
}

impl Store {
    /// Copies everything into an empty, migrated database, on any engine, in one transaction of the target.
    ///
    /// Each table is counted and hashed on both sides before the target commits.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] when the target holds records; [`StoreError::CopyDiffers`] when the check
    /// fails; in every case the target is left as it was.
    pub async fn copy_to(&self, target: &Self) -> Result<CopyReport> {
        let mut source = self.begin_read().await?;
        let mut transaction = target.begin_write().await?;
        let mut tables = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            match table.clear {
                Some(clear) => {
                    Sql::new(clear)
                        .execute(&mut *transaction)
                        .await
                        .map_err(|e| target.fail(e))?;
                }
                None => target.refuse_filled(&mut transaction, table).await?,
            }
        }
        for table in TABLES {
            let sent = self.send(&mut source, target, &mut transaction, table).await?;
            let received = target.fingerprint(&mut transaction, table).await?;
            let count = sent.len();
            if count != received.len() || sent.finish() != received.finish() {
                return Err(StoreError::CopyDiffers { table: table.name });
            }
            tables.push((table.name, count));
        }
        transaction.commit().await.map_err(|e| target.fail(e))?;
        drop(source);
        Ok(CopyReport {
            tables,
            catalogue_hash: target.catalogue_hash().await?,
        })
    }

    async fn refuse_filled(&self, connection: &mut Connection, table: &Table) -> Result<()> {
        let row = Sql::new(table.select)
            .push(" LIMIT 1")
            .first(connection)
            .await
            .map_err(|e| self.fail(e))?;
        match row {
            Some(_) => Err(StoreError::NotEmpty {
                target: self.address().to_string(),
            }),
            None => Ok(()),
        }
    }

    /// Reads a table here and writes it there; returns the fingerprint of what was read.
    async fn send(
        &self,
        source: &mut Connection,
        target: &Self,
        connection: &mut Connection,
        table: &Table,
    ) -> Result<Fingerprint> {
        let columns: Vec<&'static str> = table.columns.iter().map(|(name, _)| *name).collect();
        let insert = BulkInsert::new(target.dialect(), table.name, &columns, &[], |_| {});
        let mut fingerprint = Fingerprint::default();
        let mut batch = Vec::with_capacity(BATCH);
        let mut rows = Sql::new(table.select).stream(source).map_err(|e| self.fail(e))?;
        while let Some(row) = rows.next().await.map_err(|e| self.fail(e))? {
            let cells = cells(&row, table)?;
            add(&mut fingerprint, &cells);
            batch.push(cells);
            if batch.len() == BATCH {
                insert
                    .run(connection, &batch, bind)
                    .await
                    .map_err(|e| target.fail(e))?;
                batch.clear();
            }
        }
        insert
            .run(connection, &batch, bind)
            .await
            .map_err(|e| target.fail(e))?;
        Ok(fingerprint)
    }

    async fn fingerprint(&self, connection: &mut Connection, table: &Table) -> Result<Fingerprint> {
        let mut fingerprint = Fingerprint::default();
        Sql::new(table.select)
            .each(connection, |row| {
                add(&mut fingerprint, &cells(&row, table).map_err(Interrupted::Store)?);
                Ok(())
            })
            .await
            .map_err(|e: Interrupted| e.into_store(self))?;
        Ok(fingerprint)
    }
}

fn cells(row: &Row, table: &Table) -> Result<Vec<Cell>> {
    let mut cells = Cells::new(row);
    table
        .columns
        .iter()
        .map(|(_, kind)| {
            Ok(match kind {
                Text => Cell::Text(cells.text_or_null()?),
                Number => Cell::Number(cells.number_or_null()?),
                Real => Cell::Real(cells.real_or_null()?),
                Bytes => Cell::Bytes(cells.bytes_or_null()?),
            })
        })
        .collect()
}

fn bind(values: &mut Values, cells: &Vec<Cell>) {
    for cell in cells {
        match cell {
            Cell::Text(text) => values.add(text.as_deref()),
            Cell::Number(number) => values.add(*number),
            Cell::Real(real) => values.add(*real),
            Cell::Bytes(bytes) => values.add(bytes.as_deref()),
        }
    }
}

fn add(fingerprint: &mut Fingerprint, cells: &[Cell]) {
    let bytes: Vec<Option<Vec<u8>>> = cells
        .iter()
        .map(|cell| match cell {
            Cell::Text(text) => text.clone().map(String::into_bytes),
            Cell::Number(number) => number.map(|number| number.to_string().into_bytes()),
            Cell::Real(real) => real.map(|real| real.to_bits().to_be_bytes().to_vec()),
            Cell::Bytes(bytes) => bytes.clone(),
        })
        .collect();
    fingerprint.add(bytes.iter().map(Option::as_deref));
}
