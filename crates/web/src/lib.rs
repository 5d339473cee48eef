//! Public web site and API.
