//! Counters of tries, raised before the secret is looked at (security IDN-13).

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use super::condition::Amendment;
use super::item::key_item;
use super::keys::Place;
use super::{Store, StoreError, keys, sdk_error};

/// How many tries within which window.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is counted; part of the key.
    pub kind: &'static str,
    /// At most this many.
    pub max: u32,
    /// In windows of this length.
    pub window: SignedDuration,
}

/// What stands at a counter's key: a number that is raised in place and never read as a noun.
#[derive(Debug)]
pub struct RateCounter;

/// What a transaction counts when it holds.
#[derive(Debug, Clone)]
pub(super) struct Count {
    pub(super) place: Place,
    pub(super) times: u32,
    max: u32,
    /// The window's end, and when the counter is of no more use, in seconds.
    ends: i64,
    ttl: i64,
    now: i64,
}

impl Count {
    /// Once.
    pub(super) fn new(limit: Limit, hash: &str, now: Timestamp) -> Self {
        let length = limit.window.as_secs().max(1);
        let window = now.as_second().div_euclid(length);
        let ends = (window + 1) * length;
        let place = keys::rate(limit.kind, hash, window).into_place();
        Self { place, times: 1, max: limit.max, ends, ttl: ends + length, now: now.as_second() }
    }

    /// The change of its counter, and how long whoever is refused has to wait.
    pub(super) fn amendment(self) -> (Place, Amendment, SignedDuration) {
        let Self { place, times, max, ends, ttl, now } = self;
        let number = |value: i64| AttributeValue::N(value.to_string());
        let amendment = Amendment {
            update: "ADD n :times SET #ttl = :ttl, entity = :entity",
            condition: "attribute_not_exists(n) OR n <= :room",
            names: vec![("#ttl", "ttl".to_owned())],
            values: vec![
                (":times", number(times.into())),
                (":room", number(i64::from(max) - i64::from(times))),
                (":ttl", number(ttl)),
                (":entity", AttributeValue::S("rate".to_owned())),
            ],
        };
        (place, amendment, SignedDuration::from_secs(ends - now))
    }
}

impl Store {
    /// Counts a try. `Err` of the inner result is the time until the window ends.
    ///
    /// A lost answer counts twice, which only errs on the safe side.
    pub async fn raise(
        &self,
        limit: Limit,
        hash: &str,
        now: Timestamp,
    ) -> Result<Result<(), SignedDuration>, StoreError> {
        let length = limit.window.as_secs().max(1);
        let window = now.as_second().div_euclid(length);
        let end = (window + 1) * length;
        let done = self
            .client()
            .update_item()
            .table_name(self.table())
            .set_key(Some(key_item(keys::rate(limit.kind, hash, window).place())))
            .update_expression("ADD n :one SET #ttl = :ttl, entity = :entity")
            .condition_expression("attribute_not_exists(n) OR n < :max")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":ttl", AttributeValue::N((end + length).to_string()))
            .expression_attribute_values(":entity", AttributeValue::S("rate".to_owned()))
            .expression_attribute_values(":max", AttributeValue::N(limit.max.to_string()))
            .return_consumed_capacity(self.capacity())
            .send()
            .await;
        match done {
            Ok(_) => Ok(Ok(())),
            Err(e) if e.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(Err(SignedDuration::from_secs(end - now.as_second())))
            }
            Err(e) => Err(sdk_error("UpdateItem", &e)),
        }
    }
}
