use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use crate::domain::ids::{ClientId, FormId, PacketId, PracticeId, SentPacketId, StaffId};
use crate::domain::paperwork::*;
use crate::domain::session::PrincipalId;
use crate::domain::text::{ChoiceText, FormText, FormTitle, PacketName, QuestionLabel, SignedName};
use crate::store::item::{Entity, from_item, to_item};

const KINDS: [QuestionKind; 8] = [
    QuestionKind::ShortText,
    QuestionKind::LongText,
    QuestionKind::YesNo,
    QuestionKind::Choice,
    QuestionKind::Choices,
    QuestionKind::Number,
    QuestionKind::Date,
    QuestionKind::Scale,
];

fn practice() -> PracticeId {
    PracticeId::from_uuid(Uuid::from_u128(1))
}

fn form_id(n: u128) -> FormId {
    FormId::from_uuid(Uuid::from_u128(n))
}

fn option(n: usize) -> ChoiceText {
    ChoiceText::parse(&format!("Option {n}")).unwrap()
}

fn question(n: usize, kind: QuestionKind, required: bool) -> Question {
    let options = if kind.has_options() { (0..3).map(option).collect() } else { Vec::new() };
    let key = QuestionKey::parse(&format!("q{n}")).unwrap();
    Question { key, label: QuestionLabel::parse("What?").unwrap(), kind, required, options, fills: None }
}

fn sent(questions: Vec<Question>) -> SentPacket {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let title = FormTitle::parse("About you").unwrap();
    let asked = FormContent { title: title.clone(), kind: FormKind::Questions, text: None, questions };
    let text = FormText::parse("I agree.").ok();
    let signed = FormContent { title, kind: FormKind::Consent, text, questions: Vec::new() };
    let form = |(n, content)| {
        let id = form_id(n);
        (id, Form { id, practice: practice(), version: 3, content, created_at: now, changed_at: now })
    };
    let forms: BTreeMap<FormId, Form> = [(7, asked), (8, signed)].map(form).into();
    let packet = Packet {
        id: PacketId::from_uuid(Uuid::from_u128(2)),
        practice: practice(),
        version: 1,
        name: PacketName::parse("Intake").unwrap(),
        forms: vec![form_id(7), form_id(8)],
        created_at: now,
    };
    let client = ClientId::from_uuid(Uuid::from_u128(3));
    let by = PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(4)));
    let new = NewPacket { id: SentPacketId::new(client, Uuid::from_u128(5)), by, due: None };
    SentPacket::new(new, &packet, &forms, now).unwrap()
}

fn any_given() -> impl Strategy<Value = Given> {
    prop_oneof![
        Just(Given::Nothing),
        Just(Given::Other),
        any::<bool>().prop_map(Given::YesNo),
        any::<f64>().prop_map(Given::Number),
        (-12_i32..12).prop_map(|n| Given::Number(f64::from(n))),
        (any::<i32>(), 1..2000_i32).prop_map(|(n, d)| Given::Number(f64::from(n) / f64::from(d))),
        any::<i32>().prop_map(|n| Given::Number(f64::from(n) / 1000.0)),
        any::<String>().prop_map(Given::Text),
        "[ -~\n]{0,40}".prop_map(Given::Text),
        (0..5_usize).prop_map(|n| Given::Text(format!("Option {n}"))),
        (1800..2300_i16, 0..14_u8, 0..33_u8).prop_map(|(y, m, d)| Given::Text(format!("{y}-{m:02}-{d:02}"))),
        proptest::collection::vec((0..4_usize).prop_map(|n| format!("Option {n}")), 0..5).prop_map(Given::Many),
    ]
}

/// What is kept of it: texts lose the blanks around them, and what is blank is nothing.
fn kept(given: &Given) -> Option<Given> {
    match given {
        Given::Nothing => None,
        Given::Text(text) if text.trim().is_empty() => None,
        Given::Many(many) if many.is_empty() => None,
        Given::Text(text) => Some(Given::Text(text.trim().trim_matches('\u{feff}').to_owned())),
        other => Some(other.clone()),
    }
}

