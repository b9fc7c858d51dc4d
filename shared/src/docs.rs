//! What is settled, the rules, and how to add to the house: the pages of `shared/docs`.

#[doc = include_str!("../docs/adding-a-function.md")]
pub mod adding_a_function {}

#[doc = include_str!("../docs/adding-a-noun.md")]
pub mod adding_a_noun {}

#[doc = include_str!("../docs/decisions.md")]
pub mod decisions {}

#[doc = include_str!("../docs/logging.md")]
pub mod logging {}

#[doc = include_str!("../docs/rules.md")]
pub mod rules {}
