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

/// Imports and pages make many short texts; the allocator of the C library spends a fifth of their time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run().into()
}
