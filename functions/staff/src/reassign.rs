use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::client::{AppointmentsToCome, Client, Ownership};
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::staff::Staff;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Sums, keys};
use caseload::web::view::appointment::MovedAppointmentsView;
use caseload::web::view::client::ClientView;
use caseload::web::{Authorized, Caller, HonourMatch, Json, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::{
    APPOINTMENT_ROUNDS, AppointmentMove, MovedAppointments, Notices, Reassignment, reassign_target, retrying,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
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
    on: Option<Date>,
    /// Direct or practice client from then on; as it is unless given.
    #[serde(default)]
    ownership: Option<Ownership>,
    /// Whether the former therapist's scheduled sessions from then on stay with it or move along.
    #[serde(default)]
    sessions: AppointmentsToCome,
    /// Whether a client that can sign in to the portal is told by mail when it happens.
    #[serde(default)]
    notify_client: bool,
}

/// The client as it is now, and what became of the sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReassignedClient {
    #[serde(flatten)]
    client: ClientView,
    /// Where sessions were to move, and at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<MovedAppointmentsView>,
}

impl ReassignClient {
    const fn wish(&self, by: Option<StaffId>) -> Reassignment {
        let Self { staff_id, on, ownership, sessions, notify_client } = *self;
        Reassignment { to: staff_id, on, ownership, sessions, notify_client, by }
    }
}

/// The therapist clients are to go to, from what was read: 422 unless active here.
pub(crate) fn target(found: Option<Option<Staff>>) -> Result<Option<Staff>, Stop> {
    Ok(found.map(|staff| reassign_target(staff, "/staff_id")).transpose()?)
}

// L10
/// Gives a client to another therapist, at once or on a day to come.
///
/// Who had it before loses it with the next request. Sessions that stay with them they still see, settle and call off.
/// Sessions that move go first, each by itself; one in whose time the new therapist is booked is `kept`, with the
/// reason as `code`. A repeated request goes on where the first was cut off. Both therapists are told by mail, but for
/// the one who asks.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/reassign", tag = "staff", params(("client_id" = ClientId, Path)), request_body = ReassignClient,
    responses((status = 200, body = ReassignedClient), (status = 429))
)]
pub(crate) async fn reassign_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    tag: HonourMatch,
    Json(body): Json<ReassignClient>,
) -> Outcome {
    let mut sessions = MovedAppointments::default();
    for _ in 0..APPOINTMENT_ROUNDS {
        match retrying(app.clock(), async || attempt(&app, &caller, (id, &tag), &body, &sessions).await).await? {
            Step::Done(reply) => return Ok(reply),
            Step::Sessions(asked, moves) => app.move_appointments(asked.authority(), &moves, &mut sessions).await?,
        }
    }
    Err(Refusal::unavailable("sessions are booked while they move").into())
}

enum Step {
    Sessions(Box<Authorized<Client>>, Vec<AppointmentMove>),
    Done(Reply),
}

/// `moved` is what became of the sessions so far.
async fn attempt(
    app: &App,
    caller: &Caller<StaffOnly>,
    (id, tag): (ClientId, &HonourMatch),
    body: &ReassignClient,
    moved: &MovedAppointments,
) -> Result<Step, Stop> {
    let practice = caller.practice();
    let wanted = (
        keys::catalog(practice).required(),
        Sums::of(practice, id),
        body.staff_id.map(|staff| keys::staff(practice, staff)),
    );
    let (asked, (catalog, sums, to)) = app.client_with(caller, Action::ClientReassign, id, wanted).await?;
    // Its own sessions move the version, too.
    if moved.none_moved() {
        tag.check(asked.subject.version)?;
    }
    let (wish, now) = (body.wish(asked.actor.staff_id()), asked.grant.at());
    wish.check(&asked.practice, now)?;
    let to = target(to)?;
    let first = wish.appointments_first(&asked.subject, sums.sessions.as_ref(), &asked.practice, now, moved);
    if !first.is_empty() {
        return Ok(Step::Sessions(Box::new(asked), first));
    }
    let former =
        match wish.former(asked.subject.assigned_staff).filter(|_| wish.planned(&asked.practice, now).is_none()) {
            Some(former) => app.store.load(keys::staff(practice, former)).await?,
            None => None,
        };
    let (mut client, mut tx, mut notices) = (asked.subject.clone(), asked.tx(), Notices::default());
    let therapists = (former.as_ref(), to.as_ref());
    // Where it was so already, the trail still says who looked.
    let mails = wish.write(app, &mut tx, &mut client, therapists, &asked.practice, &notices)?.unwrap_or_default();
    let view = ReassignedClient {
        client: ClientView::new(&client, &asked.actor, &asked.practice, &catalog, &sums, now),
        sessions: wish.moves_appointments(&asked.practice, now).then(|| moved.clone().into()),
    };
    let reply = Reply::ok_at(client.version, &view)?;
    if let Some(sessions) = sums.sessions.filter(|_| wish.moves_appointments(&asked.practice, now)) {
        tx.unchanged(&sessions);
    }
    let reply = app.finish(&asked, tx, reply).await?;
    notices.add(mails.carried);
    notices.send(app).await?;
    if let Some(mail) = &mails.client {
        app.send_now(mail).await?;
    }
    Ok(Step::Done(reply))
}
