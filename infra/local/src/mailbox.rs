//! The SES v2 mailbox: takes `SendEmail` calls and keeps the messages for people and tests to read.

mod attachment;
mod letter;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use caseload::clock::Clock;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

pub use attachment::Attachment;
use letter::{Letter, bare};

/// The largest message SES takes.
const LARGEST: usize = 40 << 20;

/// Mail to these addresses of SES is taken and goes nowhere.
const SIMULATOR: &str = "@simulator.amazonses.com";

/// Why the mailbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No port could be had on loopback.
    #[error("the mailbox cannot listen on 127.0.0.1: {0}")]
    Listen(#[from] std::io::Error),
}

/// A message as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The `MessageId` the sender was given.
    pub id: String,
    /// The recipients, as the sender wrote them.
    pub to: Vec<String>,
    /// The sender's address, as written.
    pub from: String,
    pub subject: String,
    /// The text part; empty when there is none.
    pub text: String,
    /// The HTML part; empty when there is none.
    pub html: String,
    /// The extra headers, by name as written.
    pub headers: BTreeMap<String, String>,
    pub attachments: Vec<Attachment>,
    /// When it was taken: RFC 3339 in UTC.
    pub sent_at: String,
}

/// What is wrong with the mail service, for tests of what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Trouble {
    /// Nothing: messages are taken.
    None,
    /// Every call is answered with a 500 and nothing is kept.
    Failing,
    /// No call is ever answered and nothing is kept.
    Hanging,
}

/// A running mailbox; dropping it stops it.
#[derive(Debug)]
pub struct Mailbox {
    /// Where the SDK finds it: `http://127.0.0.1:<port>`.
    pub endpoint: String,
    post: Arc<PostRoom>,
    _stop: oneshot::Sender<()>,
}

impl Mailbox {
    /// Opens an empty mailbox that dates its messages by `clock`.
    pub async fn start(clock: Clock) -> Result<Self, StartError> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let post = Arc::new(PostRoom::new(clock));
        let (stop, stopped) = oneshot::channel::<()>();
        let server =
            axum::serve(listener, router(Arc::clone(&post))).with_graceful_shutdown(async move { drop(stopped.await) });
        tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the mailbox stopped");
            }
        });
        Ok(Self { endpoint: format!("http://{address}"), post, _stop: stop })
    }

    /// The messages kept, newest first; of equal times the one that came last is first. With `to`, only those with
    /// that address among the recipients, in whatever case and with or without a display name.
    #[must_use]
    pub fn messages(&self, to: Option<&str>) -> Vec<Message> {
        self.post.messages(to)
    }

    /// From now on, every call meets this trouble. Calls already hanging stay so.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.post.trouble.store(trouble as u8, Ordering::SeqCst);
    }

    /// How many calls have begun to hang so far: time for somebody to lose patience.
    #[must_use]
    pub fn hanging(&self) -> watch::Receiver<usize> {
        self.post.hanging.subscribe()
    }
}

struct PostRoom {
    clock: Clock,
    kept: Mutex<Vec<(Timestamp, Message)>>,
    trouble: AtomicU8,
    hanging: watch::Sender<usize>,
}

impl std::fmt::Debug for PostRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostRoom").finish_non_exhaustive()
    }
}

impl PostRoom {
    fn new(clock: Clock) -> Self {
        let trouble = AtomicU8::new(Trouble::None as u8);
        Self { clock, kept: Mutex::default(), trouble, hanging: watch::Sender::default() }
    }

    fn keep(&self, letter: Letter) -> String {
        let now = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let id = format!("{:016x}-{:06}", now.as_millisecond(), kept.len());
        let message = Message {
            id: id.clone(),
            to: letter.to,
            from: letter.from,
            subject: letter.subject,
            text: letter.text,
            html: letter.html,
            headers: letter.headers,
            attachments: letter.attachments,
            sent_at: now.to_string(),
        };
        if !message.to.iter().all(|to| bare(to).ends_with(SIMULATOR)) {
            kept.push((now, message));
        }
        id
    }

    fn messages(&self, to: Option<&str>) -> Vec<Message> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = to.map(|address| bare(address).to_lowercase());
        let is_wanted = |message: &Message| match &wanted {
            Some(wanted) => message.to.iter().any(|to| bare(to).to_lowercase() == *wanted),
            None => true,
        };
        let mut found: Vec<_> = kept.iter().rev().filter(|(_, message)| is_wanted(message)).collect();
        found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        found.into_iter().map(|(_, message)| message.clone()).collect()
    }
}

fn router(post_room: Arc<PostRoom>) -> Router {
    Router::new()
        .route("/v2/email/outbound-emails", post(send_email))
        .fallback(|| async { refusal(StatusCode::NOT_FOUND, "NotFoundException", "this mailbox only has SendEmail") })
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(post_room)
}

async fn send_email(State(room): State<Arc<PostRoom>>, body: Bytes) -> Response {
    let trouble = room.trouble.load(Ordering::SeqCst);
    if trouble == Trouble::Hanging as u8 {
        room.hanging.send_modify(|calls| *calls += 1);
        std::future::pending::<()>().await;
    }
    if trouble == Trouble::Failing as u8 {
        return refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "the mail service has failed");
    }
    match Letter::read(&body) {
        Ok(letter) => Json(json!({ "MessageId": room.keep(letter) })).into_response(),
        Err(message) => refusal(StatusCode::BAD_REQUEST, "BadRequestException", &message),
    }
}

