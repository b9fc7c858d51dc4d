//! Characters from bytes, and back to how many bytes they took: what makes a byte offset exact in every encoding.

use super::bytes::Encoding;
use super::refusal::FileRefusal;

/// Turns pieces of source bytes into UTF-8, holding back a character cut at the end of a piece.
pub(super) struct Decoder(Option<encoding_rs::Decoder>);

impl Decoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self(match encoding {
            Encoding::Utf8 => None,
            Encoding::Utf16Le => Some(encoding_rs::UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(encoding_rs::UTF_16BE.new_decoder_without_bom_handling()),
            Encoding::Windows1252 => Some(encoding_rs::WINDOWS_1252.new_decoder_without_bom_handling()),
        })
    }

    /// Appends the characters of `piece` to `out`. UTF-8 passes unseen; who reads a field checks it.
    pub(super) fn feed(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> Result<(), FileRefusal> {
        let Some(decoder) = &mut self.0 else {
            out.extend_from_slice(piece);
            return Ok(());
        };
        let room = decoder.max_utf8_buffer_length_without_replacement(piece.len()).ok_or(FileRefusal::TooLarge)?;
        let filled = out.len();
        out.resize(filled + room, 0);
        let free = out.get_mut(filled..).unwrap_or_default();
        let (result, _, written) = decoder.decode_to_utf8_without_replacement(piece, free, last);
        out.truncate(filled + written);
        match result {
            encoding_rs::DecoderResult::InputEmpty => Ok(()),
            encoding_rs::DecoderResult::OutputFull | encoding_rs::DecoderResult::Malformed(..) => {
                Err(FileRefusal::EncodingInvalid)
            }
        }
    }
}

/// How many source bytes these decoded characters took.
pub(super) fn source_len(encoding: Encoding, utf8: &[u8]) -> u64 {
    let starts = || utf8.iter().filter(|b| **b & 0xC0 != 0x80).count();
    let bytes = match encoding {
        Encoding::Utf8 => utf8.len(),
        Encoding::Windows1252 => starts(),
        Encoding::Utf16Le | Encoding::Utf16Be => 2 * (starts() + utf8.iter().filter(|b| **b >= 0xF0).count()),
    };
    bytes as u64
}
