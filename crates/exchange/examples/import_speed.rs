//! How long a file takes to be read and planned: `cargo run --release -p sobria-exchange --example import_speed -- FILE`.

#![expect(clippy::print_stdout, reason = "the figures are what the example is for")]

use std::time::Instant;

use sobria_catalogue::import::Existing;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::plan::{DateOrder, PlanOptions, plan};
use sobria_exchange::read::{ReadOptions, read};
use sobria_territory::Directory;
use uuid::Uuid;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("expected the path of a file")?;
    let bytes = std::fs::read(&path)?;
    // Loaded once in the life of a process.
    Directory::embedded();
    Vocabularies::embedded();
    for _ in 0..3 {
        let start = Instant::now();
        let sheet = read(&bytes, &path, &ReadOptions::default())?;
        let after_read = start.elapsed();
        let mut next = 0_u128;
        let mut new_id = || {
            next += 1;
            Uuid::from_u128(next)
        };
        let mut options = PlanOptions {
            source: path.clone(),
            date_order: DateOrder::DayFirst,
            apply_suggestions: false,
            prefer_source: false,
            accept_shrink: false,
            proposes: true,
            today: jiff::civil::date(2026, 11, 23),
            new_id: &mut new_id,
        };
        let plan = plan(
            &sheet,
            &Existing::default(),
            Vocabularies::embedded(),
            Directory::embedded(),
            &mut options,
        )?;
        let summary = plan.summary();
        println!(
            "{} rows: read {:.0?}, plan {:.0?}; {} created, {} rejected, {} organisations, {:?}",
            summary.rows,
            after_read,
            start.elapsed() - after_read,
            summary.created,
            summary.rejected,
            plan.organisations.len(),
            summary.issues,
        );
    }
    Ok(())
}
