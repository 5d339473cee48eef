//! Documents made at random from the names and the words that a reader looks for.

use proptest::prelude::*;
use serde_json::Value;

/// Values of at most this depth and about this many parts.
pub fn values(
    names: Vec<&'static str>,
    words: Vec<&'static str>,
    depth: u32,
    size: u32,
) -> impl Strategy<Value = Value> {
    let names = prop::sample::select(names);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-10.0..1e6_f64).prop_map(Value::from),
        prop::sample::select(words).prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, size, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|members| {
                Value::Object(
                    members
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}
