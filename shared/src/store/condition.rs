//! What a write asks of the item it meets.

use aws_sdk_dynamodb::types::AttributeValue;

/// A change in place of an item that was not read.
#[derive(Debug, Clone)]
pub(super) struct Amendment {
    pub(super) update: &'static str,
    pub(super) condition: &'static str,
    pub(super) names: Vec<(&'static str, String)>,
    pub(super) values: Vec<(&'static str, AttributeValue)>,
}

/// What must hold of the item that stands there; empty for nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Condition {
    pub(super) expression: String,
    /// Stand-ins for names that the table's language keeps for itself.
    pub(super) names: Vec<(&'static str, &'static str)>,
    pub(super) values: Vec<(String, AttributeValue)>,
}

impl Condition {
    pub(super) fn of(expression: impl Into<String>, values: Vec<(String, AttributeValue)>) -> Self {
        Self { expression: expression.into(), names: Vec::new(), values }
    }
}
