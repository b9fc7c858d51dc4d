//! What S3 tells about an object that has arrived.

use jiff::Timestamp;
use serde_json::{Value, json};

/// An object that has arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectCreated {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// How many bytes it has.
    pub size: u64,
    /// Its ETag, without quotes.
    pub etag: String,
    /// Grows with every object, as text too: of two events of one key the greater is the later.
    pub sequencer: String,
}

/// The notification that S3 sends to a function for this object, dated `now`.
#[must_use]
pub fn s3_event(object: &ObjectCreated, now: Timestamp) -> Value {
    let ObjectCreated { bucket, key, size, etag, sequencer } = object;
    json!({
        "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-east-1",
            "eventTime": format!("{now:.3}"),
            "eventName": "ObjectCreated:Put",
            "userIdentity": { "principalId": "AWS:local" },
            "requestParameters": { "sourceIPAddress": "127.0.0.1" },
            "responseElements": { "x-amz-request-id": sequencer, "x-amz-id-2": sequencer },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "local",
                "bucket": {
                    "name": bucket,
                    "ownerIdentity": { "principalId": "local" },
                    "arn": format!("arn:aws:s3:::{bucket}"),
                },
                "object": { "key": encoded(key), "size": size, "eTag": etag, "sequencer": sequencer },
            },
        }],
    })
}

/// Form encoding with `+` for a space, but slashes stay: so S3 writes keys into events.
fn encoded(key: &str) -> String {
    let parts = key.split('/').map(|part| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>());
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notification_is_what_s3_writes() {
        let object = ObjectCreated {
            bucket: "caseload".to_owned(),
            key: "import/Zoë's list (1)+.csv".to_owned(),
            size: 33_248,
            etag: "0cc175b9c0f1b6a831c399e269772661".to_owned(),
            sequencer: "0000000000000001".to_owned(),
        };
        let event = s3_event(&object, "2026-11-21T10:00:00.1234Z".parse().unwrap());
        let record = &event["Records"][0];
        assert_eq!(record["eventVersion"], "2.1");
        assert_eq!(record["eventSource"], "aws:s3");
        assert_eq!(record["eventName"], "ObjectCreated:Put");
        assert_eq!(record["eventTime"], "2026-11-21T10:00:00.123Z");
        assert_eq!(record["s3"]["bucket"]["arn"], "arn:aws:s3:::caseload");
        assert_eq!(
            record["s3"]["object"],
            json!({
                "key": "import/Zo%C3%AB%27s+list+%281%29%2B.csv",
                "size": 33_248, "eTag": object.etag, "sequencer": object.sequencer,
            })
        );
    }
}
