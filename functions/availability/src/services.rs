use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::domain::ids::ServiceId;
use caseload::domain::money::Money;
use caseload::domain::service::{Service, ServicePlace, ServiceTerms, ServicesTally, VideoLink};
use caseload::domain::text::ServiceName;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::service::{AnyServiceView, PortalServiceView, ServiceView};
use caseload::web::{
    Anyone, Authorized, Caller, Json, Outcome, PageQuery, Patch, Path, Query, Reply, RequireMatch, Shown, StaffOnly,
};
use caseload::workflows::retrying;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of services, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServicePage {
    items: Vec<AnyServiceView>,
    next_cursor: Option<String>,
}

/// A new service.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateService {
    name: ServiceName,
    /// How long a session is.
    #[schema(minimum = 5, maximum = 1440)]
    minutes: u16,
    /// In the currency of the practice.
    price: Option<Money>,
    /// Minutes that stay free before a session; none unless given.
    #[serde(default)]
    #[schema(maximum = 240)]
    buffer_before: u16,
    /// Minutes that stay free after it; none unless given.
    #[serde(default)]
    #[schema(maximum = 240)]
    buffer_after: u16,
    /// Whether clients see it and its free times.
    bookable_online: bool,
    /// At the practice unless given.
    place: Option<ServicePlace>,
    /// Of the video room.
    link: Option<VideoLink>,
}

impl CreateService {
    fn terms(self) -> ServiceTerms {
        let Self { name, minutes, price, buffer_before, buffer_after, bookable_online, place, link } = self;
        let place = place.unwrap_or(ServicePlace::InPerson);
        ServiceTerms { name, minutes, price, buffer_before, buffer_after, bookable_online, place, link }
    }
}

/// A change of a service. Appointments that are booked stay as they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchService {
    #[serde(default)]
    name: Patch<ServiceName>,
    #[serde(default)]
    #[schema(minimum = 5, maximum = 1440)]
    minutes: Patch<u16>,
    #[serde(default)]
    price: Patch<Money>,
    #[serde(default)]
    #[schema(maximum = 240)]
    buffer_before: Patch<u16>,
    #[serde(default)]
    #[schema(maximum = 240)]
    buffer_after: Patch<u16>,
    #[serde(default)]
    bookable_online: Patch<bool>,
    #[serde(default)]
    place: Patch<ServicePlace>,
    #[serde(default)]
    link: Patch<VideoLink>,
}

impl PatchService {
    /// Applies it; names what changed.
    fn apply(self, terms: &mut ServiceTerms) -> Result<Vec<&'static str>, Refusal> {
        let Self { name, minutes, price, buffer_before, buffer_after, bookable_online, place, link } = self;
        let refused = |bad| Refusal::fields(vec![bad]);
        let named = [
            ("name", name.require(&mut terms.name, "/name").map_err(refused)?),
            ("minutes", minutes.require(&mut terms.minutes, "/minutes").map_err(refused)?),
            ("price", price.apply(&mut terms.price)),
            ("buffer_before", buffer_before.require(&mut terms.buffer_before, "/buffer_before").map_err(refused)?),
            ("buffer_after", buffer_after.require(&mut terms.buffer_after, "/buffer_after").map_err(refused)?),
            (
                "bookable_online",
                bookable_online.require(&mut terms.bookable_online, "/bookable_online").map_err(refused)?,
            ),
            ("place", place.require(&mut terms.place, "/place").map_err(refused)?),
            ("link", link.apply(&mut terms.link)),
        ];
        Ok(named.into_iter().filter(|(_, named)| *named).map(|(field, _)| field).collect())
    }
}

// I2
/// The services of the practice, newest first: for clients those that they can book.
#[utoipa::path(
    get, path = "/v1/services", tag = "availability", params(PageQuery),
    responses((status = 200, body = ServicePage))
)]
pub(crate) async fn list_services(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, &format!("services {}", caller.identity.principal), &query)?;
    let asked = app.practice(&caller, Action::ServicesRead);
    let by_client = |asked: &Authorized<()>| matches!(asked.actor, Actor::Client(_));
    let sees = |asked: &Authorized<()>, service: &Service| service.terms.bookable_online || !by_client(asked);
    let (asked, shown) = app.visible_page(&page, &keys::services(practice), asked, sees).await?;
    let Shown { items, next_cursor } = shown;
    let view = |service: &Service| match by_client(&asked) {
        true => AnyServiceView::Portal(PortalServiceView::new(service)),
        false => AnyServiceView::Staff(ServiceView::new(service)),
    };
    Reply::ok(&ServicePage { items: items.iter().map(view).collect(), next_cursor })
}

// I2
/// Adds a service.
#[utoipa::path(
    post, path = "/v1/services", tag = "availability", request_body = CreateService,
    responses((status = 201, body = ServiceView), (status = 409))
)]
pub(crate) async fn create_service(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<CreateService>,
) -> Outcome {
    let (practice, id) = (caller.practice(), ServiceId::from_uuid(app.new_id()?));
    let terms = body.terms();
    retrying(app.clock(), async || {
        let wanted = keys::services_tally(practice);
        let (asked, tally) = app.practice_with(&caller, Action::ServicesManage, wanted).await?;
        terms.check(asked.practice.currency)?;
        let mut tally = tally.unwrap_or_else(|| ServicesTally::empty(practice));
        tally.add()?;
        let service = Service { id, practice, version: 1, terms: terms.clone(), created_at: asked.grant.at() };
        let mut tx = asked.tx();
        tx.create(&service).replace(&mut tally).touches(id);
        let reply = Reply::created_at(service.version, &ServiceView::new(&service))?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

// I2
/// Changes a service; appointments that are booked stay as they are.
#[utoipa::path(
    patch, path = "/v1/services/{service_id}", tag = "availability",
    params(("service_id" = ServiceId, Path)), request_body = PatchService,
    responses((status = 200, body = ServiceView))
)]
pub(crate) async fn update_service(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ServiceId>,
    tag: RequireMatch,
    Json(body): Json<PatchService>,
) -> Outcome {
    let wanted = keys::service(caller.practice(), id);
    let (asked, found) = app.practice_with(&caller, Action::ServicesManage, wanted).await?;
    let mut service = found.ok_or_else(Refusal::absent)?;
    tag.check(service.version)?;
    let fields = body.apply(&mut service.terms)?;
    service.terms.check(asked.practice.currency)?;
    let mut tx = asked.tx();
    tx.replace(&mut service).touches(id).fields(fields);
    let reply = Reply::ok_at(service.version, &ServiceView::new(&service))?;
    app.finish(&asked, tx, reply).await
}

// I2
/// Deletes a service; appointments that are booked stay as they are.
#[utoipa::path(
    delete, path = "/v1/services/{service_id}", tag = "availability",
    params(("service_id" = ServiceId, Path)),
    responses((status = 204))
)]
pub(crate) async fn delete_service(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ServiceId>,
    tag: RequireMatch,
) -> Outcome {
    let practice = caller.practice();
    retrying(app.clock(), async || {
        let wanted = (keys::service(practice, id), keys::services_tally(practice));
        let (asked, (found, tally)) = app.practice_with(&caller, Action::ServicesManage, wanted).await?;
        let service = found.ok_or_else(Refusal::absent)?;
        tag.check(service.version)?;
        let mut tally = tally.unwrap_or_else(|| ServicesTally::empty(practice));
        tally.remove();
        let mut tx = asked.tx();
        tx.delete(&service).replace(&mut tally).touches(id);
        app.finish(&asked, tx, Reply::empty()).await
    })
    .await
}
