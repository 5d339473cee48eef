//! Logs of measured energy: every version of CodeCarbon, what is repaired, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::io::{self, Read};

use sobria_estimate::Reference;
use sobria_estimate::measurement::log::{Flag, Generation};
use sobria_exchange::measurements::{LogError, Provenance, Repair, Run, Runs};

fn fixture(name: &str) -> String {
    let path = format!(
        "{}/tests/fixtures/measurements/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(path).unwrap()
}

fn runs(names: &[&str]) -> Runs {
    let mut runs = Runs::default();
    for name in names {
        runs.read(fixture(name).as_bytes(), name).unwrap();
    }
    runs
}

fn of(text: &str) -> Runs {
    let mut runs = Runs::default();
    runs.read(text.as_bytes(), "log.csv").unwrap();
    runs
}

fn projects(runs: &Runs) -> Vec<(String, f64)> {
    runs.all()
        .into_iter()
        .map(|run: &Run| (run.project.clone(), run.energy_kwh))
        .collect()
}

#[test]
fn every_version_gives_its_runs_and_their_energy() {
    for (name, generation, energies) in [
        (
            "v2.3.5_machine.csv",
            Generation::V2_2,
            [
                7.130079295914576e-05,
                4.278464242611079e-05,
                9.981210236533679e-05,
            ],
        ),
        (
            "v2.8.4_machine.csv",
            Generation::V2_7,
            [
                7.129891214611353e-05,
                4.2784718023612365e-05,
                9.981493587797974e-05,
            ],
        ),
        (
            "v3.3.2_machine.csv",
            Generation::V3_2_9,
            [
                3.016505764422614e-05,
                1.8102495861138056e-05,
                4.2348610489922044e-05,
            ],
        ),
        (
            "v3.3.0_shifted_rows.csv",
            Generation::V3_2_9,
            [
                3.601990362144281e-05,
                2.3390325317776743e-05,
                5.4497415185554316e-05,
            ],
        ),
    ] {
        let runs = runs(&[name]);
        let expected = ["agent-accueil-courriers", "resume-deliberations", "ocr-cadastre"]
            .map(str::to_owned)
            .into_iter()
            .zip(energies)
            .collect::<Vec<_>>();
        assert_eq!(projects(&runs), expected, "{name}");
        assert_eq!(runs.files()[0].generation, Some(generation), "{name}");
        assert_eq!(runs.refused_count(), 0, "{name}");
        for run in runs.all() {
            assert_eq!(
                (run.country.as_str(), run.os.as_str()),
                ("FRA", "Linux"),
                "{name}"
            );
        }
    }
}

#[test]
fn cells_that_the_tool_left_out_go_back_to_their_columns() {
    let runs = runs(&["v3.3.0_shifted_rows.csv"]);
    let all = runs.all();
    assert!(all[0].repairs.is_empty());
    for run in &all[1..] {
        assert_eq!(run.repairs, [Repair::ShiftedCells]);
        assert_eq!(run.tool_version, "3.3.0");
        assert_eq!(run.cpu_model, "Intel(R) Xeon(R) Processor");
        assert_eq!(run.pue, 1.0);
    }
}

#[test]
fn a_shifted_row_with_a_region_or_without_boards_is_repaired_too() {
    let text = fixture("v3.3.0_shifted_rows.csv");
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let short = lines.nth(1).unwrap();
    let with_region = short.replace("France,FRA,,,Linux", "France,FRA,bretagne,,,Linux");
    assert_eq!(with_region.split(',').count(), 36);
    let without_boards = short.replace("Processor,0,,23.5", "Processor,23.5");
    assert_eq!(without_boards.split(',').count(), 33);
    for line in [with_region, without_boards] {
        let runs = of(&format!("{header}\n{line}\n"));
        assert_eq!(runs.refused_count(), 0, "{line}");
        assert_eq!(runs.all()[0].repairs, [Repair::ShiftedCells]);
        assert_eq!(runs.all()[0].energy_kwh, 2.3390325317776743e-05);
        assert_eq!(runs.all()[0].gpu_model, "");
    }
}

#[test]
fn a_short_row_that_nothing_explains_is_refused_with_its_line() {
    let text = fixture("v3.3.0_shifted_rows.csv");
    let lines: Vec<&str> = text.lines().collect();
    let cut = lines[2].rsplit_once(',').unwrap().0;
    let runs = of(&format!("{}\n{}\n{cut}", lines[0], lines[1]));
    assert_eq!(runs.all().len(), 1);
    assert_eq!(runs.refused()[0].line, 3);
    assert_eq!(runs.refused()[0].code, "short_row");
}

#[test]
fn cumulative_rows_of_a_run_count_once() {
    let runs = runs(&["v3.3.2_flush_same_run.csv"]);
    let all = runs.all();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].energy_kwh, 5.4534746638764416e-05);
    assert_eq!(all[0].duration_s, 9.016242424999746);
    assert_eq!(all[0].rows, 4);
    assert_eq!(all[0].repairs, [Repair::CumulativeRows]);
}

