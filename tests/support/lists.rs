//! Lists of people as other products might have written them: names of twenty languages, in dialects drawn by lot.

use encoding_rs as rs;

/// Numbers that follow from a seed, so that a list that fails can be made again.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % sides.max(1) as u64).expect("small")
    }

    fn of<'a, T>(&mut self, many: &'a [T]) -> &'a T {
        &many[self.roll(many.len())]
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

/// First names, then last names, of one language.
const NAMES: [(&str, &str); 20] = [
    ("Ada Grace John", "Lee O'Hara Smith-Jones"),
    ("Jürgen Änne Grete", "Weiß Müller Größl"),
    ("Zoé François Renée", "Lefèvre Côté D'Arc"),
    ("José Begoña Íñigo", "Muñoz Peña Güell"),
    ("João Conceição Inês", "Gonçalves Simões Araújo"),
    ("Niccolò Giosuè Elena", "Rossi D'Angelo Cantù"),
    ("Daniël Zoë Sanne", "Bakker Smeets Ruïter"),
    ("Søren Åse Bjørn", "Jørgensen Ødegård Kjær"),
    ("Łukasz Małgorzata Jan", "Wójcik Żak Dąbrowska"),
    ("Jiří Šárka Tomáš", "Dvořák Černý Novák"),
    ("Zsófia György Ödön", "Szőke Kovács Fülöp"),
    ("Ștefan Ioana Mihai", "Țurcanu Păun Popescu"),
    ("Ayşe Gökhan İpek", "Yıldız Şahin Çağlar"),
    ("Γιώργος Ελένη Νίκος", "Παπαδόπουλος Νικολάου Κώστας"),
    ("Иван Ольга Сергей", "Петров Кузнецова Щукин"),
    ("नेहा राम रीमा", "शर्मा वर्मा जोशी"),
    ("محمد فاطمة يوسف", "الحسن خوري ناصر"),
    ("דוד שרה יוסף", "כהן לוי מזרחי"),
    ("花子 一郎 みゆき", "佐藤 鈴木 高橋"),
    ("민수 영희 지훈", "김 이 박"),
];

/// Somebody on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Somebody {
    pub first: String,
    pub last: String,
    pub email: String,
    /// As E.164.
    pub phone: Option<String>,
    /// Year, month, day.
    pub born: Option<(i16, i8, i8)>,
    pub street: Option<String>,
}

/// A list, and what it takes to read it.
#[derive(Debug, Clone)]
pub struct List {
    pub people: Vec<Somebody>,
    pub bytes: Vec<u8>,
    /// The byte where each person's row begins.
    pub starts: Vec<usize>,
    /// What to answer where it is asked: `dmy` or `mdy`, and the encoding.
    pub order: &'static str,
    pub encoding: &'static str,
    /// The physical line of the header.
    pub header_line: u64,
}

/// A column's cell.
#[derive(Clone, Copy)]
enum Cell {
    First,
    Last,
    Full,
    LastFirst,
    Email,
    Phone,
    Born,
    Street,
    Empty,
}

