//! Showing notes, and writing down that they were shown: who hides one has to know whether it was read.

use caseload::access::{Action, Grant, Resource};
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::note::{Note, NoteTally};
use caseload::refusal::{Refusal, Stop};
use caseload::store::Tx;
use caseload::web::view::note::{NoteOffer, NoteView};
use caseload::web::{Authorized, Outcome, Reply, weight};

use crate::found::Found;

/// What the policy lets the caller do with a note now.
fn offers<T>(asked: &Authorized<T>, client: &Client, note: &Note) -> Vec<NoteOffer> {
    let shared = note.content.shared;
    let (turn, turning) =
        if shared { (NoteOffer::Hide, Action::NoteHide) } else { (NoteOffer::Share, Action::NoteShare) };
    let all = [
        (NoteOffer::Edit, Action::NoteUpdate),
        (turn, turning),
        (NoteOffer::Comment, Action::NoteComment),
        (NoteOffer::Delete, Action::NoteDelete),
        (NoteOffer::Restore, Action::NoteRestore),
    ];
    let about = Resource::note(Some((client, note)));
    let open = |offer, action| (offer == NoteOffer::Restore) == note.deleted_at.is_some() && asked.sees(action, &about);
    all.into_iter().filter(|(offer, action)| open(*offer, *action)).map(|(offer, _)| offer).collect()
}

/// A note, as the caller sees it.
pub(crate) fn view<T>(asked: &Authorized<T>, note: &Note, client: &Client, catalog: &Catalog) -> NoteView {
    let offers = offers(asked, client, note);
    NoteView::new(note, &asked.actor, (client, catalog), offers)
}

/// Answers with a note that was changed or read.
pub(crate) fn reply(asked: &Authorized<Found>) -> Outcome {
    let Found { note, client, catalog, .. } = &asked.subject;
    Reply::ok_at(u64::from(note.edition), &view(asked, note, client, catalog))
}

/// As many notes as one transaction marks, with their sum, its entry in the trail and room to spare.
const AT_ONCE: usize = 90;

/// As many bytes of notes as one transaction takes, of the 4 MB that it may.
const BYTES: usize = 2 * 1024 * 1024;

/// How many of these one transaction marks.
fn fitting(notes: &[&mut Note]) -> Result<usize, Refusal> {
    let mut sum = 0;
    for (place, note) in notes.iter().enumerate().take(AT_ONCE) {
        sum += weight(&**note)?;
        if sum > BYTES {
            return Ok(place.max(1));
        }
    }
    Ok(notes.len().min(AT_ONCE))
}

/// Writes down which of these the other side has before its eyes for the first time, or again after a while.
///
/// Nothing is told before this has held.
pub(crate) async fn mark(app: &App, grant: &Grant, notes: &mut [Note], tally: &mut NoteTally) -> Result<(), Stop> {
    let (Some(reader), now) = (grant.actor().principal(), grant.at()) else { return Ok(()) };
    let mut news: Vec<&mut Note> = notes.iter_mut().filter(|note| note.is_news_to(reader, now)).collect();
    while !news.is_empty() {
        let mut some: Vec<&mut Note> = news.drain(..fitting(&news)?).collect();
        let mut tx = Tx::new(grant);
        tx.see_notes(tally.client, &some, reader, now).fields(["seen"]);
        app.store.commit(tx).await?;
        for note in &mut some {
            let before = note.clone();
            note.saw(now);
            tally.change(&before, note);
        }
    }
    Ok(())
}
