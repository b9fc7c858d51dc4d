//! The permission matrix over HTTP: every cell of every row that has a route.

mod asks;
mod cells;
mod objects;
mod offers;
mod scene;
