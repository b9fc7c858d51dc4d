//! The words that names of columns are made of, in the languages of the lists that come in (C2, b.2).

use super::target::Target;
use crate::domain::text::fold;

/// Names of columns in German, French, Spanish, Dutch and Italian, normalised.
pub(super) const FOREIGN: &[(Target, &str)] = &[
    (Target::FirstName, "vorname rufname prenom prenoms nombre nombres primernombre voornaam roepnaam nome"),
    (
        Target::LastName,
        "nachname familienname zuname nomdefamille nomfamille apellido apellidos achternaam familienaam cognome",
    ),
    (
        Target::FullName,
        "vollername patientenname klientenname klient klientin kunde kundenname vornamenachname nachnamevorname \
        nomcomplet nomprenom nometprenom prenometnom nomduclient nomdupatient nombrecompleto nombreyapellidos \
        apellidosynombre paciente cliente naam volledigenaam clientnaam nomecompleto nomeecognome paziente",
    ),
    (
        Target::Email,
        "emailadresse mailadresse courriel adressecourriel adresseemail adressemail mel correo correoelectronico \
        direcciondecorreo emailadres mailadres indirizzoemail",
    ),
    (
        Target::DateOfBirth,
        "geburtsdatum geburtstag gebdatum geb gebdat gebam geborenam datedenaissance naissance neele ddn \
        fechadenacimiento fechanacimiento nacimiento fnac geboortedatum datadinascita datanascita",
    ),
    (Target::Gender, "geschlecht genre genero geslacht genere"),
    (Target::Sex, "sexe sexo sesso"),
    (
        Target::Street,
        "strasse strassehausnr strassehausnummer strasseundhausnummer strassenr anschrift adresse rue \
        adressepostale direccion calle domicilio straat adres straatenhuisnummer indirizzo via",
    ),
    (Target::Street2, "adresszusatz zusatz complementdadresse complement toevoeging"),
    (Target::City, "ort stadt wohnort ville commune ciudad localidad poblacion plaats woonplaats stad citta"),
    (Target::Region, "bundesland kanton departement provincia comunidad provincie regione"),
    (Target::PostalCode, "plz postleitzahl codepostal codigopostal cp cap"),
    (Target::Country, "land pays pais paese wohnland"),
    (Target::Occupation, "beruf tatigkeit metier profession profesion ocupacion beroep professione"),
    (Target::Employer, "arbeitgeber firma employeur entreprise empresa empleador werkgever bedrijf"),
    (Target::RelationshipStatus, "familienstand zivilstand situationfamiliale etatcivil estadocivil burgerlijkestaat"),
    (
        Target::Tags,
        "schlagworte schlagworter stichworte kategorien kategorie gruppen etiquettes categories etiquetas \
        categorias trefwoorden",
    ),
    (Target::Status, "statut estado stato aktiv actif activo actief"),
    (
        Target::EndedAt,
        "archiviert inaktiv entlassen entlassungsdatum behandlungsende beendetam archive inactif findesuivi \
        archivado inactivo fechadebaja gearchiveerd inactief uitgeschreven archiviato",
    ),
    (
        Target::AssignedStaff,
        "behandler behandlerin therapeut therapeutin bezugstherapeut zustandig therapeute praticien soignant \
        psychologue intervenant terapeuta psicologo profesional behandelaar hulpverlener",
    ),
    (
        Target::JoinDate,
        "aufnahmedatum klientseit patientseit kundeseit seit behandlungsbeginn angelegtam dateinscription \
        datedinscription clientdepuis datedebut fechadealta fechadealtacliente fechadeingreso fechadeinicio clientedesde \
        inschrijfdatum clientsinds startdatum",
    ),
    (Target::Diagnosis, "diagnose diagnosen diagnostic diagnostico diagnosi"),
    (Target::Symptoms, "symptome symptomes sintomas beschwerden klachten"),
    (
        Target::ExternalId,
        "patientennummer patientennr patnr klientennummer klientennr kundennummer kundennr numeroclient \
        numerodepatient numeropatient numerodecliente nhistoria clientnummer patientnummer clientnr",
    ),
    (Target::Pronouns, "pronomen pronomina pronoms pronombres voornaamwoorden"),
];

