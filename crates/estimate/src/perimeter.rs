//! What the electricity of an answer takes in, read in the answer itself.

use serde_json::Value;

/// What the electricity of an estimate takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Electricity {
    /// The machines alone: power usage effectiveness of 1.
    Machines,
    /// The machines and their room: power usage effectiveness above 1.
    Room,
}

/// Reads what the electricity of an answer takes in, from the power usage effectiveness that its assumptions list.
///
/// None when the answer lists none, as a measure and an evaluation of a whole service do, or when its parts differ.
///
/// ```
/// use sobria_estimate::perimeter::{Electricity, of_answer};
/// use sobria_estimate::{Reference, document};
///
/// let answered = |pue: &str| {
///     let request = format!(
///         r#"{{"method":"compute_job","input":{{"runtime_h":1,"memory_gb":16,"platform":"local-server","pue":{pue},"zone":"FRA"}}}}"#
///     );
///     let mut text = Vec::new();
///     document::answer(Reference::embedded(), &request).write(&mut text);
///     of_answer(&String::from_utf8(text).unwrap())
/// };
/// assert_eq!(answered("1"), Some(Electricity::Machines));
/// assert_eq!(answered("1.4"), Some(Electricity::Room));
/// assert_eq!(of_answer("{}"), None);
/// ```
#[must_use]
pub fn of_answer(answer: &str) -> Option<Electricity> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let mut found = None;
    for assumption in answer.get("assumptions")?.as_array()? {
        let field = assumption
            .get("field")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if field != "pue" && !field.ends_with(".pue") {
            continue;
        }
        let value = assumption.get("value")?;
        let highest = value.as_f64().or_else(|| value.get("max")?.as_f64())?;
        let this = if highest > 1.0 {
            Electricity::Room
        } else {
            Electricity::Machines
        };
        if found.is_some_and(|known| known != this) {
            return None;
        }
        found = Some(this);
    }
    found
}
