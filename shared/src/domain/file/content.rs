//! Which kinds of content a file may have, and how its first bytes prove the kind (H4, H7).

use std::fmt;

/// Why a media type is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a type of file that can be shared")]
pub struct ContentTypeNotAllowed;

/// The kinds of content that can be shared (decision 12): nothing a browser runs, so no HTML, no SVG, no scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// PDF.
    Pdf,
    /// PNG image.
    Png,
    /// JPEG image.
    Jpeg,
    /// GIF image.
    Gif,
    /// WebP image.
    Webp,
    /// Photo of a phone.
    Heic,
    /// Sound: a guided exercise.
    Mp3,
    /// Film.
    Mp4,
    /// Plain text.
    Text,
    /// Comma-separated values.
    Csv,
    /// Word document without macros.
    Docx,
    /// Excel workbook without macros.
    Xlsx,
    /// PowerPoint presentation without macros.
    Pptx,
}

/// What the first bytes of a kind look like.
enum Mark {
    /// One of these at the very start.
    Start(&'static [&'static [u8]]),
    /// A RIFF container of this form.
    Riff(&'static [u8]),
    /// An ISO media container whose main brand starts like one of these.
    Brand(&'static [&'static [u8]]),
    /// An office package that keeps its parts in this folder.
    Office(&'static str),
    /// Text a person can read.
    Text,
}

impl ContentType {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Pdf,
        Self::Png,
        Self::Jpeg,
        Self::Gif,
        Self::Webp,
        Self::Heic,
        Self::Mp3,
        Self::Mp4,
        Self::Text,
        Self::Csv,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
    ];

    /// How many of the first bytes [`Self::is_proved_by`] wants to see.
    pub const PROOF: u64 = 4096;

    /// Reads a media type; its parameters do not matter.
    pub fn parse(text: &str) -> Result<Self, ContentTypeNotAllowed> {
        let media = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let media = match media.as_str() {
            "image/jpg" => "image/jpeg",
            "image/heif" => "image/heic",
            other => other,
        };
        Self::ALL.into_iter().find(|kind| kind.as_str() == media).ok_or(ContentTypeNotAllowed)
    }

    /// The media type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Mp3 => "audio/mpeg",
            Self::Mp4 => "video/mp4",
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        }
    }

    /// The endings a file of this kind has on a person's machine, the usual one first.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Heic => &["heic", "heif"],
            Self::Mp3 => &["mp3"],
            Self::Mp4 => &["mp4", "m4v"],
            Self::Text => &["txt", "text", "md", "log"],
            Self::Csv => &["csv"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
        }
    }

    const fn mark(self) -> Mark {
        match self {
            Self::Pdf => Mark::Start(&[b"%PDF-"]),
            Self::Png => Mark::Start(&[b"\x89PNG\r\n\x1a\n"]),
            Self::Jpeg => Mark::Start(&[b"\xff\xd8\xff"]),
            Self::Gif => Mark::Start(&[b"GIF87a", b"GIF89a"]),
            Self::Webp => Mark::Riff(b"WEBP"),
            Self::Heic => Mark::Brand(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"]),
            Self::Mp3 => {
                Mark::Start(&[b"ID3\x02", b"ID3\x03", b"ID3\x04", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2"])
            }
            Self::Mp4 => Mark::Brand(&[b"iso", b"mp4", b"avc1", b"M4V", b"MSNV"]),
            Self::Text | Self::Csv => Mark::Text,
            Self::Docx => Mark::Office("word/"),
            Self::Xlsx => Mark::Office("xl/"),
            Self::Pptx => Mark::Office("ppt/"),
        }
    }

    /// Whether content that starts with these bytes is of this kind.
    #[must_use]
    pub fn is_proved_by(self, start: &[u8]) -> bool {
        match self.mark() {
            Mark::Start(any) => any.iter().any(|mark| start.starts_with(mark)),
            Mark::Riff(form) => start.starts_with(b"RIFF") && start.get(8..12) == Some(form),
            Mark::Brand(any) => {
                let brand = start.get(8..12).unwrap_or_default();
                start.get(4..8) == Some(b"ftyp".as_slice()) && any.iter().any(|mark| brand.starts_with(mark))
            }
            Mark::Office(folder) => first_part(start).is_some_and(|part| {
                ["[Content_Types].xml", "_rels/", "docProps/", "customXml/", folder]
                    .iter()
                    .any(|name| part.starts_with(name.as_bytes()))
            }),
            Mark::Text => {
                is_text(start) && !is_markup(start) && !Self::ALL.into_iter().any(|kind| kind.is_binary_of(start))
            }
        }
    }

    fn is_binary_of(self, start: &[u8]) -> bool {
        !matches!(self.mark(), Mark::Text) && self.is_proved_by(start)
    }
}

/// The name of the first file in a ZIP archive.
fn first_part(start: &[u8]) -> Option<&[u8]> {
    let head = start.strip_prefix(b"PK\x03\x04")?;
    let length = u16::from_le_bytes(head.get(22..24)?.try_into().ok()?);
    head.get(26..26 + usize::from(length))
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
    !start.iter().any(control) && (utf8 || !start.iter().any(undefined))
}

/// What a browser would take for a page or a drawing if it looked by itself.
fn is_markup(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<svg", "<?xml"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|found| found.eq_ignore_ascii_case(tag.as_bytes())))
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for ContentType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for ContentType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let refused = |e| serde::de::Error::custom(crate::domain::coded("content_type_not_allowed", e));
        Self::parse(&text).map_err(refused)
    }
}

impl utoipa::PartialSchema for ContentType {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(Self::ALL.map(Self::as_str)))
            .into()
    }
}

