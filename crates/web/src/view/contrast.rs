//! Contrasts of the colours of the token file, in both schemes.

use std::collections::HashMap;

/// The table that the vocabulary of themes is made of.
const THEMES: &str = include_str!("../../../catalogue/reference/themes.csv");

/// Code and letter of each theme.
fn themes() -> Vec<(String, String)> {
    THEMES
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
        })
        .collect()
}

const TOKENS: &str = include_str!("../../assets/css/tokens.css");

/// The colours of one scheme, by name.
fn scheme(css: &str) -> HashMap<&str, [f64; 3]> {
    css.lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("--")?
                .trim_end_matches(';')
                .split_once(": #")
        })
        .map(|(name, hex)| {
            let channel = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
            (name, [channel(0), channel(2), channel(4)])
        })
        .collect()
}

fn schemes() -> [(&'static str, HashMap<&'static str, [f64; 3]>); 2] {
    let (light, dark) = TOKENS
        .split_once("@media screen and (prefers-color-scheme: dark)")
        .unwrap();
    let mut complete = scheme(light);
    complete.extend(scheme(dark));
    [("light", scheme(light)), ("dark", complete)]
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|channel| {
        let share = channel / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn ratio(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The tint behind a monogram: `color-mix(in srgb, theme 10%, surface)`.
fn tint(theme: [f64; 3], surface: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|at| theme[at] * 0.1 + surface[at] * 0.9)
}

#[test]
fn text_and_controls_are_readable_in_both_schemes() {
    let text = [
        (
            "ink",
            &["paper", "surface", "sunken", "accent-tint", "warn-tint", "mark"][..],
        ),
        ("ink-soft", &["paper", "surface", "sunken", "accent-tint"]),
        ("accent", &["paper", "surface", "sunken", "accent-tint"]),
        ("accent-strong", &["paper", "surface", "accent-tint"]),
        ("on-accent", &["accent", "accent-strong"]),
        ("warn", &["surface", "warn-tint"]),
        ("ok", &["paper", "surface"]),
        ("error", &["paper", "surface", "error-tint"]),
    ];
    let marks = [
        ("control", &["paper", "surface"][..]),
        ("focus", &["paper", "surface", "sunken", "accent-tint"]),
        ("accent", &["line"]),
    ];
    for (name, colours) in schemes() {
        for (least, pairs) in [(4.5, &text[..]), (3.0, &marks[..])] {
            for (front, backs) in pairs {
                for back in *backs {
                    let found = ratio(colours[front], colours[back]);
                    assert!(
                        found >= least,
                        "{name}: {front} on {back} is {found:.2}, expected {least}"
                    );
                }
            }
        }
    }
}

#[test]
fn each_theme_has_a_letter_of_its_own_and_a_readable_colour() {
    let themes = themes();
    assert_eq!(themes.len(), 6);
    let mut letters: Vec<_> = themes.iter().map(|(_, letter)| letter).collect();
    letters.sort();
    letters.dedup();
    assert_eq!(letters.len(), themes.len(), "two themes share a letter");
    for (code, letter) in &themes {
        let token = letter.to_lowercase();
        let rule = format!("[data-theme=\"{code}\"] {{ --theme: var(--{token}); }}");
        assert!(TOKENS.contains(&rule), "no colour for {code}: expected {rule}");
        for (name, colours) in schemes() {
            let colour = colours[token.as_str()];
            let surface = colours["surface"];
            for (back, behind) in [
                ("surface", surface),
                ("paper", colours["paper"]),
                ("tint", tint(colour, surface)),
                ("here", colours["accent-tint"]),
            ] {
                let found = ratio(colour, behind);
                assert!(
                    found >= 4.5,
                    "{name}: {code} on {back} is {found:.2}, expected 4.5"
                );
            }
        }
    }
}

#[test]
fn the_sheet_is_listed_whole_and_stays_light() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/css");
    let listed: Vec<String> = std::fs::read_to_string(format!("{folder}/ORDER"))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    let mut present: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".css"))
        .collect();
    present.sort();
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!(present, sorted, "css/ORDER and the folder differ");
    let script = std::fs::metadata(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/js/library.js")).unwrap();
    assert!(
        script.len() <= 8_000,
        "library.js weighs {} octets, 8 000 at most",
        script.len()
    );
}
