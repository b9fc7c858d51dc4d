//! The items of clinical notes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::clinical::{Addendum, ClinicalNote, ClinicalState};
use crate::domain::ids::{AppointmentId, ClinicalNoteId, PracticeId, StaffId};
use crate::domain::text::{Detail, NoteBody};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: ClinicalNoteId,
    author: StaffId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    appointment: Option<AppointmentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    template: Option<Detail>,
    body: NoteBody,
    stands: ClinicalState,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    addenda: Vec<Addendum>,
}

crate::store::item::versioned!(ClinicalNote);

impl Entity for ClinicalNote {
    const NAME: &'static str = "clinical_note";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::clinical_note(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { id, practice, version: _, author, appointment, template, body, state, .. } = self.clone();
        let Self { created_at, edited_at, addenda, .. } = self.clone();
        let (pid, stands) = (practice.key(), state);
        Row { pid, id, author, appointment, template, body, stands, created_at, edited_at, addenda }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, author, appointment, template, body, stands, created_at, edited_at, addenda } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self {
            id,
            practice,
            version,
            author,
            appointment,
            template,
            body,
            state: stands,
            created_at,
            edited_at,
            addenda,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::clinical::Drafted;
    use crate::domain::ids::ClientId;
    use crate::domain::text::{CommentBody, ReturnReason};
    use crate::store::item::{from_item, to_item};

    // decision 18
    #[test]
    fn a_clinical_note_reads_back_in_every_state() {
        let (client, staff) = (ClientId::from_uuid(Uuid::from_u128(1)), StaffId::from_uuid(Uuid::from_u128(4)));
        let id = ClinicalNoteId::new(client, Uuid::from_u128(2));
        let (practice, now) = (PracticeId::from_uuid(Uuid::from_u128(3)), Timestamp::UNIX_EPOCH);
        let said = Drafted {
            appointment: Some(AppointmentId::new(client, Uuid::from_u128(9))),
            template: Detail::parse("SOAP").ok(),
            body: NoteBody::parse("S: …").unwrap(),
        };
        let mut note = ClinicalNote::draft(id, practice, staff, said, now);
        let mut states = vec![note.clone()];
        note.submit(now).unwrap();
        states.push(note.clone());
        note.send_back(staff, ReturnReason::parse("more").unwrap(), now).unwrap();
        states.push(note.clone());
        note.submit(now).unwrap();
        note.approve(staff, now).unwrap();
        note.amend(CommentBody::parse("and").unwrap(), now).unwrap();
        states.push(note);
        for note in states {
            assert_eq!(from_item::<ClinicalNote>(to_item(&note).unwrap()), Ok(note));
        }
    }
}
