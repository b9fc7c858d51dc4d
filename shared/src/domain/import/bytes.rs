//! What kind of bytes a file is made of, decided once for the whole file, never per row (decision 13, b.3).

pub use super::encoding::Encoding;
pub use super::legacy::EncodingChoice;
use super::legacy::Legacy;
use super::refusal::{FileRefusal, MAX_BYTES};

/// What the whole file turned out to be.
#[derive(Clone, PartialEq, Eq)]
pub struct Sniffed {
    /// What it is, or is likeliest to be.
    pub encoding: Encoding,
    /// Whether the file is no Unicode, so that nothing in it says what it is.
    pub guessed: bool,
    /// Where that is not proved: all that it could be, the likeliest first.
    pub choices: Vec<EncodingChoice>,
    /// Bytes of the byte order mark, 0 without one.
    pub bom: u64,
    /// Bytes of the file.
    pub size: u64,
}

crate::domain::prints_its_name!(Sniffed);

/// Sees every byte of a file once, in pieces of any size, and keeps only a few of them.
#[derive(Debug)]
pub struct Sniffer {
    size: u64,
    head: Vec<u8>,
    check: Check,
}

/// Enough to recognise every mark and magic number below, and two bytes to a character without a mark.
const HEAD: usize = 1024;

#[derive(Debug)]
enum Check {
    Waiting,
    Bytes { bom: bool, utf8: Utf8Check, legacy: Box<Legacy> },
    Wide { big: bool, bom: bool, utf16: Utf16Check },
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
    /// Refuses an empty file and one that is not text.
    pub fn finish(mut self) -> Result<Sniffed, FileRefusal> {
        if matches!(self.check, Check::Waiting) {
            self.decide()?;
        }
        let mut guessed = false;
        let proved = |encoding, bom| (encoding, Vec::new(), bom);
        let (encoding, choices, bom) = match self.check {
            Check::Waiting => return Err(FileRefusal::Empty),
            Check::Bytes { bom: true, .. } => proved(Encoding::Utf8, 3),
            Check::Bytes { utf8, .. } if utf8.prevails() => proved(Encoding::Utf8, 0),
            Check::Bytes { legacy, .. } => {
                let (encoding, choices) = legacy.finish();
                guessed = true;
                (encoding, choices, 0)
            }
            Check::Wide { big: true, bom, .. } => proved(Encoding::Utf16Be, if bom { 2 } else { 0 }),
            Check::Wide { big: false, bom, .. } => proved(Encoding::Utf16Le, if bom { 2 } else { 0 }),
        };
        if self.size <= bom {
            return Err(FileRefusal::Empty);
        }
        Ok(Sniffed { encoding, guessed, choices, bom, size: self.size })
    }

    fn decide(&mut self) -> Result<(), FileRefusal> {
        let head = std::mem::take(&mut self.head);
        if let Some(refusal) = magic(&head) {
            return Err(refusal);
        }
        let wide = |big, bom| Check::Wide { big, bom, utf16: Utf16Check::default() };
        let bytes = |bom| Check::Bytes { bom, utf8: Utf8Check::default(), legacy: Box::default() };
        let bom;
        (self.check, bom) = if head.starts_with(b"\xff\xfe") {
            (wide(false, true), 2)
        } else if head.starts_with(b"\xfe\xff") {
            (wide(true, true), 2)
        } else if head.starts_with(b"\xef\xbb\xbf") {
            (bytes(true), 3)
        } else if let Some(big) = unmarked_utf16(&head) {
            (wide(big, false), 0)
        } else {
            (bytes(false), 0)
        };
        self.examine(head.get(bom..).unwrap_or_default())
    }

