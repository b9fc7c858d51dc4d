//! Presigned URLs, by the product's clock. s3s goes by the machine's, so what comes with one is judged here.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::User;

/// What presigning adds to a query.
const SIGNATURE: [&str; 6] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"];

/// What a request's query says about its signature.
pub(super) struct Presigned {
    credential: String,
    start: Timestamp,
    expires: Duration,
    headers: String,
    signature: String,
    /// The address without all that.
    address: Uri,
}

impl Presigned {
    /// Reads it off; nothing for a request that is not presigned, or not as S3 has it.
    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let query = uri.query()?;
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        };
        let signature = value("X-Amz-Signature")?;
        let start = DateTime::strptime("%Y%m%dT%H%M%SZ", value("X-Amz-Date")?).ok()?;
        let start = start.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let expires = Duration::from_secs(value("X-Amz-Expires")?.parse::<u32>().ok()?.into());
        let is_signature = |pair: &&str| SIGNATURE.contains(&pair.split('=').next().unwrap_or_default());
        let rest: Vec<&str> = query.split('&').filter(|pair| !is_signature(pair)).collect();
        let address =
            if rest.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), rest.join("&")) };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(address).ok()?);
        Some(Self {
            credential: value("X-Amz-Credential")?,
            start,
            expires,
            headers: value("X-Amz-SignedHeaders")?,
            signature,
            address: Uri::from_parts(parts).ok()?,
        })
    }

    /// The request without its signature, if that is genuine and in time; S3's refusal otherwise.
    pub(super) fn admit(self, mut request: Request, user: &User, now: Timestamp) -> Result<Request, Response> {
        let end = SignedDuration::try_from(self.expires).ok().and_then(|length| self.start.checked_add(length).ok());
        if end.is_none_or(|end| now > end) {
            return Err(refusal("AccessDenied", "Request has expired"));
        }
        if self.again(&request, user).is_none_or(|signature| signature != self.signature) {
            return Err(refusal("SignatureDoesNotMatch", "The signature is not that of this request"));
        }
        *request.uri_mut() = self.address;
        Ok(request)
    }

    /// The signature this request would have had: a genuine one is the same.
    fn again(&self, request: &Request, user: &User) -> Option<String> {
        let mut scope = self.credential.split('/');
        let (id, _day, region) = (scope.next()?, scope.next()?, scope.next()?);
        if id != user.id {
            return None;
        }
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(self.expires);
        let identity = Credentials::new(id, user.secret.clone(), None, None, "local").into();
        let params = v4::SigningParams::builder().identity(&identity).region(region).name("s3").settings(settings);
        let params = params.time(self.start.into()).build().ok()?.into();
        let sent = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signed = sent.filter(|(name, _)| self.headers.split(';').any(|signed| signed == *name));
        let address = self.address.to_string();
        let body = SignableBody::UnsignedPayload;
        let signable = SignableRequest::new(request.method().as_str(), address, signed, body).ok()?;
        Some(sign(signable, &params).ok()?.signature().to_owned())
    }
}

fn refusal(code: &str, message: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    (StatusCode::FORBIDDEN, [("content-type", "application/xml")], body).into_response()
}
