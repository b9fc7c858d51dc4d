use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::ids::ClientId;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn event(start: &str, minutes: i64, summary: &str) -> Event {
    let start = at(start);
    let session = AppointmentId::new(ClientId::from_uuid(Uuid::from_u128(1)), Uuid::from_u128(2));
    Event {
        uid: uid(session, "portal.example"),
        sequence: Some(3),
        said_at: at("2026-11-28T08:00:00Z"),
        times: Times::new(start, start + SignedDuration::from_mins(minutes)).expect("times"),
        status: EventStatus::Confirmed,
        summary: summary.to_owned(),
    }
}

fn file(zone: &Zone, events: Vec<Event>) -> String {
    let (organizer, name) = (Some("no-reply@mail.example"), Some("Sessions"));
    Calendar { method: Method::Publish, zone, organizer, name, events }.text()
}

fn zone(name: &str) -> Zone {
    Zone::parse(name).expect("a zone")
}

/// The components of a name, wherever they stand in a file that is read by the first parser.
fn read(file: &str) -> icalendar::parser::Calendar<'static> {
    let unfolded: &'static str = Box::leak(icalendar::parser::unfold(file).into_boxed_str());
    icalendar::parser::read_calendar(unfolded).expect("a calendar")
}

fn value(component: &icalendar::parser::Component<'_>, name: &str) -> String {
    component.find_prop(name).map(|property| property.val.as_ref().to_owned()).unwrap_or_default()
}

/// Likewise with the second one.
fn read_again(file: &str) -> calcard::icalendar::ICalendar {
    match calcard::Parser::new(file).entry() {
        calcard::Entry::ICalendar(calendar) => calendar,
        other => panic!("{other:?}"),
    }
}

/// What RFC 5545 says of lines: they end in CRLF, and have at most 75 octets.
fn check_lines(file: &str) {
    assert!(file.ends_with("END:VCALENDAR\r\n"));
    for line in file.trim_end_matches("\r\n").split("\r\n") {
        assert!(!line.contains(['\r', '\n']) && (1..=75).contains(&line.len()), "{line:?}");
    }
}

// RFC 5545
#[test]
fn a_session_is_written_in_the_time_of_its_zone() {
    let file = file(&zone("America/New_York"), vec![event("2026-12-01T14:00:00Z", 50, "Session at Harbor")]);
    check_lines(&file);
    let id = format!("apt_{}1{}2", "0".repeat(25), "0".repeat(25));
    let unfolded = file.replace("\r\n ", "");
    let wanted = [
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Caseload//Sessions//EN\r\nMETHOD:PUBLISH\r\n",
        "X-WR-CALNAME:Sessions\r\nX-WR-TIMEZONE:America/New_York\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n",
        "BEGIN:VTIMEZONE\r\nTZID:America/New_York\r\nBEGIN:STANDARD\r\nDTSTART:20261101T020000\r\n",
        "TZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n",
        &format!("BEGIN:VEVENT\r\nUID:{id}@portal.example\r\nDTSTAMP:20261128T080000Z\r\n"),
        "DTSTART;TZID=America/New_York:20261201T090000\r\nDTEND;TZID=America/New_York:20261201T095000\r\nSEQUENCE:3\r\n",
        "ORGANIZER:mailto:no-reply@mail.example\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\nCLASS:PRIVATE\r\n",
        "SUMMARY:Session at Harbor\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ];
    for part in wanted {
        assert!(unfolded.contains(part), "{part}\nis not in\n{unfolded}");
    }
}

#[test]
fn an_empty_calendar_is_one() {
    let file = file(&zone("UTC"), Vec::new());
    check_lines(&file);
    assert!(read(&file).components.is_empty());
}

proptest! {
    // RFC 5545, 3.1 and 3.3.11
    #[test]
    fn whatever_a_practice_is_called_is_read_back_by_two_parsers(name in "[\\PC\n,;:\\\\\"👩‍⚕️é]{1,200}") {
        let file = file(&zone("Europe/Oslo"), vec![event("2026-03-29T00:30:00Z", 60, &name)]);
        check_lines(&file);
        let plain: String = name.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let first = read(&file);
        let one = first.components.iter().find(|component| component.name == "VEVENT").expect("an event");
        prop_assert_eq!(value(one, "SUMMARY"), plain.clone());
        let second = read_again(&file);
        let two = second.components.iter().find(|one| one.component_type == calcard::icalendar::ICalendarComponentType::VEvent);
        let summary = two.expect("an event").property(&calcard::icalendar::ICalendarProperty::Summary).expect("a summary");
        prop_assert_eq!(summary.values.first().and_then(|value| value.as_text()), Some(plain.as_str()));
    }
}

/// A part of a zone in a file: from when on, by the offset before, which offset.
struct Observance {
    begins: Timestamp,
    to: i32,
}

/// `-0500` or `+003520`, in seconds.
fn seconds(offset: &str) -> i32 {
    let number =
        |range: std::ops::Range<usize>| offset.get(range).map_or(0, |part| part.parse::<i32>().expect("digits"));
    let size = number(1..3) * 3600 + number(3..5) * 60 + number(5..7);
    if offset.starts_with('-') { -size } else { size }
}

fn observances(file: &str) -> Vec<Observance> {
    let calendar = read(file);
    let zone = calendar.components.iter().find(|component| component.name == "VTIMEZONE").expect("a zone");
    let observance = |part: &icalendar::parser::Component<'_>| {
        assert!(part.name == "STANDARD" || part.name == "DAYLIGHT");
        let begins = DateTime::strptime("%Y%m%dT%H%M%S", value(part, "DTSTART")).expect("a time");
        let from = Offset::from_seconds(seconds(&value(part, "TZOFFSETFROM"))).expect("an offset");
        let begins = from.to_timestamp(begins).expect("an instant");
        Observance { begins, to: seconds(&value(part, "TZOFFSETTO")) }
    };
    zone.components.iter().map(observance).collect()
}

// I1: by an oracle, for every zone there is, over every year that sessions are booked in for now
#[test]
fn every_zone_is_explained_as_its_clocks_go() {
    let (first, last) = (at("2024-01-01T00:00:00Z"), at("2037-12-31T00:00:00Z"));
    let day = SignedDuration::from_hours(24);
    let mut zones = 0;
    for name in jiff::tz::db().available() {
        let Ok(zone) = Zone::parse(name.as_str()) else { continue };
        zones += 1;
        let mut from = first;
        while from < last {
            let to = from + day * 396;
            let minutes = |start: Timestamp| event(&start.to_string(), 60, "Session");
            let found = observances(&file(&zone, vec![minutes(from), minutes(to)]));
            let tz = zone.time_zone();
            let turns = tz.following(from).map(|turn| turn.timestamp()).take_while(|turn| *turn < to);
            let second = SignedDuration::from_secs(1);
            let around = turns.flat_map(|turn| [turn - second, turn, turn + second]);
            let samples = (0..40).map(|n| from + day * n * 10).chain(around).filter(|at| (from..=to).contains(at));
            for sample in samples {
                let holds = found.iter().filter(|one| one.begins <= sample).max_by_key(|one| one.begins);
                let shown = holds.map(|one| one.to);
                assert_eq!(shown, Some(tz.to_offset(sample).seconds()), "{} at {sample}", zone.name());
            }
            from += day * 365;
        }
    }
    assert!(zones > 400, "{zones} zones");
}
