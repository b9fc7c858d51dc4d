//! Numbers as people and lists write them.

use proptest::prelude::*;
use rlibphonenumber::PhoneNumberType;

use super::*;

fn us() -> Option<Region> {
    Region::parse("us").ok()
}

// B4
#[test]
fn a_number_is_stored_as_e164_and_shown_as_its_country_writes_it() {
    let phone = Phone::parse("415 555 0134", us()).expect("a phone");
    assert_eq!((phone.e164(), phone.country(), phone.display().as_str()), ("+14155550134", "US", "(415) 555-0134"));
    let german = Phone::parse("+49 30 5557634", us()).expect("a phone");
    assert_eq!((german.e164(), german.country()), ("+49305557634", "DE"));
}

#[test]
fn a_number_of_another_country_keeps_all_its_digits() {
    for (typed, e164, country) in [
        ("+33 1 23 45 67 89", "+33123456789", "FR"),
        ("+43 1 5550123", "+4315550123", "AT"),
        ("+44 (0)20 7183 8750", "+442071838750", "GB"),
        ("+39 06 5555 1234", "+390655551234", "IT"),
        ("+1 416 555 0134", "+14165550134", "CA"),
        ("011 49 30 5557634", "+49305557634", "DE"),
    ] {
        let phone = Phone::parse(typed, us()).expect("a phone");
        assert_eq!((phone.e164(), phone.country()), (e164, country), "{typed}");
    }
}

#[test]
fn a_number_of_no_country_belongs_to_the_one_it_was_typed_for() {
    let phone = Phone::parse("+800 1234 5678", us()).expect("a phone");
    assert_eq!((phone.e164(), phone.country()), ("+80012345678", "US"));
    assert_eq!(Phone::parse("+800 1234 5678", None), Err(InvalidPhone::Number));
}

#[test]
fn what_cannot_be_dialled_is_refused() {
    for typed in ["1 415 555 013", "415 555 01345", "015 555 0134", "000 000 0000", "911", "n/a", "1991-02-28"] {
        assert_eq!(Phone::parse(typed, us()), Err(InvalidPhone::Number), "{typed}");
    }
    assert_eq!(Phone::parse("00000 000000", Region::parse("GB").ok()), Err(InvalidPhone::Number));
}

#[test]
fn only_a_country_with_phones_is_a_region() {
    assert_eq!(Region::parse(" xk ").map(|region| region.code()), Ok("XK".to_owned()));
    for code in ["XX", "001", "U1", "USA", ""] {
        assert_eq!(Region::parse(code), Err(InvalidPhone::Country), "{code}");
    }
}

// decision 3
#[test]
fn a_number_without_a_country_is_refused() {
    assert_eq!(Phone::parse("415 555 0134", None), Err(InvalidPhone::CountryMissing));
}

#[test]
fn a_spreadsheets_rounded_number_is_named_as_such() {
    assert_eq!(Phone::parse("1.55556E+10", us()), Err(InvalidPhone::Scientific));
}

// B4
#[test]
fn a_number_keeps_its_extension_and_loses_nothing_else() {
    for typed in ["(415) 555-0134 x12", "415 555 0134 ext. 12", "+1 415 555 0134;ext=12", "415.555.0134 #12"] {
        let phone = Phone::parse(typed, us()).expect(typed);
        assert_eq!((phone.e164(), phone.extension()), ("+14155550134", Some("12")), "{typed}");
        assert_eq!(phone.display(), "(415) 555-0134 ext. 12");
        assert_eq!(Phone::from_stored(&phone.stored(), "US"), Ok(phone));
    }
    let old = Phone::from_stored("+14155550134", "US").expect("a phone");
    assert_eq!((old.extension(), old.stored().as_str()), (None, "+14155550134"));
}

// B4
#[test]
fn a_remark_is_told_and_no_part_of_the_number() {
    let read = |typed: &str, region: &str| {
        let (phone, remark) = Phone::read(typed, Region::parse(region).ok())?;
        Ok::<_, InvalidPhone>((phone.e164().to_owned(), remark))
    };
    let is = |e164: &str, remark: &str| Ok((e164.to_owned(), remark.to_owned()));
    assert_eq!(read("020 7946 0018 mum", "GB"), is("+442079460018", "mum"));
    assert_eq!(read("0412 345 678 (wife)", "AU"), is("+61412345678", "wife"));
    assert_eq!(read("030 5557634 Mama", "DE"), is("+49305557634", "Mama"));
    assert_eq!(read("tel:+1-415-555-0107", "US"), is("+14155550107", ""));
    assert_eq!(read("412345678.0", "AU"), is("+61412345678", ""));
    for (typed, region) in
        [("1-800-FLOWERS", "US"), ("0800 555 CALL", "DE"), ("415 555 0134a", "US"), ("2024-01-15", "DE")]
    {
        assert_eq!(read(typed, region), Err(InvalidPhone::Number), "{typed}");
    }
    assert_eq!(Phone::parse("020 7946 0018 mum", Region::parse("GB").ok()), Err(InvalidPhone::Number));
}

// B4: for each country, the numbers that its plan gives as examples
#[test]
fn every_countrys_numbers_are_read_right_or_refused_whatever_is_written_around_them() {
    let util = &PHONE_NUMBER_UTIL;
    let mut read = 0;
    for country in util.get_supported_regions() {
        for kind in [PhoneNumberType::FixedLine, PhoneNumberType::Mobile, PhoneNumberType::TollFree] {
            let Ok(example) = util.get_example_number_for_type_and_region(country, kind) else { continue };
            let e164 = example.format_as(PhoneNumberFormat::E164).into_owned();
            let national = example.format_as(PhoneNumberFormat::National).into_owned();
            let abroad = example.format_as(PhoneNumberFormat::International).into_owned();
            for typed in [national, abroad, e164.clone()] {
                let alone = Phone::parse(&typed, Some(Region(country)));
                let alone = alone.unwrap_or_else(|bad| panic!("{country} {typed}: {bad}"));
                assert_eq!((alone.e164(), alone.extension()), (e164.as_str(), None), "{country} {typed}");
                read += 1;
                for (before, after, extension) in [
                    ("", " mum", None),
                    ("", " (wife)", None),
                    ("Home: ", "", None),
                    ("(cell) ", " after 5", None),
                    ("", " ext. 12", Some("12")),
                    ("", " x7 office", Some("7")),
                    ("", "a", None),
                    ("", "-CALL", None),
                    ("", " CALL", None),
                    ("", ".0", None),
                    ("A", "", None),
                    ("", " or 415 555 0134", None),
                ] {
                    let text = format!("{before}{typed}{after}");
                    if let Ok((phone, _)) = Phone::read(&text, Some(Region(country))) {
                        assert_eq!((phone.e164(), phone.extension()), (e164.as_str(), extension), "{country} {text}");
                    }
                }
            }
        }
    }
    assert!(read > 1500, "{read}");
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,40}") {
        let _ = Phone::read(&text, us());
    }

    // B4: nothing but the digits that were written
    #[test]
    fn no_letter_becomes_a_digit(text in "[0-9]{0,6}[ a-zA-Z().+-]{0,8}[0-9 -]{0,8}[ a-zA-Z().-]{0,6}") {
        if let Ok((phone, _)) = Phone::read(&text, us()) {
            let written: String = text.chars().filter(char::is_ascii_digit).collect();
            let stored = phone.stored();
            let national: String = phone.e164().chars().skip(2).collect();
            prop_assert!(written.contains(&national) || written.contains(phone.e164().trim_start_matches('+')), "{text}: {stored}");
        }
    }
}
