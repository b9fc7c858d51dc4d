//! Personas who speak HTTP to a local cloud of their own: in memory, on a free port, gone with the test.

mod answer;
pub mod matrix;
mod persona;
mod team;
mod world;

pub use answer::Answer;
pub use persona::{Persona, Request};
pub use world::{Practice, World, sample};
