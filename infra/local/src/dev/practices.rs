//! `/dev/practices`: who has signed up. A Scan, which the product itself never does.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use caseload::domain::practice::Practice;
use caseload::refusal::Refusal;
use caseload::store::Entity;
use caseload::store::item::from_item;
use serde_json::json;

use crate::cloud::{Parts, TABLE};

pub(super) async fn list(State(parts): State<Arc<Parts>>) -> Result<Response, Refusal> {
    let mut found: Vec<Practice> = Vec::new();
    let mut start = None;
    loop {
        let scan = parts.client.scan().table_name(TABLE).consistent_read(true);
        let scan = scan
            .filter_expression("entity = :practice")
            .expression_attribute_values(":practice", AttributeValue::S(Practice::NAME.to_owned()))
            .set_exclusive_start_key(start);
        let page = scan.send().await.map_err(Refusal::broken)?;
        for item in page.items.unwrap_or_default() {
            found.push(from_item(item)?);
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    found.sort_by_key(|practice| practice.id);
    let items: Vec<_> = found
        .iter()
        .map(|practice| json!({ "id": practice.id, "name": practice.name.as_str(), "slug": practice.slug.as_str() }))
        .collect();
    Ok(Json(json!({ "items": items })).into_response())
}