    fn examine(&mut self, piece: &[u8]) -> Result<(), FileRefusal> {
        match &mut self.check {
            Check::Waiting => Ok(()),
            Check::Bytes { utf8, legacy, .. } => {
                if piece.contains(&0) {
                    return Err(FileRefusal::Binary);
                }
                utf8.feed(piece);
                legacy.feed(piece);
                Ok(())
            }
            Check::Wide { big, utf16, .. } => utf16.feed(piece, *big),
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
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let text = text.get(..16).unwrap_or(text).to_ascii_lowercase();
    let markup: [&[u8]; 4] = [b"<?xml", b"<html", b"<!doctype", b"<table"];
    markup.into_iter().any(|tag| text.starts_with(tag)).then_some(FileRefusal::Markup)
}

/// UTF-16 without a mark, and whether its high byte comes first: NULs stand on one side only, beside ASCII, and units of
/// two ASCII bytes are rarer than those.
fn unmarked_utf16(head: &[u8]) -> Option<bool> {
    [false, true].into_iter().find(|big| {
        let units = head.chunks_exact(2).filter_map(|unit| match unit {
            [low, high] if !*big => Some((*high, *low)),
            [high, low] => Some((*high, *low)),
            _ => None,
        });
        let text = |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let (mut narrow, mut plain) = (0, 0);
        for (high, low) in units {
            match (high, low) {
                (0, low) if low == 0 || (low.is_ascii() && !text(low)) => return false,
                (0, _) => narrow += 1,
                (_, 0) => {}
                (high, low) if text(high) && text(low) => plain += 1,
                _ => {}
            }
        }
        narrow >= 2 && narrow > plain
    })
}

/// Counts UTF-8 across pieces, holding back at most one cut character.
#[derive(Debug, Default)]
struct Utf8Check {
    tail: Vec<u8>,
    valid: u64,
    broken: u64,
}

impl Utf8Check {
    fn feed(&mut self, piece: &[u8]) {
        if self.tail.is_empty() && piece.is_ascii() {
            return;
        }
        let mut rest = std::mem::take(&mut self.tail);
        rest.extend_from_slice(piece);
        for chunk in rest.utf8_chunks() {
            self.valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
            self.broken += u64::from(!chunk.invalid().is_empty());
        }
        // What may be the beginning of a character waits for its end.
        if let Some(start) = cut_character(&rest) {
            self.broken = self.broken.saturating_sub(1);
            self.tail = rest.split_off(start);
        }
    }

    /// All of it is UTF-8, or all but a few bytes: the rows that have those are named.
    fn prevails(&self) -> bool {
        let broken = self.broken + u64::from(!self.tail.is_empty());
        broken == 0 || (self.valid > 0 && (broken == 1 || self.valid >= 2 * broken))
    }
}

/// Where a character that is cut off at the end begins.
fn cut_character(bytes: &[u8]) -> Option<usize> {
    (1..=3.min(bytes.len())).find_map(|back| {
        let start = bytes.len() - back;
        let end = bytes.get(start..)?;
        matches!(std::str::from_utf8(end), Err(e) if e.error_len().is_none() && e.valid_up_to() == 0).then_some(start)
    })
}

/// Refuses what is no UTF-16 text: a NUL. Surrogates that have no partner are damage of their row.
#[derive(Debug, Default)]
struct Utf16Check {
    half: Option<u8>,
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
        }
        Ok(())
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
        assert_eq!(encoding("name\nZoë\nJosé\nZo".as_bytes()), Ok((Encoding::Utf8, false, 0)));
        assert_eq!(encoding(&wide("name\nZoë 😀\n", false)), Ok((Encoding::Utf16Le, false, 2)));
        assert_eq!(encoding(&wide("name\nZoë 😀\n", true)), Ok((Encoding::Utf16Be, false, 2)));
    }

    // decision 13: UTF-8 with a few bad bytes is still UTF-8, and so is any other text with a mark
    #[test]
    fn a_few_bad_bytes_change_no_encoding() {
        assert_eq!(encoding(b"\xef\xbb\xbfname\nZo\xeb\n"), Ok((Encoding::Utf8, false, 3)));
        assert_eq!(
            encoding(
                "Zoë\nJosé\nJürgen\n".as_bytes().iter().copied().chain(*b"Zo\xeb\n").collect::<Vec<_>>().as_slice()
            ),
            Ok((Encoding::Utf8, false, 0))
        );
        let mut cut = wide("name\n", false);
        cut.pop();
        assert_eq!(encoding(&cut), Ok((Encoding::Utf16Le, false, 2)));
        assert_eq!(encoding(b"\xff\xfea\0\x00\xd8b\0"), Ok((Encoding::Utf16Le, false, 2)));
    }

    // decision 13: UTF-16 needs no mark
    #[test]
    fn two_bytes_a_character_are_recognised_without_a_mark() {
        for (big, wanted) in [(false, Encoding::Utf16Le), (true, Encoding::Utf16Be)] {
            for text in ["Name,Email\nZoë,z@mail.example\n", "Имя;Фамилия;Email\r\nИван;Петров;i@mail.example\r\n"]
            {
                assert_eq!(encoding(wide(text, big).get(2..).expect("a mark")), Ok((wanted, false, 0)), "{text}");
            }
        }
    }

    // IMP-1
    #[test]
    fn what_is_not_text_is_refused_by_what_it_is() {
        let cases: [(&[u8], &str); 10] = [
            (b"", "file_empty"),
            (b"\xef\xbb\xbf", "file_empty"),
            (b"\xff\xfe", "file_empty"),
            (b"PK\x03\x04\x14\0\x06\0", "file_is_zip"),
            (b"\x1f\x8b\x08\0", "file_is_gzip"),
            (b"%PDF-1.7\n", "file_binary"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "file_binary"),
            (b"a,b\n1,\0\n", "file_binary"),
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
