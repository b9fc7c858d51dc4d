//! The files of a message, taken as strictly as SES takes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// A file as it came with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    pub file_name: String,
    /// With its parameters; what SES makes of the name where the sender says nothing.
    pub content_type: String,
    /// What it holds, if that is text.
    pub text: Option<String>,
    /// What it holds, in base64.
    pub base64: String,
}

/// An attachment of a `SendEmail` call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    raw_content: String,
    file_name: String,
    content_type: Option<String>,
    content_disposition: Option<String>,
    content_transfer_encoding: Option<String>,
    content_description: Option<String>,
    content_id: Option<String>,
}

/// Some of the endings that SES takes no file of.
const UNSUPPORTED: &[&str] = &[
    "ade", "adp", "app", "asp", "bas", "bat", "cer", "chm", "cmd", "com", "cpl", "crt", "dll", "exe", "hta", "inf",
    "ins", "isp", "jar", "js", "jse", "lib", "lnk", "mde", "msc", "msi", "msp", "mst", "pif", "ps1", "reg", "scr",
    "sct", "shb", "sys", "tmp", "url", "vb", "vbe", "vbs", "vxd", "ws", "wsc", "wsf", "wsh",
];

impl Sent {
    /// What SES would send of it; says what is wrong with it.
    pub(super) fn read(self) -> Result<Attachment, String> {
        let Self { raw_content, file_name, content_type, .. } = &self;
        let plain =
            |text: &str, longest: usize| (1..=longest).contains(&text.len()) && !text.chars().any(char::is_control);
        if !plain(file_name, 255) {
            return Err("an attachment's FileName has 1 to 255 characters, none of them a control".to_owned());
        }
        let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        if ending.is_some_and(|ending| UNSUPPORTED.contains(&ending.as_str())) {
            return Err(format!("files such as {file_name} are not sent"));
        }
        let media = content_type.as_deref().unwrap_or("application/octet-stream");
        let kind = media.split(';').next().unwrap_or_default().trim();
        if !plain(media, 78)
            || !media.is_ascii()
            || !kind.split_once('/').is_some_and(|(a, b)| plain(a, 40) && plain(b, 60))
        {
            return Err("an attachment's ContentType is a media type of at most 78 characters".to_owned());
        }
        let one_of = |what: &Option<String>, known: &[&str]| what.as_deref().is_none_or(|what| known.contains(&what));
        if !one_of(&self.content_disposition, &["ATTACHMENT", "INLINE"])
            || !one_of(&self.content_transfer_encoding, &["BASE64", "QUOTED_PRINTABLE", "SEVEN_BIT"])
        {
            return Err("an attachment's disposition or encoding is none of those there are".to_owned());
        }
        let fits = |what: &Option<String>, longest| what.as_deref().is_none_or(|what| plain(what, longest));
        if !fits(&self.content_description, 1000) || !fits(&self.content_id, 78) {
            return Err("an attachment's description or id is too long".to_owned());
        }
        let bytes = STANDARD.decode(raw_content).map_err(|_| "an attachment's RawContent is not base64".to_owned())?;
        let text = String::from_utf8(bytes).ok();
        Ok(Attachment {
            file_name: file_name.clone(),
            content_type: media.to_owned(),
            text,
            base64: raw_content.clone(),
        })
    }
}
