//! What the index promises, asked from outside.

mod access;
mod facets;
mod lifecycle;
mod questions;
mod real;
mod records;
