//! The `sobria` executable: web site, API and command line in one file.
//!
//! Nothing here decides anything a test could want: commands are read, parts are wired, results are printed.

mod commands;
mod config;
mod instance;
#[cfg(target_os = "linux")]
mod measure;
mod output;
mod reference;

use std::process::ExitCode;
#[cfg(target_os = "linux")]
use std::sync::Arc;

/// Imports and pages make many short texts; the allocator of the C library spends a fifth of their time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fail_rather_than_end();
    commands::run().into()
}

/// A file that reaches the limit of the system is an error of the write, not the end of the process.
fn fail_rather_than_end() {
    #[cfg(target_os = "linux")]
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default()) {
        output::note(format!("SIGXFSZ : {error}"));
    }
}
