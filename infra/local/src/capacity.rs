//! What a DynamoDB answer says it consumed.

use serde::Deserialize;

/// Read and write units of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Units {
    pub(crate) read: f64,
    pub(crate) write: f64,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "ConsumedCapacity")]
    consumed: Option<OneOrMore>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Consumed),
    More(Vec<Consumed>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Consumed {
    capacity_units: Option<f64>,
    read_capacity_units: Option<f64>,
    write_capacity_units: Option<f64>,
}

impl Units {
    /// Adds up the answer's `ConsumedCapacity`; nothing if it has none.
    ///
    /// Where reads and writes are not told apart, the operation says which of the two the units are.
    pub(crate) fn of(operation: &str, body: &[u8]) -> Self {
        let consumed = match serde_json::from_slice::<Answer>(body).ok().and_then(|answer| answer.consumed) {
            Some(OneOrMore::One(one)) => vec![one],
            Some(OneOrMore::More(more)) => more,
            None => Vec::new(),
        };
        let writes = ["Put", "Update", "Delete", "TransactWrite", "BatchWrite"];
        let writes = writes.iter().any(|verb| operation.starts_with(verb));
        consumed.iter().fold(Self::default(), |sum, part| {
            let (read, write) = match (part.read_capacity_units, part.write_capacity_units) {
                (None, None) if writes => (0.0, part.capacity_units.unwrap_or_default()),
                (None, None) => (part.capacity_units.unwrap_or_default(), 0.0),
                (read, write) => (read.unwrap_or_default(), write.unwrap_or_default()),
            };
            Self { read: sum.read + read, write: sum.write + write }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_added_up_by_kind() {
        for (operation, body, read, write) in [
            ("Query", r#"{"Items":[],"ConsumedCapacity":{"TableName":"t","CapacityUnits":1.5}}"#, 1.5, 0.0),
            ("PutItem", r#"{"ConsumedCapacity":{"CapacityUnits":2}}"#, 0.0, 2.0),
            ("BatchGetItem", r#"{"ConsumedCapacity":[{"CapacityUnits":3},{"CapacityUnits":0.5}]}"#, 3.5, 0.0),
            (
                "TransactWriteItems",
                r#"{"ConsumedCapacity":[{"CapacityUnits":6,"ReadCapacityUnits":2,"WriteCapacityUnits":4}]}"#,
                2.0,
                4.0,
            ),
            ("Query", "{}", 0.0, 0.0),
            ("Query", "not json", 0.0, 0.0),
        ] {
            assert_eq!(Units::of(operation, body.as_bytes()), Units { read, write }, "{operation} {body}");
        }
    }
}