#[test]
fn tasks_are_not_added_to_their_run_and_give_it_its_duration() {
    for order in [
        ["v3.3.2_tasks_run.csv", "v3.3.2_tasks_detail.csv"],
        ["v3.3.2_tasks_detail.csv", "v3.3.2_tasks_run.csv"],
    ] {
        let runs = runs(&order);
        let summary = runs.summary(Reference::embedded(), None);
        assert_eq!((summary.runs, summary.tasks), (1, 3));
        assert_eq!(summary.energy_kwh, 4.22503835075143e-05);
        assert!((summary.duration_s - 7.0026984).abs() < 1e-6);
        let run = runs.all().into_iter().find(|run| !run.is_task()).unwrap();
        assert_eq!(run.repairs, [Repair::TaskDuration]);
    }
    let alone = runs(&["v3.3.2_tasks_detail.csv"]);
    let summary = alone.summary(Reference::embedded(), None);
    assert_eq!(summary.runs, 1);
    assert!((summary.energy_kwh - 4.225038350751e-05).abs() < 1e-12);
    let run = runs(&["v3.3.2_tasks_run.csv"]);
    assert_eq!(run.all()[0].flags, [Flag::PowerEnergyMismatch]);
}

#[test]
fn reading_a_file_twice_changes_nothing() {
    let names = [
        "v2.3.3_gpu_published.csv",
        "v2.8.4_machine.csv",
        "v3.3.2_flush_same_run.csv",
        "v3.3.2_process_pue_wue.csv",
        "v3.3.2_tasks_detail.csv",
        "v3.3.2_tasks_run.csv",
    ];
    let once = runs(&names);
    let mut twice = runs(&names);
    for name in names {
        twice
            .read(fixture(name).as_bytes(), &format!("{name}.bak"))
            .unwrap();
    }
    let energies = |runs: &Runs| {
        let summary = runs.summary(Reference::embedded(), None);
        (summary.runs, summary.tasks, summary.energy_kwh, summary.logged_kg)
    };
    assert_eq!(energies(&once), energies(&twice));
}

#[test]
fn the_energy_is_kept_and_greenhouse_gases_are_worked_out_again() {
    let old = runs(&["v2.3.5_machine.csv"]);
    let summary = old.summary(Reference::embedded(), None);
    let line = &summary.lines[0];
    assert!((line.implied_g_per_kwh.unwrap() - 84.879).abs() < 1e-3);
    assert_eq!(line.version_g_per_kwh, Some(84.879));
    let again = line.emissions_kg.unwrap();
    assert!((again.central - line.run.energy_kwh * 0.04144).abs() < 1e-12);
    assert!(again.low < again.central && again.central < again.high);

    let published = runs(&["v2.3.3_gpu_published.csv"]);
    let summary = published.summary(Reference::embedded(), None);
    assert_eq!(summary.energy_without_zone_kwh, summary.energy_kwh);
    assert_eq!(summary.lines[0].emissions_kg, None);
    let in_france = published.summary(Reference::embedded(), Some("FRA"));
    assert!((in_france.emissions_kg.central - 302.3935181436902 * 0.04144).abs() < 1e-9);
}

#[test]
fn the_programs_that_wrote_the_logs_are_named_once_with_their_versions() {
    let read = runs(&["v2.8.4_machine.csv", "v2.3.5_machine.csv"]);
    let summary = read.summary(Reference::embedded(), None);
    assert_eq!(summary.tools(), "CodeCarbon 2.3.5, 2.8.4");
}

#[test]
fn what_was_measured_is_told_from_what_was_not() {
    let published = runs(&["v2.3.3_gpu_published.csv"]);
    let run = published.all()[0];
    assert_eq!(run.gpu_provenance, Provenance::Measured);
    assert_eq!(run.cpu_provenance, Provenance::Assumed);
    assert_eq!(run.ram_provenance, Provenance::Modelled);
    let summary = published.summary(Reference::embedded(), None);
    assert!((summary.measured_fraction - 261.03239 / 302.39352).abs() < 1e-6);
    assert_eq!(run.flags, [Flag::PowerEnergyMismatch]);
    assert_eq!(
        runs(&["v3.3.2_machine.csv"]).all()[0].cpu_provenance,
        Provenance::Unknown
    );
}

