//! What is settled, and how to add to the house: the pages of `shared/docs`.

#[doc = include_str!("../docs/decisions.md")]
pub mod decisions {}

#[doc = include_str!("../docs/rules.md")]
pub mod rules {}