/// Ten layouts: the header, column by column.
const LAYOUTS: [&[(&str, Cell)]; 10] = [
    &[
        ("Client", Cell::Full),
        ("Email", Cell::Email),
        ("Phone", Cell::Phone),
        ("Date of Birth", Cell::Born),
        ("Address", Cell::Street),
    ],
    &[
        ("First Name", Cell::First),
        ("Middle Name", Cell::Empty),
        ("Last Name", Cell::Last),
        ("Email", Cell::Email),
        ("Mobile Phone", Cell::Phone),
        ("Birth Date", Cell::Born),
    ],
    &[
        ("Name", Cell::Full),
        ("FirstName", Cell::First),
        ("LastName", Cell::Last),
        ("Email", Cell::Email),
        ("MobilePhone", Cell::Phone),
        ("DateOfBirth", Cell::Born),
        ("StreetAddress", Cell::Street),
    ],
    &[
        ("First Name", Cell::First),
        ("Last Name", Cell::Last),
        ("Phone", Cell::Phone),
        ("Email", Cell::Email),
        ("Notes", Cell::Empty),
    ],
    &[
        ("First Name", Cell::First),
        ("Last Name", Cell::Last),
        ("Home Street", Cell::Street),
        ("Mobile Phone", Cell::Phone),
        ("Birthday", Cell::Born),
        ("E-mail Address", Cell::Email),
        ("Priority", Cell::Empty),
    ],
    &[
        ("Given Name", Cell::First),
        ("Family Name", Cell::Last),
        ("Birthday", Cell::Born),
        ("E-mail 1 - Value", Cell::Email),
        ("Phone 1 - Value", Cell::Phone),
    ],
    &[
        ("Nachname", Cell::Last),
        ("Vorname", Cell::First),
        ("Geburtsdatum", Cell::Born),
        ("Straße", Cell::Street),
        ("Telefon privat", Cell::Phone),
        ("E-Mail", Cell::Email),
    ],
    &[
        ("Prénom", Cell::First),
        ("Nom", Cell::Last),
        ("Courriel", Cell::Email),
        ("Téléphone portable", Cell::Phone),
        ("Date de naissance", Cell::Born),
    ],
    &[
        ("Nombre", Cell::First),
        ("Apellidos", Cell::Last),
        ("Correo electrónico", Cell::Email),
        ("Teléfono móvil", Cell::Phone),
        ("Fecha de nacimiento", Cell::Born),
    ],
    &[
        ("Client Name (Last, First)", Cell::LastFirst),
        ("DOB", Cell::Born),
        ("Cell #", Cell::Phone),
        ("Email Address", Cell::Email),
        ("Straat", Cell::Street),
    ],
];

const FILLERS: [&str; 6] = ["", "", "n/a", "-", "None", "unknown"];

/// A person of one language, told from all others by the address.
fn somebody(dice: &mut Dice, language: usize, number: usize) -> Somebody {
    let (firsts, lasts) = NAMES[language];
    let pick = |dice: &mut Dice, names: &str| {
        let names: Vec<&str> = names.split(' ').collect();
        (*dice.of(&names)).to_owned()
    };
    Somebody {
        first: pick(dice, firsts),
        last: pick(dice, lasts),
        email: format!("person{number}@mail.example"),
        phone: (!dice.one_in(4)).then(|| format!("+1212555{:04}", 100 + number)),
        born: (!dice.one_in(4)).then(|| {
            let (year, month, day) = (1930 + dice.roll(90), 1 + dice.roll(12), 1 + dice.roll(28));
            (
                i16::try_from(year).expect("small"),
                i8::try_from(month).expect("small"),
                i8::try_from(day).expect("small"),
            )
        }),
        street: (!dice.one_in(3)).then(|| match dice.roll(3) {
            0 => "12 Elm St, Unit 4".to_owned(),
            1 => "12 Elm St\nUnit 4".to_owned(),
            _ => "5 \"Old\" Mill Rd".to_owned(),
        }),
    }
}

fn date(order: &str, separator: char, (year, month, day): (i16, i8, i8)) -> String {
    match order {
        "dmy" => format!("{day:02}{separator}{month:02}{separator}{year}"),
        "mdy" => format!("{month:02}{separator}{day:02}{separator}{year}"),
        _ => format!("{year}-{month:02}-{day:02}"),
    }
}

