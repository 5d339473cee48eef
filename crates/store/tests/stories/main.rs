//! The same stories on both engines: each one runs on an SQLite file, and on PostgreSQL when
//! `SOBRIA_TEST_POSTGRES` names a server where databases may be created.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stderr,
    reason = "tests may stop at the first surprise"
)]

/// Declares each story as two tests.
macro_rules! stories {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[test]
            fn on_sqlite() {
                crate::place::on_sqlite(super::$name);
            }

            #[test]
            fn on_postgres() {
                crate::place::on_postgres(stringify!($name), super::$name);
            }
        }
    )*};
}

mod accounts;
mod assessments;
mod audit;
mod carriers;
mod contributions;
mod copy;
mod decisions;
mod engine;
mod entries;
mod evaluations;
mod fixture;
mod import;
mod integrity;
mod messages;
mod organisations;
mod outbox;
mod personal;
mod place;
mod purchases;
mod reading;
mod roadmap;
mod settings;
mod writers;
