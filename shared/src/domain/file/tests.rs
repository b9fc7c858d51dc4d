use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use uuid::Uuid;

use super::*;
use crate::domain::ids::{ClientId, StaffId};

const START: Timestamp = Timestamp::UNIX_EPOCH;
const GRANT: SignedDuration = SignedDuration::from_secs(300);

fn client() -> ClientId {
    ClientId::from_uuid(Uuid::from_u128(1))
}

fn staff() -> PrincipalId {
    PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(2)))
}

fn announced(by: PrincipalId, shared: Option<bool>, n: u128, size: u64) -> Result<File, FileRefusal> {
    let new = NewFile {
        name: FileName::parse("worksheet.pdf").unwrap(),
        size: FileSize::new(size).unwrap(),
        content_type: ContentType::Pdf,
        sha256: None,
        shared,
    };
    let id = FileId::new(client(), Uuid::from_u128(n));
    File::announced(id, PracticeId::from_uuid(Uuid::nil()), by, new, START + GRANT, START)
}

/// A file of staff that waits for its upload.
pub(super) fn file(n: u128, size: u64) -> File {
    announced(staff(), None, n, size).unwrap()
}

fn found(size: u64, content_type: &'static str, start: &'static [u8]) -> Uploaded<'static> {
    Uploaded { size, content_type: Some(content_type), bytes: Bytes { start, parts: None } }
}

// H1, d-4, decision 4
#[test]
fn what_staff_uploads_is_hidden_unless_it_says_otherwise() {
    assert!(!announced(staff(), None, 0, 5).unwrap().shared);
    assert!(announced(staff(), Some(true), 0, 5).unwrap().shared);
}

// H2, H3, d-5
#[test]
fn what_a_client_uploads_is_always_shared() {
    let by = PrincipalId::Client(client());
    assert!(announced(by, None, 0, 5).unwrap().shared);
    assert!(announced(by, Some(true), 0, 5).unwrap().shared);
    assert_eq!(announced(by, Some(false), 0, 5), Err(FileRefusal::AlwaysShared));
}

// H7, decision 12
#[test]
fn a_file_is_in_quarantine_until_its_bytes_are_checked() {
    let mut file = file(0, 9);
    assert!(file.is_quarantined());
    assert_eq!(file.stage(START), Stage::AwaitingUpload);
    assert_eq!(file.stage(START + GRANT), Stage::Expired);
    let mut rejected = file.clone();
    rejected.reject(Rejection::SizeMismatch);
    assert_eq!((rejected.is_quarantined(), rejected.stage(START)), (true, Stage::Rejected));
    file.complete(ContentType::Png, START);
    assert_eq!(file.content_type, ContentType::Png);
    assert_eq!((file.is_quarantined(), file.stage(START + GRANT)), (false, Stage::Available));
}

// H7
#[test]
fn bytes_that_are_not_what_was_announced_are_rejected_with_the_reason() {
    let file = file(0, 9);
    for (found, wanted) in [
        (found(9, "application/pdf", b"%PDF-1.7\n"), Ok(ContentType::Pdf)),
        (found(9, "application/pdf", b"\xff\xd8\xff\xe0\0\x10JFI"), Ok(ContentType::Jpeg)),
        (found(8, "application/pdf", b"%PDF-1.7"), Err(Rejection::SizeMismatch)),
        (found(9, "image/png", b"%PDF-1.7\n"), Err(Rejection::TypeMismatch)),
        (found(9, "application/pdf", b"<html></h"), Err(Rejection::TypeMismatch)),
        (Uploaded { content_type: None, ..found(9, "", b"%PDF-1.7\n") }, Err(Rejection::TypeMismatch)),
    ] {
        assert_eq!(file.judge(&found), wanted);
    }
}

// E7, H3
#[test]
fn a_change_names_its_fields() {
    let mut file = file(0, 9);
    assert_eq!(file.change(Some(true), None), ["shared"]);
    assert_eq!(file.change(None, Some(FileName::parse("a.pdf").unwrap())), ["name"]);
    assert_eq!((file.shared, file.name.as_str()), (true, "a.pdf"));
}

// H4
#[test]
fn a_file_has_1_byte_to_25_mib() {
    assert_eq!(FileSize::new(0), Err(InvalidSize::Empty));
    assert!(FileSize::new(1).is_ok() && FileSize::new(MAX_SIZE).is_ok());
    assert_eq!(FileSize::new(MAX_SIZE + 1), Err(InvalidSize::TooLarge));
}

// H4
#[test]
fn no_name_makes_a_download_another_type() {
    let mut file = file(0, 9);
    for (name, saved) in [
        ("worksheet.pdf", "worksheet.pdf"),
        ("WORKSHEET.PDF", "WORKSHEET.PDF"),
        ("evil.html", "evil.html.pdf"),
        ("Session 3.4 notes", "Session 3.4 notes.pdf"),
        ("plain", "plain.pdf"),
    ] {
        file.change(None, Some(FileName::parse(name).unwrap()));
        assert_eq!(file.download_name(), saved);
    }
}

// decision 12
#[test]
fn a_digest_is_read_in_hex_and_base64() {
    let digest = Sha256::parse(&"ab".repeat(32)).unwrap();
    assert_eq!(Sha256::parse(&"ab".repeat(32)), Ok(digest));
    assert_eq!(Sha256::parse(&digest.base64()), Ok(digest));
    assert_eq!(Sha256::parse(digest.base64().trim_end_matches('=')), Ok(digest));
    for text in ["", "abc", &"zz".repeat(32), &"+f".repeat(32), &STANDARD.encode([1; 31])] {
        assert_eq!(Sha256::parse(text), Err(InvalidDigest), "{text}");
    }
}
