use caseload::access::Actor;
use caseload::app::App;
use caseload::domain::appointment::{
    Appointment, CalendarDay, OtherSession, Request, SessionChange, SessionNews, Times,
};
use caseload::domain::client::Client;
use caseload::domain::notifications::Topic;
use caseload::domain::staff::Staff;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Tx, keys};
use caseload::web::Authorized;
use caseload::workflows::{Notice, Reader, Wanted};
use jiff::Timestamp;

/// What has become of a session to come, and the time that it is about.
pub(crate) struct News<'a> {
    pub(crate) change: SessionChange,
    pub(crate) session: &'a Appointment,
    pub(crate) times: Times,
    /// Those of its series behind it, to which it happened as well.
    pub(crate) others: Vec<OtherSession>,
}

impl<'a> News<'a> {
    /// About the time that it has.
    pub(crate) const fn of(change: SessionChange, session: &'a Appointment) -> Self {
        Self::at(change, session, session.times)
    }

    /// About the time that is, or was, asked for.
    pub(crate) const fn at(change: SessionChange, session: &'a Appointment, times: Times) -> Self {
        Self { change, session, times, others: Vec::new() }
    }

    /// About the first of these that is to come, and those behind it.
    pub(crate) fn of_series(change: SessionChange, sessions: &'a [Appointment], now: Timestamp) -> Option<Self> {
        let mut to_come = sessions.iter().filter(|one| now < one.times.start());
        let first = to_come.next()?;
        Some(Self { others: to_come.map(OtherSession::of).collect(), ..Self::of(change, first) })
    }
}

// S2, I7, security EML-1
/// Tells both sides what has become of a session to come, as they wish; part of the transaction that changes it.
///
/// The client is told of what it does itself as well: its calendar has to follow. Staff is told of what others do.
pub(crate) fn tell<T>(
    app: &App,
    tx: &mut Tx,
    asked: &Authorized<T>,
    (client, staff): (&Client, Option<&Staff>),
    news: &News<'_>,
) -> Result<Vec<Notice>, Refusal> {
    let (now, practice) = (asked.grant.at(), &asked.practice);
    let News { change, session, times, ref others } = *news;
    if times.start() <= now {
        return Ok(Vec::new());
    }
    let other = |staff: &&Staff| !matches!(&asked.actor, Actor::Staff(me) if me.id == staff.id);
    let therapist = staff.filter(other).map(Reader::Staff);
    let client = Some(Reader::Client(client));
    // Where there is room for one mail only, it is the other side's.
    let readers = if matches!(asked.actor, Actor::Staff(_)) { [client, therapist] } else { [therapist, client] };
    let wanted = readers.into_iter().flatten().filter_map(|reader| {
        let wanted = Wanted::new(practice, reader, Topic::Appointments, now)?;
        let told = SessionNews::of(change, session, times, &practice.time_zone, now).and(others.clone());
        Some(wanted.of_session(told))
    });
    wanted.map(|wanted| app.notify_each(tx, practice, wanted)).collect()
}

/// As many are told that a time is taken.
const RIVALS: usize = 5;

// I3
/// Tells whoever else asks for a time that it is taken, as they wish; part of the transaction that takes it.
pub(crate) async fn tell_rivals<T>(
    app: &App,
    tx: &mut Tx,
    asked: &Authorized<T>,
    (session, days): (&Appointment, &[CalendarDay]),
) -> Result<Vec<Notice>, Stop> {
    let (now, practice) = (asked.grant.at(), &asked.practice);
    let mut rivals: Vec<Request> = days.iter().flat_map(|day| day.rivals(session.id, session.times, now)).collect();
    // One over midnight stands in both days; one's own other wishes are no rivals.
    rivals.sort_unstable_by_key(|request| request.id);
    rivals.dedup_by_key(|request| request.id);
    rivals.retain(|request| request.id.client() != session.client());
    rivals.truncate(RIVALS);
    let wanted = rivals.iter().map(|request| keys::client(practice.id, request.id.client()).unless_deleting());
    let clients = app.store.load(wanted.collect::<Vec<_>>()).await?;
    let mut notices = Vec::new();
    for (request, client) in rivals.iter().zip(&clients) {
        let reader = client.as_ref().map(Reader::Client);
        let wanted = reader.and_then(|reader| Wanted::new(practice, reader, Topic::Appointments, now));
        if let Some(wanted) = wanted {
            let news = SessionNews::taken(request, &practice.time_zone, now);
            notices.push(app.notify_each(tx, practice, wanted.of_session(news))?);
        }
    }
    Ok(notices)
}
