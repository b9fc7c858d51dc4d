use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::text::BreakGlassReason;

// decision 15
/// Why what is private to another has to be read.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    pub reason: BreakGlassReason,
}
