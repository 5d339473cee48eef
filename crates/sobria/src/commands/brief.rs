//! A short reading of the command lines of `serve` and `measure`.
//!
//! The library that reads the other commands, and tells what is wrong with any, touches two megabytes of the program,
//! which stay in memory as long as a server serves or a measured command runs. Whatever is unusual here, help and errors
//! among it, is left to that library; tests hold the two to the same reading.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::ValueEnum;
use lexopt::{Arg, Parser};

use super::Place;

/// Options that may be read without the library.
pub trait Brief {
    /// The long name of an option of one letter.
    fn long(_short: char) -> Option<&'static str> {
        None
    }

    /// Keeps an option, with its value if it has one; none where it is not known or not as it should be.
    fn take(&mut self, name: &str, words: &mut Parser) -> Option<()>;
}

/// The options of a command; none where the line is not a plain one.
pub fn read<O: Brief>(command: &str, arguments: Vec<OsString>, mut options: O) -> Option<(O, Place)> {
    if arguments.first()? != command || arguments.iter().any(|word| word == "--") {
        return None;
    }
    let mut words = Parser::from_args(arguments.into_iter().skip(1));
    let mut place = Place::default();
    let mut seen = Vec::new();
    while let Some(word) = words.next().ok()? {
        let name = match word {
            Arg::Long(name) => name.to_owned(),
            Arg::Short('v') => "verbose".to_owned(),
            Arg::Short(short) => O::long(short)?.to_owned(),
            Arg::Value(_) => return None,
        };
        match name.as_str() {
            "data" => place.data = path(&mut words)?,
            "database-url" => place.database_url = Some(text(&mut words)?),
            "config" => place.config = Some(path(&mut words)?),
            "verbose" => place.verbose = true,
            other => options.take(other, &mut words)?,
        }
        if seen.contains(&name) {
            return None;
        }
        seen.push(name);
    }
    Some((options, place))
}

/// The value of an option; none where it is missing, or looks like another option.
fn value(words: &mut Parser) -> Option<OsString> {
    if let Some(glued) = words.optional_value() {
        return Some(glued);
    }
    words.value().ok().filter(|word| !is_option(word))
}

fn is_option(word: &OsStr) -> bool {
    word.len() > 1 && word.as_encoded_bytes().first() == Some(&b'-')
}

/// A text.
pub fn text(words: &mut Parser) -> Option<String> {
    value(words)?.into_string().ok()
}

/// A path that is not empty.
pub fn path(words: &mut Parser) -> Option<PathBuf> {
    value(words).filter(|word| !word.is_empty()).map(Into::into)
}

/// A number, read as the library reads it.
pub fn number(words: &mut Parser, read: fn(&str) -> Result<f64, String>) -> Option<f64> {
    read(&text(words)?).ok()
}

/// One of a few words.
pub fn one_of<T: ValueEnum>(words: &mut Parser) -> Option<T> {
    T::from_str(&text(words)?, false).ok()
}

/// A line read in both ways, for the tests that set one beside the other.
#[cfg(test)]
pub mod line {
    use std::ffi::OsString;
    use std::fmt::Debug;

    use super::super::Place;

    /// The words after the name of the program.
    pub fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(Into::into).collect()
    }

    /// The same line as the library of the other commands takes it.
    pub fn whole<P: clap::Parser>(line: &str) -> Option<P> {
        P::try_parse_from(std::iter::once("sobria".into()).chain(words(line))).ok()
    }

    /// What was read, in one text.
    pub fn said<O: Debug>((options, place): (O, Place)) -> String {
        format!("{options:?} {place:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::line::{said, words};
    use super::*;
    use crate::commands::{Cli, Command, serve};

    fn whole(line: &str) -> Option<String> {
        let cli: Cli = super::line::whole(line)?;
        match cli.command {
            Command::Serve(options) => Some(said((options, cli.place))),
            _ => None,
        }
    }

    fn brief(line: &str) -> Option<String> {
        read("serve", words(line), serve::Options::default()).map(said)
    }

    #[test]
    fn a_server_is_asked_for_the_same_by_both_readings() {
        for line in [
            "serve",
            "serve --demo",
            "serve --demo --listen 127.0.0.1:0",
            "serve --data d --listen=127.0.0.1:8080 --verbose",
            "serve -v --config s.toml --database-url postgres://sobria@localhost/sobria",
            "serve --reference tables",
        ] {
            assert!(brief(line).is_some(), "{line}");
            assert_eq!(brief(line), whole(line), "{line}");
        }
    }

    #[test]
    fn what_is_unusual_is_left_to_the_whole_reading() {
        for line in [
            "serve --help",
            "serve here",
            "serve --",
            "serve --listen",
            "serve --listen --demo",
            "serve --demo=yes",
            "serve --data=",
            "serve --demo --demo",
            "serve -q",
            "--data d serve",
            "export use-cases",
        ] {
            assert_eq!(brief(line), None, "{line}");
        }
    }
}
