use std::collections::BTreeSet;

use axum::extract::State;
use caseload::access::{Action, Cause, Denied, Grant, Resource, decide};
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::file::{File, FileRefusal};
use caseload::domain::ids::{ClientId, TaskId};
use caseload::domain::notifications::Topic;
use caseload::domain::session::PrincipalId;
use caseload::domain::task::{NewTask, Task, TaskTally};
use caseload::refusal::{BadField, Kind, Lost, Refusal, Stop};
use caseload::store::{Answer, AnswerPlace, Conflict, Decided, Kept, Repeat, StoreError, Tx, keys};
use caseload::web::view::task::{StaffTaskView, TaskReader};
use caseload::web::{Caller, Entered, Json, NotAttached, Outcome, Reply, StaffOnly, attachable, file_places};
use caseload::workflows::{Reader, retrying};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::attach;
use crate::body::CreateTask;

/// One task for many clients.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignTask {
    /// 1 to 100.
    #[schema(min_items = 1, max_items = 100)]
    client_ids: Vec<ClientId>,
    task: CreateTask,
}

/// What became of each client, in the order asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignedTasks {
    results: Vec<AssignedTask>,
}

/// What became of one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AssignedTask {
    client_id: ClientId,
    #[schema(inline)]
    outcome: AssignOutcome,
    /// The task that was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<StaffTaskView>)]
    task: Option<Value>,
    /// Why none was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AssignOutcome {
    /// It has the task.
    Done,
    /// It has not.
    Failed,
}

/// As many as one read from the table brings.
const MOST: usize = 100;
/// Transactions under way at once.
const WIDTH: usize = 8;

// G1
/// Sets many clients the same task, each in a transaction of its own, with a result for each.
///
/// Under an `Idempotency-Key` a repetition sets it to nobody twice: who has it already is told as before, and only the
/// others are tried again.
#[utoipa::path(
    post, path = "/v1/tasks/assign", tag = "tasks", request_body = AssignTask,
    responses((status = 200, body = AssignedTasks), (status = 404))
)]
pub(crate) async fn assign_task(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<AssignTask>,
) -> Outcome {
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let distinct: BTreeSet<ClientId> = body.client_ids.iter().copied().collect();
    if !(1..=MOST).contains(&body.client_ids.len()) || distinct.len() != body.client_ids.len() {
        return Err(Refusal::invalid("/client_ids", "out_of_range", "must be 1 to 100 different ids").into());
    }
    body.task.check(principal).map_err(within)?;
    let template = body.task.template_id().map(|id| keys::task_template(practice, id));
    let clients: Vec<_> = body.client_ids.iter().map(|id| keys::client(practice, *id).unless_deleting()).collect();
    // Two reads at once: together they can be more than one read brings.
    let wanted = (keys::catalog(practice).required(), template);
    let (entered, clients) = tokio::join!(app.enter(&caller, wanted), app.store.load(clients));
    let (entered, (catalog, template)) = entered?;
    let may = decided(&app, &entered, clients?).await?;
    let parts = Parts::read(&app, &entered, principal, &body.client_ids).await?;
    let zone = entered.practice.time_zone.time_zone();
    let new = match body.task.filled(principal, template.flatten(), entered.cause.at, zone) {
        Ok(new) => Some(new),
        // What everybody has already may be over by now.
        Err(_) if parts.are_all_kept() => None,
        Err(bad) => return Err(within(bad).into()),
    };
    let work = Work {
        app: &app,
        caller: &caller,
        entered: &entered,
        catalog: &catalog,
        new,
        parts: &parts,
        notifies: body.task.notifies(principal),
    };
    let asked: Vec<(ClientId, Result<(), String>)> = body.client_ids.iter().copied().zip(may).collect();
    let mut results = Vec::with_capacity(asked.len());
    for some in asked.chunks(WIDTH) {
        results.extend(join_all(some.iter().map(|(id, may)| work.one(*id, may))).await);
    }
    // Who was asked about and has got nothing now was looked at all the same.
    let shown: Vec<String> =
        results.iter().filter(|(_, made)| !made).map(|(one, _)| one.client_id.to_string()).collect();
    if !shown.is_empty() {
        app.note_shown(&caller, Action::TaskAssign, Decided::Asked, None, &shown).await?;
    }
    let reply = Reply::ok(&AssignedTasks { results: results.into_iter().map(|(one, _)| one).collect() })?;
    if parts.are_all_kept() { Err(Stop::Replayed(Box::new(reply.answer()))) } else { Ok(reply) }
}

