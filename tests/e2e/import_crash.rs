//! Whatever becomes of its workers, an import ends in the same table, byte for byte (IMP-2).
//!
//! The world is built once, up to an accepted commit, and copied for each run; what is random or told by the clock is in
//! it already. From there on everything is the worker's.

mod doubles;
mod kills;
mod scene;
mod stage;
