//! A ZIP archive that leaves in parts while it is written.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use caseload::files::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// What of the archive has not left yet. The writer goes back to the head of the entry it writes, never further.
#[derive(Default)]
struct Window {
    left: u64,
    bytes: Vec<u8>,
    at: usize,
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Window>>);

impl Shared {
    fn window(&self) -> MutexGuard<'_, Window> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    fn end(&self) -> u64 {
        self.left + self.bytes.len() as u64
    }
}

impl Write for Shared {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let mut window = self.window();
        let at = window.at;
        let over = data.len().min(window.bytes.len().saturating_sub(at));
        let (onto, beyond) = data.split_at_checked(over).unwrap_or((data, &[]));
        if let Some(place) = window.bytes.get_mut(at..at + over) {
            place.copy_from_slice(onto);
        }
        window.bytes.extend_from_slice(beyond);
        window.at += data.len();
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut window = self.window();
        let here = window.left + window.at as u64;
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => window.end().checked_add_signed(by),
            SeekFrom::Current(by) => here.checked_add_signed(by),
        };
        let inside = place.filter(|place| (window.left..=window.end()).contains(place));
        let place = inside.ok_or_else(|| io::Error::other("the archive's writer went out of its window"))?;
        window.at = usize::try_from(place - window.left).map_err(io::Error::other)?;
        Ok(place)
    }
}

/// An archive in the making. Entries are stored as they are: files of the allowed types are compressed already.
pub(crate) struct Archive {
    zip: ZipWriter<Shared>,
    shared: Shared,
    options: SimpleFileOptions,
}

impl Archive {
    /// Every entry gets this time.
    pub(crate) fn new(at: Timestamp) -> Self {
        let shared = Shared::default();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(date_time(at).unwrap_or_default())
            .unix_permissions(0o600);
        Self { zip: ZipWriter::new(shared.clone()), shared, options }
    }

    /// Adds an entry. Gives what is settled by now and enough for a part.
    pub(crate) fn add(&mut self, path: &str, bytes: &[u8]) -> ZipResult<Option<Vec<u8>>> {
        // Starting an entry ends the one before it: everything up to here does not change any more.
        let settled = self.shared.window().end();
        self.zip.start_file(path, self.options)?;
        self.zip.write_all(bytes)?;
        let mut window = self.shared.window();
        let count = usize::try_from(settled - window.left).map_err(io::Error::other)?;
        if count < Parts::SMALLEST {
            return Ok(None);
        }
        let part: Vec<u8> = window.bytes.drain(..count).collect();
        window.left += count as u64;
        window.at -= count;
        Ok(Some(part))
    }

    /// Ends it: the rest, and how long it has become.
    pub(crate) fn finish(self) -> ZipResult<(Vec<u8>, u64)> {
        self.zip.finish()?;
        let mut window = self.shared.window();
        let size = window.end();
        Ok((std::mem::take(&mut window.bytes), size))
    }
}

/// UTC, to two seconds: finer is not in the format.
fn date_time(at: Timestamp) -> Option<DateTime> {
    let at = at.to_zoned(TimeZone::UTC).datetime();
    let number = |part: i8| u8::try_from(part).ok();
    let (month, day) = (number(at.month())?, number(at.day())?);
    let (hour, minute, second) = (number(at.hour())?, number(at.minute())?, number(at.second())?);
    DateTime::from_date_and_time(u16::try_from(at.year()).ok()?, month, day, hour, minute, second).ok()
}
