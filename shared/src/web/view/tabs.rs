//! How much there is under each tab of a profile, and on the portal's first page: counted from the sums of a client's
//! things, each only as far as its reader may read the things themselves.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Action, Actor, NoteFacts, Resource, decide};
use crate::domain::client::Client;
use crate::domain::file::File;
use crate::domain::invoice::{Invoice, InvoiceState};
use crate::domain::money::Money;
use crate::domain::paperwork::PacketTally;
use crate::domain::practice::Practice;
use crate::domain::session::PrincipalId;
use crate::domain::side::Side;
use crate::domain::task::{TaskStage, TaskTally};
use crate::store::AllSums;

/// What a client's things come to, and those of which there are few enough to be looked at one by one.
#[derive(Debug)]
pub struct Things<'a> {
    pub sums: &'a AllSums,
    pub files: &'a [File],
    pub invoices: &'a [Invoice],
}

/// Who asks about a client's things.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub reader: &'a Actor,
    pub client: &'a Client,
    pub practice: &'a Practice,
    pub now: Timestamp,
}

impl Asking<'_> {
    fn may(&self, action: Action, about: &Resource) -> bool {
        decide(self.reader, action, about, self.practice).is_ok()
    }

    fn reads(&self, action: Action) -> bool {
        self.may(action, &Resource::client(Some(self.client)))
    }

    /// The files the reader sees.
    fn files<'f>(&self, all: &'f [File]) -> Option<Vec<&'f File>> {
        let sees = |file: &&File| self.may(Action::FileRead, &Resource::file(Some((self.client, file))));
        self.reads(Action::FileList).then(|| all.iter().filter(|file| !file.is_quarantined()).filter(sees).collect())
    }

    /// How much paperwork is over and not submitted.
    fn overdue(&self, sums: &AllSums) -> u32 {
        let zone = self.practice.time_zone.time_zone();
        sums.packets.as_ref().map_or(0, |packets| packets.overdue(self.now, zone))
    }

    /// What is left to pay of what was issued.
    fn balance(&self, invoices: &[Invoice]) -> Option<Money> {
        let nothing = Money::zero(self.practice.currency);
        let open = invoices.iter().filter(|invoice| invoice.is_issued() && invoice.state == InvoiceState::Open);
        let sum = open.map(Invoice::balance).fold(nothing, |sum, owed| sum.plus(owed).unwrap_or(sum));
        self.reads(Action::InvoiceRead).then_some(sum)
    }
}

// E1
/// How much there is under each tab of a profile. A tab that is not the reader's is left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct TabsView {
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<NotesTab>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<TasksTab>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<FilesTab>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<MessagesTab>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<PaymentsTab>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packets: Option<PacketsTab>,
}

/// Notes that the reader sees.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotesTab {
    total: u32,
    /// Shared by the client, and not seen by any staff yet.
    new: u32,
    /// Comments by the client that no staff has seen.
    unread_comments: u32,
}

/// Tasks of both sides.
#[derive(Debug, Serialize, ToSchema)]
pub struct TasksTab {
    /// Not done.
    open: u32,
    /// Not done, and over.
    overdue: u32,
}

/// Files that the reader sees.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilesTab {
    total: u32,
    /// Uploaded by the client, and not opened by any staff yet.
    new: u32,
}

/// Messages of the client's thread.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagesTab {
    /// By the client, and not read yet.
    unread: u32,
}

/// What the client owes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentsTab {
    balance: Money,
}

/// Paperwork that was sent to the client.
#[derive(Debug, Serialize, ToSchema)]
pub struct PacketsTab {
    /// Not submitted.
    open: u32,
    /// Not submitted, and over.
    overdue: u32,
    /// Submitted, and not opened by any staff yet.
    new: u32,
}

/// Paperwork on the portal's first page.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenPacketsView {
    /// Not submitted.
    open: u32,
    /// Not submitted, and over.
    overdue: u32,
}

fn count<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

/// Not done, and of those the ones that are over.
fn tasks_tab(asking: Asking<'_>, sums: &AllSums) -> TasksTab {
    let Asking { practice, now, .. } = asking;
    let tasks = sums.few.tasks.as_ref();
    TasksTab {
        open: tasks.map_or(0, |tasks| tasks.count(|slot| slot.stage != TaskStage::Done)),
        overdue: tasks.map_or(0, |tasks| tasks.overdue(now, practice.time_zone.time_zone())),
    }
}