fn within(refusal: impl Into<Refusal>) -> Refusal {
    let refusal = refusal.into();
    let Kind::Invalid(fields) = refusal.kind() else { return refusal };
    let deeper = |bad: &BadField| BadField { pointer: format!("/task{}", bad.pointer), ..bad.clone() };
    Refusal::fields(fields.iter().map(deeper).collect())
}

/// Decides about each client before anything is set. What stands in the way of all of them is the answer; what is absent
/// or somebody else's is that one's result.
async fn decided(app: &App, entered: &Entered, clients: Vec<Option<Client>>) -> Result<Vec<Result<(), String>>, Stop> {
    let mut may = Vec::with_capacity(clients.len());
    for client in clients {
        let about = Resource::client(client.as_ref());
        let denied = decide(&entered.actor, Action::TaskAssign, &about, &entered.practice).err();
        match (denied, app.decide(entered, Action::TaskAssign, &about).await) {
            (None, decision) => may.push(decision.map(|_| Ok(()))?),
            (Some(Denied::Absent | Denied::NotYours(_)), Err(stop)) => may.push(Err(stop.code().to_owned())),
            (Some(_), decision) => return Err(decision.err().unwrap_or_else(|| Refusal::absent().into())),
        }
    }
    Ok(may)
}

/// Where the answer about each client is kept for a repetition, and what stands there.
struct Parts {
    places: Vec<(ClientId, AnswerPlace)>,
    kept: Vec<Option<Kept>>,
}

impl Parts {
    async fn read(app: &App, entered: &Entered, by: PrincipalId, clients: &[ClientId]) -> Result<Self, Stop> {
        let whole = entered.answer_place();
        let part = |id: &ClientId| Some((*id, whole?.part(by, &id.key())?));
        let places: Vec<_> = clients.iter().filter_map(part).collect();
        let keys: Vec<_> = places.iter().map(|(_, place)| place.key.clone()).collect();
        let records = app.store.load(keys).await?;
        let mut kept = Vec::with_capacity(records.len());
        for ((_, place), record) in places.iter().zip(records) {
            kept.push(match record.and_then(|record| place.compare(&record, entered.cause.at)) {
                None => None,
                Some(Repeat::Different) => return Err(reused().into()),
                Some(Repeat::Same(known)) if known.standing != place.standing => return Err(withheld().into()),
                Some(Repeat::Same(known)) => Some(known),
            });
        }
        Ok(Self { places, kept })
    }

    /// Whether every client has its task from before.
    fn are_all_kept(&self) -> bool {
        !self.kept.is_empty() && self.kept.iter().all(Option::is_some)
    }

    fn of(&self, client: ClientId) -> (Option<&AnswerPlace>, Option<&Kept>) {
        let at = self.places.iter().position(|(id, _)| *id == client);
        let place = at.and_then(|at| self.places.get(at)).map(|(_, place)| place);
        (place, at.and_then(|at| self.kept.get(at)).and_then(Option::as_ref))
    }
}

fn reused() -> Refusal {
    Refusal::unfit("idempotency_key_reused", "This Idempotency-Key was used for another request. Use a new key.")
}

fn withheld() -> Refusal {
    Refusal::conflict(
        "answer_withheld",
        "This request was carried out before. What it answered then is not for you any more.",
    )
}

/// What is set, and by whom.
struct Work<'a> {
    app: &'a App,
    caller: &'a Caller<StaffOnly>,
    entered: &'a Entered,
    catalog: &'a Catalog,
    /// None where everybody has it already.
    new: Option<NewTask>,
    parts: &'a Parts,
    /// Whether each client is told of it.
    notifies: bool,
}

