//! The file of failed rows, which imports as it is once it is corrected (C5).

use super::escape::escaped;
use super::plan::Plan;
use super::problem::ROW_LENGTH;
use super::record::{Fault, Record};
use super::row::RowFailure;
use super::target::{HeaderMeaning, meaning};

/// Writes the file of failed rows piece by piece: UTF-8, the delimiter and the columns as they were, `error` at the end.
#[derive(Debug)]
pub struct ErrorSheet {
    delimiter: u8,
    columns: usize,
    /// Columns called `error` in the file itself, which was such a sheet before: the new one takes their place.
    dropped: Vec<usize>,
}

impl ErrorSheet {
    /// The sheet for a file that is read by this plan, and its first line.
    #[must_use]
    pub fn of(plan: &Plan) -> (Self, Vec<u8>) {
        Self::new(plan.dialect.delimiter.byte(), &plan.error_header())
    }

    fn new(delimiter: u8, header: &[String]) -> (Self, Vec<u8>) {
        let dropped: Vec<usize> = header
            .iter()
            .enumerate()
            .filter(|(_, name)| meaning(name) == HeaderMeaning::ErrorColumn)
            .map(|(at, _)| at)
            .collect();
        let sheet = Self { delimiter, columns: header.len(), dropped };
        let line = sheet.line(&sheet.kept(header), 0, "error");
        (sheet, line)
    }

    /// The line of a failed row, as it stood in the file: a line that breaks the rules of quotation marks still breaks them,
    /// for nobody but its writer knows where they belong.
    #[must_use]
    pub fn row(&self, plan: &Plan, record: &Record, failure: &RowFailure) -> Vec<u8> {
        let column = failure.column.as_deref().map(|column| format!("{column}: ")).unwrap_or_default();
        let (mut fields, error) = (plan.without_secrets(record), format!("{column}{} ({})", failure.fix, failure.code));
        if record.fault != Some(Fault::Quotes) {
            // A row that lacks cells goes on lacking them: nobody knows which ones.
            let missing = self.columns.saturating_sub(fields.len());
            if failure.code != ROW_LENGTH || fields.len() <= self.columns {
                return self.line(&self.kept(&fields), missing, &error);
            }
            // One that comes out of such a sheet has its explanation already.
            fields.pop_if(|last| last.ends_with("(row_length)"));
            return self.line(&fields, 0, &error);
        }
        // One line, whatever its marks do to it; what would open or part a cell stays out of the explanation.
        let plain = |c: char| c != '"' && c != char::from(self.delimiter);
        let kept = self.kept(&fields);
        let error: String = error.chars().filter(|c| plain(*c)).collect();
        let line = kept
            .iter()
            .map(String::as_str)
            .chain([error.as_str()])
            .collect::<Vec<_>>()
            .join(&char::from(self.delimiter).to_string());
        format!("{line}\r\n").into_bytes()
    }

    /// The fields but for an earlier explanation.
    fn kept(&self, fields: &[String]) -> Vec<String> {
        fields.iter().enumerate().filter(|(at, _)| !self.dropped.contains(at)).map(|(_, field)| field.clone()).collect()
    }

    fn line(&self, fields: &[String], missing: usize, error: &str) -> Vec<u8> {
        let fields = fields.iter().map(String::as_str).chain(std::iter::repeat_n("", missing));
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        // Writing to memory cannot fail.
        let _ = writer.write_record(fields.chain([error]).map(escaped));
        writer.into_inner().unwrap_or_default()
    }
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
            let (sheet, mut out) = ErrorSheet::of(&plan);
            for (record, parsed) in samples::parsed(bytes) {
                if let Parsed::Failed(failure) = parsed {
                    out.extend(sheet.row(&plan, &record, &failure));
                }
            }
            out
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
            ["name_missing", "email_invalid", "date_in_future", "phone_scientific", "row_length", "date_invalid"]
        );
        assert_eq!(sheet(&first), first);
        let corrected = String::from_utf8(first).expect("text").replace("not-an-address", "an@address.example");
        assert_eq!(codes(corrected.as_bytes()).len(), 5);

        // Whatever breaks the rules of the file breaks them in the sheet, too, and takes no other row with it.
        let broken = b"name,email,ssn\nAda L,\"ada@mail.example,1\nBo L,no address,2\nCy L,x,3,4\n";
        let first = sheet(broken);
        assert_eq!(codes(broken), ["quote_broken", "email_invalid", "row_length"]);
        assert_eq!(codes(&first), ["quote_broken", "email_invalid", "row_length"]);
        assert_eq!(sheet(&first), first);
        assert!(!String::from_utf8_lossy(&first).contains(",1"));
    }

    #[test]
    fn a_formula_in_the_file_of_failed_rows_is_text() {
        let (sheet, header) = ErrorSheet::new(b',', &["+a", "b", "c", "SSN"].map(str::to_owned));
        assert_eq!(String::from_utf8(header).ok().as_deref(), Some("'+a,b,c,SSN,error\r\n"));
        let out = sheet.line(&["=1+1", "a\"b,c", "'=x"].map(str::to_owned), 1, "y (x)");
        assert_eq!(String::from_utf8(out).ok().as_deref(), Some("'=1+1,\"a\"\"b,c\",'=x,,y (x)\r\n"));
    }
}
