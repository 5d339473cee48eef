//! Prints how long the directory takes to load, then to answer.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use sobria_territory::Directory;

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn main() {
    println!("load             {:>10.2?}", time(Directory::embedded));
    let directory = Directory::embedded();
    for typed in ["s", "saint", "la roche", "grand pa", "57000"] {
        println!(
            "suggest {typed:<8} {:>10.2?}",
            time(|| directory.suggest(typed, 8))
        );
    }
    for written in ["Ville de Metz", "Ville de Montpelier", "SIVU Zzyzx"] {
        println!(
            "resolve {written:<20} {:>10.2?}",
            time(|| directory.resolve(written))
        );
    }
}
