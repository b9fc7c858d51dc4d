//! What a service says when it is asked too much, or fails.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::Verdict;

/// The answer of this service; none where the trouble is not an answer.
pub(crate) fn answer(service: &str, verdict: Verdict) -> Option<HttpResponse> {
    let throttled = match verdict {
        Verdict::Throttle => true,
        Verdict::ServerError => false,
        Verdict::Pass | Verdict::Lose | Verdict::Refuse | Verdict::Hang | Verdict::Hold => return None,
    };
    let (status, code) = match (service, throttled) {
        ("dynamodb", true) => (400, "ProvisionedThroughputExceededException"),
        ("dynamodb", false) => (500, "InternalServerError"),
        ("s3", true) => (503, "SlowDown"),
        ("s3", false) => (500, "InternalError"),
        ("ses", true) => (429, "TooManyRequestsException"),
        ("ses", false) => (500, "InternalFailure"),
        (_, true) => (429, "rate_limit_error"),
        (_, false) => (500, "api_error"),
    };
    let (media, body) = match service {
        "dynamodb" => (
            "application/x-amz-json-1.0",
            format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"injected"}}"#),
        ),
        "s3" => (
            "application/xml",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>injected</Message></Error>"
            ),
        ),
        "ses" => ("application/json", r#"{"message":"injected"}"#.to_owned()),
        _ => ("application/json", format!(r#"{{"error":{{"type":"{code}","message":"injected"}}}}"#)),
    };
    let mut response = HttpResponse::new(StatusCode::try_from(status).ok()?, SdkBody::from(body));
    response.headers_mut().insert("content-type", media);
    response.headers_mut().insert("x-amzn-errortype", code);
    Some(response)
}
