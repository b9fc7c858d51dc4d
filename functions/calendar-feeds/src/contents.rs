//! What a feed holds: the sessions of its owner, as events.

use std::collections::{BTreeMap, BTreeSet};

use caseload::access::{Action, Actor, ClientFacts, Grant, Resource, decide};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentStatus, Booking, Dated, day_of};
use caseload::domain::calendar_feed::{FeedShows, initials};
use caseload::domain::client::Client;
use caseload::domain::ical::{Calendar, Event, EventStatus, Method, uid, uid_of_wish};
use caseload::domain::ids::{AppointmentId, ClientId, PracticeId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::session::PrincipalId;
use caseload::refusal::Stop;
use caseload::store::keys;
use caseload::web::Span;
use jiff::{SignedDuration, Timestamp};

/// So far back, and so far ahead.
const WINDOW: (SignedDuration, SignedDuration) =
    (SignedDuration::from_hours(24 * 30), SignedDuration::from_hours(24 * 366));

/// A session in a feed.
pub(crate) struct Session {
    booking: Booking,
    /// Only of a client's own: how often it was changed.
    version: Option<u64>,
    /// Whether it is another time that is asked for, for a session which stands there as well.
    wish: bool,
}

/// Whose sessions, and which.
pub(crate) struct Sessions {
    of: PrincipalId,
    all: Vec<Session>,
}

/// What each client is called, of those that the feed's owner sees.
pub(crate) type Names = BTreeMap<ClientId, Client>;

impl Sessions {
    /// Reads those that fall into the feed at this moment: one query.
    pub(crate) async fn read(app: &App, practice: PracticeId, of: PrincipalId, now: Timestamp) -> Result<Self, Stop> {
        let (back, ahead) = WINDOW;
        let bounded = |at: Result<Timestamp, _>| at.unwrap_or(now);
        let span = Span { from: bounded(now.checked_sub(back)), to: bounded(now.checked_add(ahead)) };
        let all = match of {
            PrincipalId::Staff(staff) => of_staff(app, practice, staff, span, now).await?,
            PrincipalId::Client(client) => of_client(app, practice, client, span, now).await?,
        };
        Ok(Self { of, all })
    }

    /// The clients that a staff member's feed tells anything about.
    fn clients(&self, shows: FeedShows) -> BTreeSet<ClientId> {
        let told = shows == FeedShows::Initials && self.of.is_staff();
        self.all.iter().filter(|_| told).map(|session| session.booking.id.client()).collect()
    }

    /// The same, for the trail.
    pub(crate) fn clients_shown(&self, shows: FeedShows) -> Vec<String> {
        self.clients(shows).iter().map(ToString::to_string).collect()
    }

    /// Reads what they are called.
    pub(crate) async fn names(&self, app: &App, grant: &Grant, shows: FeedShows) -> Result<Names, Stop> {
        let clients: Vec<ClientId> = self.clients(shows).into_iter().collect();
        let found = app.store.clients(grant.practice(), &clients).await?;
        Ok(found.into_iter().map(|client| (client.id, client)).collect())
    }
}

async fn of_staff(
    app: &App,
    practice: PracticeId,
    staff: StaffId,
    span: Span,
    now: Timestamp,
) -> Result<Vec<Session>, Stop> {
    let days = app.store.calendar(practice, staff, (day_of(span.from), day_of(span.to))).await?;
    let booked: Vec<Booking> = span.sessions(&days);
    let ids: BTreeSet<AppointmentId> = booked.iter().map(|booking| booking.id).collect();
    let mut sessions: Vec<Session> = booked
        .into_iter()
        .filter(|booking| booking.status.counts())
        .map(|booking| Session { booking, version: None, wish: false })
        .collect();
    let asked = days.iter().flat_map(|day| day.asked_for(now));
    let asked = asked.filter(|booking| (span.from..span.to).contains(&booking.times.start()));
    sessions.extend(asked.map(|booking| Session { booking, version: None, wish: ids.contains(&booking.id) }));
    sessions.sort_unstable_by_key(|session| (session.booking.order(), session.wish));
    Ok(sessions)
}

async fn of_client(
    app: &App,
    practice: PracticeId,
    client: ClientId,
    span: Span,
    now: Timestamp,
) -> Result<Vec<Session>, Stop> {
    let list = keys::appointments_between(practice, client, Some(span.from), Some(span.to));
    let found = app.store.all(&list).await?;
    let sessions = found.into_iter().filter(Dated::is_in_order).flat_map(|Dated { appointment, .. }| {
        let (id, version, status) = (appointment.id, Some(appointment.version), appointment.status_at(now));
        let stands = status.counts() || status == AppointmentStatus::Requested;
        let own = stands.then_some(Booking { id, times: appointment.times, status });
        // A new request asks for the time that it has.
        let wish = appointment.asked_at(now).filter(|_| status == AppointmentStatus::Scheduled);
        let wish = wish.map(|asked| Booking { id, times: asked.times, status: AppointmentStatus::Requested });
        let own = own.map(|booking| Session { booking, version, wish: false });
        own.into_iter().chain(wish.map(|booking| Session { booking, version, wish: true }))
    });
    Ok(sessions.collect())
}

/// The feed as a file.
pub(crate) fn written(
    sessions: &Sessions,
    practice: &Practice,
    (names, reader): (&Names, &Actor),
    (shows, host): (FeedShows, &str),
    now: Timestamp,
) -> String {
    let event = |Session { booking, version, wish }: &Session| Event {
        uid: if *wish { uid_of_wish(booking.id, host) } else { uid(booking.id, host) },
        sequence: *version,
        said_at: now,
        times: booking.times,
        status: match booking.status {
            AppointmentStatus::Requested => EventStatus::Tentative,
            _ => EventStatus::Confirmed,
        },
        summary: summary(sessions.of, booking, practice, (names, reader), shows),
    };
    let events = sessions.all.iter().map(event).collect();
    let (zone, name) = (&practice.time_zone, practice.name.as_str());
    Calendar { method: Method::Publish, zone, organizer: None, name: Some(name), events }.text()
}

/// What stands where a session is.
fn summary(
    of: PrincipalId,
    booking: &Booking,
    practice: &Practice,
    (names, reader): (&Names, &Actor),
    shows: FeedShows,
) -> String {
    let said = match (shows, of) {
        (FeedShows::Busy, _) => None,
        (FeedShows::Initials, PrincipalId::Client(_)) => Some(format!("Session at {}", practice.name.as_str())),
        (FeedShows::Initials, PrincipalId::Staff(staff)) => {
            let client =
                names.get(&booking.id.client()).filter(|client| sees(reader, client, booking, staff, practice));
            client.map(|client| initials(&client.profile.first_name, &client.profile.last_name))
        }
    };
    said.unwrap_or_else(|| "Busy".to_owned())
}

// decision 27
/// Whether a staff member who still has to hold a session, or still sees its client, may know with whom it is.
fn sees(reader: &Actor, client: &Client, booking: &Booking, staff: StaffId, practice: &Practice) -> bool {
    let facts = ClientFacts::from(client);
    let client = Resource::Client(Some(facts.clone()));
    let session = Resource::Appointment(Some((facts.in_session(staff, booking.status), staff)));
    let open = booking.status.is_open() || decide(reader, Action::ClientRead, &client, practice).is_ok();
    open && decide(reader, Action::AppointmentRead, &session, practice).is_ok()
}
