//! Lists as practices really have them, made up after public reports of trouble: each reads as its writer meant it.

use std::collections::BTreeSet;

use super::analysis::Analysis;
use super::cells;
use super::dates::DateOrder;
use super::dialect::Dialect;
use super::plan::{Answers, ChosenColumn, Options, Plan};
use super::questions::QuestionCode;
use super::reader::Record;
use super::row::{ImportedClient, Parsed, RowWarning};
use super::samples::{self, today, us};
use super::status;
use super::target::Target;
use crate::domain::email::EmailAddress;
use crate::domain::phone::{Phone, Region};

macro_rules! report {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/reports/", $name)).as_slice()
    };
}

/// A list as it was read.
struct Read {
    dialect: Dialect,
    analysis: Analysis,
    plan: Plan,
    rows: Vec<(Record, Parsed)>,
}

impl Read {
    fn with(bytes: &[u8], region: Option<Region>, answers: &str, columns: &[(&str, Target)]) -> Self {
        let (dialect, analysis) = samples::analysis(bytes, region).expect("an analysis");
        let answers: Answers = serde_json::from_str(answers).expect("answers");
        let chosen = |(column, target): &(&str, Target)| ChosenColumn { column: (*column).to_owned(), target: *target };
        let columns: Vec<ChosenColumn> = columns.iter().map(chosen).collect();
        let plan = Plan::build(&dialect, &analysis, &columns, &answers, Options::default(), region, today());
        let plan = plan.expect("a plan");
        let records = samples::records(&plan.dialect, bytes);
        let rows = records.into_iter().map(|record| (record.clone(), plan.parse(&record))).collect();
        Self { dialect, analysis, plan, rows }
    }

    fn of(bytes: &[u8]) -> Self {
        Self::with(bytes, us(), "{}", &[])
    }

    fn asked(&self) -> Vec<(QuestionCode, Option<String>)> {
        self.plan.questions.iter().map(|question| (question.code, question.column.clone())).collect()
    }

    #[track_caller]
    fn ready(self) -> Self {
        assert_eq!(self.asked(), []);
        self
    }

    fn clients(&self) -> Vec<&ImportedClient> {
        let client = |(_, parsed): &'_ (Record, Parsed)| matches!(parsed, Parsed::Row(_));
        let rows = self.rows.iter().filter(|row| client(row));
        rows.filter_map(|(_, parsed)| if let Parsed::Row(client) = parsed { Some(&**client) } else { None }).collect()
    }

    fn names(&self) -> Vec<(&str, &str)> {
        self.clients().into_iter().map(|client| (client.first_name.as_str(), client.last_name.as_str())).collect()
    }

    /// Line and code of the rows that are no clients.
    fn left(&self) -> Vec<(u64, &'static str)> {
        let code = |(record, parsed): &(Record, Parsed)| match parsed {
            Parsed::Row(_) => None,
            Parsed::LeftOut(code) => Some((record.line, *code)),
            Parsed::Failed(failure) => Some((failure.line, failure.code)),
        };
        self.rows.iter().filter_map(code).collect()
    }

    fn target(&self, column: &str) -> Option<Target> {
        self.plan.mapping(&self.analysis, self.dialect.encoding).iter().find(|m| m.column == column).map(|m| m.target)
    }
}

fn email(client: &ImportedClient) -> Option<&str> {
    client.email.as_ref().map(EmailAddress::as_str)
}

fn phone(client: &ImportedClient) -> Option<&str> {
    client.phone.as_ref().map(Phone::e164)
}

fn born(client: &ImportedClient) -> Option<String> {
    client.date_of_birth.map(|day| day.to_string())
}

// C7: every physical row is accounted for
#[test]
fn a_stray_quotation_mark_fails_its_line_and_the_others_come_in() {
    let read = Read::of(report!("01-stray-quote-to-eof.csv")).ready();
    assert_eq!((read.rows.len(), read.clients().len(), read.left()), (30, 29, vec![(6, "quote_broken")]));
    let Some((_, Parsed::Failed(failure))) = read.rows.get(4) else { panic!("a failure") };
    assert!(failure.fix.contains("quotation mark"));
}

