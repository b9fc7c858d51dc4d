//! Who may do what with a file of a client (H3, E7, d-5; assumptions A1, A3 of security.md).

use super::Action;
use super::policy::{Decision, Denied};
use crate::domain::client::Client;
use crate::domain::file::File;
use crate::domain::session::PrincipalId;
use crate::domain::staff::Staff;

/// The rule for a staff member who sees the client.
///
/// A hidden file is for its author, the therapist and their supervisors; what the client uploads likewise. Only author
/// and therapist change a file. An admin reads what staff has shared with the client.
pub(super) fn staff_rule(staff: &Staff, action: Action, client: &Client, file: &File) -> Decision {
    if file.deleting && action != Action::FileDelete {
        return Err(Denied::Absent);
    }
    let author = file.uploaded_by == PrincipalId::Staff(staff.id);
    let therapist = client.assigned_staff == Some(staff.id);
    let supervisor = client.assigned_staff.is_some_and(|id| staff.supervises.contains(&id));
    // Without a therapist the practice itself is the provider, and its admins receive what the client sends.
    let stands_in = staff.admin && client.assigned_staff.is_none() && file.is_from_client();
    let allowed = match action {
        // Only the one who began an upload ends it.
        Action::FileUpload => author,
        Action::FileRead => {
            author || therapist || supervisor || stands_in || (staff.admin && file.shared && !file.is_from_client())
        }
        Action::FileUpdate | Action::FileDelete => author || therapist || stands_in,
        _ => false,
    };
    if allowed { Ok(()) } else { Err(Denied::NotYours) }
}

