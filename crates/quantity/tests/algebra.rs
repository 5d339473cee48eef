//! What holds of quantities and intervals, whatever the numbers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use proptest::prelude::*;
use sobria_quantity::{
    Hours, Interval, KgCo2ePerKwh, KilowattHours, OutOfRange, Pue, Quantity, Share, Watts,
};

fn any_interval() -> impl Strategy<Value = Interval<KilowattHours>> {
    (0.0..=f64::MAX, 0.0..=f64::MAX).prop_map(|(one, other)| {
        Interval::spanning(
            KilowattHours::try_new(one).unwrap(),
            KilowattHours::try_new(other).unwrap(),
        )
    })
}

proptest! {
    #[test]
    fn a_unit_takes_its_range_and_nothing_else(value in any::<f64>()) {
        prop_assert_eq!(KilowattHours::try_new(value).is_ok(), value.is_finite() && value >= 0.0);
        prop_assert_eq!(Pue::try_new(value).is_ok(), value.is_finite() && value >= 1.0);
        prop_assert_eq!(Share::try_new(value).is_ok(), (0.0..=1.0).contains(&value));
    }

    #[test]
    fn sums_and_products_stay_finite(a in 0.0..=f64::MAX, b in 0.0..=f64::MAX, pue in 1.0..=f64::MAX) {
        let energy = Watts::try_new(a).unwrap() * Hours::try_new(b).unwrap();
        let more = energy * Pue::try_new(pue).unwrap() + energy;
        let climate = more * KgCo2ePerKwh::try_new(b).unwrap();
        for number in [energy.get(), more.get(), climate.get()] {
            prop_assert!(number.is_finite() && number >= 0.0);
        }
        prop_assert!(more >= energy);
    }

    #[test]
    fn the_centre_lies_between_the_bounds(interval in any_interval()) {
        prop_assert!(interval.low().get() <= interval.central());
        prop_assert!(interval.central() <= interval.high().get());
    }

    #[test]
    fn a_change_lies_inside_its_range(one in any_interval(), other in any_interval()) {
        let change = one.change_to(other);
        prop_assert!(change.low() <= change.high());
        prop_assert!(change.central().is_finite());
        let slack = 1e-12 * (one.high().get() + other.high().get()).min(f64::MAX);
        prop_assert!(change.low() - slack <= change.central() && change.central() <= change.high() + slack);
    }

    #[test]
    fn a_sum_of_intervals_is_an_interval(one in any_interval(), other in any_interval()) {
        let sum = one.plus(other);
        prop_assert!(sum.low() <= sum.high());
        prop_assert!(sum.low() >= one.low());
    }
}

#[test]
fn minus_zero_is_zero() {
    let zero = KilowattHours::try_new(-0.0).unwrap();
    assert_eq!(zero, KilowattHours::ZERO);
    assert!(zero.get().is_sign_positive());
}

#[test]
fn a_refusal_says_what_was_expected() {
    let error: OutOfRange = Pue::try_new(0.5).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("0.5 is not a value of Pue: expected a finite number from 1 to ")
    );
}

#[test]
fn json_holds_plain_numbers() {
    let interval = Interval::<KilowattHours>::of(1.5, 2.0).unwrap();
    assert_eq!(
        serde_json::to_string(&interval).unwrap(),
        r#"{"min":1.5,"max":2.0}"#
    );
    let change = interval.change_to(Interval::<KilowattHours>::of(0.5, 0.5).unwrap());
    assert_eq!(
        serde_json::to_string(&change).unwrap(),
        r#"{"min":-1.5,"central":-1.25,"max":-1.0}"#
    );
}
