//! What kind of bytes a file is made of, decided once for the whole file, never per row (decision 13, b.3).

use super::refusal::{FileRefusal, MAX_BYTES};

/// How the characters of a file are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub enum Encoding {
    /// UTF-8, plain ASCII included.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, low byte first.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, high byte first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// What Excel for Windows writes in western Europe and America.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// What the whole file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sniffed {
    pub encoding: Encoding,
    /// True where nothing but the failure of UTF-8 speaks for the encoding.
    pub guessed: bool,
    /// Bytes of the byte order mark, 0 without one.
    pub bom: u64,
    /// Bytes of the file.
    pub size: u64,
}

/// Sees every byte of a file once, in pieces of any size, and keeps only a few of them.
#[derive(Debug)]
pub struct Sniffer {
    size: u64,
    head: Vec<u8>,
    check: Check,
}

/// Enough to recognise every mark and magic number below.
const HEAD: usize = 16;

#[derive(Debug)]
enum Check {
    Waiting,
    Bytes { bom: bool, utf8: Utf8Check },
    Wide { big: bool, utf16: Utf16Check },
}

impl Default for Sniffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Sniffer {
    /// A sniffer that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { size: 0, head: Vec::with_capacity(HEAD), check: Check::Waiting }
    }

    /// Takes the next piece of the file.
    ///
    /// # Errors
    /// Refuses as soon as the file cannot become an import any more, so that the rest need not be read.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), FileRefusal> {
        self.size += piece.len() as u64;
        if self.size > MAX_BYTES {
            return Err(FileRefusal::TooLarge);
        }
        let wanted = match self.check {
            Check::Waiting => HEAD.saturating_sub(self.head.len()).min(piece.len()),
            Check::Bytes { .. } | Check::Wide { .. } => 0,
        };
        let (head, rest) = piece.split_at_checked(wanted).unwrap_or((piece, &[]));
        self.head.extend_from_slice(head);
        if matches!(self.check, Check::Waiting) {
            if self.head.len() < HEAD {
                return Ok(());
            }
            self.decide()?;
        }
        self.examine(rest)
    }

    /// Says what the file is, once all of it has been fed.
    ///
    /// # Errors
    /// Refuses an empty file, one that is not text, and one that breaks the encoding its mark promises.
    pub fn finish(mut self) -> Result<Sniffed, FileRefusal> {
        if matches!(self.check, Check::Waiting) {
            self.decide()?;
        }
        let (encoding, guessed, bom) = match self.check {
            Check::Waiting => return Err(FileRefusal::Empty),
            Check::Bytes { bom, utf8 } => match (bom, utf8.valid()) {
                (true, true) => (Encoding::Utf8, false, 3),
                (true, false) => return Err(FileRefusal::EncodingInvalid),
                (false, true) => (Encoding::Utf8, false, 0),
                (false, false) => (Encoding::Windows1252, true, 0),
            },
            Check::Wide { utf16, .. } if !utf16.valid() => return Err(FileRefusal::EncodingInvalid),
            Check::Wide { big: true, .. } => (Encoding::Utf16Be, false, 2),
            Check::Wide { big: false, .. } => (Encoding::Utf16Le, false, 2),
        };
        if self.size <= bom { Err(FileRefusal::Empty) } else { Ok(Sniffed { encoding, guessed, bom, size: self.size }) }
    }

    fn decide(&mut self) -> Result<(), FileRefusal> {
        let head = std::mem::take(&mut self.head);
        if let Some(refusal) = magic(&head) {
            return Err(refusal);
        }
        let bom;
        (self.check, bom) = if head.starts_with(b"\xff\xfe") {
            (Check::Wide { big: false, utf16: Utf16Check::default() }, 2)
        } else if head.starts_with(b"\xfe\xff") {
            (Check::Wide { big: true, utf16: Utf16Check::default() }, 2)
        } else if head.starts_with(b"\xef\xbb\xbf") {
            (Check::Bytes { bom: true, utf8: Utf8Check::default() }, 3)
        } else {
            (Check::Bytes { bom: false, utf8: Utf8Check::default() }, 0)
        };
        self.examine(head.get(bom..).unwrap_or_default())
    }

    fn examine(&mut self, piece: &[u8]) -> Result<(), FileRefusal> {
        match &mut self.check {
            Check::Waiting => Ok(()),
            Check::Bytes { utf8, .. } => {
                if piece.contains(&0) {
                    return Err(FileRefusal::Binary);
                }
                utf8.feed(piece);
                Ok(())
            }
            Check::Wide { big, utf16 } => utf16.feed(piece, *big),
        }
    }
}

fn magic(head: &[u8]) -> Option<FileRefusal> {
    const MAGIC: [(&[u8], FileRefusal); 6] = [
        (b"PK\x03\x04", FileRefusal::Zip),
        (b"PK\x05\x06", FileRefusal::Zip),
        (b"PK\x07\x08", FileRefusal::Zip),
        (b"\x1f\x8b", FileRefusal::Gzip),
        (b"%PDF-", FileRefusal::Pdf),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileRefusal::OldExcel),
    ];
    if let Some((_, refusal)) = MAGIC.into_iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(refusal);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start().to_ascii_lowercase();
    let markup: [&[u8]; 4] = [b"<?xml", b"<html", b"<!doctype", b"<table"];
    markup.into_iter().any(|tag| text.starts_with(tag)).then_some(FileRefusal::Markup)
}

/// Validates UTF-8 across pieces, holding back at most one cut character.
#[derive(Debug, Default)]
struct Utf8Check {
    tail: Vec<u8>,
    broken: bool,
}

