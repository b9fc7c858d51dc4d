//! What a notice says: that something is there, and never what or whose (security EML-1).

use super::letter::Letter;
use crate::domain::notifications::Topic;
use crate::domain::text::InvitationMessage;

/// The words of a notice.
pub(super) struct Words {
    pub(super) subject: &'static str,
    pub(super) button: &'static str,
    sentence: String,
    how: &'static str,
}

impl Words {
    /// About this topic, for staff or for a client of the practice.
    pub(super) fn of(topic: Topic, staff: bool, practice: &str) -> Self {
        let (subject, sentence) = match (topic, staff) {
            (Topic::Notes, false) => ("A new note for you", format!("There is a new note for you at {practice}.")),
            (Topic::Tasks, false) => ("A new task for you", format!("{practice} has set you a new task.")),
            (Topic::Messages, false) => {
                ("A message is waiting for you", format!("A message from {practice} is waiting for you."))
            }
            (Topic::Files, false) => {
                ("Something was shared with you", format!("{practice} has shared documents with you."))
            }
            (Topic::Messages, true) => {
                let sentence = format!("A message of a client of yours at {practice} is waiting for you.");
                ("A message is waiting for you", sentence)
            }
            (Topic::Files, true) => {
                ("A client has uploaded a file", format!("A client of yours at {practice} has uploaded a file."))
            }
            (Topic::Appointments, false) => {
                ("News about your sessions", format!("Something has changed about your sessions at {practice}."))
            }
            (Topic::Appointments, true) => {
                let sentence = format!("A client of yours at {practice} asks for a session, or has changed one.");
                ("News in your calendar", sentence)
            }
            (Topic::Notes | Topic::Tasks, true) | (Topic::Caseload | Topic::Reminders, _) => {
                ("Something new for you", format!("There is something new for you at {practice}."))
            }
        };
        let how = match topic {
            Topic::Messages => {
                "Sign in to read it. You get no further mail about messages until you have read what is there:"
            }
            _ => "Sign in to see it:",
        };
        Self { subject, button: if staff { "Sign in" } else { "Open the portal" }, sentence, how }
    }

    pub(super) fn letter<'a>(&'a self, message: Option<&'a InvitationMessage>, link: &'a str) -> Letter<'a> {
        let message = message.map(InvitationMessage::as_str);
        Letter::Notice { sentence: &self.sentence, message, how: self.how, link }
    }
}
