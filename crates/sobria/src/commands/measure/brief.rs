//! What a measure is asked, without the memory that reading it with the library of the other commands takes.

use std::ffi::OsString;

use lexopt::Parser;

use super::super::Place;
use super::super::brief::{self, Brief, number, one_of, path, text};
use super::{Formula, Options, ScopeChoice, at_least_one, interval, positive};

/// Options of a measure; none where the line is not a plain one. What follows `--` is the command.
pub fn read(mut arguments: Vec<OsString>) -> Option<(Options, Place)> {
    let end = arguments.iter().position(|word| word == "--")?;
    let command = arguments.split_off(end).split_off(1);
    if command.is_empty() {
        return None;
    }
    brief::read("measure", arguments, Options::plain(command))
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

    /// Where an option without a value is kept.
    fn flag(&mut self, name: &str) -> Option<&mut bool> {
        match name {
            "keep-args" => Some(&mut self.keep_args),
            "quiet" => Some(&mut self.quiet),
            "live" => Some(&mut self.live),
            "raise" => Some(&mut self.raise),
            "probe" => Some(&mut self.probe),
            _ => None,
        }
    }
}

impl Brief for Options {
    fn long(short: char) -> Option<&'static str> {
        (short == 'q').then_some("quiet")
    }

    fn take(&mut self, name: &str, words: &mut Parser) -> Option<()> {
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
            _ => *self.flag(name)? = true,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::brief::line::{said, words};
    use super::*;
    use crate::commands::Measuring;
    use clap::CommandFactory;

    /// What the whole library reads in the same line.
    fn whole(line: &str) -> Option<String> {
        Some(said(brief::line::whole::<Measuring>(line)?.parts()))
    }

    fn brief(line: &str) -> Option<String> {
        read(words(line)).map(said)
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
            "measure --data here --config c.toml -- true",
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
