use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::ids::{AppointmentId, NoteId};
use caseload::domain::note::{Content, Visibility};
use caseload::domain::text::{NoteBody, NoteTitle};
use caseload::refusal::Refusal;
use caseload::web::view::note::NoteView;
use caseload::web::{Anyone, Caller, Json, Outcome, Patch, Path, RequireMatch, session_place};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::found::{self, Found};
use crate::shown::reply;

/// A change of a note: absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchNote {
    #[serde(default)]
    title: Patch<NoteTitle>,
    #[serde(default)]
    body: Patch<NoteBody>,
    #[serde(default)]
    visibility: Patch<Visibility>,
    /// The session it is about.
    #[serde(default)]
    appointment_id: Patch<AppointmentId>,
}

impl PatchNote {
    /// What has to be allowed: of who only hides or shares, only that.
    fn actions(&self) -> (Action, Option<Action>) {
        let turn = match self.visibility {
            Patch::Set(Visibility::Shared) => Some(Action::NoteShare),
            Patch::Set(Visibility::Hidden) => Some(Action::NoteHide),
            Patch::Absent | Patch::Null => None,
        };
        let text = self.title.is_named() || self.body.is_named() || self.appointment_id.is_named();
        match turn {
            Some(turn) if !text => (turn, None),
            turn => (Action::NoteUpdate, turn),
        }
    }

    /// What the note is to say.
    fn over(self, said: &Content) -> Result<Content, Refusal> {
        let Self { title, body, visibility, appointment_id } = self;
        let (mut content, mut shown) = (said.clone(), Visibility::of(said.shared));
        title.apply(&mut content.title);
        appointment_id.apply(&mut content.appointment);
        let bad = [body.require(&mut content.body, "/body"), visibility.require(&mut shown, "/visibility")];
        let bad: Vec<_> = bad.into_iter().filter_map(Result::err).collect();
        content.shared = shown.is_shared();
        if bad.is_empty() { Ok(content) } else { Err(Refusal::fields(bad)) }
    }

    /// What changes, for the trail.
    fn fields(before: &Content, after: &Content) -> impl Iterator<Item = &'static str> {
        let changed = [
            ("title", before.title != after.title),
            ("body", before.body != after.body),
            ("visibility", before.shared != after.shared),
            ("appointment", before.appointment != after.appointment),
        ];
        changed.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field)
    }
}

// F2, F3, F4
/// Changes a note, or hides or shares it: its author's alone. What it said before is kept.
#[utoipa::path(
    patch, path = "/v1/notes/{note_id}", tag = "notes", params(("note_id" = NoteId, Path)), request_body = PatchNote,
    responses((status = 200, body = NoteView), (status = 409))
)]
pub(crate) async fn update_note(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<NoteId>,
    tag: RequireMatch,
    Json(body): Json<PatchNote>,
) -> Outcome {
    let named = if let Patch::Set(named) = body.appointment_id { Some(named) } else { None };
    retrying(app.clock(), async || attempt(&app, &caller, (id, &tag), &body, named).await).await
}

async fn attempt(
    app: &App,
    caller: &Caller<Anyone>,
    (id, tag): (NoteId, &RequireMatch),
    body: &PatchNote,
    named: Option<AppointmentId>,
) -> Outcome {
    let practice = caller.practice();
    let (first, further) = body.actions();
    let about = session_place(practice, id.client(), named);
    let (mut asked, about) = found::note_with(app, caller, first, id, about).await?;
    if let Some(further) = further {
        let note = Resource::note(Some((&asked.subject.client, &asked.subject.note)));
        app.decide_also(&asked, further, &note).await?;
    }
    tag.check(u64::from(asked.subject.note.edition))?;
    asked.check_session(&asked.subject.client, named, about.flatten().as_ref())?;
    let before = asked.subject.note.clone();
    let content = body.clone().over(&before.content)?;
    let (mut tx, now) = (asked.tx(), asked.grant.at());
    let Found { note, tally, .. } = &mut asked.subject;
    if let Some(edition) = note.edit(content, now)? {
        tx.create(&edition).change_note(&before, note, tally);
        tx.fields(PatchNote::fields(&before.content, &note.content));
    }
    tx.touches(id);
    let reply = reply(&asked)?;
    app.finish(&asked, tx, reply).await
}