impl Utf8Check {
    fn feed(&mut self, mut piece: &[u8]) {
        while let (false, false, Some((byte, rest))) = (self.broken, self.tail.is_empty(), piece.split_first()) {
            self.tail.push(*byte);
            piece = rest;
            match std::str::from_utf8(&self.tail) {
                Ok(_) => self.tail.clear(),
                Err(e) => self.broken = e.error_len().is_some(),
            }
        }
        if self.broken {
            return;
        }
        if let Err(e) = std::str::from_utf8(piece) {
            self.broken = e.error_len().is_some();
            self.tail.extend_from_slice(piece.get(e.valid_up_to()..).unwrap_or_default());
        }
    }

    fn valid(&self) -> bool {
        !self.broken && self.tail.is_empty()
    }
}

/// Validates UTF-16 across pieces: whole units, paired surrogates, no NUL.
#[derive(Debug, Default)]
struct Utf16Check {
    half: Option<u8>,
    high: bool,
    broken: bool,
}

impl Utf16Check {
    fn feed(&mut self, piece: &[u8], big: bool) -> Result<(), FileRefusal> {
        for byte in piece {
            let Some(first) = self.half.take() else {
                self.half = Some(*byte);
                continue;
            };
            let unit = if big { u16::from_be_bytes([first, *byte]) } else { u16::from_le_bytes([first, *byte]) };
            if unit == 0 {
                return Err(FileRefusal::Binary);
            }
            let low = (0xDC00..0xE000).contains(&unit);
            self.broken |= low != self.high;
            self.high = (0xD800..0xDC00).contains(&unit);
        }
        Ok(())
    }

    fn valid(&self) -> bool {
        !self.broken && !self.high && self.half.is_none()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sniff(bytes: &[u8], piece: usize) -> Result<Sniffed, FileRefusal> {
        let mut sniffer = Sniffer::new();
        for piece in bytes.chunks(piece.max(1)) {
            sniffer.feed(piece)?;
        }
        sniffer.finish()
    }

    fn encoding(bytes: &[u8]) -> Result<(Encoding, bool, u64), FileRefusal> {
        sniff(bytes, 7).map(|s| (s.encoding, s.guessed, s.bom))
    }

    fn wide(text: &str, big: bool) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    // b.3: byte order marks, Windows-1252 as the last resort
    #[test]
    fn the_encoding_is_that_of_the_whole_file() {
        assert_eq!(encoding(b"name\nAda\n"), Ok((Encoding::Utf8, false, 0)));
        assert_eq!(encoding("\u{feff}name\nZoë\n".as_bytes()), Ok((Encoding::Utf8, false, 3)));
        assert_eq!(encoding(b"name\nZo\xeb\n"), Ok((Encoding::Windows1252, true, 0)));
        assert_eq!(encoding(&wide("name\nZoë 😀\n", false)), Ok((Encoding::Utf16Le, false, 2)));
        assert_eq!(encoding(&wide("name\nZoë 😀\n", true)), Ok((Encoding::Utf16Be, false, 2)));
    }

    // b.3, IMP-1: nothing is decoded with a loss nobody is told of
    #[test]
    fn a_mark_that_the_bytes_break_refuses_the_file() {
        assert_eq!(encoding(b"\xef\xbb\xbfname\nZo\xeb\n"), Err(FileRefusal::EncodingInvalid));
        let mut cut = wide("name\n", false);
        cut.pop();
        assert_eq!(encoding(&cut), Err(FileRefusal::EncodingInvalid));
        assert_eq!(encoding(b"\xff\xfea\0\x00\xd8b\0"), Err(FileRefusal::EncodingInvalid));
    }

    // IMP-1
    #[test]
    fn what_is_not_text_is_refused_by_what_it_is() {
        let cases: [(&[u8], &str); 11] = [
            (b"", "file_empty"),
            (b"\xef\xbb\xbf", "file_empty"),
            (b"\xff\xfe", "file_empty"),
            (b"PK\x03\x04\x14\0\x06\0", "file_is_zip"),
            (b"\x1f\x8b\x08\0", "file_is_gzip"),
            (b"%PDF-1.7\n", "file_binary"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "file_binary"),
            (b"a,b\n1,\0\n", "file_binary"),
            (b"a\0,\0b\0", "file_binary"),
            (b"\xff\xfea\0\0\0", "file_binary"),
            (b"<HTML><table>", "file_is_markup"),
        ];
        for (bytes, code) in cases {
            for piece in [1, 3, 64] {
                assert_eq!(sniff(bytes, piece).map_err(FileRefusal::code), Err(code), "{bytes:?}");
            }
        }
    }

    // C9
    #[test]
    fn a_file_over_the_limit_is_refused_before_its_end() {
        let mut sniffer = Sniffer::new();
        let piece = vec![b'a'; 1_000_000];
        let fed = (0..51).map(|_| sniffer.feed(&piece)).find(Result::is_err);
        assert_eq!(fed, Some(Err(FileRefusal::TooLarge)));
    }

    proptest! {
        #[test]
        fn the_pieces_make_no_difference(bytes in proptest::collection::vec(any::<u8>(), 0..80), piece in 1usize..9) {
            prop_assert_eq!(sniff(&bytes, piece), sniff(&bytes, 1000));
        }

        #[test]
        fn text_is_told_from_western_bytes(text in "[a-zA-Zé😀,\\n]{1,40}", piece in 1usize..5) {
            prop_assert_eq!(sniff(text.as_bytes(), piece).map(|s| s.encoding), Ok(Encoding::Utf8));
            let utf16 = sniff(&wide(&text, piece % 2 == 0), piece).map(|s| s.encoding);
            prop_assert_eq!(utf16, Ok(if piece % 2 == 0 { Encoding::Utf16Be } else { Encoding::Utf16Le }));
        }
    }
}
