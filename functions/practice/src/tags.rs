use axum::extract::State;
use caseload::access::{Action, Actor, caseload_scope};
use caseload::app::App;
use caseload::domain::catalog::{Catalog, Tag, TagColor};
use caseload::domain::directory::Scope;
use caseload::domain::ids::TagId;
use caseload::domain::text::{TagName, fold};
use caseload::refusal::{Refusal, Stop};
use caseload::store::directory::lock;
use caseload::store::keys;
use caseload::web::{Authorized, Caller, ETag, Json, Outcome, Patch, Path, Reply, RequireMatch, StaffOnly};
use caseload::workflows::retrying;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A tag with the number of clients that have it, among those the caller sees.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagUsageView {
    id: TagId,
    name: String,
    color: String,
    clients: usize,
    /// For `If-Match` when it is changed or deleted.
    etag: ETag,
}

/// The tags of a practice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagList {
    items: Vec<TagUsageView>,
    next_cursor: Option<String>,
}

/// A new tag.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTag {
    name: TagName,
    #[schema(pattern = "^#[0-9a-f]{6}$")]
    color: Option<String>,
}

/// A change of a tag.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchTag {
    #[serde(default)]
    name: Patch<TagName>,
    /// Six hexadecimal digits after `#`.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^#[0-9a-f]{6}$")]
    color: Patch<String>,
}

impl PatchTag {
    /// The tag after it.
    fn apply(self, mut tag: Tag) -> Result<Tag, Refusal> {
        let Self { name, color: wanted } = self;
        let refused = |bad| Refusal::fields(vec![bad]);
        name.require(&mut tag.name, "/name").map_err(refused)?;
        let mut text = tag.color.as_str().to_owned();
        if wanted.require(&mut text, "/color").map_err(refused)? {
            tag.color = color(&text)?;
        }
        Ok(tag)
    }
}

fn view(id: TagId, tag: &Tag, clients: usize, version: u64) -> TagUsageView {
    TagUsageView {
        id,
        name: tag.name.as_str().to_owned(),
        color: tag.color.as_str().to_owned(),
        clients,
        etag: ETag::new(version),
    }
}

fn color(text: &str) -> Result<TagColor, Refusal> {
    TagColor::parse(text).map_err(|invalid| Refusal::invalid("/color", "color_invalid", invalid))
}

fn taken() -> Refusal {
    Refusal::conflict("tag_taken", "There is a tag of this name already.")
}

async fn catalog(app: &App, caller: &Caller<StaffOnly>, action: Action) -> Result<Authorized<Catalog>, Stop> {
    let (asked, found) = app.practice_with(caller, action, keys::catalog(caller.practice()).required()).await?;
    Ok(asked.map(|()| found))
}

/// The clients whose tags the caller sees.
fn scope(asked: &Authorized<()>) -> Result<Scope, Refusal> {
    let Actor::Staff(me) = &asked.actor else { return Err(Refusal::absent()) };
    Ok(caseload_scope(me, &asked.practice))
}

// B8, L16
/// The tags of the practice, by name, with how many of the clients that the caller sees have each.
#[utoipa::path(get, path = "/v1/tags", tag = "practice", responses((status = 200, body = TagList)))]
pub(crate) async fn list_tags(State(app): State<App>, caller: Caller<StaffOnly>) -> Outcome {
    let key = keys::catalog(caller.practice()).required();
    let (asked, held, catalog) = app.practice_with_directory(&caller, Action::TagsRead, key).await?;
    let counts = lock(&held).directory.with_tags(&scope(&asked)?, catalog.tags.keys().copied());
    let tags = catalog.tags.iter().zip(counts);
    let mut items: Vec<TagUsageView> =
        tags.map(|((id, tag), clients)| view(*id, tag, clients, catalog.version)).collect();
    items.sort_by_cached_key(|tag| fold(&tag.name));
    Reply::ok(&TagList { items, next_cursor: None })
}

/// Adds a tag.
#[utoipa::path(
    post, path = "/v1/tags", tag = "practice", request_body = CreateTag,
    responses((status = 201, body = TagUsageView), (status = 409))
)]
pub(crate) async fn create_tag(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<CreateTag>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = catalog(&app, &caller, Action::TagsManage).await?;
        if asked.subject.tag_named(&body.name).is_some() {
            return Err(taken().into());
        }
        let id = TagId::from_uuid(app.new_id()?);
        let full =
            || Refusal::conflict("too_many_tags", "The practice has as many tags as it can have. Delete one first.");
        asked.subject.tag_or_new(&body.name, id).ok_or_else(full)?;
        if let (Some(wanted), Some(tag)) = (&body.color, asked.subject.tags.get_mut(&id)) {
            tag.color = color(wanted)?;
        }
        let mut tx = asked.tx();
        tx.replace(&mut asked.subject).touches(id);
        let tag = asked.subject.tags.get(&id).ok_or_else(|| Refusal::broken("the new tag is gone"))?;
        let reply = Reply::created_at(asked.subject.version, &view(id, tag, 0, asked.subject.version))?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

// B7
/// Renames or recolours a tag; every client shows it at once.
#[utoipa::path(
    patch, path = "/v1/tags/{tag_id}", tag = "practice", params(("tag_id" = TagId, Path)), request_body = PatchTag,
    responses((status = 200, body = TagUsageView), (status = 409))
)]
pub(crate) async fn update_tag(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<TagId>,
    tag: RequireMatch,
    Json(body): Json<PatchTag>,
) -> Outcome {
    let key = keys::catalog(caller.practice()).required();
    let (asked, held, mut catalog) = app.practice_with_directory(&caller, Action::TagsManage, key).await?;
    let own = catalog.tags.get(&id).cloned().ok_or_else(Refusal::absent)?;
    tag.check(catalog.version)?;
    let changed = body.apply(own)?;
    if catalog.tag_named(&changed.name).is_some_and(|other| other != id) {
        return Err(taken().into());
    }
    catalog.tags.insert(id, changed.clone());
    let clients = lock(&held).directory.with_tags(&scope(&asked)?, std::iter::once(id)).into_iter().sum();
    let mut tx = asked.tx();
    tx.replace(&mut catalog).touches(id).fields(["name", "color"]);
    let reply = Reply::ok_at(catalog.version, &view(id, &changed, clients, catalog.version))?;
    app.finish(&asked, tx, reply).await
}

/// Deletes a tag; it is gone from every client at once.
#[utoipa::path(
    delete, path = "/v1/tags/{tag_id}", tag = "practice", params(("tag_id" = TagId, Path)),
    responses((status = 204))
)]
pub(crate) async fn delete_tag(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<TagId>,
    tag: RequireMatch,
) -> Outcome {
    let mut asked = catalog(&app, &caller, Action::TagsManage).await?;
    if !asked.subject.tags.contains_key(&id) {
        return Err(Refusal::absent().into());
    }
    tag.check(asked.subject.version)?;
    asked.subject.tags.remove(&id);
    let mut tx = asked.tx();
    tx.replace(&mut asked.subject).touches(id);
    app.finish(&asked, tx, Reply::empty()).await
}
