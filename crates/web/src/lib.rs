//! Public web site and API.

pub mod locale;
pub mod view;
