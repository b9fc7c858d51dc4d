use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::SessionSummary;
use caseload::domain::client::Ownership;
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::staff::Staff;
use caseload::store::{Catalog, Items, keys};
use caseload::web::view::client::ClientView;
use caseload::web::{
    Caller, Json, Outcome, Path, Problem, ProblemBody, Reassignment, Reply, StaffOnly, reassign_target, retrying,
};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// To whom, and when.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReassignClient {
    /// The therapist to be; null leaves the client to the practice. It has to be said.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    staff_id: Option<StaffId>,
    /// On this day in the practice's zone; at once without it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// Direct or practice client from then on; as it is unless given.
    #[serde(default)]
    ownership: Option<Ownership>,
}

impl From<&ReassignClient> for Reassignment {
    fn from(body: &ReassignClient) -> Self {
        let ReassignClient { staff_id, on, ownership } = *body;
        Self { to: staff_id, on, ownership }
    }
}

/// The therapist clients are to go to, from what was read: 422 unless active here.
pub(crate) fn target(
    items: &mut Items,
    practice: caseload::domain::ids::PracticeId,
    id: Option<StaffId>,
) -> Result<Option<Staff>, Problem> {
    let Some(id) = id else { return Ok(None) };
    Ok(Some(reassign_target(items.take(&keys::staff(practice, id))?, "/staff_id")?))
}

/// Gives a client to another therapist, at once or on a day to come (L10).
///
/// Who had it before loses it with the next request, unless a session of theirs with a practice client remains.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/reassign", tag = "clients", params(("client_id" = ClientId, Path)), request_body = ReassignClient,
    responses((status = 200, body = ClientView), (status = 404, body = ProblemBody), (status = 412, body = ProblemBody), (status = 422, body = ProblemBody))
)]
pub(crate) async fn reassign_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    Json(body): Json<ReassignClient>,
) -> Outcome {
    retrying(async || {
        let practice = caller.practice();
        let (key, summed) = (keys::catalog(practice), keys::session_summary(practice, id));
        let mut wanted = vec![key.clone(), summed.clone()];
        wanted.extend(body.staff_id.map(|staff| keys::staff(practice, staff)));
        let mut asked = app.client(&caller, Action::ClientReassign, id, &wanted).await?;
        asked.check_version(asked.subject.version)?;
        let catalog = asked.items.take::<Catalog>(&key)?.ok_or_else(|| Problem::internal("no catalog"))?;
        let sessions = asked.items.take::<SessionSummary>(&summed)?;
        let (wish, now) = (Reassignment::from(&body), asked.grant.at());
        wish.check(&asked.practice, now)?;
        let to = target(&mut asked.items, practice, body.staff_id)?;
        let (mut client, mut tx) = (asked.subject.clone(), asked.tx());
        let changed = wish.write(&mut tx, &mut client, to.as_ref(), &asked.practice);
        let view = ClientView::new(&client, &asked.actor, &asked.practice, &catalog, sessions.as_ref(), now);
        let reply = Reply::ok_at(client.version, &view)?;
        if changed { app.finish(&asked, tx, reply).await } else { Ok(reply) }
    })
    .await
}
