use axum::extract::State;
use caseload::access::{Action, NoteFacts, Resource};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::domain::note::{Note, NoteTally, Visibility};
use caseload::domain::session::PrincipalId;
use caseload::domain::text::fold;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::author::Side;
use caseload::web::view::note::NoteView;
use caseload::web::{Anyone, Authorized, Caller, Outcome, PageQuery, Path, Query, Reply, Shown};
use caseload::workflows::retrying;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::shown::{mark, view};

/// Which notes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListNotes {
    /// Those whose title or text has this, whatever the case and accents.
    #[serde(default)]
    #[param(max_length = 200)]
    q: Option<String>,
    /// Those that this side wrote.
    #[serde(default)]
    author: Option<Side>,
    #[serde(default)]
    visibility: Option<Visibility>,
    /// Those written at this instant or later.
    #[serde(default)]
    from: Option<Timestamp>,
    /// Those written before this instant.
    #[serde(default)]
    to: Option<Timestamp>,
    /// True for the caller's own deleted notes that can still be restored, instead of the others.
    #[serde(default)]
    deleted: bool,
    /// At most this many items, 50 unless given.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of notes, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotePage {
    items: Vec<NoteView>,
    next_cursor: Option<String>,
    /// How many there are on all pages; null where a text or a time was asked for and one page does not hold them.
    total: Option<u32>,
}

/// What is looked for.
struct Filter {
    words: Option<String>,
    asked: ListNotes,
}

impl Filter {
    fn new(asked: ListNotes) -> Result<Self, Refusal> {
        if asked.q.as_ref().is_some_and(|q| q.chars().count() > 200) {
            return Err(Refusal::malformed("invalid_parameter", "The query parameter q takes at most 200 characters."));
        }
        if asked.from.zip(asked.to).is_some_and(|(from, to)| from >= to) {
            return Err(Refusal::malformed("invalid_parameter", "from must lie before to."));
        }
        let words = asked.q.as_deref().map(str::trim).filter(|q| !q.is_empty()).map(fold);
        Ok(Self { words, asked })
    }

    /// Whether what it takes is counted by author and visibility alone.
    const fn is_counted(&self) -> bool {
        let ListNotes { q: _, author: _, visibility: _, from, to, deleted, limit: _, cursor: _ } = &self.asked;
        self.words.is_none() && from.is_none() && to.is_none() && !*deleted
    }

    /// How many there are on all pages, as far as that is known without reading them.
    fn total(&self, asked: &Authorized<Client>, tally: &NoteTally, only: Option<usize>) -> Option<u32> {
        if !self.is_counted() {
            return only.and_then(|only| u32::try_from(only).ok());
        }
        let ListNotes { author, visibility, .. } = &self.asked;
        let hidden_by = |author: PrincipalId| {
            let facts = NoteFacts { author, shared: false, deleted: false };
            asked.sees(Action::NoteRead, &Resource::Note(Some(((&asked.subject).into(), facts))))
        };
        let of_side = tally.written.iter().filter(|(by, _)| author.is_none_or(|side| side == Side::of(**by)));
        let counts = of_side.map(|(by, written)| {
            let shared = if *visibility == Some(Visibility::Hidden) { 0 } else { written.shared };
            let hidden = *visibility != Some(Visibility::Shared) && hidden_by(*by);
            shared.saturating_add(if hidden { written.hidden } else { 0 })
        });
        Some(counts.sum())
    }

    fn takes(&self, note: &Note) -> bool {
        let ListNotes { q: _, author, visibility, from, to, deleted: _, limit: _, cursor: _ } = &self.asked;
        let says = |words: &String| {
            let title = note.content.title.as_ref().map_or("", |title| title.as_str());
            fold(title).contains(words) || fold(note.content.body.as_str()).contains(words)
        };
        author.is_none_or(|side| side == Side::of(note.author))
            && visibility.is_none_or(|wanted| wanted == Visibility::of(note.content.shared))
            && from.is_none_or(|from| from <= note.created_at)
            && to.is_none_or(|to| note.created_at < to)
            && self.words.as_ref().is_none_or(says)
    }
}

// F4, E7
/// The notes of a client, newest first: what the caller may see and nothing about the rest.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/notes", tag = "notes",
    params(("client_id" = ClientId, Path), ListNotes),
    responses((status = 200, body = NotePage))
)]
pub(crate) async fn list_notes(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Query(query): Query<ListNotes>,
) -> Outcome {
    let practice = caller.practice();
    let paging = PageQuery::new(query.limit, query.cursor.clone());
    let filter = Filter::new(query)?;
    let ListNotes { q, author, visibility, from, to, deleted, .. } = &filter.asked;
    let named = format!(
        "notes {client} {} {q:?} {author:?} {visibility:?} {from:?} {to:?} {deleted}",
        caller.identity.principal
    );
    let page = app.page(practice, &named, &paging)?;
    let list = keys::notes(practice, client);
    retrying(app.clock(), async || {
        let around = (keys::note_tally(practice, client), keys::catalog(practice).required());
        let asked = app.client_with(&caller, Action::NoteRead, client, around);
        let sees = |(asked, _): &(Authorized<Client>, _), note: &Note| {
            let now = asked.grant.at();
            let action = if filter.asked.deleted { Action::NoteRestore } else { Action::NoteRead };
            let there = note.deleted_at.is_some() == filter.asked.deleted && !note.is_past(now);
            there && filter.takes(note) && asked.sees(action, &Resource::note(Some((&asked.subject, note))))
        };
        let ((asked, (tally, catalog)), shown) = app.visible_page(&page, &list, asked, sees).await?;
        let Shown { mut items, next_cursor } = shown;
        let mut tally = tally.unwrap_or_else(|| NoteTally::empty(practice, client));
        mark(&app, &asked.grant, &mut items, &mut tally).await?;
        let only = (next_cursor.is_none() && page.after.is_none()).then_some(items.len());
        let total = filter.total(&asked, &tally, only);
        let items = items.iter().map(|note| view(&asked, note, &asked.subject, &catalog)).collect();
        Reply::ok(&NotePage { items, next_cursor, total })
    })
    .await
}
