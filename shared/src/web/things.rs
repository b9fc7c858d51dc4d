//! One way to find a thing by its id, and one way to fill a page with what the caller sees.

use std::fmt::Display;

use super::authorize::Authorized;
use super::caller::{Caller, Kind};
use super::paging::Page;
use crate::access::{Action, Resource, decide};
use crate::app::App;
use crate::domain::appointment::Appointment;
use crate::domain::client::Client;
use crate::domain::clinical::ClinicalNote;
use crate::domain::export::Export;
use crate::domain::file::File;
use crate::domain::ids::{
    AppointmentId, ClientId, ClinicalNoteId, ExportId, FileId, ImportId, InvoiceId, NoteId, PracticeId, SentPacketId,
    StaffId, TaskId,
};
use crate::domain::import::job::Import;
use crate::domain::invoice::Invoice;
use crate::domain::note::Note;
use crate::domain::paperwork::SentPacket;
use crate::domain::staff::{Staff, StaffStatus};
use crate::domain::task::Task;
use crate::domain::thread::Thread;
use crate::refusal::{Refusal, Stop};
use crate::store::keys::{self, Key, List};
use crate::store::{Entity, Lookup, Paging};

/// An id that knows what it names: where that stands, whose it is, and what the policy looks at.
pub trait ThingId: Copy + Display {
    /// What it names.
    type Thing: Entity;
    /// The client it belongs to, if it belongs to one: read in the same round trip.
    fn owner(self) -> Option<ClientId>;
    /// Where it stands.
    fn place(self, practice: PracticeId) -> Key<Self::Thing>;
    /// What was found, with its client, for the policy.
    fn resource(client: Option<&Client>, found: Option<&Self::Thing>) -> Resource;
    /// Whether what stands there is only a memory, and absent for everybody.
    fn is_gone(_found: &Self::Thing) -> bool {
        false
    }
}

/// How many are read at once to fill a page that its first part has not filled.
const FURTHER: usize = 1000;

/// As much as one page holds, in bytes as it is stored: an answer may grow to about twice that, and has to stay below the
/// 6 MB that a function may answer.
const PAGE_BYTES: usize = 2 * 1024 * 1024;

/// How many bytes something takes in the table, about.
pub fn weight<E: Entity>(entity: &E) -> Result<usize, Refusal> {
    serde_json::to_vec(&entity.to_row()).map(|text| text.len()).map_err(Refusal::broken)
}

/// How many of these fit into a page; at least one, if there is one.
fn fitting<E: Entity>(items: &[E]) -> Result<usize, Refusal> {
    let mut sum = 0;
    for (place, item) in items.iter().enumerate() {
        sum += weight(item)?;
        if sum > PAGE_BYTES {
            return Ok(place.max(1));
        }
    }
    Ok(items.len())
}

macro_rules! of_a_client {
    ($($id:ty => $thing:ty: $key:path, $resource:path;)*) => {$(
        impl ThingId for $id {
            type Thing = $thing;

            fn owner(self) -> Option<ClientId> {
                Some(self.client())
            }
            fn place(self, practice: PracticeId) -> Key<$thing> {
                $key(practice, self)
            }
            fn resource(client: Option<&Client>, found: Option<&$thing>) -> Resource {
                $resource(client.zip(found))
            }
        }
    )*};
}

of_a_client! {
    FileId => File: keys::file, Resource::file;
    NoteId => Note: keys::note, Resource::note;
    ClinicalNoteId => ClinicalNote: keys::clinical_note, Resource::clinical;
    AppointmentId => Appointment: keys::appointment, Resource::appointment;
    InvoiceId => Invoice: keys::invoice, Resource::invoice;
    TaskId => Task: keys::task, Resource::task;
    SentPacketId => SentPacket: keys::sent_packet, Resource::packet;
    ExportId => Export: keys::export, Resource::export;
}

impl ThingId for ImportId {
    type Thing = Import;

    fn owner(self) -> Option<ClientId> {
        None
    }
    fn place(self, practice: PracticeId) -> Key<Import> {
        keys::import(practice, self)
    }
    fn resource(_: Option<&Client>, found: Option<&Import>) -> Resource {
        Resource::import(found)
    }
}

impl ThingId for StaffId {
    type Thing = Staff;

    fn owner(self) -> Option<ClientId> {
        None
    }
    fn place(self, practice: PracticeId) -> Key<Staff> {
        keys::staff(practice, self)
    }
    fn resource(_: Option<&Client>, found: Option<&Staff>) -> Resource {
        Resource::Staff(found.map(|staff| staff.id))
    }
    fn is_gone(found: &Staff) -> bool {
        found.status == StaffStatus::Removed
    }
}

