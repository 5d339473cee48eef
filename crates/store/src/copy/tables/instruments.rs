//! Self-assessments and roadmaps.

use super::Kind::{Number, Real, Text};
use super::Table;

pub(super) const TABLES: &[Table] = &[
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
];
