//! A short reading of the command line of `measure`.
//!
//! The library that reads the other commands, and tells what is wrong with any, touches two megabytes of the program:
//! a fifth of what a measure takes, kept as long as the command runs. Whatever is unusual here, help and errors among
//! it, is left to that library; a test holds the two to the same reading.

use std::ffi::{OsStr, OsString};

use clap::ValueEnum;
use lexopt::{Arg, Parser};

use super::{Formula, Options, ScopeChoice, at_least_one, interval, positive};

/// Options of a measure, and whether the causes of an error are asked for; none where the line is not a plain measure.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Option<(Options, bool)> {
    let mut before: Vec<OsString> = arguments.into_iter().collect();
    let end = before.iter().position(|word| word == "--")?;
    let command = before.split_off(end).split_off(1);
    let mut words = Parser::from_args(before);
    if words.next().ok()? != Some(Arg::Value("measure".into())) || command.is_empty() {
        return None;
    }
    let mut options = Options::plain(command);
    let mut verbose = false;
    let mut seen = Vec::new();
    while let Some(word) = words.next().ok()? {
        let name = match word {
            Arg::Long(name) => name.to_owned(),
            Arg::Short('q') => "quiet".to_owned(),
            Arg::Short('v') => "verbose".to_owned(),
            Arg::Short(_) | Arg::Value(_) => return None,
        };
        options.take(&name, &mut words, &mut verbose)?;
        if seen.contains(&name) {
            return None;
        }
        seen.push(name);
    }
    Some((options, verbose))
}

/// The value of an option; none where it is missing, or looks like another option.
fn value(words: &mut Parser) -> Option<OsString> {
    let glued = words.optional_value();
    let value = match glued {
        Some(value) => value,
        None => words.value().ok().filter(|word| !is_option(word))?,
    };
    Some(value)
}

fn is_option(word: &OsStr) -> bool {
    word.len() > 1 && word.as_encoded_bytes().first() == Some(&b'-')
}

fn text(words: &mut Parser) -> Option<String> {
    value(words)?.into_string().ok()
}

fn number(words: &mut Parser, read: fn(&str) -> Result<f64, String>) -> Option<f64> {
    read(&text(words)?).ok()
}

fn one_of<T: ValueEnum>(words: &mut Parser) -> Option<T> {
    T::from_str(&text(words)?, false).ok()
}

impl Options {
    /// What is asked where no option is.
    fn plain(command: Vec<OsString>) -> Self {
        Self {
            name: String::new(),
            zone: None,
            intensity: None,
            pue: None,
            wue: None,
            output: None,
            json: None,
            csv: None,
            boamps: None,
            tdp: None,
            ram_modules: None,
            cpu_model: Formula::Sobria,
            overhead: 0.0,
            scope: None,
            interval: 1.0,
            baseline: 0.0,
            keep_args: false,
            quiet: false,
            live: false,
            raise: false,
            probe: false,
            meter: None,
            vm_power: None,
            powercap_root: None,
            proc_root: "/proc".into(),
            sys_root: "/sys".into(),
            gpu_root: None,
            command,
        }
    }

    fn take(&mut self, name: &str, words: &mut Parser, verbose: &mut bool) -> Option<()> {
        match name {
            "name" => self.name = text(words)?,
            "zone" => self.zone = Some(text(words)?),
            "intensity" => self.intensity = Some(number(words, positive)?),
            "pue" => self.pue = Some(number(words, at_least_one)?),
            "wue" => self.wue = Some(number(words, positive)?),
            "output" => self.output = Some(path(words)?),
            "json" => self.json = Some(path(words)?),
            "csv" => self.csv = Some(path(words)?),
            "boamps" => self.boamps = Some(path(words)?),
            "tdp" => self.tdp = Some(number(words, positive)?),
            "ram-modules" => self.ram_modules = Some(text(words)?.parse().ok()?),
            "cpu-model" => self.cpu_model = one_of::<Formula>(words)?,
            "overhead" => self.overhead = number(words, positive)?,
            "scope" => self.scope = Some(one_of::<ScopeChoice>(words)?),
            "interval" => self.interval = number(words, interval)?,
            "baseline" => self.baseline = number(words, positive)?,
            "meter" => self.meter = Some(path(words)?),
            "vm-power" => self.vm_power = Some(path(words)?),
            "powercap-root" => self.powercap_root = Some(path(words)?),
            "proc-root" => self.proc_root = path(words)?,
            "sys-root" => self.sys_root = path(words)?,
            "gpu-root" => self.gpu_root = Some(path(words)?),
            _ => *self.flag(name, verbose)? = true,
        }
        Some(())
    }