impl App {
    /// Authorizes an action on a thing: 404 for one that is absent, hidden from the caller, or of somebody else.
    pub async fn thing<K: Kind, I: ThingId>(
        &self,
        caller: &Caller<K>,
        action: Action,
        id: I,
    ) -> Result<Authorized<I::Thing>, Stop> {
        self.thing_with(caller, action, id, ()).await.map(|(asked, ())| asked)
    }

    /// Likewise, with `more` out of the same round trip. The audit entry names the thing.
    pub async fn thing_with<K: Kind, I: ThingId, L: Lookup>(
        &self,
        caller: &Caller<K>,
        action: Action,
        id: I,
        more: L,
    ) -> Result<(Authorized<I::Thing>, L::Found), Stop> {
        let (practice, owner) = (caller.practice(), id.owner());
        let client = owner.map(|of| keys::client(practice, of).unless_deleting());
        let wanted = (client, id.place(practice), more);
        let (entered, (client, found, more)) =
            self.enter_about(caller, action, owner, vec![id.to_string()], wanted).await?;
        let found = found.filter(|found| !I::is_gone(found));
        let about = I::resource(client.flatten().as_ref(), found.as_ref());
        let grant = self.decide(&entered, action, &about).await?;
        let found = found.ok_or_else(Refusal::absent)?;
        Ok((entered.authorized(grant, found), more))
    }

    /// Authorizes an action on a client's thread, which begins empty; with `more` out of the same round trip.
    pub async fn thread<K: Kind, L: Lookup>(
        &self,
        caller: &Caller<K>,
        action: Action,
        of: ClientId,
        more: L,
    ) -> Result<(Authorized<Client>, Thread, L::Found), Stop> {
        let practice = caller.practice();
        let wanted = (keys::client(practice, of).unless_deleting(), keys::thread(practice, of), more);
        let (entered, (client, thread, found)) = self.enter_for(caller, action, Some(of), wanted).await?;
        let grant = self.decide(&entered, action, &Resource::thread(client.as_ref())).await?;
        let client = client.ok_or_else(Refusal::absent)?;
        let thread = thread.unwrap_or_else(|| Thread::empty(practice, of));
        Ok((entered.authorized(grant, client), thread, found))
    }

    /// A page of a list, newest first unless asked otherwise, filled with what the caller sees: a short page would tell that something is hidden.
    ///
    /// `asked` authorizes the list while its first part is read, in one round trip; nothing of it is told before that.
    pub async fn visible_page<T, E: Entity>(
        &self,
        page: &Page,
        list: &List<E>,
        asked: impl Future<Output = Result<T, Stop>>,
        sees: impl Fn(&T, &E) -> bool,
    ) -> Result<(T, Shown<E>), Stop> {
        // One more than the page, which says whether there is another.
        let limit = page.limit + 1;
        let first = Paging { newest_first: !page.is_soonest_first(), limit, after: page.after.as_deref() };
        let (asked, first) = tokio::join!(asked, self.store.list(list, first));
        let asked = asked?;
        let (mut part, mut more) = first?;
        let mut items = Vec::new();
        loop {
            let last = part.last().map(Entity::key);
            items.extend(part.into_iter().filter(|item| item.is_listed() && sees(&asked, item)));
            let Some(last) = last.filter(|_| more && items.len() < limit) else { break };
            // Much that is hidden must not cost a query for every few that are not.
            let further = Paging { newest_first: !page.is_soonest_first(), limit: FURTHER, after: Some(last.sk()) };
            (part, more) = self.store.list(list, further).await?;
        }
        let mut more = items.len() > page.limit;
        items.truncate(page.limit);
        let fits = fitting(&items)?;
        more |= fits < items.len();
        items.truncate(fits);
        let next_cursor = self.next_cursor(page, &items, more)?;
        Ok((asked, Shown { items, next_cursor }))
    }
}

/// The items of a page, and where it goes on.
#[derive(Debug)]
pub struct Shown<E> {
    /// At most as many as were asked for; fewer only on the last page.
    pub items: Vec<E>,
    /// Of the next page, if there is one.
    pub next_cursor: Option<String>,
}

impl<T> Authorized<T> {
    /// Whether the caller may take this action on something else that was read, decided without a trace: for lists.
    #[must_use]
    pub fn sees(&self, action: Action, resource: &Resource) -> bool {
        decide(&self.actor, action, resource, &self.practice).is_ok()
    }
}
