use bytes::Bytes;
use caseload::clock::Clock;
use http::{Method, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::{Answer, contract};

/// Somebody who calls: anonymous, or with a session.
#[derive(Debug, Clone)]
pub struct Persona {
    base: String,
    pub(crate) clock: Clock,
    client: Client<HttpConnector, Full<Bytes>>,
    pub access_token: Option<String>,
    pub refresh_token: Option<String>,
    /// The principal's id.
    pub id: String,
}

/// A request being put together.
#[derive(Debug)]
pub struct Request<'p> {
    persona: &'p Persona,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Persona {
    /// Nobody yet, in front of the API at this address, with a watch that shows its time.
    pub fn anonymous(base: &str, clock: Clock) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { base: base.to_owned(), clock, client, access_token: None, refresh_token: None, id: String::new() }
    }

    /// The same caller with the session of an answer.
    pub fn with_session(&self, answer: &Answer) -> Self {
        Self {
            access_token: Some(answer.text("/access_token")),
            refresh_token: Some(answer.text("/refresh_token")),
            id: answer.text("/principal/id"),
            ..self.clone()
        }
    }

    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        Request { persona: self, method, path: path.to_owned(), headers: Vec::new(), body: Bytes::new() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path).json(&body).send().await
    }

    /// A POST without a body.
    pub async fn do_post(&self, path: &str) -> Answer {
        self.request(Method::POST, path).send().await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PUT, path).json(&body).send().await
    }

    /// Reads the resource's tag, then patches under it.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        let tag = self.get(path).await.header("etag");
        self.request(Method::PATCH, path).header("if-match", &tag).json(&body).send().await
    }

    /// Reads the resource's tag, then deletes under it.
    pub async fn delete(&self, path: &str) -> Answer {
        let tag = self.get(path).await.header("etag");
        self.request(Method::DELETE, path).header("if-match", &tag).send().await
    }

    /// The same with a body that says how.
    pub async fn delete_with(&self, path: &str, body: Value) -> Answer {
        let tag = self.get(path).await.header("etag");
        self.request(Method::DELETE, path).header("if-match", &tag).json(&body).send().await
    }

    /// The same caller without a session.
    pub fn signed_out(&self) -> Self {
        Self { access_token: None, refresh_token: None, ..self.clone() }
    }

    /// The same caller where nobody knows it: paths are whole addresses.
    pub fn elsewhere(&self) -> Self {
        Self { base: String::new(), ..self.signed_out() }
    }

    /// Sends bytes with an upload grant, exactly as it says.
    pub async fn upload(&self, grant: &Value, bytes: impl Into<Bytes>) -> Answer {
        let nobody = self.elsewhere();
        let method = grant["method"].as_str().unwrap_or_default().parse().expect("a method");
        let mut request = nobody.request(method, grant["url"].as_str().unwrap_or_default());
        for (name, value) in grant["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        request.body(bytes).send().await
    }

    /// Fetches an absolute address, as a browser follows a link.
    pub async fn fetch(&self, url: &str) -> Answer {
        self.elsewhere().get(url).await
    }
}

impl Request<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header(header::CONTENT_TYPE.as_str(), "application/json").body(body.to_string())
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Answer {
        let mut request =
            http::Request::builder().method(self.method.clone()).uri(format!("{}{}", self.persona.base, self.path));
        if let Some(token) = &self.persona.access_token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let sent = self.body.clone();
        let request = request.body(Full::new(self.body)).expect("a request");
        let response = self.persona.client.request(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let answer = Answer { status: parts.status, headers: parts.headers, bytes };
        contract::check(&self.method, &self.path, &sent, &answer);
        answer
    }
}
