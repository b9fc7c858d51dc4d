use axum::extract::State;
use caseload::app::App;
use caseload::domain::practice::{PortalFeature, Slug};
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::menu::MenuEntryView;
use caseload::web::{Outcome, Path, Reply, Visitor};
use serde::Serialize;
use utoipa::ToSchema;

/// What a sign-in page may show.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalConfigView {
    name: String,
    slug: String,
    greeting: Option<String>,
    on: bool,
    registration_open: bool,
    confirmation_required: bool,
    features: Vec<PortalFeature>,
    /// The same, as they appear, in the order of the menu.
    menu: Vec<MenuEntryView>,
}

/// The public face of a practice's portal.
#[utoipa::path(
    get, path = "/v1/portals/{slug}", tag = "practice", params(("slug" = String, Path)),
    responses((status = 200, body = PortalConfigView))
)]
pub(crate) async fn read_portal(State(app): State<App>, _: Visitor, Path(slug): Path<String>) -> Outcome {
    let slug = Slug::parse(&slug).map_err(|_| Refusal::absent())?;
    let guard = app.store.load(keys::slug_guard(&slug)).await?.ok_or_else(Refusal::absent)?;
    let practice = app.store.load(keys::practice(guard.practice)).await?.ok_or_else(Refusal::absent)?;
    let portal = &practice.portal;
    Reply::ok(&PortalConfigView {
        name: practice.name.as_str().to_owned(),
        slug: practice.slug.as_str().to_owned(),
        greeting: portal.greeting.as_ref().map(|g| g.as_str().to_owned()),
        on: portal.on,
        registration_open: portal.on && portal.self_registration,
        confirmation_required: portal.email_confirmation,
        features: PortalFeature::ALL.into_iter().filter(|f| portal.has(*f)).collect(),
        menu: MenuEntryView::all(&practice, |feature| portal.has(feature)),
    })
}
