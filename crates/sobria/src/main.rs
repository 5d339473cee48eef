//! The `sobria` executable.
fn main() {}
