//! Footprint of model requests and of computations, from public reference tables.
