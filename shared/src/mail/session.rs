//! What a mail about a session says, and the file for its reader's calendar (security EML-1).

use jiff::tz::TimeZone;

use super::letter::Letter;
use crate::domain::appointment::{SessionChange, SessionNews};
use crate::domain::ical::{Calendar, Event, EventStatus, Method, uid};
use crate::domain::practice::Zone;

/// The words about a session.
pub(super) struct SessionWords {
    pub(super) subject: &'static str,
    pub(super) button: &'static str,
    sentence: String,
    how: &'static str,
}

/// A file that goes with a mail.
#[derive(Debug)]
pub(super) struct Attached {
    pub(super) name: &'static str,
    pub(super) media_type: String,
    pub(super) text: String,
}

impl SessionWords {
    /// For staff, or for a client of the practice.
    pub(super) fn of(news: &SessionNews, staff: bool, practice: &str) -> Self {
        use SessionChange as C;
        let when = when(news);
        let (subject, sentence) = match (news.change, staff) {
            _ if !news.others.is_empty() => several(news, staff, practice),
            (C::Booked, false) => ("A session was booked", format!("A session at {practice} was booked for {when}.")),
            (C::Booked, true) => {
                ("A session was booked", format!("A session of yours at {practice} was booked for {when}."))
            }
            (C::Moved, false) => {
                ("A session was moved", format!("A session at {practice} was moved. It is now on {when}."))
            }
            (C::Moved, true) => {
                ("A session was moved", format!("A session of yours at {practice} was moved. It is now on {when}."))
            }
            (C::Cancelled, false) => {
                ("A session was cancelled", format!("The session at {practice} on {when} was cancelled."))
            }
            (C::Cancelled, true) => {
                ("A session was cancelled", format!("Your session at {practice} on {when} was cancelled."))
            }
            (C::Reopened, false) => (
                "A session takes place after all",
                format!("The session at {practice} on {when} is no longer cancelled: it takes place after all."),
            ),
            (C::Reopened, true) => (
                "A session takes place after all",
                format!("Your session at {practice} on {when} is no longer cancelled: it takes place after all."),
            ),
            (C::Requested, false) => (
                "Your request was received",
                format!(
                    "{practice} has received your request for a session on {when}. You get word once it is answered."
                ),
            ),
            (C::Requested, true) => (
                "A client asks for a session",
                format!("A client at {practice} asks for a session with you on {when}."),
            ),
            (C::MoveRequested, false) => (
                "Your request was received",
                format!(
                    "{practice} has received your request to move a session to {when}. Until it is answered, the session stays where it is."
                ),
            ),
            (C::MoveRequested, true) => (
                "A client asks for another time",
                format!("A client at {practice} asks to move a session with you to {when}."),
            ),
            (C::Accepted, false) => (
                "Your request was accepted",
                format!("{practice} has accepted your request. The session is on {when}."),
            ),
            (C::Accepted, true) => (
                "A request was accepted",
                format!("A request at {practice} was accepted for you. The session is on {when}."),
            ),
            (C::Declined, false) => {
                ("Your request was declined", format!("{practice} has declined your request for a session on {when}."))
            }
            (C::MoveDeclined, false) => (
                "Your request was declined",
                format!(
                    "{practice} has declined your request to move a session to {when}. The session stays where it is."
                ),
            ),
            (C::TakenByOthers, _) => (
                "Choose another time",
                format!(
                    "The time that you asked {practice} for, {when}, is no longer free. You can ask for another one."
                ),
            ),
            (C::Declined | C::MoveDeclined, true) => {
                ("A request was declined", format!("A request at {practice} for {when} was declined for you."))
            }
        };
        let how = match news.change.method() {
            Some(_) => "The file that comes with this mail brings your calendar up to date. Sign in to see more:",
            None => "Sign in to see more:",
        };
        Self { subject, button: if staff { "Sign in" } else { "Open the portal" }, sentence, how }
    }

    pub(super) fn letter<'a>(&'a self, link: &'a str) -> Letter<'a> {
        Letter::Notice { sentence: &self.sentence, message: None, how: self.how, link }
    }
}

/// About a session and those of its series behind it.
fn several(news: &SessionNews, staff: bool, practice: &str) -> (&'static str, String) {
    let whose = if staff { " of yours" } else { "" };
    let (subject, done) = match news.change {
        SessionChange::Cancelled => ("Sessions were cancelled", "were cancelled"),
        SessionChange::Moved => ("Sessions were moved", "were moved"),
        _ => ("Sessions were booked", "were booked"),
    };
    let count = news.others.len() + 1;
    let last = news.last_start().to_zoned(news.zone.time_zone().clone()).strftime("%A, %-d %B %Y, %H:%M");
    let first = when(news);
    let span = match news.change {
        SessionChange::Moved => format!("The first is now on {first}, the last on {last}."),
        _ => format!("The first is on {first}, the last on {last}."),
    };
    (subject, format!("{count} sessions{whose} at {practice} {done}. {span}"))
}

/// `Tuesday, 1 December 2026, 09:00 to 09:50 (America/New_York)`.
fn when(news: &SessionNews) -> String {
    let zone: &TimeZone = news.zone.time_zone();
    let (start, end) = (news.start.to_zoned(zone.clone()), news.end.to_zoned(zone.clone()));
    let until = if start.date() == end.date() { "%H:%M" } else { "%A, %-d %B %Y, %H:%M" };
    let (start, end) = (start.strftime("%A, %-d %B %Y, %H:%M"), end.strftime(until));
    format!("{start} to {end} ({})", news.zone.name())
}

/// The file for the reader's calendar; none where there is nothing to do about it.
pub(super) fn attached(
    news: &SessionNews,
    staff: bool,
    practice: &str,
    (host, from): (&str, &str),
) -> Option<Attached> {
    let method = news.change.method()?;
    let zone: &Zone = &news.zone;
    let status = if method == Method::Cancel { EventStatus::Cancelled } else { EventStatus::Confirmed };
    let event = |(session, sequence, times)| Event {
        uid: uid(session, host),
        sequence: Some(sequence),
        said_at: news.changed_at,
        times,
        status,
        summary: if staff { "Session".to_owned() } else { format!("Session at {practice}") },
    };
    let first = news.times().map(|times| (news.session, news.sequence, times));
    let others = news.others.iter().filter_map(|other| Some((other.session, other.sequence, other.times()?)));
    let events: Vec<Event> = first.into_iter().chain(others).map(event).collect();
    // A message that cancels is about one event; of several, each says so itself (RFC 5546, 3.2.1 and 3.2.5).
    let method = if events.len() > 1 { Method::Publish } else { method };
    let text = Calendar { method, zone, organizer: bare(from), name: None, events }.text();
    let media_type = format!("text/calendar; charset=UTF-8; method={}", method.name());
    Some(Attached { name: "session.ics", media_type, text })
}

/// `Harbor <no-reply@harbor.example>` → `no-reply@harbor.example`.
fn bare(from: &str) -> Option<&str> {
    let address = from.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(from, |(address, _)| address);
    Some(address.trim()).filter(|address| address.contains('@') && address.is_ascii())
}
