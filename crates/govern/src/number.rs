//! Numbers as French people write them.

/// With at most two decimals, thousands apart.
///
/// ```
/// use sobria_govern::number::figure;
/// assert_eq!(figure(62400.5), "62\u{202f}400,5");
/// assert_eq!(figure(-0.001), "0");
/// ```
#[must_use]
pub fn figure(value: f64) -> String {
    written(value, 2)
}

/// With two figures that count, whatever the size; not more than six decimals.
///
/// ```
/// use sobria_govern::number::significant;
/// assert_eq!(significant(0.02671), "0,027");
/// assert_eq!(significant(1.24), "1,2");
/// assert_eq!(significant(1250.4), "1\u{202f}250");
/// ```
#[must_use]
pub fn significant(value: f64) -> String {
    let decimals = [10.0, 1.0, 0.1, 0.01, 0.001, 0.0001]
        .iter()
        .position(|least| value.abs() >= *least)
        .unwrap_or(6);
    written(value, decimals)
}

/// What is said of a text of so many characters, where at most so many are taken.
///
/// ```
/// use sobria_govern::number::too_long;
/// assert_eq!(too_long(2400, 200), "2\u{202f}400 caractères\u{a0}: il en faut 200 au plus.");
/// ```
#[must_use]
pub fn too_long(length: usize, most: usize) -> String {
    use sobria_catalogue::text::count;
    format!(
        "{} caractères\u{a0}: il en faut {} au plus.",
        count(length),
        count(most)
    )
}

fn written(value: f64, decimals: usize) -> String {
    let rounded = format!("{:.decimals$}", value.abs());
    let (whole, decimals) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let decimals = decimals.trim_end_matches('0');
    let mut grouped = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    if !decimals.is_empty() {
        grouped.push(',');
        grouped.push_str(decimals);
    }
    if value < 0.0 && grouped.chars().any(|c| matches!(c, '1'..='9')) {
        grouped.insert(0, '\u{2212}');
    }
    grouped
}
