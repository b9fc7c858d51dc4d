//! A task, with what showing and changing it takes: one round trip.

use std::collections::BTreeMap;

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::file::File;
use caseload::domain::ids::{FileId, TaskId};
use caseload::domain::task::{Task, TaskTally};
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Lookup, keys};
use caseload::web::view::task::{TaskReader, TaskView};
use caseload::web::{Anyone, Authorized, Caller};
use jiff::tz::TimeZone;

/// A task that the caller may do something with.
pub(crate) struct Found {
    pub(crate) asked: Authorized<Task>,
    pub(crate) client: Client,
    pub(crate) catalog: Catalog,
    pub(crate) tally: TaskTally,
}

impl Found {
    /// With `more` out of the same round trip.
    pub(crate) async fn with<L: Lookup>(
        app: &App,
        caller: &Caller<Anyone>,
        action: Action,
        id: TaskId,
        more: L,
    ) -> Result<(Self, L::Found), Stop> {
        let (practice, of) = (caller.practice(), id.client());
        let client = keys::client(practice, of).unless_deleting();
        let wanted = (client, keys::catalog(practice).required(), keys::task_tally(practice, of), more);
        let (asked, (client, catalog, tally, more)) = app.thing_with(caller, action, id, wanted).await?;
        let client = client.ok_or_else(Refusal::absent)?;
        let tally = tally.unwrap_or_else(|| TaskTally::empty(practice, of));
        Ok((Self { asked, client, catalog, tally }, more))
    }

    pub(crate) async fn of(app: &App, caller: &Caller<Anyone>, action: Action, id: TaskId) -> Result<Self, Stop> {
        Self::with(app, caller, action, id, ()).await.map(|(found, ())| found)
    }

    /// The zone its days end in: the practice's, as clients have none of their own.
    pub(crate) fn zone(&self) -> TimeZone {
        self.asked.practice.time_zone.time_zone().clone()
    }

    /// As the caller sees it, with the files that are attached.
    pub(crate) fn view(&self, files: &BTreeMap<FileId, File>) -> TaskView {
        let Self { asked, client, catalog, .. } = self;
        let (actor, practice, now) = (&asked.actor, &asked.practice, asked.grant.at());
        TaskReader { actor, practice, client, catalog, files, now }.view(&asked.subject)
    }
}