#[test]
fn a_trip_through_a_french_spreadsheet_is_read() {
    let text = fixture("v3.3.2_machine.csv");
    let spreadsheet: String = text
        .lines()
        .map(|line| {
            let cells: Vec<String> = line
                .split(',')
                .map(|cell| {
                    if cell.parse::<f64>().is_ok() {
                        cell.replace('.', ",")
                    } else {
                        cell.to_owned()
                    }
                })
                .collect();
            format!("{}\r\n", cells.join(";"))
        })
        .collect();
    let read = of(&format!("\u{feff}{spreadsheet}"));
    assert_eq!(projects(&read), projects(&runs(&["v3.3.2_machine.csv"])));
    assert_eq!(read.all()[0].repairs, [Repair::DecimalComma]);
}

#[test]
fn files_that_are_not_logs_are_refused_and_leave_nothing() {
    let mut kept = runs(&["v3.3.2_machine.csv"]);
    let before = projects(&kept);
    let error = |kept: &mut Runs, bytes: &[u8]| kept.read(bytes, "bad.csv").unwrap_err();
    assert!(matches!(error(&mut kept, b""), LogError::Empty { .. }));
    assert!(matches!(error(&mut kept, b" \r\n"), LogError::Empty { .. }));
    assert!(matches!(
        error(&mut kept, b"PK\x03\x04\0\0\0"),
        LogError::Binary { .. }
    ));
    let wrong = error(&mut kept, b"date;kwh\n2024-01-01;3\n");
    assert!(wrong.to_string().contains("«\u{a0}timestamp\u{a0}»"), "{wrong}");
    assert!(matches!(
        error(&mut kept, b"<html>Not found</html>"),
        LogError::NotALog { .. }
    ));
    assert!(matches!(
        error(&mut kept, b"{\"schema\":\"other\"}"),
        LogError::Record { .. }
    ));
    let many: String = "x".repeat(3_000_000);
    let endless = format!("timestamp,duration,emissions,energy_consumed\n2024-01-01,1,1,\"{many}");
    assert!(matches!(
        error(&mut kept, endless.as_bytes()),
        LogError::RowTooLong { line: 2, .. }
    ));
    assert_eq!(projects(&kept), before);
    assert_eq!(kept.files().len(), 1);
}

#[test]
fn rows_that_cannot_be_are_refused_one_by_one() {
    let header = "timestamp,project_name,run_id,duration,emissions,energy_consumed,country_iso_code";
    let log = of(&format!(
        "{header}\n2024-01-01,a,1,10,0.1,-1,FRA\n2024-01-01,a,2,ten,0.1,1,FRA\n2024-01-01,a,3,10,0.1,,FRA\n\
         2024-01-01,a,4,10,0.1,nan,FRA\n2024-01-01,a,5,10,1,1,FRA,more\n\n2024-01-01,a,6,-5,0.1,1e-3,FRA\n"
    ));
    let codes: Vec<(u64, &str)> = log.refused().iter().map(|row| (row.line, row.code)).collect();
    assert_eq!(
        codes,
        [
            (2, "negative_energy"),
            (3, "not_a_number"),
            (4, "missing_value"),
            (5, "not_a_number"),
            (6, "too_many_cells"),
        ]
    );
    assert_eq!(log.all().len(), 1);
    assert_eq!(log.all()[0].flags, [Flag::NegativeDuration]);
}

/// A log of cumulative rows of one run, made as it is read: nothing of its length is ever in memory.
struct Endless {
    left: usize,
    row: Vec<u8>,
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.row.len() {
            if self.left == 0 {
                return Ok(0);
            }
            self.left -= 1;
            self.at = 0;
            self.row = format!("2024-01-01,a,one,{},0.1,{}\n", 1_000_000 - self.left, 0.5).into_bytes();
        }
        let count = buffer.len().min(self.row.len() - self.at);
        buffer[..count].copy_from_slice(&self.row[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[test]
fn a_long_log_of_few_runs_is_read_as_it_comes() {
    let header = b"timestamp,project_name,run_id,duration,emissions,energy_consumed\n".to_vec();
    let log = Endless {
        left: 200_000,
        row: header,
        at: 0,
    };
    let mut runs = Runs::default();
    runs.read(log, "long.csv").unwrap();
    assert_eq!(runs.all().len(), 1);
    assert_eq!(runs.all()[0].duration_s, 1_000_000.0);
    assert_eq!(runs.files()[0].rows, 200_000);
}

#[test]
fn more_runs_than_can_be_kept_are_refused_whole() {
    let mut text = "timestamp,project_name,run_id,duration,emissions,energy_consumed\n".to_owned();
    for run in 0..=100_000 {
        text.push_str(&format!("2024-01-01,a,{run},1,1,1\n"));
    }
    let mut runs = Runs::default();
    let error = runs.read(text.as_bytes(), "many.csv").unwrap_err();
    assert!(matches!(error, LogError::TooManyRuns { .. }));
    assert!(runs.all().is_empty());
}
