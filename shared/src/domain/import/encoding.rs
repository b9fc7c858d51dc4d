//! How the characters of a file are stored.

use std::borrow::Cow;

use encoding_rs as rs;

macro_rules! encodings {
    ($($(#[$doc:meta])* $name:ident = $label:tt, $codec:ident;)*) => {
        /// How the characters of a file are stored.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum Encoding {
            $($(#[$doc])* #[serde(rename = $label)] $name,)*
        }

        impl Encoding {
            /// Each that a file can be read in.
            pub(super) const ALL: &[Self] = &[$(Self::$name),*];

            /// The name it has in the API.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)*
                }
            }

            const fn codec(self) -> &'static rs::Encoding {
                match self {
                    $(Self::$name => rs::$codec,)*
                }
            }
        }
    };
}

encodings! {
    /// UTF-8, plain ASCII included.
    Utf8 = "utf-8", UTF_8;
    /// UTF-16, low byte first.
    Utf16Le = "utf-16le", UTF_16LE;
    /// UTF-16, high byte first.
    Utf16Be = "utf-16be", UTF_16BE;
    /// What Excel for Windows writes in western Europe and America.
    Windows1252 = "windows-1252", WINDOWS_1252;
    /// Central Europe.
    Windows1250 = "windows-1250", WINDOWS_1250;
    /// Cyrillic.
    Windows1251 = "windows-1251", WINDOWS_1251;
    /// Greek.
    Windows1253 = "windows-1253", WINDOWS_1253;
    /// Turkish.
    Windows1254 = "windows-1254", WINDOWS_1254;
    /// Hebrew.
    Windows1255 = "windows-1255", WINDOWS_1255;
    /// Arabic.
    Windows1256 = "windows-1256", WINDOWS_1256;
    /// Baltic.
    Windows1257 = "windows-1257", WINDOWS_1257;
    /// Vietnamese.
    Windows1258 = "windows-1258", WINDOWS_1258;
    /// Thai.
    Windows874 = "windows-874", WINDOWS_874;
    /// Central Europe, outside Windows.
    Iso8859_2 = "iso-8859-2", ISO_8859_2;
    /// What older programs on a Mac write.
    Macintosh = "macintosh", MACINTOSH;
    /// Cyrillic, outside Windows.
    Koi8R = "koi8-r", KOI8_R;
    /// Japanese.
    ShiftJis = "shift_jis", SHIFT_JIS;
    /// Japanese, outside Windows.
    EucJp = "euc-jp", EUC_JP;
    /// Simplified Chinese.
    Gbk = "gbk", GBK;
    /// Traditional Chinese.
    Big5 = "big5", BIG5;
    /// Korean.
    EucKr = "euc-kr", EUC_KR;
}

impl Encoding {
    /// Bytes of the smallest unit: a delimiter, a quotation mark or a line end is one unit in each of these encodings.
    pub(super) const fn unit(self) -> usize {
        match self {
            Self::Utf16Le | Self::Utf16Be => 2,
            _ => 1,
        }
    }

    /// The characters, and whether some of the bytes are none: those become U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        self.codec().decode_without_bom_handling(bytes)
    }

    /// The same characters as they would have been read in another encoding. Characters that are damaged stay so.
    pub(super) fn reread(self, text: &str, other: Self) -> String {
        if self == other || self.unit() == 2 || text.is_ascii() {
            return text.to_owned();
        }
        let (bytes, _, _) = self.codec().encode(text);
        other.decode(&bytes).0.into_owned()
    }

    /// The one that a library means.
    pub(super) fn of_codec(codec: &'static rs::Encoding) -> Option<Self> {
        Self::ALL.iter().copied().find(|encoding| encoding.codec() == codec)
    }
}
