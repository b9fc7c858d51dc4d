//! A zone as a calendar file explains it (RFC 5545, 3.6.5): the turns of its clocks around a stretch of time, each by
//! itself. A rule for all time would have to be guessed from them, and zones change their rules.

use ics::components::{Component, Property};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::domain::practice::Zone;

/// From this instant on the clocks show another time, or go by another name.
struct Turn {
    at: Timestamp,
    before: Offset,
}

/// The zone, valid for whatever lies between two instants, both included.
pub(super) fn timezone(zone: &Zone, (from, to): (Timestamp, Timestamp)) -> Component<'static> {
    let mut written = Component::new("VTIMEZONE");
    written.add_property(Property::new("TZID", zone.name().to_owned()));
    let of = zone.time_zone();
    for turn in turns(of, from, to) {
        written.add_component(observance(of, &turn));
    }
    written
}

/// The last turn before the stretch, so that its beginning is explained, and those within it.
fn turns(zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<Turn> {
    let tick = SignedDuration::from_nanos(1);
    let turn = |at: Timestamp| Turn { at, before: zone.to_offset(at.saturating_sub(tick).unwrap_or(at)) };
    let last = from.checked_add(tick).ok().and_then(|after| zone.preceding(after).next());
    // Clocks that never turned, as if they had been set to what they show.
    let first = last.map_or_else(
        || Turn { at: Timestamp::UNIX_EPOCH, before: zone.to_offset(from) },
        |last| turn(last.timestamp()),
    );
    let within = zone.following(from).map(|turn| turn.timestamp()).take_while(|at| *at <= to);
    std::iter::once(first).chain(within.map(turn)).collect()
}

fn observance(zone: &TimeZone, turn: &Turn) -> Component<'static> {
    let Turn { at, before } = turn;
    let info = zone.to_offset_info(*at);
    let mut written = Component::new(if info.dst().is_dst() { "DAYLIGHT" } else { "STANDARD" });
    // When it begins is read off the clocks as they were set before.
    let begins = before.to_datetime(*at).strftime("%Y%m%dT%H%M%S").to_string();
    written.add_property(Property::new("DTSTART", begins));
    written.add_property(Property::new("TZOFFSETFROM", offset(*before)));
    written.add_property(Property::new("TZOFFSETTO", offset(info.offset())));
    written.add_property(Property::new("TZNAME", info.abbreviation().to_owned()));
    written
}

/// `-0500`; with seconds only where there are some.
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    match rest {
        0 => format!("{sign}{hours:02}{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}{rest:02}"),
    }
}
