//! How the bytes of a file prove what kind it is, whatever it was announced as (H7).

use super::content::ContentType;

/// What is looked at of a file.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a> {
    /// The first bytes, up to [`Bytes::START`].
    pub start: &'a [u8],
    /// What it says of its parts, if it is an archive that can be opened.
    pub parts: Option<&'a Parts>,
}

/// What an archive says of its parts.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Their names, all of them.
    pub names: Vec<String>,
    /// The part that lists the types of the others, where it is an office document.
    pub types: Vec<u8>,
}

impl Parts {
    /// What that part is called.
    pub const TYPES: &'static str = "[Content_Types].xml";

    /// Whether any of them is something that a program runs, by its name or by its type.
    fn run(&self) -> bool {
        let types = String::from_utf8_lossy(&self.types).to_ascii_lowercase();
        let runs = |text: &str| RUNS.iter().any(|one| text.contains(one));
        // Types are named in ASCII, and a list in another encoding hides them.
        let hidden = self.types.contains(&0);
        hidden
            || types.contains("macroenabled")
            || runs(&types)
            || self.names.iter().any(|name| runs(&name.to_ascii_lowercase()))
    }
}

/// Where the parts of each kind of office document are kept.
const OFFICE: &[(&str, ContentType)] =
    &[("word/", ContentType::Docx), ("xl/", ContentType::Xlsx), ("ppt/", ContentType::Pptx)];

/// What the parts of a document are called that a program runs.
const RUNS: &[&str] = &["vbaproject", "vbadata", "macrosheets/", "dialogsheets/", "activex/", "customui/"];

/// How far in a PDF may begin: readers look for it so far (ISO 32000, annex H).
const PDF_WITHIN: usize = 1024;

impl Bytes<'_> {
    /// How many of the first bytes are looked at.
    pub const START: u64 = 4096;

    /// Whether they begin an archive, so that its parts are to be looked at.
    #[must_use]
    pub fn is_archive(start: &[u8]) -> bool {
        start.starts_with(b"PK")
    }

    /// The kind that the bytes prove; none for text, which any bytes without control characters are.
    fn proved(&self) -> Option<ContentType> {
        use ContentType as K;
        let starts = |marks: &[&[u8]]| marks.iter().any(|mark| self.start.starts_with(mark));
        if starts(&[b"\x89PNG\r\n\x1a\n"]) {
            Some(K::Png)
        } else if starts(&[b"\xff\xd8\xff"]) {
            Some(K::Jpeg)
        } else if starts(&[b"GIF87a", b"GIF89a"]) {
            Some(K::Gif)
        } else if starts(&[b"RIFF"]) {
            (self.start.get(8..12) == Some(b"WEBP")).then_some(K::Webp)
        } else if starts(&[b"ID3\x02", b"ID3\x03", b"ID3\x04", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2"]) {
            Some(K::Mp3)
        } else if Self::is_archive(self.start) {
            self.parts.and_then(office)
        } else if let Some(kind) = self.media() {
            Some(kind)
        } else {
            let head = self.start.get(..self.start.len().min(PDF_WITHIN)).unwrap_or_default();
            let pdf = memchr::memmem::find(head, b"%PDF-").is_some();
            (pdf && !is_markup(self.start)).then_some(K::Pdf)
        }
    }

    /// What an ISO media container or one of its ancestors holds, by its brands.
    fn media(&self) -> Option<ContentType> {
        use ContentType as K;
        let length = usize::try_from(u32::from_be_bytes(self.start.get(..4)?.try_into().ok()?)).ok()?;
        match self.start.get(4..8)? {
            b"ftyp" => {}
            // Before there were brands.
            b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" => return Some(K::Mov),
            _ => return None,
        }
        let kind = |brand: &[u8]| match brand {
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(K::Heic),
            b"M4A " | b"M4B " => Some(K::M4a),
            b"qt  " => Some(K::Mov),
            b"avc1" | b"MSNV" => Some(K::Mp4),
            [b'i', b's', b'o', _] | [b'm', b'p', b'4', _] | [b'M', b'4', b'V', _] => Some(K::Mp4),
            _ => None,
        };
        let major = self.start.get(8..12)?;
        // The brand that says no more than "pictures" leaves it to the others to say which.
        let others = self.start.get(16..length.min(self.start.len())).unwrap_or_default().chunks_exact(4);
        match major {
            b"mif1" | b"msf1" => others.into_iter().find_map(kind).filter(|kind| *kind == K::Heic),
            _ => kind(major),
        }
    }

    /// The kind to keep: what the bytes prove, where it may be shared at all, or the text that was announced.
    #[must_use]
    pub fn kind(&self, announced: ContentType) -> Option<ContentType> {
        match (self.proved(), announced) {
            (Some(kind), _) => Some(kind),
            (None, ContentType::Text | ContentType::Csv) => {
                (is_text(self.start) && !is_markup(self.start)).then_some(announced)
            }
            (None, _) => None,
        }
    }
}

/// Which office document has these parts; none that a program would run a part of.
fn office(parts: &Parts) -> Option<ContentType> {
    if parts.run() || !parts.names.iter().any(|part| part == Parts::TYPES) {
        return None;
    }
    let mut kinds = OFFICE.iter().filter(|(folder, _)| parts.names.iter().any(|part| part.starts_with(folder)));
    match (kinds.next(), kinds.next()) {
        (Some((_, kind)), None) => Some(*kind),
        _ => None,
    }
}

/// No control characters; UTF-8, or the Windows code page that older spreadsheets write.
fn is_text(start: &[u8]) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c);
    let undefined = |byte: &u8| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
    let utf8 = match std::str::from_utf8(start) {
        Ok(_) => true,
        // Cut in the middle of a character.
        Err(error) => error.error_len().is_none(),
    };
    let archive = [&b"Rar!"[..], b"7z\xbc\xaf", b"MZ"].iter().any(|mark| start.starts_with(mark) && !utf8);
    !archive && !start.iter().any(control) && (utf8 || !start.iter().any(undefined))
}

/// What a browser would take for a page or a drawing if it looked by itself.
fn is_markup(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    ["!doctype html", "?xml", "html", "head", "body", "script", "iframe", "svg"].iter().any(|tag| {
        let rest = start.strip_prefix(b"<").and_then(|rest| rest.split_at_checked(tag.len()));
        rest.is_some_and(|(name, rest)| name.eq_ignore_ascii_case(tag.as_bytes()) && goes_on_as_a_tag(tag, rest))
    })
}

/// A note may begin with such a word in angles, `<body scan>`: a tag ends there, or has members with values.
fn goes_on_as_a_tag(tag: &str, rest: &[u8]) -> bool {
    let within = rest.split(|byte| *byte == b'>').next().unwrap_or_default();
    match rest.first() {
        None | Some(b'>' | b'/') => true,
        Some(next) if next.is_ascii_whitespace() => tag.starts_with(['!', '?']) || within.contains(&b'='),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests;