impl TabsView {
    /// What this staff member is told now.
    #[must_use]
    pub fn new(asking: Asking<'_>, things: &Things<'_>) -> Self {
        let Things { sums, files, invoices } = things;
        let notes = asking.reads(Action::NoteRead).then(|| {
            let hidden_by = |author: PrincipalId| {
                let facts = NoteFacts { author, shared: false, deleted: false };
                asking.may(Action::NoteRead, &Resource::Note(Some((asking.client.into(), facts))))
            };
            let tally = sums.notes.as_ref();
            NotesTab {
                total: tally.map_or(0, |tally| tally.total(hidden_by)),
                new: tally.map_or(0, |tally| tally.new_to_staff),
                unread_comments: tally.map_or(0, |tally| tally.unread_by_staff),
            }
        });
        let files = asking.files(files).map(|seen| {
            let new: Vec<_> = seen.iter().filter(|file| file.is_from_client() && file.is_new()).collect();
            FilesTab { total: count(&seen), new: count(&new) }
        });
        let thread = Resource::thread(Some(asking.client));
        let unread = || sums.thread.as_ref().map_or(0, |thread| thread.unread(Side::Staff));
        Self {
            notes,
            tasks: asking.reads(Action::TaskRead).then(|| tasks_tab(asking, sums)),
            files,
            messages: asking.may(Action::MessageRead, &thread).then(|| MessagesTab { unread: unread() }),
            payments: asking.balance(invoices).map(|balance| PaymentsTab { balance }),
            packets: asking.reads(Action::PacketRead).then(|| PacketsTab {
                open: sums.packets.as_ref().map_or(0, PacketTally::open),
                overdue: asking.overdue(sums),
                new: sums.packets.as_ref().map_or(0, |packets| packets.unseen),
            }),
        }
    }
}

/// What is new on the portal's first page.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewView {
    /// From the practice, and not seen by the client yet.
    new: u32,
}

/// Notes on the portal's first page.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewNotesView {
    /// Shared by the practice, and not seen by the client yet.
    new: u32,
    /// Comments by the practice that the client has not seen.
    unread_comments: u32,
}

/// Messages on the portal's first page.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnreadView {
    /// By the therapist, and not read yet.
    unread: u32,
}

// E1
/// What the client's things come to, on the portal's first page. A part that is off is left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct HomePartsView {
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<TasksTab>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<NewNotesView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<NewView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<UnreadView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packets: Option<OpenPacketsView>,
    /// What is left to pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<Money>,
}

impl HomePartsView {
    /// What this client is told now.
    #[must_use]
    pub fn new(asking: Asking<'_>, things: &Things<'_>) -> Self {
        let Things { sums, files, invoices } = things;
        let notes = sums.notes.as_ref();
        let thread = Resource::thread(Some(asking.client));
        let files = asking.files(files).map(|seen| {
            let new: Vec<_> = seen.iter().filter(|file| !file.is_from_client() && file.is_new()).collect();
            NewView { new: count(&new) }
        });
        let unread = || sums.thread.as_ref().map_or(0, |thread| thread.unread(Side::Client));
        Self {
            tasks: asking.reads(Action::TaskRead).then(|| tasks_tab(asking, sums)),
            notes: asking.reads(Action::NoteRead).then(|| NewNotesView {
                new: notes.map_or(0, |tally| tally.new_to_client),
                unread_comments: notes.map_or(0, |tally| tally.unread_by_client),
            }),
            files,
            messages: asking.may(Action::MessageRead, &thread).then(|| UnreadView { unread: unread() }),
            packets: asking.reads(Action::PacketRead).then(|| OpenPacketsView {
                open: sums.packets.as_ref().map_or(0, PacketTally::open),
                overdue: asking.overdue(sums),
            }),
            balance: asking.balance(invoices),
        }
    }
}

// E9
/// How much a client has to do with its portal.
#[derive(Debug, Serialize, ToSchema)]
pub struct EngagementView {
    last_sign_in_at: Option<Timestamp>,
    /// How many of a hundred tasks are done; null without tasks, left out for roles without tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u8>, required = false)]
    tasks_done_percent: Option<Option<u8>>,
    /// Files that are shared with the client. Left out for roles without files.
    #[serde(skip_serializing_if = "Option::is_none")]
    files_shared: Option<u32>,
    /// How many of them the client has opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    files_opened: Option<u32>,
}

impl EngagementView {
    /// Of a client whose things are at hand.
    #[must_use]
    pub fn new(asking: Asking<'_>, things: &Things<'_>) -> Self {
        let shared = asking.files(things.files).map(|seen| {
            let from_staff = seen.into_iter().filter(|file| file.shared && !file.is_from_client());
            from_staff.collect::<Vec<_>>()
        });
        let opened = shared.as_ref().map(|shared| {
            let opened: Vec<_> = shared.iter().filter(|file| file.opened_by_client.is_some()).collect();
            count(&opened)
        });
        let done = || things.sums.few.tasks.as_ref().and_then(TaskTally::done_share);
        Self {
            last_sign_in_at: asking.client.portal.last_sign_in_at,
            tasks_done_percent: asking.reads(Action::TaskRead).then(done),
            files_shared: shared.as_ref().map(|shared| count(shared)),
            files_opened: opened,
        }
    }
}