// C7: quotation marks that keep the rule may swallow rows all the same, and are told with the lines
#[test]
fn rows_between_quotation_marks_are_no_text() {
    let csv = "First Name,Last Name,Email,Notes\nAda,Lee,ada@mail.example,\"tall\nBo,Li,bo@mail.example,6\"\nCy,Ko,c@mail.example,\n";
    let read = Read::of(csv.as_bytes());
    assert_eq!((read.left(), read.names()), (vec![(2, "quote_broken")], vec![("Cy", "Ko")]));
    let Some((record, Parsed::Failed(failure))) = read.rows.first() else { panic!("a failure") };
    assert_eq!((record.last_line, failure.last_line), (3, 3));
    let text = "First Name,Last Name,Notes\nAda,Lee,\"Monday\nTuesday, 3pm, fine\n\"\n";
    assert_eq!(Read::of(text.as_bytes()).names(), [("Ada", "Lee")]);
}

// C6
#[test]
fn two_first_names_are_two_people() {
    for bytes in [report!("03-twins.csv"), report!("08-indic-identity.csv")] {
        let read = Read::of(bytes).ready();
        let [one, two] = read.clients()[..] else { panic!("two clients") };
        assert!(!one.identity().same(&two.identity()));
    }
}

// decision 13: asked, with the same rows by every choice; the answer is how the file is read
#[test]
fn an_encoding_that_is_not_proved_is_asked_for() {
    let mac = report!("06-macroman-cr.csv");
    let read = Read::of(mac);
    let question = read.plan.questions.first().expect("a question");
    assert_eq!(question.code, QuestionCode::Encoding);
    let lines: BTreeSet<usize> = question.samples.iter().map(|sample| sample.rows.len()).collect();
    assert_eq!((question.samples.len() > 1, lines), (true, BTreeSet::from([2])));
    assert!(question.samples.iter().any(|sample| sample.rows == ["José,Müller", "Zoë,Grünwald"]));
    let read = Read::with(mac, us(), r#"{"encoding": "macintosh"}"#, &[]).ready();
    assert_eq!(read.names(), [("José", "Müller"), ("Zoë", "Grünwald")]);
    let read = Read::with(report!("06b-cp1250.csv"), us(), r#"{"encoding": "windows-1250"}"#, &[]).ready();
    assert_eq!(read.names(), [("Łukasz", "Wójcik"), ("Jiří", "Dvořák")]);
}

// b.3: what stands for nothing is nothing
#[test]
fn words_for_no_value_are_empty_cells() {
    let read = Read::of(report!("09-no-value-words.csv")).ready();
    assert_eq!((read.clients().len(), read.left()), (6, vec![]));
    assert!(read.clients().iter().all(|c| c.email.is_none() && c.phone.is_none() && c.date_of_birth.is_none()));
    for cell in ["n/a", "None", "-", "unknown", "--", "N.A.", "keine Angabe", "#N/A", "?"] {
        assert!(cells::is_filler(cell), "{cell}");
    }
    for date in ["0000-00-00", "0/0/00", "1/0/1900", "00.00.0000", "1900-01-00", "12/30/1899", "0001-01-01", "0"] {
        assert!(super::dates::is_filler(date), "{date}");
    }
    assert!(!super::dates::is_filler("1/10/1900") && !super::dates::is_filler("2000-10-10"));
}

// b.3
#[test]
fn a_text_formula_is_its_text() {
    let read = Read::of(report!("10-text-formula.csv")).ready();
    let [ada, bo] = read.clients()[..] else { panic!("two clients") };
    assert_eq!((ada.external_id.as_ref().map(|id| id.as_str()), ada.first_name.as_str()), (Some("00123"), "Ada"));
    assert_eq!(bo.address.postal_code.as_ref().map(|code| code.as_str()), Some("02135"));
    assert_eq!(born(bo).as_deref(), Some("1970-03-16"));
}

// C8: flags of either sense, phrases
#[test]
fn an_ended_treatment_is_told_in_many_ways() {
    let read = Read::of(report!("12-archived-flag.csv")).ready();
    assert_eq!(read.clients().iter().map(|client| client.inactive).collect::<Vec<_>>(), [true, false]);
    for phrase in
        ["Inactive Client", "Former Client", "Closed - completed", "Not active", "ehemaliger Klient", "Inactif"]
    {
        assert_eq!(status::inactive(phrase), Some(true), "{phrase}");
    }
    for phrase in ["Active Client", "New client", "Waiting list", "laufend", "not closed"] {
        assert_eq!(status::inactive(phrase), Some(false), "{phrase}");
    }
}

// C2: the header is found below titles
#[test]
fn titles_and_totals_are_no_clients() {
    let read = Read::of(report!("13-report-title.csv")).ready();
    assert_eq!((read.plan.dialect.header_line(), read.names()), (Some(4), vec![("Ada", "Lee"), ("Bo", "Berg")]));

    let read = Read::of(report!("32-own-list.csv")).ready();
    assert_eq!(read.names(), [("Nora", "Quist"), ("Teo", "Marín Jr."), ("Aiko", "Sato")]);
    assert_eq!(read.left(), [(7, "total_row")]);
    let [nora, teo, aiko] = read.clients()[..] else { panic!("three clients") };
    assert_eq!((born(nora).as_deref(), phone(nora)), (Some("1970-03-16"), Some("+14155550101")));
    assert_eq!((born(teo).as_deref(), phone(teo)), (Some("1988-11-02"), Some("+12125550102")));
    assert_eq!((aiko.email.is_none(), aiko.phone.is_none()), (true, true));
    assert_eq!(nora.join_date.map(|day| day.to_string()).as_deref(), Some("2024-01-05"));
    assert_eq!(teo.diagnosis.as_ref().map(|text| text.as_str()), Some("F32.9, F41.1"));
    assert_eq!(teo.assigned_staff.as_deref(), Some("Ines Berg LMFT"));
}

// C2: a header that is not certain is asked for, with the rows it could be
#[test]
fn a_header_below_titles_that_nobody_knows_is_asked_for() {
    let csv = "Rapport\nAlpha,Bravo,Charlie\nAda,Lee,x\nBo,Berg,y\n";
    let read = Read::of(csv.as_bytes());
    let question = read.plan.questions.first().expect("a question");
    assert_eq!((question.code, question.samples.len()), (QuestionCode::HeaderRow, 4));
    let columns = [("Alpha", Target::FirstName), ("Bravo", Target::LastName), ("Charlie", Target::Ignore)];
    let read = Read::with(csv.as_bytes(), us(), r#"{"header_row": 2}"#, &columns).ready();
    assert_eq!((read.names(), read.plan.rows_total), (vec![("Ada", "Lee"), ("Bo", "Berg")], 2));
}

// C2, C3
#[test]
fn twin_headers_get_numbers_and_can_be_mapped() {
    let read = Read::of(report!("14-twin-headers.csv")).ready();
    assert_eq!(read.plan.dialect.columns, ["First Name", "Last Name", "Notes", "Email", "Notes (2)"]);
    let mapped = [("Notes", Target::Occupation), ("Notes (2)", Target::Tags)];
    let read = Read::with(report!("14-twin-headers.csv"), us(), "{}", &mapped).ready();
    let client = read.clients()[0];
    assert_eq!(client.occupation.as_ref().map(|text| text.as_str()), Some("a"));
    assert_eq!(client.tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>(), ["b"]);
}

// C2: the brackets of a header decide the order of its dates
#[test]
fn a_header_that_says_its_order_of_dates_is_believed() {
    let read = Read::of(report!("15-header-hints.csv")).ready();
    let ada = read.clients()[0];
    assert_eq!((born(ada).as_deref(), phone(ada)), (Some("1990-02-01"), Some("+14155550134")));
    assert_eq!(read.plan.date_orders.values().collect::<Vec<_>>(), [&DateOrder::Dmy]);
    // Cells that prove the opposite are asked about.
    let csv = "Name,Birthday (DD/MM/YYYY)\nAda Lee,03/16/1970\n";
    assert_eq!(Read::of(csv.as_bytes()).asked()[0].0, QuestionCode::DateOrder);
}

// C3: never a silent `ignore`
#[test]
fn a_column_that_nobody_understands_is_a_question() {
    let csv = b"Name,Shoe size,Empty one\nAda Lee,39,\n";
    let read = Read::of(csv);
    assert_eq!(read.asked(), [(QuestionCode::UnknownColumn, Some("Shoe size".to_owned()))]);
    let choices = &read.plan.questions[0].choices;
    assert!(choices.contains(&"ignore".into()) && choices.contains(&"occupation".into()));
    let read = Read::with(csv, us(), "{}", &[("Shoe size", Target::Ignore)]).ready();
    assert_eq!(read.names(), [("Ada", "Lee")]);
}

// C2
#[test]
fn particles_titles_and_single_names_are_read_whole() {
    let read = Read::of(report!("16-particles.csv")).ready();
    let wanted = [
        ("José", "Ortega y Gasset"),
        ("Jan", "van 't Hoff"),
        ("Maria", "dos Santos e Silva"),
        ("Ludwig", "von und zu Stein"),
        ("Jane", "Doe"),
        ("Jane", "Doe"),
    ];
    assert_eq!(read.names(), wanted);
    let titled = |client: &&ImportedClient| client.warnings.contains(&RowWarning::TitleLeftOut);
    assert_eq!(read.clients().iter().map(titled).collect::<Vec<_>>(), [false, false, false, false, true, true]);
    assert_eq!(Read::of(report!("17-mononym.csv")).ready().names(), [("Aiko", "")]);
}

// b.2
#[test]
fn a_second_phone_stands_in_for_a_first_that_is_none() {
    let read = Read::of(report!("18-second-phone.csv")).ready();
    let [ada, bo] = read.clients()[..] else { panic!("two clients") };
    assert_eq!((phone(ada), phone(bo)), (Some("+14155550101"), Some("+12125550103")));
    assert!(ada.warnings.contains(&RowWarning::PhoneExtraDropped));
    let bad = Read::of(b"Name,Mobile,Home Phone,Email,Email 2\nAda Lee,12,212 555 0103,nonsense,a@b.example\n");
    let ada = bad.clients()[0];
    assert_eq!((phone(ada), email(ada)), (Some("+12125550103"), Some("a@b.example")));
    assert!(
        ada.warnings.contains(&RowWarning::PhoneExtraDropped) && ada.warnings.contains(&RowWarning::EmailExtraDropped)
    );
}

// b.3
#[test]
fn empty_cells_that_are_cut_off_are_empty() {
    let read = Read::of(report!("19-ragged.csv")).ready();
    assert_eq!(read.names(), [("Ada", "Lee"), ("Bo", "Berg")]);
    assert_eq!(
        read.clients().iter().map(|client| email(client)).collect::<Vec<_>>(),
        [Some("al@mail.example"), Some("bb@mail.example")]
    );
}

// C1: address books
#[test]
fn an_address_book_comes_in_whole() {
    for bytes in [report!("30-outlook-92-columns.csv"), report!("31-outlook-trimmed.csv")] {
        let read = Read::of(bytes).ready();
        assert_eq!(read.left(), []);
        assert_eq!(read.names(), [("Nora", "Quist"), ("René", "Dubois"), ("Sofía", "O'Hara"), ("Harbor", "")]);
        let [nora, rene, sofia, _] = read.clients()[..] else { panic!("four people") };
        assert_eq!((email(nora), phone(nora)), (Some("nora.quist@mail.example"), Some("+14155550101")));
        assert_eq!(born(nora).as_deref(), Some("1970-03-16"));
        assert_eq!(nora.tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>(), ["Couples", "EMDR"]);
        assert_eq!(nora.address.city.as_ref().map(|city| city.as_str()), Some("Albany"));
        assert_eq!((phone(rene), rene.date_of_birth, rene.gender.is_none()), (Some("+12125550102"), None, true));
        assert_eq!(sofia.gender.as_ref().map(|text| text.as_str()), Some("Female"));
    }
    let read = Read::of(report!("37-google-contacts-old.csv")).ready();
    assert_eq!(read.names(), [("Nora", "Quist"), ("Teo", "Marín"), ("Zoë", "")]);
    let [nora, teo, zoe] = read.clients()[..] else { panic!("three people") };
    assert_eq!(
        (email(nora), phone(nora), born(nora).as_deref()),
        (Some("nora.quist@mail.example"), Some("+14155550101"), Some("1970-03-16"))
    );
    assert_eq!(nora.tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>(), ["Couples"]);
    assert_eq!((phone(teo), teo.tags.len(), phone(zoe)), (Some("+12125550102"), 0, Some("+12125550104")));
}

// b.3: a birthday without a year is left out, which is told
#[test]
fn a_birthday_without_a_year_is_left_out() {
    for cell in ["--02-14", "14.02.", "Feb 14", "14. Februar", "2/14"] {
        let csv = format!("Name,Birthday\nAda Lee,{cell}\nBo Li,1990-01-31\n");
        let read = Read::of(csv.as_bytes()).ready();
        let ada = read.clients()[0];
        assert_eq!((ada.date_of_birth, ada.warnings.contains(&RowWarning::YearMissing)), (None, true), "{cell}");
    }
}

// C1: practice systems
#[test]
fn exports_of_practice_systems_come_in_without_mapping() {
    let read = Read::of(report!("33-intakeq.csv")).ready();
    assert_eq!(read.names(), [("Nora", "Quist"), ("Teo", "Marín"), ("Aiko", "Sato")]);
    let [nora, teo, aiko] = read.clients()[..] else { panic!("three clients") };
    assert_eq!((nora.external_id.as_ref().map(|id| id.as_str()), phone(teo)), (Some("1001"), Some("+12125550102")));
    assert_eq!(nora.address.street.as_ref().map(|street| street.as_str()), Some("12 Elm St\n4B"));
    assert_eq!((nora.inactive, teo.inactive, aiko.inactive), (false, true, false));
    assert_eq!((nora.assigned_staff.as_deref(), nora.tags.len()), (Some("Ines Berg"), 2));
    assert_eq!(nora.join_date.map(|day| day.to_string()).as_deref(), Some("2024-01-05"));

    let read = Read::of(report!("34-acuity.csv")).ready();
    assert_eq!(read.names(), [("Nora", "Quist"), ("Teo", "Marín"), ("Aiko", ""), ("Lena and Tom", "Voss")]);
    assert_eq!(phone(read.clients()[0]), Some("+14155550101"));

    let read = Read::of(report!("35-calendly.csv")).ready();
    assert_eq!(read.names(), [("Nora", "Quist"), ("Nora", "Quist"), ("Teo", "Marín")]);
    assert_eq!((email(read.clients()[2]), phone(read.clients()[0])), (Some("teo@mail.example"), Some("+14155550101")));

    let read = Read::with(report!("36-german-excel.csv"), Region::parse("DE").ok(), "{}", &[]).ready();
    assert_eq!(read.names()[..2], [("Änne", "Müller-Lüdenscheidt"), ("Jürgen", "Weiß")]);
    let [anne, jurgen, ..] = read.clients()[..] else { panic!("two clients") };
    assert_eq!((born(anne).as_deref(), phone(anne)), (Some("1990-02-13"), Some("+491715550123")));
    assert_eq!(anne.address.postal_code.as_ref().map(|code| code.as_str()), Some("01067"));
    assert_eq!(born(jurgen).as_deref(), Some("1962-03-05"));
    assert_eq!(jurgen.assigned_staff.as_deref(), Some("Ines Berg"));
}

// C2: headers of other languages
#[test]
fn headers_are_understood_in_five_languages() {
    let lists = [
        "Vorname;Nachname;E-Mail-Adresse;Handy;Geburtsdatum\nÄnne;Voß;a@mail.example;+49 171 5550123;13.02.1990\n",
        "Prénom;Nom;Courriel;Téléphone portable;Date de naissance\nÄnne;Voß;a@mail.example;+49 171 5550123;13/02/1990\n",
        "Nombre;Apellidos;Correo electrónico;Teléfono móvil;Fecha de nacimiento\nÄnne;Voß;a@mail.example;+49 171 5550123;13/02/1990\n",
        "Voornaam;Achternaam;E-mailadres;Mobiel nummer;Geboortedatum\nÄnne;Voß;a@mail.example;+49 171 5550123;13-02-1990\n",
        "First Name;Surname;E-mail;Cell;Birth Date\nÄnne;Voß;a@mail.example;+49 171 5550123;13 February 1990\n",
    ];
    for list in lists {
        let read = Read::of(list.as_bytes()).ready();
        assert_eq!(read.names(), [("Änne", "Voß")], "{list}");
        let anne = read.clients()[0];
        let facts = (email(anne), phone(anne), born(anne));
        assert_eq!(facts, (Some("a@mail.example"), Some("+491715550123"), Some("1990-02-13".to_owned())), "{list}");
    }
    assert_eq!(Read::of(lists[0].as_bytes()).target("Handy"), Some(Target::Phone));
}