proptest! {
    // S4: whatever is answered is refused with a pointer, or reads back the same from the table
    #[test]
    fn any_answers_are_refused_with_a_pointer_or_read_back_the_same(
        asked in proptest::collection::vec((0..KINDS.len(), any::<bool>()), 1..8),
        given in proptest::collection::vec((0..10_usize, any_given()), 0..10),
        stray in proptest::option::of(".{0,50}"),
    ) {
        let questions = asked.iter().enumerate().map(|(n, (kind, required))| question(n, KINDS[*kind], *required));
        let mut packet = sent(questions.collect());
        let mut of_form: BTreeMap<String, Given> = given.into_iter().map(|(n, given)| (format!("q{n}"), given)).collect();
        of_form.extend(stray.map(|key| (key, Given::YesNo(true))));
        let all = BTreeMap::from([(form_id(7), of_form.clone())]);
        match packet.read(&all) {
            Err(refused) => {
                prop_assert!(!refused.is_empty());
                for (pointer, _) in refused {
                    let form = format!("/{}", form_id(7));
                    prop_assert!(pointer.starts_with(&form) && pointer.matches('/').count() <= 2, "{}", pointer);
                }
            }
            Ok(answers) => {
                packet.save(answers, jiff::Timestamp::UNIX_EPOCH).unwrap();
                packet.sign(&SignedName::parse("Maya").unwrap(), None, jiff::Timestamp::UNIX_EPOCH, |_| "00".to_owned()).unwrap();
                let back: SentPacket = from_item(to_item(&packet).unwrap()).unwrap();
                prop_assert_eq!(&back, &packet);
                let read = back.answers.get(&form_id(7)).cloned().unwrap_or_default();
                for (key, given) in &of_form {
                    let answer = QuestionKey::parse(key).ok().and_then(|key| read.get(&key)).map(Answer::given);
                    prop_assert!(answer == kept(given), "{}", key);
                }
                let required: Vec<usize> = (0..asked.len()).filter(|n| asked[*n].1).collect();
                let open = required.iter().filter(|n| !read.contains_key(&QuestionKey::parse(&format!("q{n}")).unwrap()));
                prop_assert_eq!(packet.missing().len(), open.count());
                prop_assert_eq!(packet.submit(jiff::Timestamp::UNIX_EPOCH).is_ok(), packet.missing().is_empty());
            }
        }
    }
}

// S4: an item stays below what the table takes
#[test]
fn the_largest_packet_with_the_longest_answers_fits_into_an_item() {
    let mut packet = sent((0..100).map(|n| question(n, QuestionKind::LongText, false)).collect());
    let of = |count: usize| {
        let text = "ä".repeat(1000);
        let answers = (0..count).map(|n| (format!("q{n}"), Given::Text(text.clone()))).collect();
        BTreeMap::from([(form_id(7), answers)])
    };
    let answers = packet.read(&of(39)).unwrap();
    packet.save(answers, jiff::Timestamp::UNIX_EPOCH).unwrap();
    let stored = serde_json::to_vec(&Entity::to_row(&packet)).unwrap().len();
    let forms: usize = packet.forms.iter().map(|form| form.content.bytes()).sum();
    assert!(stored < 300_000 - (Packet::MAX_BYTES - forms), "{stored}");
    assert_eq!(packet.read(&of(40)), Err(vec![(String::new(), BadAnswer::TooLarge)]));
}

// S4
#[test]
fn a_library_counts_what_comes_and_goes() {
    let mut library = Library::empty(practice());
    let packet = |forms: &[u128]| Packet {
        id: PacketId::from_uuid(Uuid::from_u128(2)),
        practice: practice(),
        version: 1,
        name: PacketName::parse("Intake").unwrap(),
        forms: forms.iter().map(|n| form_id(*n)).collect(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
    };
    library.forms = Library::MAX_FORMS - 1;
    library.add_form().unwrap();
    assert_eq!(library.add_form(), Err(PaperworkRefusal::TooManyForms));
    library.add_packet(&packet(&[1, 2])).unwrap();
    library.add_packet(&packet(&[2])).unwrap();
    assert_eq!(library.remove_form(form_id(2)), Err(PaperworkRefusal::FormInUse));
    library.remove_packet(&packet(&[2]));
    library.remove_packet(&packet(&[1, 2]));
    library.remove_form(form_id(2)).unwrap();
    assert!(library.used.is_empty() && library.packets == 0);
    library.packets = Library::MAX_PACKETS;
    assert_eq!(library.add_packet(&packet(&[1])), Err(PaperworkRefusal::TooManyPackets));
}
