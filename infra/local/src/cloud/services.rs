//! What stands where, for people.

use caseload::config::Endpoints;

use super::{Cloud, Parts};

impl Cloud {
    /// One line per service: what it is and where.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        let Parts { mailbox, payments, bucket, _table: table, .. } = &*self.parts;
        let kept = self.kept_in.as_ref().map(|dir| dir.display().to_string());
        let line = |name: &str, endpoint: &Option<String>, is_ours: bool, what: &str| {
            let what = if is_ours { what } else { "replaced" };
            format!("{name:<10}{}  {what}", endpoint.as_deref().unwrap_or("-"))
        };
        let data = kept.as_deref().map_or("in memory".to_owned(), |dir| format!("kept in {dir}"));
        let objects = kept.map_or("in a temporary folder".to_owned(), |dir| format!("kept in {dir}"));
        let Endpoints { dynamodb, s3, sesv2, payments: till } = &self.endpoints;
        vec![
            line("table", dynamodb, table.is_some(), &data),
            line("bucket", s3, bucket.is_some(), &objects),
            line("mail", sesv2, mailbox.is_some(), &format!("read it at {}/dev", self.url)),
            line("payments", till, payments.is_some(), "no real money"),
            line("people", &Some(format!("{}/dev", self.url)), true, "mailbox, practices, clock, schedules"),
            line("reference", &Some(format!("{}/dev/api/", self.url)), true, "every route"),
        ]
    }
}