/// What lists hold that has no place in a record.
pub(super) const NOT_STORED: &str = "title nameprefix prefix salutation honorific suffix namesuffix credentials initials anrede titel \
    akademischertitel civilite titre tratamiento aanhef titulatuur shortname maidenname geburtsname username \
    useremail login team notes note comment comments remarks remark memo description bemerkung bemerkungen notiz \
    notizen anmerkung anmerkungen kommentar remarque remarques commentaire commentaires notas nota observaciones \
    comentarios opmerking opmerkingen notities notitie subject priority private sensitivity importance language \
    sprache langue idioma taal photo directoryserver mileage hobby hobbies billinginformation emailtype \
    emaildisplayname email2type email2displayname email3type email3displayname phonetype webpage website \
    internetfreebusy anniversary children account governmentidnumber organizationalidnumber user1 user2 user3 \
    user4 keywords location officelocation department assistantsname assistantsphone businessfax homefax \
    otherfax fax telefax pager telex isdn ttytddphone callback carphone radiophone companymainphone managersname \
    spouse referrer referredby referral referralsource leadsource source dayssincelastappointment banned \
    lastactivitydate lastactivity lastappointment lastvisit lastseen lastsession nextappointment lastmodified \
    updatedat modifiedat eventtypename startdatetime enddatetime eventcreateddatetime canceled cancelled \
    canceledby cancellationreason timezone inviteetimezone guestemails guestemail homepobox businesspobox \
    otherpobox pobox homeaddresspobox businessaddresspobox otheraddresspobox fileas number nr no rownumber \
    yominame memberid age alter edad leeftijd initialer externalclientid filter folder";

/// Whose a column is, where it is not the client's.
const OTHERS: &str = "emergency guardian parent mother father spouse partner insured subscriber physician doctor assistant manager \
    referring notfall notfallkontakt urgence emergencia noodgeval hausarzt company yomi phonetic organization \
    relation event jot calendar bcc guest";

/// Words around the one that matters.
const NOISE: &str = "client clients patient patients legal primary main invitee customer contact member student s the full value \
    current personal klient klienten patienten kunden cliente paciente du de del der des la le l van person \
    preferred your";

const PHONE: &str = "phone phones telephone tel mobile cell cellphone cellular telefon telefonnummer mobil mobiltelefon handy \
    handynummer mobilnummer mobilfunk rufnummer festnetz portable gsm telefono movil celular telefoon \
    telefoonnummer mobiel cellulare sms whatsapp reminder";
const PHONE_KIND: &str = "number numbers nummer no nr num home work office business other alt alternate secondary second day daytime \
    evening text privat private geschaftlich dienstlich arbeit buro domicile travail bureau fixe numero casa \
    trabajo fijo thuis werk mobile preferred land line landline vast";
const MAIL: &str = "email emails mail emailaddress";
const MAIL_KIND: &str = "e address addresses home work other adresse id alt secondary privat login second";

/// The words of a name: parted by blanks, signs and capitals, without case, accents and numbers.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        let starts = small && c.is_uppercase();
        small = c.is_lowercase();
        if !c.is_alphabetic() || starts {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphabetic(), words.last_mut()) {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words.iter().map(|word| fold(word)).collect()
}

/// Whether a word stands in one of these lists.
pub(super) fn among(word: &str, lists: &[&str]) -> bool {
    lists.iter().any(|list| list.split(' ').any(|other| other == word))
}

/// A phone or an address of the client by every word of its name.
pub(super) fn contact(words: &[String]) -> Option<Target> {
    let made_of = |heart: &str, kind: &str| {
        words.iter().any(|word| among(word, &[heart])) && words.iter().all(|word| among(word, &[heart, kind, NOISE]))
    };
    let two_words = words.iter().any(|word| word == "e") && words.iter().any(|word| word == "mail");
    match () {
        () if made_of(MAIL, MAIL_KIND) || two_words && made_of("mail", MAIL_KIND) => Some(Target::Email),
        () if made_of(PHONE, PHONE_KIND) => Some(Target::Phone),
        () => None,
    }
}

/// Whether the column is about somebody else than the client.
pub(super) fn is_of_others(words: &[String]) -> bool {
    words.iter().any(|word| among(word, &[OTHERS]))
}

/// What is left without the words around it.
pub(super) fn heart(words: &[String]) -> String {
    words.iter().filter(|word| !among(word, &[NOISE])).map(String::as_str).collect()
}
