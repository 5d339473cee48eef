//! Who somebody is: passwords, single-use secrets, second factors and sign-in through OpenID Connect.
//!
//! Invariant: nothing here knows the catalogue, the database or pages; secrets never print.

pub mod oidc;
pub mod password;
pub mod secret;
pub mod totp;
