//! What a request names of a client's other things: files that go along with it, and the session it is about.

use super::authorize::Authorized;
use crate::access::{Action, Actor, Resource, decide};
use crate::app::App;
use crate::domain::appointment::Appointment;
use crate::domain::client::Client;
use crate::domain::file::{File, FileRefusal};
use crate::domain::ids::{AppointmentId, ClientId, FileId, PracticeId};
use crate::domain::practice::Practice;
use crate::refusal::{Refusal, Stop};
use crate::store::keys::{self, Key};

/// Where named things of a client stand; nowhere if they are another client's.
pub type Places<E> = Vec<Option<Key<E>>>;

/// Where these files of a client stand.
#[must_use]
pub fn file_places(practice: PracticeId, client: ClientId, ids: &[FileId]) -> Places<File> {
    ids.iter().map(|id| (id.client() == client).then(|| keys::file(practice, *id))).collect()
}

/// Where the session stands that a writing of this client is about.
#[must_use]
pub fn session_place(practice: PracticeId, client: ClientId, named: Option<AppointmentId>) -> Option<Key<Appointment>> {
    named.filter(|named| named.client() == client).map(|named| keys::appointment(practice, named))
}

/// Why files do not go along.
#[derive(Debug)]
pub enum NotAttached {
    /// The policy does not allow this.
    Denied(Action, Resource),
    /// Nobody has checked the bytes yet.
    NotReady(FileId),
}

/// The files that go along, each decided about: read by the caller, and shared by the caller where the client does not
/// see them yet. A denial is for whoever asks the policy about it on the record.
pub fn attachable(
    (actor, practice): (&Actor, &Practice),
    client: &Client,
    found: Vec<Option<Option<File>>>,
) -> Result<Vec<File>, NotAttached> {
    let mut files = Vec::with_capacity(found.len());
    for file in found.into_iter().map(Option::flatten) {
        let about = Resource::file(file.as_ref().map(|file| (client, file)));
        let needs = [Some(Action::FileRead), file.as_ref().filter(|file| !file.shared).map(|_| Action::FileUpdate)];
        let denied = needs.into_iter().flatten().find(|action| decide(actor, *action, &about, practice).is_err());
        match (denied, file) {
            (Some(action), _) => return Err(NotAttached::Denied(action, about)),
            (None, None) => return Err(NotAttached::Denied(Action::FileRead, Resource::File(None))),
            (None, Some(file)) => files.push(file),
        }
    }
    match files.iter().find(|file| file.is_quarantined()) {
        Some(file) => Err(NotAttached::NotReady(file.id)),
        None => Ok(files),
    }
}

impl App {
    /// The same for a request that is about one client.
    pub async fn attached<T>(
        &self,
        asked: &Authorized<T>,
        client: &Client,
        found: Vec<Option<Option<File>>>,
    ) -> Result<Vec<File>, Stop> {
        match attachable((&asked.actor, &asked.practice), client, found) {
            Ok(files) => Ok(files),
            Err(NotAttached::NotReady(file)) => Err(FileRefusal::NotReady(file).into()),
            Err(NotAttached::Denied(action, about)) => {
                self.decide_also(asked, action, &about).await?;
                Err(Refusal::absent().into())
            }
        }
    }
}

impl<T> Authorized<T> {
    /// The session that a writing names has to be one of the client's that its author can see.
    pub fn check_session(
        &self,
        client: &Client,
        named: Option<AppointmentId>,
        found: Option<&Appointment>,
    ) -> Result<(), Refusal> {
        let about = Resource::appointment(found.map(|found| (client, found)));
        if named.is_none() || self.sees(Action::AppointmentRead, &about) {
            return Ok(());
        }
        Err(Refusal::invalid("/appointment_id", "appointment_unknown", "is not an appointment of this client"))
    }
}
