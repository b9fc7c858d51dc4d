//! Personas who speak HTTP to a local cloud of their own: in memory, on a free port, gone with the test.

mod acts;
mod answer;
mod archive;
mod contract;
mod dice;
mod forge;
pub mod lists;
pub mod matrix;
mod persona;
mod practice;
mod world;

pub use acts::{PDF, patiently};
pub use answer::Answer;
pub use archive::Archive;
pub use contract::{bad_examples, check};
pub use dice::Dice;
pub use forge::Forge;
pub use persona::{Persona, Request};
pub use practice::Practice;
pub use world::{World, sample};
