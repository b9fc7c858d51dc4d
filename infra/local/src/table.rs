//! The DynamoDB table: dynoxide behind its own HTTP endpoint, in memory or in one SQLite file.

use std::path::{Path, PathBuf};

use dynoxide::{Database, DynoxideError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Why the table did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder of the table's file could not be made.
    #[error("the folder {} for the table cannot be made: {source}", path.display())]
    Folder {
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The path is not text, which SQLite's file names have to be.
    #[error("the table's path {} is not valid UTF-8", .0.display())]
    Path(PathBuf),
    /// The file is no table, or belongs to a process that is still running.
    #[error("the table at {place} cannot be opened: {source}")]
    Open {
        /// The file, or "memory".
        place: String,
        /// What dynoxide said.
        source: DynoxideError,
    },
    /// No port could be had on loopback.
    #[error("the table cannot listen on 127.0.0.1: {0}")]
    Listen(#[source] std::io::Error),
}

/// A running table store; dropping it stops it.
#[derive(Debug)]
pub struct Table {
    /// Where the SDK finds it: `http://127.0.0.1:<port>`.
    pub endpoint: String,
    _stop: oneshot::Sender<()>,
}

impl Table {
    /// Serves the database in the file at `path`, made when absent, or an empty one in memory.
    ///
    /// No DynamoDB table exists in a new one: `CreateTable` makes it, as in the cloud. Any credentials are
    /// accepted, but there have to be some.
    pub async fn start(path: Option<&Path>) -> Result<Self, StartError> {
        let database = open(path)?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let stopped = async move { drop(stopped.await) };
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, stopped).await {
                tracing::error!(error, "the table stopped");
            }
        });
        Ok(Self { endpoint: format!("http://{address}"), _stop: stop })
    }
}

fn open(path: Option<&Path>) -> Result<Database, StartError> {
    let (place, database) = match path {
        None => ("memory".to_owned(), Database::memory()),
        Some(path) => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .map_err(|source| StartError::Folder { path: folder.to_owned(), source })?;
            }
            let name = path.to_str().ok_or_else(|| StartError::Path(path.to_owned()))?;
            (name.to_owned(), Database::new(name))
        }
    };
    let refused = |source| StartError::Open { place: place.clone(), source };
    let database = database.map_err(refused)?;
    // Without it every write waits for the disk: 30 a second. What a power cut loses here is nobody's record.
    database.enable_bulk_loading().map_err(refused)?;
    Ok(database)
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    use aws_sdk_dynamodb::{Client, Config};

    use super::*;

    fn client(table: &Table) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local-secret", None, None, "local"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(&table.endpoint)
            .build();
        Client::from_conf(config)
    }

    async fn create(client: &Client) {
        let (name, text) = ("pk", ScalarAttributeType::S);
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(text);
        let key = KeySchemaElement::builder().attribute_name(name).key_type(KeyType::Hash);
        client
            .create_table()
            .table_name("caseload")
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute.build().unwrap())
            .key_schema(key.build().unwrap())
            .send()
            .await
            .unwrap();
    }

    async fn put(client: &Client, key: &str) {
        let put = client.put_item().table_name("caseload");
        let put = put.item("pk", AttributeValue::S(key.to_owned()));
        put.item("n", AttributeValue::N("7".to_owned())).send().await.unwrap();
    }

    async fn get(client: &Client, key: &str) -> Option<String> {
        let get = client.get_item().table_name("caseload").consistent_read(true);
        let item = get.key("pk", AttributeValue::S(key.to_owned())).send().await.unwrap().item?;
        item.get("n")?.as_n().ok().cloned()
    }

    #[tokio::test]
    async fn what_is_put_is_got() {
        let table = Table::start(None).await.unwrap();
        let client = client(&table);
        create(&client).await;
        put(&client, "a").await;
        assert_eq!(get(&client, "a").await.as_deref(), Some("7"));
        assert_eq!(get(&client, "b").await, None);
    }

    #[tokio::test]
    async fn two_tables_share_nothing() {
        let (one, other) = (Table::start(None).await.unwrap(), Table::start(None).await.unwrap());
        create(&client(&one)).await;
        let names = client(&other).list_tables().send().await.unwrap().table_names.unwrap();
        assert!(names.is_empty(), "{names:?}");
    }

    #[tokio::test]
    async fn a_file_keeps_its_items() {
        let folder = std::env::temp_dir().join(format!("caseload-table-{}", std::process::id()));
        let path = folder.join("deep").join("table.db");
        let table = Table::start(Some(&path)).await.unwrap();
        create(&client(&table)).await;
        put(&client(&table), "a").await;
        drop(table);

        let again = Table::start(Some(&path)).await.unwrap();
        assert_eq!(get(&client(&again), "a").await.as_deref(), Some("7"));
        drop(again);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_no_table_is_named() {
        let path = std::env::temp_dir().join(format!("caseload-no-table-{}", std::process::id()));
        std::fs::write(&path, "this is not a database, however long it may be".repeat(50)).unwrap();
        let error = Table::start(Some(&path)).await.unwrap_err();
        assert!(error.to_string().contains("caseload-no-table"), "{error}");
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn dropping_it_closes_the_port() {
        let table = Table::start(None).await.unwrap();
        let address = table.endpoint.trim_start_matches("http://").to_owned();
        assert!(tokio::net::TcpStream::connect(&address).await.is_ok());
        drop(table);
        while tokio::net::TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}
