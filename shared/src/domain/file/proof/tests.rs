//! Each kind by its own bytes, and nothing that runs.

use proptest::prelude::*;

use super::*;

fn parts(names: &[&str]) -> Parts {
    Parts { names: names.iter().map(|name| (*name).to_owned()).collect(), types: Vec::new() }
}

fn office(folder: &str) -> Parts {
    parts(&["[Content_Types].xml", "_rels/.rels", folder])
}

/// Bytes of a kind, and its parts.
fn sample(kind: ContentType) -> (Vec<u8>, Option<Parts>) {
    use ContentType as K;
    let archive = b"PK\x03\x04".to_vec();
    match kind {
        K::Pdf => (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), None),
        K::Png => (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), None),
        K::Jpeg => (b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), None),
        K::Gif => (b"GIF89a\x01\0\x01\0".to_vec(), None),
        K::Webp => (b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), None),
        K::Heic => (b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), None),
        K::Mp3 => (b"ID3\x04\0\0\0\0\0\0".to_vec(), None),
        K::M4a => (b"\0\0\0\x1cftypM4A \0\0\0\0M4A mp42".to_vec(), None),
        K::Mp4 => (b"\0\0\0\x20ftypisom\0\0\x02\0".to_vec(), None),
        K::Mov => (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ".to_vec(), None),
        K::Text => ("Week 1: breathe. Größe \u{2013} ok\n".into(), None),
        K::Csv => (b"date;mood\r\n2026-11-21;M\xfcde\r\n".to_vec(), None),
        K::Docx => (archive, Some(office("word/document.xml"))),
        K::Xlsx => (archive, Some(office("xl/workbook.xml"))),
        K::Pptx => (archive, Some(office("ppt/presentation.xml"))),
    }
}

fn kept(start: &[u8], parts: Option<&Parts>, announced: ContentType) -> Option<ContentType> {
    Bytes { start, parts }.kind(announced)
}

// H4, H7
#[test]
fn what_the_bytes_prove_is_kept_whatever_was_announced() {
    for kind in ContentType::ALL {
        let (start, parts) = sample(kind);
        for announced in ContentType::ALL {
            let text = |one| matches!(one, ContentType::Text | ContentType::Csv);
            let wanted = match (text(kind), text(announced)) {
                (true, true) => Some(announced),
                (true, false) => None,
                (false, _) => Some(kind),
            };
            assert_eq!(kept(&start, parts.as_ref(), announced), wanted, "{kind} announced as {announced}");
        }
    }
}

// H4
#[test]
fn a_phones_pictures_are_told_apart_by_their_brands() {
    let of = |major: &[u8], other: &[u8]| {
        let start = [&b"\0\0\0\x18ftyp"[..], major, b"\0\0\0\0", b"mif1", other].concat();
        kept(&start, None, ContentType::Jpeg)
    };
    assert_eq!(of(b"mif1", b"heic"), Some(ContentType::Heic));
    assert_eq!(of(b"mif1", b"avif"), None);
    assert_eq!(of(b"avif", b"avif"), None);
    assert_eq!(kept(b"\0\0\0\x08wide\0\0\0\x08mdat", None, ContentType::Mp4), Some(ContentType::Mov));
}

// H4
#[test]
fn a_pdf_may_begin_within_the_first_kibibyte() {
    let after = |before: &[u8]| kept(&[before, b"%PDF-1.4\n"].concat(), None, ContentType::Pdf);
    assert_eq!(after(b"\xef\xbb\xbf"), Some(ContentType::Pdf));
    assert_eq!(after(&[b'\n'; 1019]), Some(ContentType::Pdf));
    assert_eq!(after(&[b'\n'; 1020]), None);
    assert_eq!(after(b"<html><script>alert(1)</script>"), None);
}

// H4, decision 12
#[test]
fn a_document_is_judged_by_all_of_its_parts() {
    let of = |names: &[&str]| kept(b"PK\x03\x04", Some(&parts(names)), ContentType::Docx);
    let types = "[Content_Types].xml";
    assert_eq!(of(&[types, "word/document.xml", "word/embeddings/sheet.xlsx"]), Some(ContentType::Docx));
    assert_eq!(of(&[types, "xl/workbook.xml"]), Some(ContentType::Xlsx), "a workbook that is called a document");
    for bad in [
        &[types, "word/document.xml", "word/vbaProject.bin"][..],
        &[types, "xl/workbook.xml", "xl/macrosheets/sheet1.xml"],
        &[types, "word/document.xml", "word/activeX/activeX1.xml"],
        &[types, "word/document.xml", "xl/workbook.xml"],
        &["word/document.xml"],
        &["META-INF/MANIFEST.MF"],
        &[types],
    ] {
        assert_eq!(of(bad), None, "{bad:?}");
    }
    // A macro may be called anything, but its type tells it.
    for types in ["application/vnd.ms-word.document.macroEnabled.main+xml", "application/vnd.ms-office.vbaProject"] {
        let hidden = Parts { types: types.into(), ..parts(&[Parts::TYPES, "word/document.xml", "word/any.bin"]) };
        assert_eq!(kept(b"PK\x03\x04", Some(&hidden), ContentType::Docx), None, "{types}");
    }
    assert_eq!(kept(b"PK\x03\x04", None, ContentType::Docx), None, "an archive that cannot be opened");
}

// H4
#[test]
fn what_a_browser_or_a_machine_would_run_is_of_no_kind() {
    let disguised: [&[u8]; 7] = [
        b"<html><script>alert(1)</script></html>",
        b"\xef\xbb\xbf \n<!DOCTYPE HTML><p>",
        b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"<svg onload=alert(1)>",
        b"MZ\x90\0\x03\0\0\0",
        b"\x7fELF\x02\x01\x01\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ];
    for bytes in disguised {
        for announced in ContentType::ALL {
            assert_eq!(kept(bytes, None, announced), None, "{bytes:?}");
        }
    }
}

// H4
#[test]
fn text_may_start_with_an_angle_and_be_cut_anywhere() {
    let text = |bytes: &[u8]| kept(bytes, None, ContentType::Text);
    for note in ["<body scan> notes: relaxed", "<3 is a heart", "<header row>", "<3 weeks> of sleep"] {
        assert!(text(note.as_bytes()).is_some(), "{note}");
    }
    assert!(text("Gr\u{fc}\u{df}e".as_bytes().split_at(3).0).is_some());
    for bytes in [&b"a\0b"[..], b"a\x1b[0m", b"a\x7f", b"\xff\xfea\0b\0"] {
        assert_eq!(text(bytes), None, "{bytes:?}");
    }
}

proptest! {
    // H7
    #[test]
    fn no_bytes_make_the_look_at_them_panic(
        mark in proptest::sample::select(vec![&b""[..], b"PK\x03\x04", b"RIFF", b"\xff\xff\xff\xffftyp", b"<", b"%PDF-"]),
        rest in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let bytes = [mark, &rest].concat();
        for kind in ContentType::ALL {
            let _ = kept(&bytes, None, kind);
        }
    }
}
