//! Text that is no Unicode: which of the older encodings is it in, and is that certain?
//!
//! A library guesses. Its guess is proved where every other encoding that makes words of the same bytes makes the same
//! words; else the practice is asked, with the lines that read differently.

use std::collections::BTreeSet;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use icu_properties::props::{EnumeratedProperty as _, GeneralCategory, GeneralCategoryGroup, Script};

use super::encoding::Encoding;

/// As many words and lines as are kept to judge by.
const MOST_WORDS: usize = 2000;
const MOST_LINES: usize = 400;
/// So many different words make the library's guess a proof.
const ENOUGH_WORDS: usize = 20;
/// So many choices are enough to find one's own among.
const MOST_CHOICES: usize = 8;
/// Where the library prefers another one, these do not speak against it.
const RARE: [Encoding; 2] = [Encoding::Windows1257, Encoding::Windows1258];
/// No longer word or line is kept.
const LONGEST: usize = 200;
/// Lines that are shown.
const SHOWN: usize = 3;

/// An encoding a file could be in, and how some of its lines read then.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EncodingChoice {
    /// The encoding.
    pub encoding: Encoding,
    /// The same lines for every choice.
    pub rows: Vec<String>,
}

crate::domain::prints_its_name!(EncodingChoice);

/// Gathers the words that are not ASCII, in memory that does not grow with the file.
pub(super) struct Legacy {
    detector: EncodingDetector,
    /// The line at hand, as far as it is kept.
    line: Vec<u8>,
    words: BTreeSet<Vec<u8>>,
    lines: Vec<Vec<u8>>,
}

crate::domain::prints_its_name!(Legacy);

impl Default for Legacy {
    fn default() -> Self {
        let detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        Self { detector, line: Vec::new(), words: BTreeSet::new(), lines: Vec::new() }
    }
}

