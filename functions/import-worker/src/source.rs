//! The uploaded file, a piece at a time: never more of it in memory than a piece and a record.

use bytes::Bytes;
use caseload::domain::import::dialect::Dialect;
use caseload::domain::import::reader::{Reader, Record};
use caseload::domain::import::run::Place;
use caseload::files::Files;

use crate::halt::Halt;
use crate::pace::Pace;

/// Bytes asked for at once.
pub(crate) const PIECE: u64 = 1024 * 1024;

/// The copy of the upload that nobody can replace.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) files: Files,
    pub(crate) key: String,
    pub(crate) size: u64,
    /// All of it, where that is one piece at hand.
    pub(crate) whole: Option<Bytes>,
}

impl Source {
    /// The piece from here on; empty at the end.
    pub(crate) async fn piece(&self, from: u64) -> Result<Bytes, Halt> {
        let length = self.size.saturating_sub(from).min(PIECE);
        if length == 0 {
            return Ok(Bytes::new());
        }
        if let (Some(whole), Ok(from)) = (&self.whole, usize::try_from(from)) {
            return Ok(whole.get(from..).map(|rest| whole.slice_ref(rest)).unwrap_or_default());
        }
        let piece = self.files.range(&self.key, from, length).await?;
        if piece.len() as u64 == length {
            Ok(piece)
        } else {
            Err(Halt::Broken("the bucket cut a range short".to_owned()))
        }
    }
}

/// Its records from a place on.
#[derive(Debug)]
pub(crate) struct Records {
    source: Source,
    reader: Reader,
    at: u64,
    ended: bool,
}

impl Records {
    pub(crate) fn new(source: Source, dialect: &Dialect, place: Place) -> Self {
        Self { source, reader: Reader::new(dialect, place), at: place.offset, ended: false }
    }

    /// The next record; `None` at the end of the file.
    pub(crate) async fn next(&mut self) -> Result<Option<Record>, Halt> {
        loop {
            if let Some(record) = self.reader.next_record() {
                return Ok(Some(record?));
            }
            if self.ended {
                return Ok(None);
            }
            let piece = self.source.piece(self.at).await?;
            self.at += piece.len() as u64;
            if piece.is_empty() {
                self.ended = true;
                self.reader.finish();
            } else {
                self.reader.feed(&piece);
            }
        }
    }

    /// The next records up to a checkpoint; empty at the end of the file. Where checkpoints lie follows from the file alone,
    /// never from where a worker was stopped.
    pub(crate) async fn batch(&mut self, pace: Pace) -> Result<Vec<Record>, Halt> {
        let mut taken: Vec<Record> = Vec::new();
        while let Some(record) = self.next().await? {
            let from = taken.first().map_or(record.offset, |first| first.offset);
            let long = record.next.offset.saturating_sub(from) >= pace.bytes;
            taken.push(record);
            if long || taken.len() >= pace.rows {
                break;
            }
        }
        Ok(taken)
    }
}
