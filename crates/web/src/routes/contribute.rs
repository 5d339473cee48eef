//! `/contribuer`: describing a project, step by step.

pub mod fields;
