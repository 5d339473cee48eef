//! Short digests for validators and file addresses.

use sha2::{Digest, Sha256};

/// The first 64 bits of the SHA-256 of the parts, in hexadecimal; the parts cannot run into each other.
pub fn short(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(super::short(&["ab", "c"]), super::short(&["a", "bc"]));
    }
}
