use proptest::prelude::*;

use super::*;

// A4
#[test]
fn folding_meets_across_case_and_accents() {
    for (typed, wanted) in
        [("Müller", "muller"), ("İpek", "ipek"), ("Ångström", "angstrom"), ("Øyvind", "oyvind"), ("Weiß", "weiss")]
    {
        assert_eq!(fold(typed), wanted);
    }
}

// decision 9
#[test]
fn an_invitation_message_carries_no_links() {
    for text in [
        "see http://x.example",
        "www.x.example",
        "write me@there.example",
        "go to evil.com/now",
        "EVIL.com/now.html",
        "(evil.com:8080)",
        "evil.co.za",
    ] {
        assert_eq!(InvitationMessage::parse(text), Err(InvalidText::Link), "{text}");
    }
    assert!(InvitationMessage::parse("Looking forward to meeting you. See you at 3.30 p.m. ...").is_ok());
}

// security 0.12
#[test]
fn a_name_that_mails_carry_has_no_links() {
    for text in ["Win at evil.com", "https://evil.example", "Dana (me@evil.example)"] {
        assert_eq!(PracticeName::parse(text), Err(InvalidText::Link), "{text}");
        assert_eq!(FullName::parse(text), Err(InvalidText::Link), "{text}");
    }
    for text in ["Dr. J.R. O'Neil, Ph.D.", "St. Anne-Marie de l'Isle", "A. M. de Vries"] {
        assert!(FullName::parse(text).is_ok() && PracticeName::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn debug_prints_nothing_personal() {
    let name = PersonName::parse("Maya").expect("a name");
    assert_eq!(format!("{name:?}"), "PersonName");
}

// H4
#[test]
fn a_file_name_has_no_path() {
    for (sent, kept) in [("a b.pdf", "a b.pdf"), ("C:\\fakepath\\a.pdf", "a.pdf"), ("../../etc/passwd", "passwd")] {
        assert_eq!(FileName::parse(sent).map(|name| name.as_str().to_owned()), Ok(kept.to_owned()));
    }
    for sent in ["", "..", "a/", "x/../..", " . "] {
        assert_eq!(FileName::parse(sent), Err(InvalidText::Empty), "{sent}");
    }
    for sent in ["a\0.pdf", "a\r\nb.pdf", "fdp\u{202e}exe.pdf"] {
        assert_eq!(FileName::parse(sent), Err(InvalidText::Control), "{sent:?}");
    }
}

proptest! {
    #[test]
    fn a_file_name_stays_what_it_is(text in any::<String>()) {
        if let Ok(name) = FileName::parse(&text) {
            prop_assert_eq!(FileName::parse(name.as_str()), Ok(name));
        }
    }

    #[test]
    fn folding_is_idempotent(text in "\\PC{0,40}") {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn a_name_has_no_control_characters(text in any::<String>()) {
        if let Ok(name) = PersonName::parse(&text) {
            prop_assert!(!name.as_str().chars().any(char::is_control));
        }
    }
}
