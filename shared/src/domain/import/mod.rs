//! CSV import, the pure part: from the bytes of a file to rows a store can write (C1–C10, decision 13).
//!
//! The way of a file: [`bytes::Sniffer`] sees all of it once and names its encoding; [`dialect::Dialect`] finds the
//! delimiter and the header in its beginning; [`reader::Reader`] cuts it into records with byte-exact restart points;
//! [`analysis::Analyzer`] looks at every record and proposes a mapping with the questions that remain;
//! [`plan::Plan`] is the mapping with every question answered.
//!
//! The way of a row: [`row`] turns a record into a client or a named failure; [`batch`] compares the rows between two
//! checkpoints with what is [`known`], by their [`identity`](super::identity); [`outcomes`] says what becomes of each, by the [`terms`] of
//! the import and by [`merge`]; [`report`] accounts for every row, [`memory`] is what later batches must know.
//!
//! The way of an import: [`job`] is what the practice starts, in a [`state`], with a [`mapping`]; [`run`] is one pass over
//! its rows. [`sheet`] is the way back: a client as such a file.
//!
//! Dates, name order and encoding are decided per column and per file, never per row.

pub mod analysis;
pub mod batch;
pub mod bytes;
mod cells;
mod choice;
pub mod columns;
pub mod dates;
pub mod dialect;
mod draft;
pub mod encoding;
pub mod error_sheet;
mod escape;
mod header;
mod imported;
pub mod job;
mod judge;
pub mod known;
mod labels;
mod legacy;
pub mod mapping;
pub mod memory;
pub mod merge;
mod names;
pub mod outcomes;
pub mod plan;
mod problem;
pub mod questions;
mod quoting;
pub mod reader;
mod record;
pub mod refusal;
pub mod report;
#[cfg(test)]
mod reports;
pub mod row;
pub mod run;
#[cfg(test)]
mod samples;
pub mod sheet;
pub mod state;
mod status;
pub mod target;
pub mod terms;
pub mod verdict;
mod words;
mod written;
