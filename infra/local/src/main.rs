//! `cargo run`: the local cloud, until it is told to stop.

use std::process::ExitCode;

use caseload::clock::Clock;
use caseload::config::{Endpoints, aws_environment, log_filter};
use caseload_local::bucket::User;
use caseload_local::cli::{Command, HELP, parse};
use caseload_local::{Cloud, Options, deployment};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Only where a part is replaced does it matter who signs; a shell's own credentials stay out of it otherwise.
fn user(endpoints: &Endpoints) -> User {
    match aws_environment() {
        (Some(id), Some(secret), ..) if *endpoints != Endpoints::default() => User { id, secret },
        _ => User::default(),
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "what is served where goes to stdout, logs to stderr")]
async fn main() -> ExitCode {
    let asked = match parse(std::env::args_os().skip(1)) {
        Ok(Command::Serve { port, portal_origins, data_dir, deliver_twice }) => {
            Options { port, portal_origins, data_dir, deliver_twice, ..Options::default() }
        }
        Ok(Command::Help) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(Command::Secrets { rotate }) => return secrets(rotate),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    start_logs();
    let endpoints = Endpoints::from_env();
    let options = Options { user: user(&endpoints), endpoints, schedules: true, clock: Clock::default(), ..asked };
    // Taken over before anybody can know that this serves: a stop that comes early is a clean one too.
    let stop = Stop::new();
    let cloud = match Cloud::start(options).await {
        Ok(cloud) => cloud,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    for line in cloud.services() {
        println!("{line}");
    }
    println!("listening on {}", cloud.url);
    stop.wait().await;
    cloud.shutdown().await;
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "to be kept in a file or piped on")]
fn secrets(rotate: bool) -> ExitCode {
    match if rotate { deployment::next() } else { deployment::first() } {
        Ok(lines) => {
            print!("{lines}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn start_logs() {
    // The stand-ins report every refused condition, which here is everyday business.
    let quiet = [("s3s", LevelFilter::OFF), ("s3s_fs", LevelFilter::OFF), ("dynoxide", LevelFilter::ERROR)];
    let asked = log_filter();
    let filter = Targets::new()
        .with_targets(quiet)
        .with_targets(asked.iter())
        .with_default(asked.default_level().unwrap_or(LevelFilter::OFF));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(filter).init();
    caseload::runtime::quiet_panics();
}

/// Ctrl-C and, where there is one, SIGTERM.
#[cfg(unix)]
struct Stop([Option<tokio::signal::unix::Signal>; 2]);

#[cfg(unix)]
impl Stop {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self([SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok()))
    }

    async fn wait(self) {
        let Self([interrupt, terminate]) = self;
        let told = async |signal: Option<tokio::signal::unix::Signal>| match signal {
            Some(mut signal) => signal.recv().await,
            None => std::future::pending().await,
        };
        tokio::select! {
            _ = told(interrupt) => {}
            _ = told(terminate) => {}
        }
    }
}

#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    const fn new() -> Self {
        Self
    }

    async fn wait(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
