//! Requests one per line, answered one per line, in the same order.

use crate::document;
use crate::reference::Reference;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Answers one line with one line at the end of `out`; false when the answer holds errors.
///
/// A line that is not UTF-8, not JSON or not a request gets an answer too, so that lines stay aligned.
///
/// ```
/// use sobria_estimate::{Reference, batch};
///
/// let mut out = Vec::new();
/// assert!(!batch::answer_line(Reference::embedded(), b"not json", &mut out));
/// assert!(out.ends_with(b"\n"));
/// ```
pub fn answer_line(reference: &Reference, line: &[u8], out: &mut Vec<u8>) -> bool {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    // An empty text is the shortest one that is not JSON.
    let text = std::str::from_utf8(line).unwrap_or_default();
    let response = document::answer(reference, text);
    response.write(out);
    out.push(b'\n');
    response.errors.is_empty()
}
