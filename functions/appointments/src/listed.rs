use caseload::web::view::appointment::ItemView;
use serde::Serialize;
use utoipa::ToSchema;

/// Appointments in the order that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppointmentList {
    pub(crate) items: Vec<ItemView>,
    pub(crate) next_cursor: Option<String>,
}
