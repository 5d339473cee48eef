//! Whole numbers as floating point.

/// The nearest floating-point number.
///
/// ```
/// assert_eq!(sobria_estimate::measurement::number::of_u64(1 << 40), 1_099_511_627_776.0);
/// ```
#[must_use]
pub fn of_u64(value: u64) -> f64 {
    let halves = |part: u64| u32::try_from(part & 0xffff_ffff).map_or(0.0, f64::from);
    halves(value >> 32) * 4_294_967_296.0 + halves(value)
}

#[cfg(test)]
mod tests {
    use super::of_u64;

    #[test]
    fn whole_numbers_keep_their_value() {
        for (whole, written) in [
            (0, "0"),
            (262_143_328_850, "262143328850"),
            (u64::MAX, "18446744073709552000"),
        ] {
            assert_eq!(of_u64(whole).to_string(), written);
        }
    }
}
