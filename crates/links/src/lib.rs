//! Asks addresses of the web whether they still answer, without letting whoever wrote them lead the server anywhere it
//! should not go.
//!
//! [`Checker::check`] resolves the name, refuses every address that is not public (this machine, its network, the
//! metadata of clouds), connects to the very address that it looked at, and does all of it again at each redirection.
//! It asks with `HEAD`, then with `GET` when that is not answered, keeps nothing of the answer, obeys `robots.txt`, and
//! leaves a pause between two requests to one host.
//!
//! ```
//! use sobria_links::guard::is_public;
//!
//! assert!(!is_public("169.254.169.254".parse()?));
//! assert!(!is_public("::ffff:127.0.0.1".parse()?));
//! assert!(is_public("9.9.9.9".parse()?));
//! # Ok::<(), std::net::AddrParseError>(())
//! ```

mod check;
pub mod guard;
pub mod robots;

pub use crate::check::{Checker, Pace, Verdict};
