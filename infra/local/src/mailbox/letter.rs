//! A `SendEmail` call, read as strictly as SES reads it: a letter it would not send must not look sent here.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::attachment::{Attachment, Sent};

/// What is to be sent.
pub(super) struct Letter {
    pub(super) to: Vec<String>,
    pub(super) from: String,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) attachments: Vec<Attachment>,
}

impl Letter {
    /// Reads the body of a `SendEmail` call; says what is wrong with it.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let call: SendEmail = serde_json::from_slice(body).map_err(|error| format!("unreadable request: {error}"))?;
        let simple = call.content.simple.ok_or("Content.Simple is missing, and this mailbox takes nothing else")?;
        let (text, html) = (simple.body.text, simple.body.html);
        if text.is_none() && html.is_none() {
            return Err("Content.Simple.Body has neither Text nor Html".to_owned());
        }
        let letter = Self {
            to: call.destination.to_addresses,
            from: call.from_email_address,
            subject: simple.subject.data,
            text: text.unwrap_or_default().data,
            html: html.unwrap_or_default().data,
            headers: simple.headers.into_iter().map(|header| (header.name, header.value)).collect(),
            attachments: simple.attachments.into_iter().map(Sent::read).collect::<Result<_, String>>()?,
        };
        letter.check()?;
        Ok(letter)
    }

    fn check(&self) -> Result<(), String> {
        if self.to.is_empty() || self.to.len() > 50 {
            return Err(format!("{} recipients; a message has 1 to 50", self.to.len()));
        }
        for address in self.to.iter().chain([&self.from]) {
            if !is_address(address) {
                return Err("Missing '@', or an illegal address".to_owned());
            }
        }
        if self.subject.chars().any(char::is_control) {
            return Err("the subject has control characters".to_owned());
        }
        for (name, value) in &self.headers {
            let name_ok = (1..=126).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
            let value_ok = (1..=870).contains(&value.len()) && value.bytes().all(|b| (b' '..=b'~').contains(&b));
            if !name_ok || !value_ok {
                return Err(format!("the header {name:?} is not plain ASCII of a fitting length"));
            }
        }
        Ok(())
    }
}

/// `"Dana" <dana@harbor.example>` → `dana@harbor.example`.
pub(super) fn bare(address: &str) -> &str {
    let inner = address.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(address, |(address, _)| address).trim()
}

fn is_address(written: &str) -> bool {
    let address = bare(written);
    let sound = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';');
    let parts = address.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    parts && address.chars().all(sound) && !written.chars().any(char::is_control)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: String,
    destination: Destination,
    content: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(default)]
    to_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Part,
    body: Body,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    attachments: Vec<Sent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Part>,
    html: Option<Part>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn call(change: impl FnOnce(&mut Value)) -> Result<Letter, String> {
        let mut call = json!({
            "FromEmailAddress": "Harbor <no-reply@harbor.example>",
            "Destination": {"ToAddresses": ["a@b.example"]},
            "Content": {"Simple": {
                "Subject": {"Data": "Hi"},
                "Body": {"Text": {"Data": "Hello"}},
                "Headers": [{"Name": "X-Kind", "Value": "invitation"}],
                "Attachments": [{"FileName": "a.ics", "ContentType": "text/calendar", "RawContent": "SGk="}],
            }},
        });
        change(&mut call);
        Letter::read(call.to_string().as_bytes())
    }

    #[test]
    fn a_letter_may_lack_the_html_part() {
        let letter = call(|_| ()).unwrap();
        assert_eq!((letter.text.as_str(), letter.html.as_str()), ("Hello", ""));
        assert_eq!(letter.headers["X-Kind"], "invitation");
    }

    #[test]
    fn what_ses_would_refuse_is_refused() {
        let wrong: [(&str, &str, Value); 19] = [
            ("", "FromEmailAddress", json!("nobody")),
            ("", "FromEmailAddress", json!(null)),
            ("/Destination", "ToAddresses", json!([])),
            ("/Destination", "ToAddresses", json!(vec!["a@b.example"; 51])),
            ("/Destination", "ToAddresses", json!(["a@b.example\r\nBcc: c@d.example"])),
            ("/Destination", "ToAddresses", json!(["@b.example"])),
            ("/Content", "Simple", json!(null)),
            ("/Content/Simple", "Body", json!({})),
            ("/Content/Simple/Subject", "Data", json!("Hi\r\nBcc: c@d.example")),
            ("/Content/Simple/Headers/0", "Value", json!("Zoë")),
            ("/Content/Simple/Headers/0", "Value", json!("a\r\nb: c")),
            ("/Content/Simple/Headers/0", "Name", json!("X Kind")),
            ("/Content/Simple/Attachments/0", "RawContent", json!("Hi!")),
            ("/Content/Simple/Attachments/0", "FileName", json!("a\r\nb")),
            ("/Content/Simple/Attachments/0", "FileName", json!("a.EXE")),
            ("/Content/Simple/Attachments/0", "ContentType", json!("calendar")),
            ("/Content/Simple/Attachments/0", "ContentType", json!(format!("text/{}", "c".repeat(80)))),
            ("/Content/Simple/Attachments/0", "ContentDisposition", json!("attachment")),
            ("/Content/Simple/Attachments/0", "ContentTransferEncoding", json!("7bit")),
        ];
        for (place, name, value) in wrong {
            let refused = call(|call| call.pointer_mut(place).unwrap()[name] = value.clone());
            assert!(refused.is_err(), "{place}/{name} = {value}");
        }
        assert!(Letter::read(b"{").is_err());
    }

    #[test]
    fn an_address_is_found_inside_its_display_name() {
        assert_eq!(bare("Dana <Owner> <dana@harbor.example>"), "dana@harbor.example");
        assert_eq!(bare(" dana@harbor.example "), "dana@harbor.example");
    }
}
