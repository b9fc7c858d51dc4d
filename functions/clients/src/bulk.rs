use std::collections::BTreeSet;

use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::ids::{ClientId, StaffId};
use caseload::store::{Items, keys};
use caseload::web::{Caller, Entered, Json, Outcome, Problem, ProblemBody, Reassignment, Reply, StaffOnly, retrying};
use futures_util::future::join_all;
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
    #[schema(value_type = Option<String>, format = Date)]
    on: Option<Date>,
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
/// Transactions under way at once.
const WIDTH: usize = 8;

/// Changes up to a hundred clients (L10).
///
/// All are decided before the first is changed: one that is absent or not the caller's, and nothing happens (404).
/// Each is then a transaction of its own; asking again changes nothing more.
#[utoipa::path(
    post, path = "/v1/clients/bulk", tag = "clients", request_body = BulkChange,
    responses((status = 200, body = BulkResults), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody))
)]
pub(crate) async fn change_clients(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<BulkChange>,
) -> Outcome {
    let BulkAction::Reassign = body.action;
    let distinct: BTreeSet<ClientId> = body.client_ids.iter().copied().collect();
    if !(1..=MOST).contains(&body.client_ids.len()) || distinct.len() != body.client_ids.len() {
        return Err(Problem::invalid("/client_ids", "out_of_range", "must be 1 to 100 different ids").early());
    }
    let practice = caller.practice();
    let clients: Vec<_> = body.client_ids.iter().map(|id| keys::client(practice, *id)).collect();
    let staff: Vec<_> = body.staff_id.iter().map(|id| keys::staff(practice, *id)).collect();
    // Two reads at once: together they can be more than one read brings.
    let (entered, items) = tokio::join!(app.enter(&caller, &staff), app.store.load(&clients));
    let (entered, mut items) = (entered?, items?);
    let wish = Reassignment { to: body.staff_id, on: body.on, ownership: None };
    let found = decided(&app, &entered, &mut items, &body.client_ids).await?;
    wish.check(&entered.practice, entered.cause.at)?;
    let mut entered = entered;
    target(&mut entered.items, practice, body.staff_id)?;
    let mut results = Vec::with_capacity(found.len());
    for some in found.chunks(WIDTH) {
        results.extend(join_all(some.iter().map(|client| one(&app, &entered, client.id, wish))).await);
    }
    Reply::ok(&BulkResults { results })
}

/// Every client, each decided about; the first refusal is the answer.
async fn decided(app: &App, entered: &Entered, items: &mut Items, ids: &[ClientId]) -> Result<Vec<Client>, Problem> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let client = items.client(entered.practice.id, *id)?;
        app.decide(entered, Action::ClientReassign, &Resource::client(client.as_ref())).await?;
        found.push(client.ok_or_else(Problem::absent)?);
    }
    Ok(found)
}

async fn one(app: &App, entered: &Entered, id: ClientId, wish: Reassignment) -> BulkResult {
    let practice = entered.practice.id;
    let changed = retrying(async || {
        let mut wanted = vec![keys::client(practice, id)];
        wanted.extend(wish.to.map(|staff| keys::staff(practice, staff)));
        let mut items = app.store.load(&wanted).await?;
        let mut client = items.client(practice, id)?.ok_or_else(Problem::absent)?;
        let to = target(&mut items, practice, wish.to)?;
        let Entered { actor, practice, cause, .. } = entered;
        app.reassign_one(actor, practice, *cause, &mut client, to.as_ref(), wish).await
    })
    .await;
    let (outcome, code) = match changed {
        Ok(true) => (BulkOutcome::Done, None),
        Ok(false) => (BulkOutcome::Unchanged, None),
        Err(problem) => (BulkOutcome::Failed, Some(problem.code().to_owned())),
    };
    BulkResult { client_id: id, outcome, code }
}