fn refusal(status: StatusCode, code: &'static str, message: &str) -> Response {
    (status, [("x-amzn-errortype", code)], Json(json!({ "message": message }))).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use futures_util::FutureExt;
    use http_body_util::BodyExt;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    fn letter(to: &str, subject: &str) -> Value {
        json!({
            "FromEmailAddress": "Harbor <no-reply@harbor.example>",
            "Destination": {"ToAddresses": [to]},
            "Content": {"Simple": {
                "Subject": {"Data": subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": "Hello"}, "Html": {"Data": "<p>Hello</p>"}},
                "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://harbor.example/stop>"}],
                "Attachments": [{"FileName": "a.txt", "ContentType": "text/plain; charset=UTF-8", "RawContent": "SGk="}],
            }},
        })
    }

    async fn send(post: &Arc<PostRoom>, body: impl ToString) -> (StatusCode, Option<String>, Value) {
        let request =
            Request::post("/v2/email/outbound-emails").body(axum::body::Body::from(body.to_string())).unwrap();
        let response = router(Arc::clone(post)).oneshot(request).await.unwrap();
        let code = response.headers().get("x-amzn-errortype").map(|code| code.to_str().unwrap().to_owned());
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, code, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_message_to_the_simulator_is_taken_and_not_kept() {
        let post = Arc::new(PostRoom::new(Clock::standing()));
        let (status, _, answer) = send(&post, letter("success@simulator.amazonses.com", "Nothing")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(answer["MessageId"].is_string());
        assert!(post.messages(None).is_empty());
    }

    #[tokio::test]
    async fn a_message_is_kept_as_sent() {
        let post = Arc::new(PostRoom::new(Clock::standing()));
        let (status, _, answer) = send(&post, letter("Maya <Maya@Mail.example>", "Welcome")).await;
        assert_eq!(status, StatusCode::OK);
        let [message] = post.messages(Some("maya@mail.EXAMPLE")).try_into().unwrap();
        assert_eq!(
            serde_json::to_value(message).unwrap(),
            json!({
                "id": answer["MessageId"], "to": ["Maya <Maya@Mail.example>"],
                "from": "Harbor <no-reply@harbor.example>", "subject": "Welcome",
                "text": "Hello", "html": "<p>Hello</p>",
                "headers": {"List-Unsubscribe": "<https://harbor.example/stop>"},
                "attachments": [{
                    "file_name": "a.txt", "content_type": "text/plain; charset=UTF-8", "text": "Hi", "base64": "SGk=",
                }],
                "sent_at": "2026-05-06T10:00:00Z",
            })
        );
        assert!(post.messages(Some("aya@mail.example")).is_empty());
    }

    #[tokio::test]
    async fn the_newest_is_first_and_equal_times_keep_their_order() {
        let post = Arc::new(PostRoom::new(Clock::standing()));
        for subject in ["one", "two", "three"] {
            send(&post, letter("a@b.example", subject)).await;
        }
        let subjects: Vec<_> = post.messages(None).into_iter().map(|message| message.subject).collect();
        assert_eq!(subjects, ["three", "two", "one"]);
    }

    #[tokio::test]
    async fn a_malformed_call_is_refused_as_ses_does() {
        let post = Arc::new(PostRoom::new(Clock::standing()));
        let (status, code, answer) = send(&post, "{}").await;
        assert_eq!((status, code.as_deref()), (StatusCode::BAD_REQUEST, Some("BadRequestException")));
        assert!(answer["message"].as_str().unwrap().contains("FromEmailAddress"), "{answer}");
        assert!(post.messages(None).is_empty());
    }

    #[tokio::test]
    async fn trouble_comes_and_goes() {
        let mailbox = Mailbox::start(Clock::standing()).await.unwrap();
        mailbox.set_trouble(Trouble::Failing);
        let (status, ..) = send(&mailbox.post, letter("a@b.example", "Hi")).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);

        mailbox.set_trouble(Trouble::Hanging);
        assert!(send(&mailbox.post, letter("a@b.example", "Hi")).now_or_never().is_none());
        assert!(mailbox.messages(None).is_empty());

        mailbox.set_trouble(Trouble::None);
        assert!(send(&mailbox.post, letter("a@b.example", "Hi")).now_or_never().is_some());
        assert_eq!(mailbox.messages(None).len(), 1);
    }

    #[tokio::test]
    async fn a_call_that_hangs_is_counted_and_keeps_hanging() {
        let mailbox = Mailbox::start(Clock::standing()).await.unwrap();
        let mut hanging = mailbox.hanging();
        assert_eq!(*hanging.borrow(), 0);
        mailbox.set_trouble(Trouble::Hanging);
        let mut call = Box::pin(send(&mailbox.post, letter("a@b.example", "Hi")));
        assert!(call.as_mut().now_or_never().is_none());
        assert_eq!(*hanging.wait_for(|calls| *calls > 0).await.unwrap(), 1);
        mailbox.set_trouble(Trouble::None);
        assert!(call.now_or_never().is_none() && mailbox.messages(None).is_empty());
        send(&mailbox.post, letter("a@b.example", "Hi")).await;
        assert_eq!((*mailbox.hanging().borrow(), mailbox.messages(None).len()), (1, 1));
    }
}