/// The rule for a client and a file of its own record: a hidden one is absent whatever is asked, and so is one of staff
/// that has not been checked (E7, H7).
pub(super) fn client_rule(own: &Client, action: Action, file: &File) -> Decision {
    let author = file.uploaded_by == PrincipalId::Client(own.id);
    if file.deleting || !file.shared || (file.is_quarantined() && !author) {
        return Err(Denied::Absent);
    }
    match action {
        Action::FileRead => Ok(()),
        Action::FileUpload if author => Ok(()),
        _ => Err(Denied::NotYours),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::access::{Actor, Resource, decide};
    use crate::domain::email::EmailAddress;
    use crate::domain::file::{ContentType, FileSize, NewFile, Rejection};
    use crate::domain::ids::{ClientId, FileId, PracticeId, StaffId};
    use crate::domain::money::Currency;
    use crate::domain::portal::Access;
    use crate::domain::practice::{FeatureSettings, PortalFeature, Practice, Slug, Zone};
    use crate::domain::staff::StaffStatus;
    use crate::domain::text::{FileName, FullName};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn practice() -> Practice {
        Practice {
            id: PracticeId::from_uuid(Uuid::from_u128(1)),
            version: 1,
            name: crate::domain::text::PracticeName::parse("Harbor").unwrap(),
            slug: Slug::parse("harbor").unwrap(),
            time_zone: Zone::parse("America/New_York").unwrap(),
            currency: serde_json::from_str::<Currency>("\"USD\"").unwrap(),
            default_region: None,
            created_at: NOW,
            portal: crate::domain::practice::PortalSettings::default(),
            online_payments: false,
            invitations: crate::domain::practice::InvitationSettings::default(),
        }
    }

    fn staff(n: u128, admin: bool, supervises: &[u128]) -> Staff {
        Staff {
            id: StaffId::from_uuid(Uuid::from_u128(n)),
            practice: practice().id,
            version: 1,
            full_name: FullName::parse("Somebody").unwrap(),
            email: EmailAddress::parse("s@harbor.example").unwrap(),
            admin,
            status: StaffStatus::Active,
            supervises: supervises.iter().map(|n| StaffId::from_uuid(Uuid::from_u128(*n))).collect(),
            session_epoch: 0,
        }
    }

    const THERAPIST: u128 = 10;

    fn client(n: u128, assigned: Option<u128>) -> Client {
        let (id, practice) = (ClientId::from_uuid(Uuid::from_u128(n)), practice().id);
        let profile = crate::domain::client::Profile {
            first_name: crate::domain::text::PersonName::parse("Maya").unwrap(),
            middle_name: None,
            last_name: crate::domain::text::PersonName::parse("Lindqvist").unwrap(),
            preferred_name: None,
            pronouns: None,
            email: None,
            phone: None,
            date_of_birth: None,
            gender: None,
            sex: None,
            address: crate::domain::client::Address::default(),
            occupation: None,
            employer: None,
            employment_status: None,
            relationship_status: None,
            living_arrangement: None,
            diagnosis: None,
            symptoms: None,
            external_id: None,
            tags: std::collections::BTreeSet::new(),
        };
        let assigned = assigned.map(|n| StaffId::from_uuid(Uuid::from_u128(n)));
        let ownership = crate::domain::client::Ownership::Practice;
        let mut client = Client::new(id, practice, profile, ownership, assigned, NOW, jiff::civil::date(2026, 11, 21));
        client.registered_at = Some(NOW);
        client.portal.access = Access::Enabled;
        client
    }

    fn file(of: &Client, by: PrincipalId, shared: bool) -> File {
        let new = NewFile {
            name: FileName::parse("a.pdf").unwrap(),
            size: FileSize::new(5).unwrap(),
            content_type: ContentType::Pdf,
            sha256: None,
            shared: None,
        };
        let mut file = File::announced(FileId::new(of.id, Uuid::nil()), of.practice, by, new, NOW, NOW).unwrap();
        file.complete(NOW);
        file.shared = shared;
        file
    }

    /// One letter per actor, as in the matrix.
    fn row(action: Action, client: &Client, file: &File) -> String {
        let actors = [
            Actor::Staff(staff(11, true, &[])),
            Actor::Staff(staff(THERAPIST, false, &[])),
            Actor::Staff(staff(12, false, &[THERAPIST])),
            Actor::Staff(staff(13, false, &[])),
            Actor::Client(Box::new(client.clone())),
            Actor::Client(Box::new(self::client(99, None))),
        ];
        let letter = |actor: &Actor| match decide(actor, action, &Resource::File(Some((client, file))), &practice()) {
            Ok(()) => 'A',
            Err(Denied::Absent) => 'N',
            Err(_) => 'F',
        };
        actors.iter().map(letter).collect()
    }

    // H3, E6, E7, decision 5: admin, therapist, supervisor, unrelated, the client, another client
    #[test]
    fn the_rows_of_the_matrix_hold() {
        let client = client(5, Some(THERAPIST));
        let therapist = PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(THERAPIST)));
        let own = PrincipalId::Client(client.id);
        for (name, by, shared, read, change) in [
            ("file_provider_shared", therapist, true, "AAANAN", "FAFNFF"),
            ("file_provider_hidden", therapist, false, "FAANNN", "FAFNFF"),
            ("file_client_unlocked", own, true, "FAANAN", "FAFNFF"),
            ("file_client_locked", own, false, "FAANNN", "FAFNFF"),
        ] {
            let file = file(&client, by, shared);
            assert_eq!(row(Action::FileRead, &client, &file), read, "{name} download");
            assert_eq!(row(Action::FileUpdate, &client, &file), change, "{name} share, hide, lock");
            assert_eq!(row(Action::FileDelete, &client, &file), change, "{name} delete");
        }
    }

    // H3
    #[test]
    fn the_practice_stands_in_for_a_missing_therapist() {
        let client = client(5, None);
        let sent = file(&client, PrincipalId::Client(client.id), true);
        assert_eq!(row(Action::FileRead, &client, &sent), "ANNNAN");
        assert_eq!(row(Action::FileUpdate, &client, &sent), "ANNNFF");
        let hidden = file(&client, PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(THERAPIST))), false);
        assert_eq!(row(Action::FileRead, &client, &hidden), "FNNNNN");
    }

    // H2, H7
    #[test]
    fn only_the_uploader_completes_and_a_client_sees_no_unchecked_file_of_staff() {
        let client = client(5, Some(THERAPIST));
        let mut sent = file(&client, PrincipalId::Client(client.id), true);
        sent.reject(Rejection::TypeMismatch);
        assert_eq!(row(Action::FileUpload, &client, &sent), "FFFNAN");
        assert_eq!(row(Action::FileRead, &client, &sent), "FAANAN");
        sent.shared = false;
        assert_eq!(row(Action::FileUpload, &client, &sent), "FFFNNN");
        let mut given = file(&client, PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(THERAPIST))), true);
        assert_eq!(row(Action::FileUpload, &client, &given), "FAFNFN");
        given.reject(Rejection::SizeMismatch);
        assert_eq!(row(Action::FileRead, &client, &given), "AAANNN");
    }

    // E3, E7
    #[test]
    fn a_practice_without_the_feature_refuses_its_clients_before_anything_is_looked_up() {
        let mut practice = practice();
        practice
            .portal
            .features
            .insert(PortalFeature::Files, FeatureSettings { enabled: false, label: None, order: 1, intro: None });
        let client = client(5, None);
        let sent = file(&client, PrincipalId::Client(client.id), true);
        for found in [None, Some((&client, &sent))] {
            let decided =
                decide(&Actor::Client(Box::new(client.clone())), Action::FileRead, &Resource::File(found), &practice);
            assert_eq!(decided, Err(Denied::Feature("feature_off")));
        }
    }

    // decision 11
    #[test]
    fn a_file_being_deleted_is_absent_but_for_the_one_who_finishes_it() {
        let client = client(5, Some(THERAPIST));
        let mut gone = file(&client, PrincipalId::Client(client.id), true);
        gone.begin_deletion();
        assert_eq!(row(Action::FileRead, &client, &gone), "NNNNNN");
        assert_eq!(row(Action::FileDelete, &client, &gone), "FAFNFF");
    }
}
