use std::collections::BTreeSet;

use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::{AppointmentsToCome, Client};
use caseload::domain::ids::{ClientId, StaffId};
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Decided, keys};
use caseload::web::view::appointment::MovedAppointmentsView;
use caseload::web::{Afresh, Caller, Entered, Json, Outcome, Reply, StaffOnly};
use caseload::workflows::{Authority, OneOfMany, Reassigned, Reassignment};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::reassign::target;

/// What is done to many clients at once.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BulkAction {
    /// Give them to another therapist (L10).
    Reassign,
}

/// A change of many clients.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkChange {
    #[schema(inline)]
    action: BulkAction,
    /// 1 to 100.
    #[schema(min_items = 1, max_items = 100)]
    client_ids: Vec<ClientId>,
    /// The therapist to be; null leaves the clients to the practice. It has to be said.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    staff_id: Option<StaffId>,
    /// On this day in the practice's zone; at once without it.
    #[serde(default)]
    on: Option<Date>,
    /// Whether the former therapists' scheduled sessions from then on stay with them or move along.
    #[serde(default)]
    sessions: AppointmentsToCome,
    /// Whether clients that can sign in to the portal are told by mail when it happens.
    #[serde(default)]
    notify_client: bool,
}

/// What became of each client, in the order asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkResults {
    results: Vec<BulkResult>,
}

/// What became of one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkResult {
    client_id: ClientId,
    #[schema(inline)]
    outcome: BulkOutcome,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Where sessions were to move, and at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<MovedAppointmentsView>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BulkOutcome {
    /// Changed.
    Done,
    /// It was so already.
    Unchanged,
    /// Not changed.
    Failed,
}

/// As many as one read from the table brings.
const MOST: usize = 100;

// L10
/// Changes up to a hundred clients.
///
/// All are decided before the first is changed: one that is absent or not the caller's, and nothing happens (404). Each
/// is then a transaction of its own; asking again changes nothing more. Each therapist gets one mail with the number of
/// clients, but for the one who asks.
#[utoipa::path(
    post, path = "/v1/clients/bulk", tag = "staff", request_body = BulkChange,
    responses((status = 200, body = BulkResults), (status = 404), (status = 429))
)]
pub(crate) async fn change_clients(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    Json(body): Json<BulkChange>,
) -> Outcome {
    let BulkAction::Reassign = body.action;
    let distinct: BTreeSet<ClientId> = body.client_ids.iter().copied().collect();
    if !(1..=MOST).contains(&body.client_ids.len()) || distinct.len() != body.client_ids.len() {
        return Err(Refusal::invalid("/client_ids", "out_of_range", "must be 1 to 100 different ids").into());
    }
    let practice = caller.practice();
    let clients: Vec<_> = body.client_ids.iter().map(|id| keys::client(practice, *id).unless_deleting()).collect();
    let staff = body.staff_id.map(|id| keys::staff(practice, id));
    // Two reads at once: together they can be more than one read brings.
    let (entered, clients) = tokio::join!(app.enter(&caller, staff), app.store.load(clients));
    let (entered, to) = entered?;
    let found = decided(&app, &entered, clients?).await?;
    let BulkChange { staff_id, on, sessions, notify_client, .. } = body;
    let wish =
        Reassignment { to: staff_id, on, ownership: None, sessions, notify_client, by: entered.actor.staff_id() };
    wish.check(&entered.practice, entered.cause.at)?;
    target(to)?;
    let one = |client: &Client| OneOfMany { client: client.id, from: client.assigned_staff, wish };
    let many: Vec<OneOfMany> = found.iter().map(one).collect();
    let Entered { actor, practice, cause, .. } = &entered;
    let by = Authority { actor, practice, cause: *cause, action: Action::ClientReassign };
    let mut ends = app.reassign_many(by, &many, None).await?;
    // A change carries its entry; who was asked about and stays as they were are shown all the same.
    let as_they_were =
        |(_, end): &&(ClientId, Result<Reassigned, Stop>)| !matches!(end, Ok(Reassigned { changed: true, .. }));
    let shown: Vec<String> = ends.iter().filter(as_they_were).map(|(id, _)| id.to_string()).collect();
    if !shown.is_empty() {
        app.note_shown(&caller, Action::ClientReassign, Decided::Asked, None, &shown).await?;
    }
    ends.sort_by_key(|(id, _)| body.client_ids.iter().position(|asked| asked == id));
    Reply::ok(&BulkResults { results: ends.into_iter().map(|(id, end)| BulkResult::new(id, end)).collect() })
}

/// Every client, each decided about; the first refusal is the answer.
async fn decided(app: &App, entered: &Entered, read: Vec<Option<Client>>) -> Result<Vec<Client>, Stop> {
    let mut found = Vec::with_capacity(read.len());
    for client in read {
        app.decide(entered, Action::ClientReassign, &Resource::client(client.as_ref())).await?;
        found.push(client.ok_or_else(Refusal::absent)?);
    }
    Ok(found)
}

impl BulkResult {
    fn new(client_id: ClientId, end: Result<Reassigned, Stop>) -> Self {
        let (outcome, code, sessions) = match end {
            Ok(Reassigned { changed: true, sessions }) => {
                (BulkOutcome::Done, None, sessions.map(MovedAppointmentsView::from))
            }
            Ok(Reassigned { changed: false, sessions }) => {
                (BulkOutcome::Unchanged, None, sessions.map(MovedAppointmentsView::from))
            }
            Err(stop) => (BulkOutcome::Failed, Some(stop.code().to_owned()), None),
        };
        Self { client_id, outcome, code, sessions }
    }
}
