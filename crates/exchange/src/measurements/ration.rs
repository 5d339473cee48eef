//! Reading in bounded memory: one row may not take more than its share.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Longest row, in bytes.
pub(super) const ROW_MAX: usize = 1024 * 1024;

/// Ends the reading when one row takes more than its share: a quote that never closes would swallow the whole file.
pub(super) struct Rationed<R> {
    inner: R,
    ration: Ration,
}

/// What is left to read before the end of the row.
#[derive(Clone)]
pub(super) struct Ration(Rc<Cell<usize>>);

impl Ration {
    /// Gives the next row its share.
    pub(super) fn renew(&self) {
        self.0.set(ROW_MAX);
    }
}

impl<R: Read> Rationed<R> {
    pub(super) fn new(inner: R) -> (Self, Ration) {
        let ration = Ration(Rc::new(Cell::new(ROW_MAX)));
        let own = ration.clone();
        (Self { inner, ration: own }, ration)
    }
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.ration.0.get();
        if left == 0 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let room = buffer.len().min(left);
        let (buffer, _) = buffer.split_at_mut(room);
        let count = self.inner.read(buffer)?;
        self.ration.0.set(left.saturating_sub(count));
        Ok(count)
    }
}
