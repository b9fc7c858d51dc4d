//! The file of failed rows, which imports as it is once it is corrected (C5).

use super::escape::escaped;
use super::row::RowFailure;
use super::target::{HeaderMeaning, meaning};

/// Writes the file of failed rows piece by piece: UTF-8, commas, the columns as they were and `error` at the end.
#[derive(Debug)]
pub struct ErrorSheet {
    columns: usize,
    /// Columns called `error` in the file itself, which was such a sheet before: the new one takes their place.
    dropped: Vec<usize>,
}

impl ErrorSheet {
    /// The sheet for a file with this header, and its first line.
    #[must_use]
    pub fn new(header: &[String]) -> (Self, Vec<u8>) {
        let dropped: Vec<usize> = header
            .iter()
            .enumerate()
            .filter(|(_, name)| meaning(name) == HeaderMeaning::ErrorColumn)
            .map(|(at, _)| at)
            .collect();
        let sheet = Self { columns: header.len(), dropped };
        let line = sheet.line(header, "error");
        (sheet, line)
    }

    /// The line of a failed row, with its fields as they stood in the file.
    #[must_use]
    pub fn row(&self, fields: &[String], failure: &RowFailure) -> Vec<u8> {
        let column = failure.column.as_deref().map(|column| format!("{column}: ")).unwrap_or_default();
        self.line(fields, &format!("{column}{} ({})", failure.fix, failure.code))
    }

    fn line(&self, fields: &[String], error: &str) -> Vec<u8> {
        let missing = self.columns.saturating_sub(fields.len());
        let fields = fields.iter().map(String::as_str).chain(std::iter::repeat_n("", missing));
        let kept = fields.enumerate().filter(|(at, _)| !self.dropped.contains(at)).map(|(_, field)| field);
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        // Writing to memory cannot fail.
        let _ = writer.write_record(kept.chain([error]).map(escaped));
        writer.into_inner().unwrap_or_default()
    }
}

/// The whole file of failed rows at once; see [`ErrorSheet`]. `header` is [`super::plan::Plan::error_header`], the fields are
/// those of [`super::plan::Plan::without_secrets`].
#[must_use]
pub fn errors_csv(header: &[String], rows: impl IntoIterator<Item = (Vec<String>, RowFailure)>) -> Vec<u8> {
    let (sheet, mut out) = ErrorSheet::new(header);
    for (fields, failure) in rows {
        out.extend(sheet.row(&fields, &failure));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::row::Parsed;
    use super::super::samples;
    use super::*;

    // C5: re-uploadable as it is; IMP-4
    #[test]
    fn the_file_of_failed_rows_fails_in_the_same_way_until_it_is_corrected() {
        let sheet = |bytes: &[u8]| {
            let plan = samples::plan(bytes);
            let failed = samples::parsed(bytes).into_iter().filter_map(|(record, parsed)| match parsed {
                Parsed::Failed(failure) if failure.code != "row_length" => {
                    Some((plan.without_secrets(record.fields), failure))
                }
                _ => None,
            });
            errors_csv(&plan.error_header(), failed)
        };
        let codes = |bytes: &[u8]| {
            samples::parsed(bytes)
                .iter()
                .filter_map(|(_, p)| match p {
                    Parsed::Failed(f) => Some(f.code),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let first = sheet(samples::TROUBLE);
        assert!(first.starts_with(b"first_name,last_name,email,phone,phone_country,date_of_birth,tags,error\r\n"));
        assert_eq!(
            codes(&first),
            ["name_missing", "email_invalid", "date_in_future", "phone_scientific", "date_invalid"]
        );
        assert_eq!(sheet(&first), first);
        let corrected = String::from_utf8(first).expect("text").replace("not-an-address", "an@address.example");
        assert_eq!(codes(corrected.as_bytes()).len(), 4);
    }

    #[test]
    fn a_formula_in_the_file_of_failed_rows_is_text() {
        let failure = RowFailure { line: 2, column: None, value: None, code: "x", fix: "y".to_owned() };
        let fields = ["=1+1", "a\"b,c", "'=x"].map(str::to_owned).to_vec();
        let out = errors_csv(&["+a", "b", "c", "SSN"].map(str::to_owned), [(fields, failure)]);
        assert_eq!(
            String::from_utf8(out).ok().as_deref(),
            Some("'+a,b,c,SSN,error\r\n'=1+1,\"a\"\"b,c\",'=x,,y (x)\r\n")
        );
    }
}
