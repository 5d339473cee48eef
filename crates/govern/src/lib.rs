//! Instruments that help an organisation to govern its AI projects.
//!
//! This crate is pure: no file, no clock, no network, no randomness. "Today" is an argument.
//! Each instrument answers itself as far as a record allows and says where each proposal comes from.
//!
//! Invariants:
//! - a blank answer never counts for more than the lowest one;
//! - nothing here says that a project is compliant: it is presumed, with its reasons;
//! - every text about the law carries its source and how surely it is known.

pub mod document;
pub mod frugality;
pub mod joined;
pub mod number;
pub mod procurement;
pub mod reuse;
pub mod roadmap;
pub mod scenarios;
pub mod source;
pub mod transparency;
