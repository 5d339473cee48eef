//! Contrasts of the colours of the token file.
