//! What an outgoing request is called: service and operation, as the provider's own logs name them.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http::Uri;

/// The name of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) service: &'static str,
    pub(crate) operation: String,
}

impl Label {
    /// Reads it off the request. The signature names the service, whatever the endpoint; only payments are not signed.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let header = |name: &str| request.headers().get(name);
        if let Some(target) = header("x-amz-target") {
            let operation = target.rsplit('.').next().unwrap_or(target).to_owned();
            return Self { service: "dynamodb", operation };
        }
        let uri: Uri = request.uri().parse().unwrap_or_default();
        let scope = header("authorization").and_then(|value| value.split_once("Credential="));
        match scope.and_then(|(_, scope)| scope.split('/').nth(3)) {
            Some("s3") => {
                Self { service: "s3", operation: s3(request.method(), &uri, header("x-amz-copy-source").is_some()) }
            }
            Some("ses") => Self { service: "ses", operation: ses(request.method(), uri.path()) },
            _ => Self { service: "payments", operation: format!("{} {}", request.method(), uri.path()) },
        }
    }
}

fn ses(method: &str, path: &str) -> String {
    if (method, path) == ("POST", "/v2/email/outbound-emails") {
        return "SendEmail".to_owned();
    }
    format!("{method} {path}")
}

/// The SDK names some operations in the query; the others follow from method, key and query.
fn s3(method: &str, uri: &Uri, copies: bool) -> String {
    let value = |name: &str| {
        let query = uri.query().unwrap_or_default().as_bytes();
        form_urlencoded::parse(query).find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    };
    let has = |name: &str| value(name).is_some();
    if let Some(named) = value("x-id") {
        return named;
    }
    let object = uri.path().trim_start_matches('/').split_once('/').is_some_and(|(_, key)| !key.is_empty());
    let name = match (method, object) {
        ("PUT", true) if has("partNumber") => "UploadPart",
        ("PUT", true) if copies => "CopyObject",
        ("PUT", true) => "PutObject",
        ("PUT", false) => "CreateBucket",
        ("GET", true) => "GetObject",
        ("GET", false) if has("versions") => "ListObjectVersions",
        ("GET", false) => "ListObjectsV2",
        ("HEAD", true) => "HeadObject",
        ("HEAD", false) => "HeadBucket",
        ("DELETE", true) if has("uploadId") => "AbortMultipartUpload",
        ("DELETE", true) => "DeleteObject",
        ("POST", false) if has("delete") => "DeleteObjects",
        ("POST", true) if has("uploads") => "CreateMultipartUpload",
        ("POST", true) if has("uploadId") => "CompleteMultipartUpload",
        _ => return format!("{method} {}", uri.path()),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(method: &str, uri: &str, headers: &[(&'static str, &str)]) -> (&'static str, String) {
        let mut request = HttpRequest::empty();
        request.set_method(method).unwrap();
        request.set_uri(uri).unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, (*value).to_owned());
        }
        let Label { service, operation } = Label::of(&request);
        (service, operation)
    }

    fn signed(service: &str) -> String {
        format!("AWS4-HMAC-SHA256 Credential=local/20261121/us-east-1/{service}/aws4_request, SignedHeaders=host")
    }

    #[test]
    fn the_table_is_known_by_its_target() {
        let target = ("x-amz-target", "DynamoDB_20120810.TransactWriteItems");
        let found = label("POST", "http://127.0.0.1:1/", &[target]);
        assert_eq!(found, ("dynamodb", "TransactWriteItems".to_owned()));
    }

    #[test]
    fn the_others_are_known_by_signature_method_and_query() {
        let (s3, ses) = (signed("s3"), signed("ses"));
        for (method, uri, named) in [
            ("GET", "http://127.0.0.1:1/b/k?x-id=GetObject", "GetObject"),
            ("PUT", "http://127.0.0.1:1/b/k", "PutObject"),
            ("HEAD", "http://127.0.0.1:1/b/a/b", "HeadObject"),
            ("GET", "http://127.0.0.1:1/b/?versions&prefix=x", "ListObjectVersions"),
            ("POST", "http://127.0.0.1:1/b?delete", "DeleteObjects"),
            ("DELETE", "http://127.0.0.1:1/b/k", "DeleteObject"),
            ("PUT", "http://127.0.0.1:1/b/k?partNumber=1&uploadId=2", "UploadPart"),
        ] {
            let found = label(method, uri, &[("authorization", &s3)]);
            assert_eq!(found, ("s3", named.to_owned()), "{method} {uri}");
        }
        let copy = [("authorization", s3.as_str()), ("x-amz-copy-source", "b/x")];
        assert_eq!(label("PUT", "http://127.0.0.1:1/b/k", &copy).1, "CopyObject");
        let mail = label("POST", "http://127.0.0.1:1/v2/email/outbound-emails", &[("authorization", &ses)]);
        assert_eq!(mail, ("ses", "SendEmail".to_owned()));
        let paid = label("POST", "http://127.0.0.1:1/v1/checkout/sessions", &[("authorization", "Bearer sk")]);
        assert_eq!(paid, ("payments", "POST /v1/checkout/sessions".to_owned()));
    }
}
