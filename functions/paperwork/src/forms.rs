use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::FormId;
use caseload::domain::paperwork::{Form, Library};
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::form::{FormCardView, FormView};
use caseload::web::{Caller, Json, Outcome, PageQuery, Path, Query, Reply, RequireMatch, Shown, StaffOnly};
use caseload::workflows::retrying;
use serde::Serialize;
use utoipa::ToSchema;

use crate::form_body::FormBody;

/// A page of forms, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormPage {
    items: Vec<FormCardView>,
    next_cursor: Option<String>,
}

// S4
/// The forms of the practice, newest first.
#[utoipa::path(get, path = "/v1/forms", tag = "paperwork", params(PageQuery), responses((status = 200, body = FormPage)))]
pub(crate) async fn list_forms(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, "forms", &query)?;
    let asked = app.practice(&caller, Action::FormRead);
    let (_, Shown { items, next_cursor }) = app.visible_page(&page, &keys::forms(practice), asked, |_, _| true).await?;
    Reply::ok(&FormPage { items: items.iter().map(FormCardView::new).collect(), next_cursor })
}

// S4
/// Adds a form to the practice's library: questions, a consent to sign, or a worksheet.
#[utoipa::path(
    post, path = "/v1/forms", tag = "paperwork", request_body = FormBody,
    responses((status = 201, body = FormView), (status = 409))
)]
pub(crate) async fn create_form(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<FormBody>,
) -> Outcome {
    let (practice, id) = (caller.practice(), FormId::from_uuid(app.new_id()?));
    let content = body.content()?;
    retrying(app.clock(), async || {
        let (asked, library) = app.practice_with(&caller, Action::FormManage, keys::library(practice)).await?;
        let mut library = library.unwrap_or_else(|| Library::empty(practice));
        library.add_form()?;
        let now = asked.grant.at();
        let form = Form { id, practice, version: 1, content: content.clone(), created_at: now, changed_at: now };
        let mut tx = asked.tx();
        tx.create(&form).replace(&mut library).touches(id);
        let reply = Reply::created_at(form.version, &FormView::new(&form))?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

// S4
/// A form with all it says and asks.
#[utoipa::path(
    get, path = "/v1/forms/{form_id}", tag = "paperwork", params(("form_id" = FormId, Path)),
    responses((status = 200, body = FormView))
)]
pub(crate) async fn read_form(State(app): State<App>, caller: Caller<StaffOnly>, Path(id): Path<FormId>) -> Outcome {
    let wanted = keys::form(caller.practice(), id);
    let (_, found) = app.practice_with(&caller, Action::FormRead, wanted).await?;
    let form = found.ok_or_else(Refusal::absent)?;
    Reply::ok_at(form.version, &FormView::new(&form))
}

// S4
/// Makes a new version of a form. What was sent before stays as it was.
#[utoipa::path(
    put, path = "/v1/forms/{form_id}", tag = "paperwork", params(("form_id" = FormId, Path)), request_body = FormBody,
    responses((status = 200, body = FormView))
)]
pub(crate) async fn replace_form(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<FormId>,
    tag: RequireMatch,
    Json(body): Json<FormBody>,
) -> Outcome {
    let content = body.content()?;
    let wanted = keys::form(caller.practice(), id);
    let (asked, found) = app.practice_with(&caller, Action::FormManage, wanted).await?;
    let mut form = found.ok_or_else(Refusal::absent)?;
    tag.check(form.version)?;
    (form.content, form.changed_at) = (content, asked.grant.at());
    let mut tx = asked.tx();
    tx.replace(&mut form).touches(id).fields(["content"]);
    let reply = Reply::ok_at(form.version, &FormView::new(&form))?;
    app.finish(&asked, tx, reply).await
}

// S4
/// Deletes a form that is in no packet; what was sent of it stays.
#[utoipa::path(
    delete, path = "/v1/forms/{form_id}", tag = "paperwork", params(("form_id" = FormId, Path)),
    responses((status = 204), (status = 409))
)]
pub(crate) async fn delete_form(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<FormId>,
    tag: RequireMatch,
) -> Outcome {
    let practice = caller.practice();
    retrying(app.clock(), async || {
        let wanted = (keys::form(practice, id), keys::library(practice));
        let (asked, (found, library)) = app.practice_with(&caller, Action::FormManage, wanted).await?;
        let form = found.ok_or_else(Refusal::absent)?;
        tag.check(form.version)?;
        let mut library = library.unwrap_or_else(|| Library::empty(practice));
        library.remove_form(id)?;
        let mut tx = asked.tx();
        tx.delete(&form).replace(&mut library).touches(id);
        app.finish(&asked, tx, Reply::empty()).await
    })
    .await
}
