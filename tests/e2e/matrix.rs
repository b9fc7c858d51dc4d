//! The permission matrix over HTTP: every cell of every row that has a route.

pub(crate) mod asks;
mod cells;
mod changes;
mod objects;
mod offers;
mod routes;
mod scene;
