//! Lists that nobody wrote: what comes in is what went out, or its row is told (C4, C7).

use caseload::domain::import::analysis::Analyzer;
use caseload::domain::import::bytes::Sniffer;
use caseload::domain::import::dialect::Dialect;
use caseload::domain::import::plan::{Answers, Options, Plan};
use caseload::domain::import::questions::{Choice, QuestionCode};
use caseload::domain::import::reader::{Reader, Record};
use caseload::domain::import::refusal::FileRefusal;
use caseload::domain::import::row::Parsed;
use caseload::domain::import::run::Place;
use caseload::domain::phone::Region;
use end_to_end::World;
use end_to_end::lists::{Dice, List, Somebody};
use serde_json::{Value, json};

fn records(dialect: &Dialect, bytes: &[u8]) -> Result<Vec<Record>, FileRefusal> {
    let place = Place::first(dialect);
    let mut reader = Reader::new(dialect, place);
    reader.feed(bytes.get(usize::try_from(place.offset).expect("small")..).unwrap_or_default());
    reader.finish();
    std::iter::from_fn(|| reader.next_record()).collect()
}

/// What a practice would answer: it knows its own list.
fn answers(list: &List, plan: &Plan) -> Value {
    let mut answers = json!({});
    for question in &plan.questions {
        match question.code {
            QuestionCode::Encoding => {
                let choice = Choice::Name(list.encoding.to_owned());
                let known = question.choices.contains(&choice);
                // One that reads alike stands for it.
                let alike = question.choices.first().cloned().unwrap_or(choice.clone());
                answers["encoding"] = serde_json::to_value(if known { choice } else { alike }).expect("json");
            }
            QuestionCode::HeaderRow => answers["header_row"] = json!(list.header_line),
            QuestionCode::HasHeader => answers["has_header"] = json!(true),
            QuestionCode::DateOrder => {
                let column = question.column.clone().unwrap_or_default();
                answers["date_order"][column] = json!(if list.order == "iso" { "dmy" } else { list.order });
            }
            QuestionCode::PhoneCountry => answers["phone_country"] = json!("US"),
            QuestionCode::NameMissing | QuestionCode::UnknownColumn | QuestionCode::DuplicateTarget => {}
        }
    }
    answers
}

/// The rows of a list as they are read; why not, where it is refused or something is left to ask.
fn read(list: &List, bytes: &[u8]) -> Result<Vec<(Record, Parsed)>, String> {
    let refused = |refusal: FileRefusal| refusal.code().to_owned();
    let mut sniffer = Sniffer::new();
    sniffer.feed(bytes).map_err(refused)?;
    let dialect = Dialect::detect(&sniffer.finish().map_err(refused)?, bytes).map_err(refused)?;
    let region = Region::parse("US").ok();
    let mut analyzer = Analyzer::new(&dialect, region);
    records(&dialect, bytes).map_err(refused)?.iter().for_each(|record| analyzer.record(record));
    let analysis = analyzer.finish().map_err(refused)?;
    let today = "2026-11-21".parse().expect("a day");
    let build = |answers: &Answers| {
        let plan = Plan::build(&dialect, &analysis, &[], answers, Options::default(), region, today);
        plan.map_err(|refusals| format!("{refusals:?}"))
    };
    let mut plan = build(&Answers::default())?;
    if !plan.is_ready() {
        plan = build(&serde_json::from_value(answers(list, &plan)).expect("answers"))?;
    }
    if !plan.is_ready() {
        return Err(format!("{:?}", plan.questions));
    }
    let rows = records(&plan.dialect, bytes).map_err(refused)?;
    Ok(rows.into_iter().map(|record| (record.clone(), plan.parse(&record))).collect())
}

/// The people of a list as they came in.
fn people(rows: &[(Record, Parsed)]) -> Vec<Somebody> {
    let client = |(_, parsed): &(Record, Parsed)| match parsed {
        Parsed::Row(client) => Some(Somebody {
            first: client.first_name.as_str().to_owned(),
            last: client.last_name.as_str().to_owned(),
            email: client.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
            phone: client.phone.as_ref().map(|phone| phone.e164().to_owned()),
            born: client.date_of_birth.map(|day| (day.year(), day.month(), day.day())),
            street: client.address.street.as_ref().map(|street| street.as_str().to_owned()),
        }),
        Parsed::LeftOut(_) | Parsed::Failed(_) => None,
    };
    rows.iter().filter_map(client).collect()
}

// C4, C7: what comes in is what went out
#[test]
fn two_thousand_lists_of_any_dialect_come_in_as_they_went_out() {
    for seed in 0..2000 {
        let list = List::of(seed);
        let rows = read(&list, &list.bytes).unwrap_or_else(|why| panic!("list {seed}: {why}\n{}", shown(&list)));
        assert_eq!(people(&rows), list.people, "list {seed}\n{}", shown(&list));
    }
}

