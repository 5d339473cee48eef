//! Roadmap of a responsible digital policy (law of 15 November 2021): who must have one, what it holds, how far it is.
//!
//! [`obligation`] says for whom it is due, [`sheet`] proposes fifteen local actions, [`strategy`] is what an
//! organisation writes, [`value`] what it reads off over time, [`target`] and [`follow`] how far an objective is,
//! [`facts`] what records say by themselves, [`committee`] what elected members look at, [`paper`] the documents.
//! No target is ever proposed: the law sets none for one authority.

pub mod appointment;
pub mod committee;
pub mod facts;
pub mod follow;
pub mod form;
pub mod obligation;
pub mod paper;
pub mod sheet;
pub mod strategy;
pub mod target;
pub mod training;
pub mod value;

#[cfg(test)]
mod tests;
