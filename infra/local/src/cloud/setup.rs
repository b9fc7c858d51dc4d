//! What a deployment's template says and makes: who may call, the table, the bucket.

use std::time::Duration;

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata as _};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
    TimeToLiveSpecification,
};
use caseload::config::{ConfigError, Endpoints, NoOrigin, Origin, Origins, Var};

use super::{BUCKET, StartError, TABLE};

/// How often a new table is looked at until it can be used.
const LOOKS: u32 = 100;

/// Refuses endpoints that the plain connector cannot speak to.
pub(super) fn check(endpoints: &Endpoints) -> Result<(), StartError> {
    let Endpoints { dynamodb, s3, sesv2, payments } = endpoints;
    let mut given = [dynamodb, s3, sesv2, payments].into_iter().flatten();
    match given.find(|endpoint| !endpoint.starts_with("http://")) {
        Some(endpoint) => Err(StartError::Endpoint(endpoint.clone())),
        None => Ok(()),
    }
}

/// Who may call: the portal and the pages here, under either name of this machine.
pub(super) fn origins(portal: &[Origin], url: &str) -> Result<Origins, ConfigError> {
    let mut all: Vec<&str> = portal.iter().map(Origin::as_str).collect();
    let named = url.replace("127.0.0.1", "localhost");
    all.extend([url, &named]);
    let malformed = |NoOrigin| ConfigError::Malformed(Var::PortalOrigin.name(), "not an origin");
    all.join(" ").parse().map_err(malformed)
}

fn failed(what: &'static str, endpoint: &Option<String>, error: &dyn std::error::Error) -> StartError {
    StartError::Create {
        what,
        endpoint: endpoint.clone().unwrap_or_default(),
        reason: DisplayErrorContext(error).to_string(),
    }
}

/// Creates the table if it is absent, and waits until it can be used.
#[expect(clippy::disallowed_methods, reason = "a table that is not ours takes its real time")]
pub(super) async fn create_table(client: &aws_sdk_dynamodb::Client, endpoints: &Endpoints) -> Result<(), StartError> {
    let failed = |error: &dyn std::error::Error| failed("the table", &endpoints.dynamodb, error);
    let mut create = client.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        let attribute = attribute.attribute_type(ScalarAttributeType::S).build();
        let key = KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
        create =
            create.attribute_definitions(attribute.map_err(|e| failed(&e))?).key_schema(key.map_err(|e| failed(&e))?);
    }
    match create.send().await {
        Ok(_) => {}
        Err(error) if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => {
            return Ok(());
        }
        Err(error) => return Err(failed(&error)),
    }
    for _ in 0..LOOKS {
        let seen = client.describe_table().table_name(TABLE).send().await.map_err(|e| failed(&e))?;
        if seen.table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let forget = TimeToLiveSpecification::builder().attribute_name("ttl").enabled(true).build();
    let forget =
        client.update_time_to_live().table_name(TABLE).time_to_live_specification(forget.map_err(|e| failed(&e))?);
    forget.send().await.map_err(|e| failed(&e))?;
    Ok(())
}

/// Creates the bucket in a service that is not ours, if it is absent.
pub(super) async fn create_bucket(client: &aws_sdk_s3::Client, endpoints: &Endpoints) -> Result<(), StartError> {
    match client.create_bucket().bucket(BUCKET).send().await {
        Ok(_) => Ok(()),
        Err(error) => match error.as_service_error().and_then(|error| error.code()) {
            Some("BucketAlreadyOwnedByYou" | "BucketAlreadyExists") => Ok(()),
            _ => Err(failed("the bucket", &endpoints.s3, &error)),
        },
    }
}
