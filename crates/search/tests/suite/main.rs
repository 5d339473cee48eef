//! What the index promises, asked from outside.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod access;
mod facets;
mod lifecycle;
mod questions;
mod real;
mod records;