/// A cell as the dialect writes it.
fn quoted(cell: &str, delimiter: char, always: bool) -> String {
    if always || cell.contains([delimiter, '"', '\n', '\r']) || cell.starts_with(' ') {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

impl List {
    /// The list of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let language = dice.roll(NAMES.len());
        let people: Vec<Somebody> = (0..2 + dice.roll(6)).map(|number| somebody(&mut dice, language, number)).collect();
        let layout = *dice.of(&LAYOUTS);
        let delimiter = *dice.of(&[',', ',', ';', '\t', '|']);
        let always = dice.one_in(3);
        let end = *dice.of(&["\n", "\r\n", "\r\n", "\r"]);
        let order = *dice.of(&["iso", "dmy", "mdy"]);
        let separator = *dice.of(&['/', '.', '-']);
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| quoted(cell, delimiter, always)).collect();
            cells.join(&delimiter.to_string()) + end
        };
        let mut text = String::new();
        if dice.one_in(4) {
            let mut title = vec![String::new(); layout.len()];
            title[0] = "Client List Report".to_owned();
            text += &line(&title);
        }
        let header_line = 1 + text.matches(end).count() as u64;
        text += &line(&layout.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
        let mut starts = Vec::new();
        for person in &people {
            starts.push(text.len());
            let cells = layout.iter().map(|(_, cell)| {
                let filler = *dice.of(&FILLERS);
                match cell {
                    Cell::First => person.first.clone(),
                    Cell::Last => person.last.clone(),
                    Cell::Full => format!("{} {}", person.first, person.last),
                    Cell::LastFirst => format!("{}, {}", person.last, person.first),
                    Cell::Email => person.email.clone(),
                    Cell::Phone => person.phone.clone().unwrap_or_else(|| filler.to_owned()),
                    Cell::Born => person.born.map_or_else(|| filler.to_owned(), |born| date(order, separator, born)),
                    Cell::Street => person.street.clone().unwrap_or_else(|| filler.to_owned()),
                    Cell::Empty => String::new(),
                }
            });
            text += &line(&cells.collect::<Vec<_>>());
        }
        if dice.one_in(4) {
            let mut total = vec![String::new(); layout.len()];
            total[0] = format!("Total: {}", people.len());
            text += &line(&total);
        }
        let (bytes, starts, encoding) = encoded(&mut dice, &text, &starts);
        let has = |wanted: fn(&Cell) -> bool| layout.iter().any(|(_, cell)| wanted(cell));
        let (births, streets) = (has(|cell| matches!(cell, Cell::Born)), has(|cell| matches!(cell, Cell::Street)));
        let people = people.into_iter().map(|person| Somebody {
            born: person.born.filter(|_| births),
            street: person.street.filter(|_| streets),
            ..person
        });
        Self { people: people.collect(), bytes, starts, order, encoding, header_line }
    }
}

/// The text in an encoding that has all of its characters, and where the rows begin in it.
fn encoded(dice: &mut Dice, text: &str, starts: &[usize]) -> (Vec<u8>, Vec<usize>, &'static str) {
    let legacy: [(&'static rs::Encoding, &'static str); 8] = [
        (rs::WINDOWS_1252, "windows-1252"),
        (rs::WINDOWS_1250, "windows-1250"),
        (rs::WINDOWS_1251, "windows-1251"),
        (rs::WINDOWS_1253, "windows-1253"),
        (rs::WINDOWS_1254, "windows-1254"),
        (rs::MACINTOSH, "macintosh"),
        (rs::SHIFT_JIS, "shift_jis"),
        (rs::EUC_KR, "euc-kr"),
    ];
    let cut = |write: &dyn Fn(&str) -> Vec<u8>, name| {
        let mut bytes = Vec::new();
        let mut marks = Vec::new();
        let mut from = 0;
        for start in starts {
            bytes.extend(write(&text[from..*start]));
            marks.push(bytes.len());
            from = *start;
        }
        bytes.extend(write(&text[from..]));
        (bytes, marks, name)
    };
    let marked = |(bytes, marks, name): (Vec<u8>, Vec<usize>, &'static str), mark: &[u8]| {
        let marks = marks.into_iter().map(|at| at + mark.len()).collect();
        ([mark, &bytes].concat(), marks, name)
    };
    let utf8 = |text: &str| text.as_bytes().to_vec();
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    match dice.roll(8) {
        0 => marked(cut(&utf8, "utf-8"), b"\xef\xbb\xbf"),
        1 => marked(cut(&little, "utf-16le"), b"\xff\xfe"),
        2 => marked(cut(&big, "utf-16be"), b"\xfe\xff"),
        3 => cut(&little, "utf-16le"),
        4 | 5 => {
            let able: Vec<_> = legacy.iter().filter(|(codec, _)| !codec.encode(text).2).collect();
            match able.as_slice() {
                [] => cut(&utf8, "utf-8"),
                able => {
                    let (codec, name) = **dice.of(able);
                    cut(&|text: &str| codec.encode(text).0.into_owned(), name)
                }
            }
        }
        _ => cut(&utf8, "utf-8"),
    }
}
