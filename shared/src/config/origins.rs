//! Where pages that call the API come from, written as browsers write it: `https://portal.example.com`.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// Scheme, host and port of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// A text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin expected, such as https://portal.example.com: a scheme and a host, perhaps a port, and no path")]
pub struct NoOrigin;

impl Origin {
    /// As text, without a final slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Origin {
    /// The host alone, without brackets around an address.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => rest.split_once(':').map_or(rest, |(host, _)| host),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = NoOrigin;

    /// Small letters and no port that goes without saying: that is how a browser names its page, and origins are
    /// compared letter by letter. A final slash is let pass.
    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let text = text.to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").ok_or(NoOrigin)?;
        let usual = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return Err(NoOrigin),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // The colons of an IPv6 address stand between brackets.
        let (host, port) = match rest.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((_, port)) if port.starts_with('+') => return Err(NoOrigin),
            Some((host, port)) => (host, port.parse::<u16>().map_err(|_| NoOrigin)?),
            None => (rest, usual),
        };
        if !is_host(host) {
            return Err(NoOrigin);
        }
        let port = if port == usual { String::new() } else { format!(":{port}") };
        Ok(Self(format!("{scheme}://{host}{port}")))
    }
}

fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            !host.is_empty() && host.bytes().all(known)
        }
    }
}

/// The origins that may call: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins {
    portal: Origin,
    others: Vec<Origin>,
}

impl Origins {
    /// These, of which the first is the portal's.
    #[must_use]
    pub const fn new(portal: Origin, others: Vec<Origin>) -> Self {
        Self { portal, others }
    }

    /// Where the portal lives: mailed links lead there, and ways back from paying.
    #[must_use]
    pub const fn portal(&self) -> &Origin {
        &self.portal
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Origin> {
        std::iter::once(&self.portal).chain(&self.others)
    }
}

impl FromStr for Origins {
    type Err = NoOrigin;

    /// One or several, with commas or spaces between them.
    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        let mut all = words.map(str::parse).collect::<Result<Vec<Origin>, _>>()?.into_iter();
        Ok(Self::new(all.next().ok_or(NoOrigin)?, all.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // OBS-4: one that is written otherwise than browsers write it would be open to nobody.
    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        for (written, kept) in [
            ("https://portal.example.com", "https://portal.example.com"),
            ("https://portal.example.com/", "https://portal.example.com"),
            ("HTTPS://Portal.Example.com:443", "https://portal.example.com"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(written.parse::<Origin>().unwrap().as_str(), kept, "{written}");
        }
    }

    // OBS-4
    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "*",
            "null",
            "portal.example.com",
            "//portal.example.com",
            "ftp://portal.example.com",
            "https://",
            "https://*.example.com",
            "https://portal.example.com/app",
            "https://portal.example.com?a=b",
            "https://portal.example.com#a",
            "https://dana@portal.example.com",
            "https://portal.example.com:",
            "https://portal.example.com:70000",
            "https://portal.example.com:+80",
            "https://portal.example.com//",
            "https://:80",
            "https://a b.example",
            "https://[::1",
            "https://[portal]",
            "https://pört.example.com",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(NoOrigin), "{text}");
        }
    }

    // OBS-4
    #[test]
    fn the_first_of_several_is_the_portals() {
        let origins: Origins = "https://a.example, https://b.example http://c.example,".parse().unwrap();
        assert_eq!(origins.portal().as_str(), "https://a.example");
        let all: Vec<_> = origins.iter().map(Origin::as_str).collect();
        assert_eq!(all, ["https://a.example", "https://b.example", "http://c.example"]);
        for text in ["", " , ", "https://a.example,b"] {
            assert_eq!(text.parse::<Origins>(), Err(NoOrigin), "{text}");
        }
    }
}
