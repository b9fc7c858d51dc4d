//! Whether a treatment goes on, in the words of lists and in flags of either sense (C8).

use super::words::among;
use crate::domain::text::fold;

const ENDED: &str = "inactive archived archive discharged deceased closed former terminated suspended deactivated disabled deleted \
    past ended completed graduated dropped transferred withdrawn dismissed expired inaktiv archiviert ehemalig \
    ehemalige ehemaliger beendet abgeschlossen verstorben entlassen inactif archivee ancien ancienne termine \
    terminee clos decede decedee inactivo inactiva archivado antiguo cerrado finalizado fallecido alta inactief \
    gearchiveerd voormalig afgesloten overleden";
const GOING_ON: &str = "active pending prospective prospect current new lead waitlist waitlisted waiting invited open intake ongoing \
    enrolled existing aktiv laufend neu warteliste aktuell actif actuel nouveau attente activo activa actual nuevo \
    actief huidig nieuw";

/// True for inactive, false for anything a practice still works with, `None` for words we do not know (C8).
///
/// The first word that says something counts: `Inactive Client`, `Closed - completed`, `Not active`.
pub(super) fn inactive(cell: &str) -> Option<bool> {
    let folded = fold(cell);
    if let Some(yes) = flag(&folded) {
        return Some(!yes);
    }
    let mut negated = false;
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if matches!(word, "not" | "non" | "no" | "nicht" | "kein" | "longer" | "mehr" | "niet" | "pas") {
            negated = true;
        } else if among(word, &[ENDED]) {
            return Some(!negated);
        } else if among(word, &[GOING_ON]) {
            return Some(negated);
        }
    }
    None
}

/// Yes or no, where a cell says nothing else.
fn flag(folded: &str) -> Option<bool> {
    match folded.trim() {
        "yes" | "y" | "true" | "t" | "1" | "x" | "on" | "ja" | "j" | "wahr" | "oui" | "o" | "vrai" | "si" | "s"
        | "verdadero" | "waar" | "✓" | "✔" | "☑" | "checked" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "off" | "nein" | "falsch" | "non" | "faux" | "falso" | "nee" | "onwaar"
        | "☐" | "unchecked" | "never" => Some(false),
        _ => None,
    }
}

/// True where a column such as "Discharged At" or "Archived" says that it happened.
pub(super) fn ended(cell: &str) -> bool {
    flag(&fold(cell)).or_else(|| inactive(cell)).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    // C8
    #[test]
    fn only_words_for_an_ended_treatment_suspend() {
        assert!(["Inactive", "Archived", "DISCHARGED", "no"].iter().all(|word| inactive(word) == Some(true)));
        assert!(["Active", "Prospective", "yes"].iter().all(|word| inactive(word) == Some(false)));
        assert_eq!(inactive("VIP"), None);
        assert!(ended("2024-01-01") && !ended("No"));
    }
}
