//! Lines of at most 75 octets. What writes the file folds them, too, but forgets the blank that a continued line begins
//! with.

/// The longest line, in octets, without its end.
const LONGEST: usize = 75;
const CONTINUED: &str = "\r\n ";

/// The same file with its lines folded anew, never within a character.
pub(super) fn folded(file: &str) -> String {
    let mut out = String::with_capacity(file.len() + file.len() / LONGEST * CONTINUED.len());
    let mut used = 0;
    for c in file.replace(CONTINUED, "").chars() {
        match c {
            '\r' | '\n' => used = 0,
            _ if used + c.len_utf8() > LONGEST => {
                out.push_str(CONTINUED);
                used = 1 + c.len_utf8();
            }
            _ => used += c.len_utf8(),
        }
        out.push(c);
    }
    out
}
