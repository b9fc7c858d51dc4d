//! CSV import, the pure part: from the bytes of a file to rows a store can write (C1–C10, decision 13).
//!
//! The way of a file: [`bytes::Sniffer`] sees all of it once and names its encoding; [`dialect::Dialect`] finds the
//! delimiter and the header in its beginning; [`reader::Reader`] cuts it into records with byte-exact restart points;
//! [`analysis::Analyzer`] looks at every record and proposes a mapping with the questions that remain;
//! [`plan::Plan`] is the mapping with every question answered; [`row`] turns a record into a client or a named failure;
//! [`identity`] tells which rows and stored clients are the same person; [`merge`] applies a row to a stored profile;
//! [`report`] accounts for every row. [`sheet`] is the way back: a client as such a file.
//!
//! Dates, name order and encoding are decided per column and per file, never per row.

pub mod analysis;
pub mod bytes;
mod cells;
mod choice;
pub mod columns;
pub mod dates;
mod decode;
pub mod dialect;
mod draft;
pub mod error_sheet;
mod escape;
mod header;
pub mod identity;
mod imported;
pub mod job;
pub mod mapping;
pub mod merge;
mod names;
pub mod plan;
mod problem;
pub mod questions;
pub mod reader;
mod record;
pub mod refusal;
pub mod report;
pub mod row;
pub mod run;
#[cfg(test)]
mod samples;
pub mod sheet;
pub mod state;
pub mod target;
mod written;