impl Legacy {
    pub(super) fn feed(&mut self, piece: &[u8]) {
        self.detector.feed(piece, false);
        let mut rest = piece;
        if rest.is_ascii() && self.line.is_ascii() {
            // Nothing to keep but the beginning of the line that goes on.
            if let Some(end) = rest.iter().rposition(|byte| is_line_end(*byte)) {
                self.line.clear();
                rest = rest.get(end + 1..).unwrap_or_default();
            }
        }
        for part in rest.split_inclusive(|byte| is_line_end(*byte)) {
            let room = LONGEST.saturating_sub(self.line.len()).min(part.len());
            self.line.extend_from_slice(part.get(..room).unwrap_or_default());
            if part.last().is_some_and(|byte| is_line_end(*byte)) {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        if line.is_ascii() || self.lines.len() >= MOST_LINES {
            return;
        }
        if line.len() >= LONGEST {
            // The last character may be cut.
            let end = line.iter().rposition(|byte| matches!(byte, b',' | b';' | b'\t' | b' ')).unwrap_or_default();
            line.truncate(end);
        }
        let mut fresh = false;
        for word in line.split(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic()) {
            fresh |= !word.is_ascii() && self.words.len() < MOST_WORDS && self.words.insert(word.to_vec());
        }
        if fresh {
            self.lines.push(line.trim_ascii().to_vec());
        }
    }

    /// The likeliest encoding; where it is not proved, all that it could be and the lines that tell them apart.
    pub(super) fn finish(mut self) -> (Encoding, Vec<EncodingChoice>) {
        self.end_line();
        self.detector.feed(&[], true);
        let legacy = |encoding: &Encoding| encoding.unit() == 1 && *encoding != Encoding::Utf8;
        let guess = Encoding::of_codec(self.detector.guess(None, Utf8Detection::Deny)).filter(legacy);
        let guess = guess.unwrap_or(Encoding::Windows1252);
        let mut ranked: Vec<(usize, bool, Encoding)> = Encoding::ALL
            .iter()
            .copied()
            .filter(legacy)
            .filter_map(|encoding| Some((self.oddities(encoding)?, encoding != guess, encoding)))
            .collect();
        ranked.sort_unstable();
        let Some(&(fewest, _, likeliest)) = ranked.first() else {
            return (guess, Vec::new());
        };
        let differs =
            |one: Encoding, other: Encoding| self.lines.iter().any(|line| one.decode(line) != other.decode(line));
        let rival = |(odd, _, other): &(usize, bool, Encoding)| {
            *odd == fewest && !RARE.contains(other) && differs(likeliest, *other)
        };
        let enough = self.words.len() >= ENOUGH_WORDS;
        if likeliest == guess && fewest == 0 && (enough || !ranked.iter().any(rival)) {
            return (guess, Vec::new());
        }
        // Those that read alike are one choice.
        let mut choices: Vec<Encoding> = Vec::new();
        for (_, _, encoding) in ranked {
            if choices.len() < MOST_CHOICES && choices.iter().all(|other| differs(encoding, *other)) {
                choices.push(encoding);
            }
        }
        let rows = |encoding: Encoding| {
            self.lines.iter().take(SHOWN).map(|line| encoding.decode(line).0.into_owned()).collect()
        };
        let choices = choices.into_iter().map(|encoding| EncodingChoice { encoding, rows: rows(encoding) });
        (likeliest, choices.collect())
    }

    /// How many words are none in this encoding; `None` where its bytes are no characters of it.
    fn oddities(&self, encoding: Encoding) -> Option<usize> {
        let mut odd = 0;
        for line in &self.lines {
            let (text, damaged) = encoding.decode(line);
            if damaged || text.chars().any(|c| c.is_control() && c != '\t') {
                return None;
            }
            let words = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphabetic() || c == '\u{a0}');
            odd += words.filter(|word| !word.is_ascii() && !is_word(word)).count();
        }
        Some(odd)
    }
}

const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Whether it is one word: letters of one script, no capital of the upper half behind a small letter; marks that people
/// set between or around words may stand at its ends. What has no letter at all is no word to judge.
fn is_word(text: &str) -> bool {
    let punctuation =
        |c: char| matches!(c, '’' | '‘' | '“' | '”' | '„' | '«' | '»' | '–' | '—' | '…' | '·' | '、' | '・');
    let word = text.trim_matches(punctuation);
    let mut script = None;
    let (mut small_before, mut letters, mut others) = (false, 0, 0);
    for c in word.chars() {
        let category = GeneralCategory::for_char(c);
        let letter = GeneralCategoryGroup::Letter.contains(category) || GeneralCategoryGroup::Mark.contains(category);
        if !letter {
            others += usize::from(!punctuation(c) || !c.is_ascii() && !matches!(c, '’' | '–' | '·' | '、' | '・'));
            continue;
        }
        letters += 1;
        // One word of Japanese has characters of three scripts.
        let own = match Script::for_char(c) {
            Script::Hiragana | Script::Katakana => Script::Han,
            own => own,
        };
        if own != Script::Inherited && own != Script::Common {
            if script.is_some_and(|script| script != own) {
                return false;
            }
            script = Some(own);
        }
        if c.is_uppercase() && small_before && !c.is_ascii() {
            return false;
        }
        small_before = c.is_lowercase();
    }
    letters == 0 || others == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(bytes: &[u8]) -> (Encoding, Vec<EncodingChoice>) {
        let mut legacy = Legacy::default();
        bytes.chunks(3).for_each(|piece| legacy.feed(piece));
        legacy.finish()
    }

    fn written(text: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    // decision 13: every file of names is proved or asked about, and the right one is among the choices
    #[test]
    fn the_right_encoding_is_proved_or_among_the_choices() {
        let cases = [
            ("Łukasz,Wójcik\nJiří,Dvořák\nŠtěpán,Žák\n", encoding_rs::WINDOWS_1250, Encoding::Windows1250),
            ("Łukasz,Wójcik\nJiří,Dvořák\nŠtěpán,Žák\n", encoding_rs::ISO_8859_2, Encoding::Iso8859_2),
            ("Иван,Петров\nСергей,Иванов\nОльга,Кузнецова\n", encoding_rs::WINDOWS_1251, Encoding::Windows1251),
            ("Иван,Петров\nСергей,Иванов\nОльга,Кузнецова\n", encoding_rs::KOI8_R, Encoding::Koi8R),
            ("Müller,Jörg\nGrößl,Änne\nCôté,Zoë\n", encoding_rs::WINDOWS_1252, Encoding::Windows1252),
            ("Yıldız,Ayşe\nÇağlar,Gökhan\nŞahin,İpek\n", encoding_rs::WINDOWS_1254, Encoding::Windows1254),
            ("José,Müller\nZoë,Grünwald\n", encoding_rs::MACINTOSH, Encoding::Macintosh),
            ("佐藤,花子\n鈴木,一郎\n高橋,みゆき\n", encoding_rs::SHIFT_JIS, Encoding::ShiftJis),
            ("王,小明\n李,娜\n张,伟\n", encoding_rs::GBK, Encoding::Gbk),
            ("Παπαδόπουλος,Γιώργος\nΝικολάου,Ελένη\n", encoding_rs::WINDOWS_1253, Encoding::Windows1253),
            ("김,민수\n이,영희\n", encoding_rs::EUC_KR, Encoding::EucKr),
        ];
        for (text, codec, wanted) in cases {
            let bytes = written(text, codec);
            let (likeliest, choices) = sniffed(&bytes);
            let right = |encoding: Encoding| encoding.decode(&bytes).0 == text;
            if choices.is_empty() {
                assert!(right(likeliest), "{wanted:?}: {likeliest:?} is proved");
            } else {
                let names: Vec<Encoding> = choices.iter().map(|choice| choice.encoding).collect();
                assert!(names.iter().any(|choice| right(*choice)), "{wanted:?}: {names:?}");
                assert!(choices.iter().all(|choice| !choice.rows.is_empty()));
            }
        }
    }
}
