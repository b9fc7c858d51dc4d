//! The policy against the permission matrix, without a server.

mod cast;
mod cells;
mod handout;
mod laws;
