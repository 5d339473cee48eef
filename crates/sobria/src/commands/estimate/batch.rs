//! `sobria estimate batch`: one request per line, one answer per line in the same order.
//!
//! One thread reads, some answer, one writes. The answers to a piece are written as soon as those before it are, so
//! that whoever sends one line and waits for its answer gets it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use sobria_estimate::{Reference, batch};

use super::{Failure, LINE_MAX};
use crate::output::Exit;

/// Bytes of a piece before it is answered: answers are about ten times longer.
const PIECE: usize = 16 * 1024;
/// Pieces, and answers to pieces, that wait for each thread.
const WAITING: usize = 4;
/// Most threads that answer: beyond, one thread cannot write what they make.
const THREADS: usize = 8;

/// The answers to the lines of one piece.
struct Answers {
    text: Vec<u8>,
    refused: bool,
}

/// Answers every line of a file, or of the standard input for `-`.
///
/// # Errors
/// When the file cannot be read or the answers cannot be written.
pub fn run(reference: &'static Reference, file: &Path) -> Result<Exit, Failure> {
    let name = file.display().to_string();
    let unreadable = |error: io::Error| {
        Failure::new(
            Exit::Unusable,
            format!("« {name} » ne peut pas être lu ({error}). Vérifiez son chemin et ses droits."),
        )
    };
    let source: Box<dyn Read> = if name == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).map_err(unreadable)?)
    };
    let input = BufReader::with_capacity(256 * 1024, source);
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(THREADS);
    let (read, written) = thread::scope(|scope| {
        let mut pieces = Vec::with_capacity(threads);
        let mut answers = Vec::with_capacity(threads);
        for _ in 0..threads {
            let (send, piece) = mpsc::sync_channel::<Vec<u8>>(WAITING);
            let (answer, receive) = mpsc::sync_channel(WAITING);
            scope.spawn(move || answer_all(reference, &piece, &answer));
            pieces.push(send);
            answers.push(receive);
        }
        let writing = scope.spawn(move || write(&answers));
        let read = share(input, &pieces);
        drop(pieces);
        (read, writing.join())
    });
    let written = written.unwrap_or_else(|_panic| Err(io::Error::other("l’écriture s’est interrompue")));
    match written {
        Err(error) => closed(&error),
        Ok(refused) => {
            read.map_err(unreadable)?;
            Ok(if refused { Exit::Failed } else { Exit::Done })
        }
    }
}

/// Reads lines, and gives each thread a piece in turn; stops early once the answers are no longer wanted.
fn share(mut input: BufReader<Box<dyn Read>>, pieces: &[SyncSender<Vec<u8>>]) -> io::Result<()> {
    let mut turn = pieces.iter().cycle();
    let mut piece = Vec::with_capacity(PIECE + 1024);
    loop {
        let start = piece.len();
        let read = match input.by_ref().take(LINE_MAX).read_until(b'\n', &mut piece) {
            Ok(read) => read,
            Err(error) => {
                // What stands before the damage is answered all the same.
                piece.truncate(start);
                give(&mut turn, piece);
                return Err(error);
            }
        };
        let whole = piece.ends_with(b"\n") || u64::try_from(read).unwrap_or(LINE_MAX) < LINE_MAX;
        if !whole {
            // An empty line has the answer of one that is too long: it is no JSON.
            piece.truncate(start);
            piece.push(b'\n');
            if let Err(error) = skip_line(&mut input) {
                give(&mut turn, piece);
                return Err(error);
            }
        }
        if read == 0 {
            give(&mut turn, piece);
            return Ok(());
        }
        let filled = piece.len() >= PIECE || input.buffer().is_empty();
        if filled
            && !give(
                &mut turn,
                std::mem::replace(&mut piece, Vec::with_capacity(PIECE + 1024)),
            )
        {
            return Ok(());
        }
    }
}

/// Gives a piece to the next thread; false when it no longer listens.
fn give<'t>(turn: &mut impl Iterator<Item = &'t SyncSender<Vec<u8>>>, piece: Vec<u8>) -> bool {
    piece.is_empty() || turn.next().is_some_and(|thread| thread.send(piece).is_ok())
}

fn answer_all(reference: &Reference, pieces: &Receiver<Vec<u8>>, answers: &SyncSender<Answers>) {
    for piece in pieces {
        let mut text = Vec::with_capacity(piece.len() * 16);
        let mut refused = false;
        for line in piece.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            refused |= !batch::answer_line(reference, line, &mut text);
        }
        if answers.send(Answers { text, refused }).is_err() {
            return;
        }
    }
}

/// Writes the answers of each thread in turn; tells whether some line was refused.
fn write(answers: &[Receiver<Answers>]) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let mut refused = false;
    // Pieces were given in the same turn: the first thread that has nothing more to say ends the file.
    for thread in answers.iter().cycle() {
        let Ok(part) = thread.recv() else { break };
        out.write_all(&part.text)?;
        out.flush()?;
        refused |= part.refused;
    }
    Ok(refused)
}

/// Passes over the rest of a line that is too long.
fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let (used, ended) = {
            let held = input.fill_buf()?;
            match held.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (held.len(), held.is_empty()),
            }
        };
        input.consume(used);
        if ended {
            return Ok(());
        }
    }
}

/// A reader that left is no failure of ours to report.
fn closed(error: &io::Error) -> Result<Exit, Failure> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(Exit::Done);
    }
    Err(Failure::new(
        Exit::Failed,
        format!("la sortie ne peut pas être écrite ({error})."),
    ))
}
