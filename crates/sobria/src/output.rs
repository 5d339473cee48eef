//! The only place that writes to the terminal.

#![expect(clippy::print_stderr, reason = "this module is the door to the terminal")]

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

/// How a command ends, in the terms of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done.
    Done,
    /// It failed, or some rows were refused.
    Failed,
    /// Wrong usage, or a file that cannot be used.
    Unusable,
    /// With the code of a command that was run.
    Of(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Unusable => Self::from(2),
            Exit::Of(code) => Self::from(code),
        }
    }
}

/// A result that people or scripts read. Whoever stops reading (`| head`) has read enough; a result that cannot be
/// written, on a full disk for instance, ends the program.
pub fn line(text: impl std::fmt::Display) {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(failure) if failure.kind() != ErrorKind::BrokenPipe => {
            error(format!("le résultat ne peut pas être écrit ({failure})."));
            std::process::exit(1);
        }
        _ => {}
    }
}

/// A remark that must not mix with results.
pub fn note(text: impl std::fmt::Display) {
    eprintln!("{text}");
}

/// A line that takes the place of the one before.
pub fn progress(text: impl std::fmt::Display) {
    eprint!("\r\x1b[K{text}");
}

/// Leaves the line of progress.
pub fn progress_done() {
    eprint!("\r\x1b[K");
}

/// A failure, in one sentence.
pub fn error(text: impl std::fmt::Display) {
    eprintln!("sobria : {text}");
}