impl Work<'_> {
    /// One client's result, and whether its task was made just now.
    async fn one(&self, client: ClientId, may: &Result<(), String>) -> (AssignedTask, bool) {
        let (place, kept) = self.parts.of(client);
        let done = |task| AssignedTask { client_id: client, outcome: AssignOutcome::Done, task, code: None };
        let failed =
            |code| AssignedTask { client_id: client, outcome: AssignOutcome::Failed, task: None, code: Some(code) };
        if let Err(code) = may {
            return (failed(code.clone()), false);
        }
        if let Some(kept) = kept {
            return (done(serde_json::from_str(&kept.answer.body).ok()), false);
        }
        match retrying(self.app.clock(), async || self.attempt(client, place).await).await {
            Ok((body, made)) => (done(serde_json::from_str(&body).ok()), made),
            Err(stop) => (failed(stop.code().to_owned()), false),
        }
    }

    async fn files(&self, client: &Client, found: Vec<Option<Option<File>>>) -> Result<Vec<File>, Stop> {
        match attachable((&self.entered.actor, &self.entered.practice), client, found) {
            Ok(files) => Ok(files),
            Err(NotAttached::NotReady(file)) => Err(FileRefusal::NotReady(file).into()),
            Err(NotAttached::Denied(action, about)) => {
                self.app.decide(self.entered, action, &about).await?;
                Err(Refusal::absent().into())
            }
        }
    }

    /// What is told of the task, and whether it was made just now rather than by a twin of the request.
    async fn attempt(&self, client: ClientId, place: Option<&AnswerPlace>) -> Result<(String, bool), Stop> {
        let Self { app, entered, catalog, new, .. } = self;
        let new = new.as_ref().ok_or_else(Refusal::absent)?;
        let (practice, Cause { at: now, .. }) = (self.caller.practice(), entered.cause);
        let zone = entered.practice.time_zone.time_zone();
        let wanted = (
            keys::client(practice, client).unless_deleting(),
            keys::task_tally(practice, client),
            file_places(practice, client, &new.files),
        );
        let (found, tally, files) = app.store.load(wanted).await?;
        let about = Resource::client(found.as_ref());
        let grant = Grant::decide(&entered.actor, Action::TaskAssign, &about, &entered.practice, entered.cause)?;
        let client = found.ok_or_else(Refusal::absent)?;
        let mut files = self.files(&client, files).await?;
        let id = TaskId::new(client.id, app.new_id()?);
        let mut task = Task::new((id, practice, self.caller.identity.principal), new.clone(), now, zone)?;
        let mut tally = tally.unwrap_or_else(|| TaskTally::empty(practice, client.id));
        tally.add(&task)?;
        let mut tx = Tx::new(&grant);
        tx.share_files(&mut files);
        // A client whose deletion has begun gets nothing new.
        tx.create_task(&mut task, zone).replace(&mut tally).unchanged(&client).touches(id);
        let told = match self.notifies {
            true => app.notify(&mut tx, &entered.practice, Reader::Client(&client), Topic::Tasks)?,
            false => None,
        };
        let files = attach::by_id(files);
        let (actor, practice, client) = (&entered.actor, &entered.practice, &client);
        let reader = TaskReader { actor, practice, client, catalog, files: &files, now };
        let body = serde_json::to_string(&reader.staff_view(&task)).map_err(Refusal::broken)?;
        tx.answer(place, Answer { status: 200, etag: None, body: body.clone() });
        match (app.store.commit(tx).await, place) {
            (Err(StoreError::Conflict(Conflict::SameRequest)), Some(place)) => {
                let record = app.store.load(place.key.clone()).await?;
                match record.and_then(|record| place.compare(&record, now)) {
                    Some(Repeat::Same(kept)) => Ok((kept.answer.body, false)),
                    Some(Repeat::Different) => Err(reused().into()),
                    None => Err(Stop::Lost(Lost::Twin)),
                }
            }
            (outcome, _) => {
                outcome?;
                app.send_notice(told).await?;
                Ok((body, true))
            }
        }
    }
}
