//! Sessions in the calendars of those they concern: the files of mails, and feeds (I1, I7, S2).

mod everybody;
mod feeds;
mod mails;

use std::collections::BTreeMap;

use calcard::common::IanaString as _;
use calcard::icalendar::{ICalendarComponentType, ICalendarProperty};
use end_to_end::{Persona, Practice, World};
use serde_json::{Value, json};

/// Theo with his client Maya, who comes in.
struct Cast {
    world: World,
    practice: Practice,
    theo: Persona,
    maya: String,
    portal: Persona,
}

const MAYA: &str = "maya@mail.example";

impl Cast {
    async fn start(slug: &str) -> Self {
        let world = World::start().await;
        let practice = world.practice(slug).await;
        let theo = practice.hires("Theo", "Therapist").await;
        let (maya, portal) = practice.portal_client("Maya").await;
        practice.owner.gives(&maya, Some(&theo), json!({})).await.expect(200);
        Self { world, practice, theo, maya, portal }
    }

    fn theos_address(&self) -> String {
        format!("theo@{}.example", self.practice.slug)
    }

    /// The subjects of the mails to somebody about sessions, the newest first.
    async fn told(&self, to: &str) -> Vec<String> {
        let about = |subject: &str| {
            subject.contains("session") || subject.contains("request") || subject.contains("another time")
        };
        let mails = self.world.mails(to).await;
        let subjects = mails.iter().map(|mail| mail["subject"].as_str().unwrap_or_default().to_owned());
        subjects.filter(|subject| about(subject)).collect()
    }
}

/// Minutes from now of a time on a day to come.
const fn at(day: i64, minutes: i64) -> (i64, i64) {
    (day * 1440 + minutes, day * 1440 + minutes + 50)
}

/// An event by the names of its properties; those of its calendar under `calendar.`.
type Read = BTreeMap<String, String>;

/// The events of a file, read by two parsers that know nothing of each other, after a look at its lines.
fn events(file: &str) -> Vec<Read> {
    assert!(file.starts_with("BEGIN:VCALENDAR\r\n") && file.ends_with("END:VCALENDAR\r\n"), "{file}");
    for line in file.trim_end_matches("\r\n").split("\r\n") {
        assert!(!line.contains(['\r', '\n']) && (1..=75).contains(&line.len()), "{line:?}");
    }
    let (first, second) = (by_icalendar(file), by_calcard(file));
    let alike = first.iter().map(|event| (event["UID"].clone(), event["SUMMARY"].clone(), event["STATUS"].clone()));
    assert_eq!(alike.collect::<Vec<_>>(), second, "the parsers read alike");
    first
}

fn by_icalendar(file: &str) -> Vec<Read> {
    let unfolded = icalendar::parser::unfold(file);
    let calendar = icalendar::parser::read_calendar(&unfolded).expect("a calendar");
    let zones: Vec<String> = calendar
        .components
        .iter()
        .filter(|component| component.name == "VTIMEZONE")
        .filter_map(|zone| zone.find_prop("TZID").map(|id| id.val.as_ref().to_owned()))
        .collect();
    let of_calendar =
        calendar.properties.iter().map(|one| (format!("calendar.{}", one.name), one.val.as_ref().to_owned()));
    let of_calendar: Read = of_calendar.collect();
    let event = |component: &icalendar::parser::Component<'_>| {
        let mut read = of_calendar.clone();
        for one in &component.properties {
            read.insert(one.name.as_ref().to_owned(), one.val.as_ref().to_owned());
            for parameter in one.params.iter().filter(|parameter| parameter.key == "TZID") {
                let zone = parameter.val.as_ref().expect("a zone").as_ref().to_owned();
                assert!(zones.contains(&zone), "{zone} is not explained");
                read.insert(format!("{}.TZID", one.name), zone);
            }
        }
        read
    };
    calendar.components.iter().filter(|component| component.name == "VEVENT").map(event).collect()
}

fn by_calcard(file: &str) -> Vec<(String, String, String)> {
    let calcard::Entry::ICalendar(calendar) = calcard::Parser::new(file).entry() else { panic!("no calendar: {file}") };
    let text = |component: &calcard::icalendar::ICalendarComponent, name: &ICalendarProperty| {
        let entry = component.property(name).and_then(|entry| entry.values.first());
        match entry {
            Some(calcard::icalendar::ICalendarValue::Status(status)) => status.as_str().to_owned(),
            Some(value) => value.as_text().unwrap_or_default().to_owned(),
            None => String::new(),
        }
    };
    let events = calendar.components.iter().filter(|one| one.component_type == ICalendarComponentType::VEvent);
    let read = |one: &calcard::icalendar::ICalendarComponent| {
        let names = (ICalendarProperty::Uid, ICalendarProperty::Summary, ICalendarProperty::Status);
        (text(one, &names.0), text(one, &names.1), text(one, &names.2))
    };
    events.map(read).collect()
}

/// The file that came with a mail: what it is, and the one event in it.
fn attached(mail: &Value) -> (String, Read) {
    let files = mail["attachments"].as_array().expect("attachments");
    let [file] = files.as_slice() else { panic!("{} files with {mail}", files.len()) };
    assert_eq!(file["file_name"], "session.ics");
    let mut events = events(file["text"].as_str().expect("a text"));
    assert_eq!(events.len(), 1);
    (file["content_type"].as_str().expect("a type").to_owned(), events.remove(0))
}
