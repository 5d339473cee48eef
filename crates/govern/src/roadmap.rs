//! Roadmap of a responsible digital policy (law of 15 November 2021): who must have one, what it holds, how far it is.
//!
//! [`obligation`] says for whom it is due, [`sheet`] proposes fifteen local actions, [`target`] follows an objective from
//! its baseline to its target. No target is ever proposed: the law sets none for one authority.

pub mod obligation;
pub mod sheet;
pub mod target;

#[cfg(test)]
mod tests;
