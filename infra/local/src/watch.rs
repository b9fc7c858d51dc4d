//! Notice of objects in a bucket that is not ours: nobody there knows whom to tell, so this asks.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_s3::Client;

use crate::bucket::ObjectCreated;
use crate::cloud::BUCKET;
use crate::events::Events;
use crate::functions::workers;

const PAUSE: Duration = Duration::from_secs(1);

/// Notifies of each object under a prefix that somebody waits for and that is new or has changed, for as long as it is polled.
///
/// What was there before counts as new: a notification may come twice, so it may also come late.
#[expect(clippy::disallowed_methods, reason = "nobody tells it when there is something to look at")]
pub(crate) async fn watch(client: Client, events: Events) {
    let mut seen: HashMap<String, String> = HashMap::new();
    loop {
        for (_, objects, _) in workers() {
            look(&client, objects.prefix, &events, &mut seen).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn look(client: &Client, prefix: &str, events: &Events, seen: &mut HashMap<String, String>) {
    let mut pages = client.list_objects_v2().bucket(BUCKET).prefix(prefix).into_paginator().send();
    while let Some(page) = pages.next().await {
        let Ok(page) = page else {
            tracing::warn!("the bucket cannot be listed; asking again");
            break;
        };
        for object in page.contents.unwrap_or_default() {
            let (Some(key), Some(etag)) = (object.key, object.e_tag) else { continue };
            if seen.insert(key.clone(), etag.clone()).as_ref() == Some(&etag) {
                continue;
            }
            let modified = object.last_modified.and_then(|at| at.to_millis().ok()).unwrap_or_default();
            events.notify(ObjectCreated {
                bucket: BUCKET.to_owned(),
                key,
                size: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                etag: etag.trim_matches('"').to_owned(),
                sequencer: format!("{modified:016x}"),
            });
        }
    }
}
