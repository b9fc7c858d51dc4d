//! Examples: of each operation what a test sent and was answered (`infra/examples.json`, drawn by `.ci/examples`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, RefOr};

/// One exchange; what has no body has none here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    request: Option<Value>,
    answer: Option<Value>,
}

/// By the id of the operation.
#[derive(Debug)]
pub(crate) struct Examples(BTreeMap<String, Example>);

impl Examples {
    /// Those that are checked in; none where they can't be read, which a test would notice.
    pub(crate) fn read() -> Self {
        Self(serde_json::from_str(include_str!("../../examples.json")).unwrap_or_default())
    }

    /// Puts the operation's example beside its schemas.
    pub(crate) fn put(&self, operation: &mut Operation) {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        let Some(Example { request, answer }) = self.0.get(id).cloned() else { return };
        if let (Some(RefOr::T(body)), Some(request)) = (&mut operation.request_body, request) {
            show(&mut body.content, &request);
        }
        let successes = operation.responses.responses.iter_mut().filter(|(status, _)| status.starts_with('2'));
        for (_, response) in successes {
            if let (RefOr::T(response), Some(answer)) = (response, &answer) {
                show(&mut response.content, answer);
            }
        }
    }
}

fn show<'c>(contents: impl IntoIterator<Item = (&'c String, &'c mut RefOr<Content>)>, example: &Value) {
    for (media, content) in contents {
        if let RefOr::T(content) = content
            && media.ends_with("json")
        {
            content.example = Some(example.clone());
        }
    }
}
