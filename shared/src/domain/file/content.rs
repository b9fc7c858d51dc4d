//! Which kinds of content a file may have (H4).

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
    /// Sound as phones record it.
    M4a,
    /// Film.
    Mp4,
    /// Film as phones record it.
    Mov,
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

impl ContentType {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Pdf,
        Self::Png,
        Self::Jpeg,
        Self::Gif,
        Self::Webp,
        Self::Heic,
        Self::Mp3,
        Self::M4a,
        Self::Mp4,
        Self::Mov,
        Self::Text,
        Self::Csv,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
    ];

    /// Reads a media type; its parameters do not matter.
    pub fn parse(text: &str) -> Result<Self, ContentTypeNotAllowed> {
        let media = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let media = match media.as_str() {
            "image/jpg" => "image/jpeg",
            "image/heif" | "image/heic-sequence" | "image/heif-sequence" => "image/heic",
            "audio/x-m4a" | "audio/m4a" => "audio/mp4",
            "audio/mp3" => "audio/mpeg",
            "video/x-m4v" => "video/mp4",
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
            Self::M4a => "audio/mp4",
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
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
            Self::M4a => &["m4a"],
            Self::Mp4 => &["mp4", "m4v"],
            Self::Mov => &["mov", "qt"],
            Self::Text => &["txt", "text", "md", "log"],
            Self::Csv => &["csv"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
        }
    }
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

    // H4, decision 12
    #[test]
    fn only_types_of_the_list_are_taken() {
        for kind in ContentType::ALL {
            assert_eq!(ContentType::parse(kind.as_str()), Ok(kind));
        }
        assert_eq!(ContentType::parse("Text/Plain; charset=utf-8"), Ok(ContentType::Text));
        assert_eq!(ContentType::parse("audio/x-m4a"), Ok(ContentType::M4a));
        for text in ["image/svg+xml", "text/html", "application/javascript", "application/octet-stream", "pdf", ""] {
            assert_eq!(ContentType::parse(text), Err(ContentTypeNotAllowed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_type_parser_panic(text in any::<String>()) {
            let _ = ContentType::parse(&text);
        }
    }
}
