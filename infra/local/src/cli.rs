//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use caseload::config::Origin;

/// What `--help` says.
pub const HELP: &str = "\
The whole of Caseload on this machine: API, table, bucket, mailbox, payments, schedules.

Usage: cargo run [-- OPTIONS]
       cargo run -- secrets [--rotate]

secrets prints what a deployment keeps secret, newly made, as lines for a shell; with --rotate the next signing key, and
the public keys of TOKEN_JWKS with its own beside them. infra/docs/deploying.md and rotation.md say where they go.

Options:
  --port <PORT>      where the API listens on 127.0.0.1; 0 is any free port [default: 9000]
  --portal-origin <ORIGIN>
                     where the portal lives, such as http://localhost:5173: its pages may call, and links in mails and
                     ways back from paying lead there; given again, pages of those origins may call, too
                     [default: the pages here]
  --data-dir <DIR>   keep the data there; without it, everything is forgotten at the end
  --deliver-twice    deliver every event of the bucket twice, at the same time
  --help             say this

AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SESV2 and PAYMENTS_ENDPOINT_URL replace a part by
another http:// endpoint; requests to it are signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
RUST_LOG filters the logs, which go to stderr.";

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Serve.
    Serve {
        /// The API's port.
        port: u16,
        /// Where the portal lives, and further origins that may call.
        portal_origins: Vec<Origin>,
        /// Where the data is kept.
        data_dir: Option<PathBuf>,
        /// Whether events come twice.
        deliver_twice: bool,
    },
    /// Make a deployment's secrets.
    Secrets {
        /// Whether they are the next ones of a deployment that is there.
        rotate: bool,
    },
    /// Explain.
    Help,
}

/// A command line that cannot be followed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// There is no such option.
    #[error("{0:?} is not an option; see --help")]
    Unknown(OsString),
    /// An option lacks its value.
    #[error("{0} needs a value; see --help")]
    Incomplete(&'static str),
    /// A switch was given a value.
    #[error("{0} takes no value; see --help")]
    Valued(&'static str),
    /// Not a port.
    #[error("{0:?} is not a port: a number from 0 to 65535")]
    Port(OsString),
    /// Not an origin.
    #[error("{0:?} is not an origin: a scheme and a host, perhaps a port, and no path, such as http://localhost:5173")]
    Origin(OsString),
}

/// Reads the arguments after the program's name.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut arguments = arguments.into_iter().peekable();
    if arguments.next_if(|argument| argument == "secrets").is_some() {
        return secrets(arguments);
    }
    let (mut port, mut data_dir, mut deliver_twice) = (9000, None, false);
    let mut portal_origins = Vec::new();
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.to_str().and_then(|text| text.split_once('=')) {
            Some((name, value)) => (Some(name.to_owned()), Some(OsString::from(value))),
            None => (argument.to_str().map(str::to_owned), None),
        };
        let given = value.is_some();
        let mut value = |option| value.clone().or_else(|| arguments.next()).ok_or(UsageError::Incomplete(option));
        match name.as_deref() {
            Some("--port") => {
                let text = value("--port")?;
                port = text.to_str().and_then(|text| text.parse().ok()).ok_or(UsageError::Port(text))?;
            }
            Some("--portal-origin") => {
                let text = value("--portal-origin")?;
                let origin = text.to_str().and_then(|text| text.parse().ok());
                portal_origins.push(origin.ok_or(UsageError::Origin(text))?);
            }
            Some("--data-dir") => data_dir = Some(PathBuf::from(value("--data-dir")?)),
            Some("--deliver-twice") if given => return Err(UsageError::Valued("--deliver-twice")),
            Some("--deliver-twice") => deliver_twice = true,
            Some("--help" | "-h") => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(argument)),
        }
    }
    Ok(Command::Serve { port, portal_origins, data_dir, deliver_twice })
}

/// Reads what follows `secrets`.
fn secrets(arguments: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut rotate = false;
    for argument in arguments {
        match argument.to_str() {
            Some("--rotate") => rotate = true,
            Some("--help" | "-h") => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(argument)),
        }
    }
    Ok(Command::Secrets { rotate })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, UsageError> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn options_are_read_in_either_form() {
        let serve = |port, data_dir: Option<&str>, deliver_twice| {
            let data_dir = data_dir.map(PathBuf::from);
            Ok(Command::Serve { port, portal_origins: Vec::new(), data_dir, deliver_twice })
        };
        assert_eq!(read(""), serve(9000, None, false));
        assert_eq!(read("--port 0 --deliver-twice"), serve(0, None, true));
        assert_eq!(read("--data-dir=/tmp/x --port=80"), serve(80, Some("/tmp/x"), false));
        assert_eq!(read("--port 1 -h"), Ok(Command::Help));
        assert_eq!(read("secrets"), Ok(Command::Secrets { rotate: false }));
        assert_eq!(read("secrets --rotate"), Ok(Command::Secrets { rotate: true }));
        assert_eq!(read("secrets --help"), Ok(Command::Help));
    }

    #[test]
    fn several_origins_may_be_given() {
        let Ok(Command::Serve { portal_origins, .. }) =
            read("--portal-origin http://localhost:5173 --portal-origin=https://portal.example.com/")
        else {
            panic!("it does not serve")
        };
        let written: Vec<_> = portal_origins.iter().map(Origin::as_str).collect();
        assert_eq!(written, ["http://localhost:5173", "https://portal.example.com"]);
    }

    #[test]
    fn what_cannot_be_followed_is_named() {
        for (line, error) in [
            ("--fast", UsageError::Unknown("--fast".into())),
            ("9000", UsageError::Unknown("9000".into())),
            ("--port 1 secrets", UsageError::Unknown("secrets".into())),
            ("secrets --port", UsageError::Unknown("--port".into())),
            ("--port", UsageError::Incomplete("--port")),
            ("--port 70000", UsageError::Port("70000".into())),
            ("--portal-origin", UsageError::Incomplete("--portal-origin")),
            ("--portal-origin localhost:5173", UsageError::Origin("localhost:5173".into())),
            ("--deliver-twice=yes", UsageError::Valued("--deliver-twice")),
        ] {
            assert_eq!(read(line), Err(error), "{line}");
        }
    }
}