    /// Where an option without a value is kept.
    fn flag<'a>(&'a mut self, name: &str, verbose: &'a mut bool) -> Option<&'a mut bool> {
        match name {
            "keep-args" => Some(&mut self.keep_args),
            "quiet" => Some(&mut self.quiet),
            "live" => Some(&mut self.live),
            "raise" => Some(&mut self.raise),
            "probe" => Some(&mut self.probe),
            "verbose" => Some(verbose),
            _ => None,
        }
    }
}

/// A path that is not empty.
fn path(words: &mut Parser) -> Option<std::path::PathBuf> {
    value(words).filter(|word| !word.is_empty()).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Measuring;
    use clap::{CommandFactory, Parser as _};

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(Into::into).collect()
    }

    /// What the whole library reads in the same line.
    fn whole(line: &str) -> Option<String> {
        let line = std::iter::once("sobria".into()).chain(words(line));
        let (options, place) = Measuring::try_parse_from(line).ok()?.parts();
        Some(format!("{options:?} {}", place.verbose))
    }

    fn brief(line: &str) -> Option<String> {
        read(words(line)).map(|(options, verbose)| format!("{options:?} {verbose}"))
    }

    #[test]
    fn both_readings_agree_where_the_short_one_answers() {
        for line in [
            "measure -- python train.py",
            "measure -q -- make -j 4 -- x",
            "measure -qv -- true",
            "measure --zone FRA --json - -- true",
            "measure --zone=FRA --json=out.json --csv= -- true",
            "measure --name= -- true",
            "measure --pue 1,5 --wue 0.3 --tdp 65 --intensity 52,5 -- true",
            "measure --overhead 10 --interval 0.5 --baseline 2 --ram-modules 4 -- true",
            "measure --scope process --cpu-model codecarbon3 -- true",
            "measure --output a.csv --boamps b.json --meter m --vm-power v -- true",
            "measure --powercap-root p --proc-root q --sys-root r --gpu-root s -- true",
            "measure --keep-args --quiet --live --raise --verbose -- true",
            "measure --probe -- true",
            "measure -- --help",
        ] {
            let whole = whole(line);
            match brief(line) {
                Some(read) => assert_eq!(Some(read), whole, "{line}"),
                None => assert!(line.contains("--csv= "), "{line} is left to the whole reading"),
            }
        }
    }

    #[test]
    fn what_is_wrong_or_unusual_is_left_to_the_whole_reading() {
        for line in [
            "measure",
            "measure --probe",
            "measure --",
            "measure true",
            "measure --help -- true",
            "measure --unknown -- true",
            "measure --pue 0.5 -- true",
            "measure --pue -- true",
            "measure --name --quiet -- true",
            "measure --interval abc -- true",
            "measure --scope town -- true",
            "measure --zone FRA --zone BEL -- true",
            "measure --quiet=yes -- true",
            "measure -x -- true",
            "measure a -- true",
            "measure --data here -- true",
            "serve --demo -- true",
        ] {
            assert_eq!(brief(line), None, "{line}");
        }
    }

    #[test]
    fn every_option_of_a_measure_is_known_to_the_short_reading() {
        let command = Measuring::command();
        let measure = command.find_subcommand("measure").unwrap();
        for argument in measure.get_arguments() {
            let Some(long) = argument.get_long().filter(|long| *long != "help") else {
                continue;
            };
            let line = if argument.get_action().takes_values() {
                let value = match argument.get_possible_values().first() {
                    Some(value) => value.get_name().to_owned(),
                    None => "3".to_owned(),
                };
                format!("measure --{long} {value} -- true")
            } else {
                format!("measure --{long} -- true")
            };
            assert!(brief(&line).is_some(), "{line}");
            assert_eq!(brief(&line), whole(&line), "{line}");
        }
    }
}
