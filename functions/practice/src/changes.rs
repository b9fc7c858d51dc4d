use caseload::refusal::BadField;

/// What a patch comes to.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) fields: Vec<&'static str>,
    pub(crate) bad: Vec<BadField>,
}

impl Changes {
    /// Keeps what became of a field.
    pub(crate) fn note(&mut self, named: Result<bool, BadField>, field: &'static str) {
        match named {
            Ok(true) if !self.fields.contains(&field) => self.fields.push(field),
            Ok(_) => {}
            Err(bad) => self.bad.push(bad),
        }
    }
}
