use caseload::access::Actor;
use caseload::app::App;
use caseload::domain::appointment::{Appointment, SessionChange, SessionNews, Times};
use caseload::domain::client::Client;
use caseload::domain::notifications::Topic;
use caseload::domain::staff::Staff;
use caseload::refusal::Refusal;
use caseload::store::Tx;
use caseload::web::Authorized;
use caseload::workflows::{Notice, Reader, Wanted};

/// What has become of a session to come, and the time that it is about.
pub(crate) struct News<'a> {
    pub(crate) change: SessionChange,
    pub(crate) session: &'a Appointment,
    pub(crate) times: Times,
}

impl<'a> News<'a> {
    /// About the time that it has.
    pub(crate) const fn of(change: SessionChange, session: &'a Appointment) -> Self {
        Self { change, session, times: session.times }
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
    let News { change, session, times } = *news;
    if times.start() <= now {
        return Ok(Vec::new());
    }
    let others = |staff: &&Staff| !matches!(&asked.actor, Actor::Staff(me) if me.id == staff.id);
    let therapist = staff.filter(others).map(Reader::Staff);
    let client = Some(Reader::Client(client));
    // Where there is room for one mail only, it is the other side's.
    let readers = if matches!(asked.actor, Actor::Staff(_)) { [client, therapist] } else { [therapist, client] };
    let wanted = readers.into_iter().flatten().filter_map(|reader| {
        let wanted = Wanted::new(practice, reader, Topic::Appointments, now)?;
        Some(wanted.of_session(SessionNews::of(change, session, times, &practice.time_zone, now)))
    });
    wanted.map(|wanted| app.notify_each(tx, practice, wanted)).collect()
}
