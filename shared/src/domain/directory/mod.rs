//! The client directory: a compact list of a practice's clients that a warm function keeps in memory and scans
//! (decision 20).
//!
//! Chunks are the stored snapshot, changes the log since then; [`Directory`] holds both and answers list and search
//! (A1 to A5). Nothing here does I/O.

mod bits;
mod chunk;
mod codec;
mod entry;
mod moments;
mod query;
mod search;
mod snapshot;
mod spelling;
mod table;
mod terms;
mod wire;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod samples;

pub use chunk::{CHUNK_LIMIT, MAX_CHUNK_BYTES, MAX_CHUNK_ENTRIES, decode_chunk, encode_chunks};
pub use entry::{Change, Entry, EntryInvitation};
pub use query::{Matched, Page, Position, Query, Scope, Sort, StaffFilter, StatusCounts};
pub use snapshot::Directory;
pub use wire::Corrupt;
