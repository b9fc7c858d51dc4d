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
    change: SessionChange,
    session: &'a Appointment,
    times: Times,
    /// Those of its series behind it, to which it happened as well.
    others: Vec<OtherSession>,
    /// The days in which it takes a time that others may ask for.
    taken: Vec<&'a CalendarDay>,
}

impl<'a> News<'a> {
    /// It has the time that it has from now on: whoever else asks for that hears of it, too.
    pub(crate) fn taking(change: SessionChange, session: &'a Appointment, days: &'a [CalendarDay]) -> Self {
        Self { taken: days.iter().collect(), ..Self::at(change, session, session.times) }
    }

    /// About a time that nobody loses by it.
    pub(crate) const fn at(change: SessionChange, session: &'a Appointment, times: Times) -> Self {
        Self { change, session, times, others: Vec::new(), taken: Vec::new() }
    }

    /// About the first of these that is to come, and those behind it; the days are those in which they take their times.
    pub(crate) fn of_series(
        change: SessionChange,
        sessions: &'a [Appointment],
        days: impl Iterator<Item = &'a CalendarDay>,
        now: Timestamp,
    ) -> Option<Self> {
        let mut to_come = sessions.iter().filter(|one| now < one.times.start());
        let first = to_come.next()?;
        let others = to_come.map(OtherSession::of).collect();
        Some(Self { others, taken: days.collect(), ..Self::at(change, first, first.times) })
    }

    /// Who else asks for a time that is taken by it.
    fn rivals(&self, now: Timestamp) -> Vec<Request> {
        let others = self.others.iter().filter_map(|other| Some((other.session, other.times()?)));
        let sessions: Vec<_> = std::iter::once((self.session.id, self.times)).chain(others).collect();
        let of = |day: &'a CalendarDay| sessions.iter().flat_map(move |(id, times)| day.rivals(*id, *times, now));
        let mut rivals: Vec<Request> = self.taken.iter().copied().flat_map(of).collect();
        // One over midnight stands in both days; one's own other wishes are no rivals.
        rivals.sort_unstable_by_key(|request| request.id);
        rivals.dedup_by_key(|request| request.id);
        rivals.retain(|request| request.id.client() != self.session.client());
        rivals.truncate(RIVALS);
        rivals
    }
}

/// As many are told that a time is taken.
const RIVALS: usize = 5;

// S2, I7, security EML-1
/// Tells both sides what has become of a session to come, as they wish; part of the transaction that changes it.
///
/// The client is told of what it does itself as well: its calendar has to follow. Staff is told of what others do, and
/// whoever else asks for a time that is taken hears that it is.
pub(crate) async fn tell<T>(
    app: &App,
    tx: &mut Tx,
    asked: &Authorized<T>,
    (client, staff): (&Client, Option<&Staff>),
    news: &News<'_>,
) -> Result<Vec<Notice>, Stop> {
    let (now, practice) = (asked.grant.at(), &asked.practice);
    let News { change, session, times, ref others, .. } = *news;
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
    let told: Result<Vec<Notice>, Refusal> = wanted.map(|wanted| app.notify_each(tx, practice, wanted)).collect();
    let mut told = told?;
    told.extend(tell_rivals(app, tx, asked, &news.rivals(now)).await?);
    Ok(told)
}

// I3
async fn tell_rivals<T>(
    app: &App,
    tx: &mut Tx,
    asked: &Authorized<T>,
    rivals: &[Request],
) -> Result<Vec<Notice>, Stop> {
    let (now, practice) = (asked.grant.at(), &asked.practice);
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