impl utoipa::ToSchema for ContentType {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn archive(first: &str) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend([0; 22]);
        bytes.extend(u16::try_from(first.len()).unwrap().to_le_bytes());
        bytes.extend([0; 2]);
        bytes.extend(first.as_bytes());
        bytes
    }

    fn sample(kind: ContentType) -> Vec<u8> {
        match kind {
            ContentType::Pdf => b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            ContentType::Png => b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
            ContentType::Jpeg => b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(),
            ContentType::Gif => b"GIF89a\x01\0\x01\0".to_vec(),
            ContentType::Webp => b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(),
            ContentType::Heic => b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(),
            ContentType::Mp3 => b"ID3\x04\0\0\0\0\0\0".to_vec(),
            ContentType::Mp4 => b"\0\0\0\x20ftypisom\0\0\x02\0".to_vec(),
            ContentType::Text => "Week 1: breathe. Größe \u{2013} ok\n".into(),
            ContentType::Csv => b"date;mood\r\n2026-11-21;M\xfcde\r\n".to_vec(),
            ContentType::Docx => archive("word/document.xml"),
            ContentType::Xlsx => archive("xl/workbook.xml"),
            ContentType::Pptx => archive("ppt/presentation.xml"),
        }
    }

    // H4, H7
    #[test]
    fn every_kind_is_proved_by_its_own_bytes_and_by_no_other() {
        for kind in ContentType::ALL {
            for other in ContentType::ALL {
                let both_text = matches!((kind.mark(), other.mark()), (Mark::Text, Mark::Text));
                assert_eq!(kind.is_proved_by(&sample(other)), kind == other || both_text, "{kind} of {other}");
            }
        }
        assert!(ContentType::Docx.is_proved_by(&archive("[Content_Types].xml")));
    }

    // H4
    #[test]
    fn what_a_browser_or_a_machine_would_run_is_of_no_kind() {
        let disguised: [&[u8]; 7] = [
            b"<html><script>alert(1)</script></html>",
            b"\xef\xbb\xbf \n<!DOCTYPE HTML><p>",
            b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"<svg onload=alert(1)>",
            b"MZ\x90\0\x03\0\0\0",
            b"\x7fELF\x02\x01\x01\0",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        ];
        for bytes in disguised.into_iter().map(<[u8]>::to_vec).chain([archive("META-INF/MANIFEST.MF"), archive("")]) {
            assert!(!ContentType::ALL.into_iter().any(|kind| kind.is_proved_by(&bytes)), "{bytes:?}");
        }
    }

    // H4
    #[test]
    fn text_has_no_control_characters_and_may_be_cut_anywhere() {
        assert!(ContentType::Text.is_proved_by("Gr\u{fc}\u{df}e".as_bytes().split_at(3).0));
        for bytes in [&b"a\0b"[..], b"a\x1b[0m", b"a\x7f", b"\xff\xfea\0b\0"] {
            assert!(!ContentType::Text.is_proved_by(bytes), "{bytes:?}");
        }
    }

    // H4, decision 12
    #[test]
    fn only_types_of_the_list_are_taken() {
        for kind in ContentType::ALL {
            assert_eq!(ContentType::parse(kind.as_str()), Ok(kind));
        }
        assert_eq!(ContentType::parse("Text/Plain; charset=utf-8"), Ok(ContentType::Text));
        for text in ["image/svg+xml", "text/html", "application/javascript", "application/octet-stream", "pdf", ""] {
            assert_eq!(ContentType::parse(text), Err(ContentTypeNotAllowed), "{text}");
        }
    }

    proptest! {
        // H7
        #[test]
        fn no_bytes_make_the_look_at_them_panic(
            mark in proptest::sample::select(vec![&b""[..], b"PK\x03\x04", b"RIFF", b"\0\0\0\0ftyp", b"<", b"%PDF-"]),
            rest in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let bytes = [mark, &rest].concat();
            for kind in ContentType::ALL {
                let _ = kind.is_proved_by(&bytes);
            }
        }

        #[test]
        fn no_text_makes_the_type_parser_panic(text in any::<String>()) {
            let _ = ContentType::parse(&text);
        }
    }
}
