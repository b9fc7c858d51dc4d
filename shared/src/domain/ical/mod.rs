//! Sessions as calendar programs read them (RFC 5545): in the file of a mail, and in a feed.

mod fold;
mod zone;

use ics::components::{Component, Parameter, Property};
use ics::properties::{Class, DtEnd, DtStart, Organizer, Sequence, Status, Summary, Transp};
use ics::{ICalendar, escape_text};
use jiff::Timestamp;

use super::appointment::Times;
use super::ids::AppointmentId;
use super::practice::Zone;

/// The media type of such a file.
pub const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

/// Who writes it, for programs that know each other's habits.
const PRODUCT: &str = "-//Caseload//Sessions//EN";

/// What whoever takes the file is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Take the events in, in place of what is known of them by the same name. Nobody is asked to answer: programs answer
    /// a `REQUEST` to its organizer, and nobody reads the mailbox that ours are sent from.
    Publish,
    /// Take the events out (RFC 5546, 4.1.3).
    Cancel,
}

impl Method {
    /// Its name in the file, and in the media type of what it is attached to.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Cancel => "CANCEL",
        }
    }
}

/// Whether an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStatus {
    /// Somebody asks for it. It keeps nobody from that time.
    Tentative,
    Confirmed,
    Cancelled,
}

/// An event of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The name by which programs know it again; see [`uid`].
    pub uid: String,
    /// How often it was changed before; none where nobody counts.
    pub sequence: Option<u64>,
    /// When this was said about it.
    pub said_at: Timestamp,
    pub times: Times,
    pub status: EventStatus,
    /// What it is called: plain text of whatever kind.
    pub summary: String,
}

/// The lasting name of a session in all calendars; `host` is where its portal lives.
#[must_use]
pub fn uid(session: AppointmentId, host: &str) -> String {
    format!("{session}@{host}")
}

/// The same of another time that a client asks for, beside the session itself.
#[must_use]
pub fn uid_of_wish(session: AppointmentId, host: &str) -> String {
    format!("{session}-asked@{host}")
}

/// A calendar, or the message about an event of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar<'a> {
    pub method: Method,
    /// The zone that its times are written in.
    pub zone: &'a Zone,
    /// The address that its events come from.
    pub organizer: Option<&'a str>,
    /// For one that is read again and again: what it is called.
    pub name: Option<&'a str>,
    pub events: Vec<Event>,
}

/// How often whoever subscribes is asked to look.
const REFRESH: &str = "PT1H";

impl Calendar<'_> {
    /// As a file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut calendar = ICalendar::new("2.0", PRODUCT);
        calendar.push(Property::new("METHOD", self.method.name()));
        if let Some(name) = self.name {
            calendar.push(Property::new("X-WR-CALNAME", text(name)));
            calendar.push(Property::new("X-WR-TIMEZONE", self.zone.name().to_owned()));
            let mut refresh = Property::new("REFRESH-INTERVAL", REFRESH);
            refresh.add(Parameter::new("VALUE", "DURATION"));
            calendar.push(refresh);
            calendar.push(Property::new("X-PUBLISHED-TTL", REFRESH));
        }
        let first = self.events.iter().map(|event| event.times.start()).min();
        let last = self.events.iter().map(|event| event.times.end()).max();
        if let Some(span) = first.zip(last) {
            calendar.add_component(zone::timezone(self.zone, span));
        }
        for event in &self.events {
            calendar.add_component(self.event(event));
        }
        fold::folded(&calendar.to_string())
    }

    fn event(&self, event: &Event) -> Component<'static> {
        let Event { uid, sequence, said_at, times, status, summary } = event;
        let mut written = ics::Event::new(uid.clone(), utc(*said_at));
        let (start, end) = (self.local(times.start()), self.local(times.end()));
        let zone = || Parameter::new("TZID", self.zone.name().to_owned());
        let (mut start, mut end) = (DtStart::new(start), DtEnd::new(end));
        start.add(zone());
        end.add(zone());
        written.push(start);
        written.push(end);
        if let Some(sequence) = sequence {
            written.push(Sequence::new(sequence.to_string()));
        }
        if let Some(organizer) = self.organizer {
            written.push(Organizer::new(format!("mailto:{organizer}")));
        }
        written.push(match status {
            EventStatus::Tentative => Status::tentative(),
            EventStatus::Confirmed => Status::confirmed(),
            EventStatus::Cancelled => Status::cancelled(),
        });
        written.push(if *status == EventStatus::Confirmed { Transp::opaque() } else { Transp::transparent() });
        // Whoever shares a calendar does not share this.
        written.push(Class::private());
        written.push(Summary::new(text(summary)));
        written.into()
    }

    /// What the clocks of the zone show.
    fn local(&self, at: Timestamp) -> String {
        self.zone.time_zone().to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string()
    }
}

/// A value of the type TEXT. No program knows what to do with other control characters.
fn text(value: &str) -> String {
    let plain: String = value.chars().filter(|c| !c.is_control() || *c == '\n').collect();
    escape_text(plain).into_owned()
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests;