/// The physical line of a byte, as the encoding has lines.
fn line_of(bytes: &[u8], at: usize, encoding: &str) -> u64 {
    let wide = encoding.starts_with("utf-16");
    let units: Vec<u8> = if wide {
        let big = encoding.ends_with("be");
        let unit = |pair: &[u8]| match (pair, big) {
            ([0, low], true) | ([low, 0], false) => *low,
            _ => u8::MAX,
        };
        bytes.get(..at).unwrap_or(bytes).chunks(2).map(unit).collect()
    } else {
        bytes.get(..at).unwrap_or(bytes).to_vec()
    };
    let mut line = 1;
    for (at, unit) in units.iter().enumerate() {
        let after_return = at.checked_sub(1).and_then(|at| units.get(at)) == Some(&b'\r');
        line += u64::from(*unit == b'\r' || (*unit == b'\n' && !after_return));
    }
    line
}

// C7: one byte changed, removed or doubled, and still nobody is lost without a word
#[test]
fn a_slip_in_a_list_loses_nobody_without_a_word() {
    for seed in 0..2000 {
        let list = List::of(seed);
        let mut dice = Dice::new(seed ^ 0xFACE);
        let (mut bytes, at) = (list.bytes.clone(), dice.roll(list.bytes.len()));
        let shift = match dice.roll(3) {
            0 => {
                bytes[at] = [b'"', b',', b'\n', b'x', 0xE9][dice.roll(5)];
                0
            }
            1 => {
                bytes.remove(at);
                -1
            }
            _ => {
                bytes.insert(at, bytes[at]);
                1
            }
        };
        // A list that is refused, or asked about, has lost nobody.
        let Ok(rows) = read(&list, &bytes) else { continue };
        for (person, start) in list.people.iter().zip(&list.starts) {
            let start = if *start > at { start.saturating_add_signed(shift) } else { *start };
            let line = line_of(&bytes, start, list.encoding);
            let accounted = |(record, parsed): &(Record, Parsed)| match parsed {
                Parsed::Row(_) | Parsed::LeftOut(_) => record.line == line,
                Parsed::Failed(failure) => (failure.line..=failure.last_line).contains(&line),
            };
            let in_header = rows.first().is_none_or(|(record, _)| record.line > line);
            let come = people(&rows).iter().any(|other| other.email == person.email);
            assert!(
                come || in_header || rows.iter().any(accounted),
                "list {seed}, byte {at}, {shift}: {} in line {line}\n{}",
                person.email,
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}

fn shown(list: &List) -> String {
    format!("{} {}\n{}", list.encoding, list.order, String::from_utf8_lossy(&list.bytes))
}

// C1, C7: the same over HTTP
#[tokio::test]
async fn twenty_lists_come_in_over_http() {
    let world = World::start().await;
    for seed in 0..20 {
        let list = List::of(seed);
        let practice = world.practice(&format!("list{seed}")).await;
        let owner = &practice.owner;
        let body = json!({"file_name": "clients.csv", "size": list.bytes.len()});
        let import = owner.post("/v1/imports", body).await.expect(201);
        let path = format!("/v1/imports/{}", import.text("/id"));
        owner.upload(&import.at("/upload"), list.bytes.clone()).await.expect(200);
        world.cloud.settled().await;
        let seen = owner.get(&path).await.expect(200);
        if seen.text("/state") != "ready" {
            let mut given = json!({});
            for question in seen.at("/questions").as_array().into_iter().flatten() {
                match question["code"].as_str() {
                    Some("encoding") => given["encoding"] = json!(list.encoding),
                    Some("header_row") => given["header_row"] = json!(list.header_line),
                    Some("phone_country") => given["phone_country"] = json!("US"),
                    Some("date_order") => {
                        let column = question["column"].as_str().expect("a column").to_owned();
                        given["date_order"][column] = json!(if list.order == "iso" { "dmy" } else { list.order });
                    }
                    code => panic!("list {seed}: {code:?}"),
                }
            }
            let mapped = owner.put(&format!("{path}/mapping"), json!({"answers": given})).await.expect(200);
            assert_eq!(mapped.text("/state"), "ready", "{}", mapped.json());
        }
        owner.do_post(&format!("{path}/commit")).await.expect(202);
        world.cloud.settled().await;
        let done = owner.get(&path).await.expect(200);
        assert_eq!(done.at("/counts/created"), json!(list.people.len()), "list {seed}: {}", done.json());
        let found = owner.post("/v1/clients/search", json!({"q": list.people[0].email})).await.expect(200);
        assert_eq!(found.text("/items/0/first_name"), list.people[0].first, "list {seed}");
    }
}
