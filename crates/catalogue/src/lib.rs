//! Records, vocabularies, validation and visibility of the library.
