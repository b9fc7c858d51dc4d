//! The pages for those who deploy: every block is run, in a shell in which the commands of an account only note what they
//! were asked, and everything else is the real thing.

#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get ends it, also outside of the test's own body"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use caseload_local::functions::{FUNCTIONS, workers};
use caseload_local::{Cloud, Options};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const JWKS: &str = r#"{"keys":[{"alg":"EdDSA","crv":"Ed25519","kid":"a","kty":"OKP","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// The commands of an account. Each call is a line of `$CALLS`, its words apart by tabs.
const STAND_INS: &str = r#"
set -eu
note() { { printf '%s\t' "$@" | tr '\n' ' '; echo; } >> "$CALLS"; }
aws() {
    note aws "$@"
    case "$*" in
        'secretsmanager create-secret'*) case $6 in file://*) test -s "${6#file://}" ;; esac
            echo "arn:aws:secretsmanager:us-east-1:111122223333:secret:$4-AbCdEf" ;;
        'ssm get-parameter'*) printf '%s\n' "$JWKS" ;;
        *"OutputKey=='ApiUrl'"*) echo "$API_URL" ;;
        *OutputKey*) echo of-the-stack ;;
    esac
}
sam() { note sam "$@"; }
pip() { note pip "$@"; }
curl() { case "$*" in *http://127.0.0.1:*) command curl "$@" ;; *) echo "not beyond this machine: $*" >&2; return 1 ;; esac; }
cargo() {
    note cargo "$@"
    case "$*" in 'run -q -- '*) shift 3; "$PROGRAM" "$@" ;; esac
}
"#;

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{ROOT}/{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What a page has one paste, in order; blocks in a list stand further in.
fn blocks(page: &str) -> String {
    let (mut inside, mut pasted) = (false, String::new());
    for line in read(&format!("infra/docs/{page}.md")).lines() {
        match line.trim_start() {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside => pasted += &format!("{line}\n"),
            _ => {}
        }
    }
    pasted
}

/// The calls that a page makes.
async fn walk(page: &str, shell: &str, cloud: &Cloud) -> Vec<Vec<String>> {
    let calls = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{page}-{shell}"));
    std::fs::write(&calls, "").expect("a file");
    let mut command = Command::new(shell);
    command
        .args([
            "-c",
            &format!("{STAND_INS}{}", blocks(page).replace("PORTAL=https://portal.example.com", "PORTAL=$API_URL")),
        ])
        .current_dir(ROOT)
        .env("CALLS", &calls)
        .env("JWKS", JWKS)
        .env("API_URL", &cloud.url)
        .env("PROGRAM", env!("CARGO_BIN_EXE_caseload-local"));
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("a shell");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{page} in {shell}: {}{}", said(&output.stdout), said(&output.stderr));
    assert_eq!(said(&output.stderr), "", "{page} in {shell}");
    let calls = std::fs::read_to_string(&calls).expect("calls");
    calls.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// The names in a section of the template.
fn names(section: &str) -> BTreeSet<String> {
    let template = read("infra/template.yaml");
    let lines = template.lines().skip_while(|line| *line != format!("{section}:")).skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with(' ') || line.starts_with('#'));
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    names.filter(|name| !name.starts_with(' ')).map(str::to_owned).collect()
}

/// The parameters that a deployment sets.
fn parameters(call: &[String]) -> BTreeSet<String> {
    call.iter().skip(3).filter_map(|word| Some(word.split_once('=')?.0.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_block_of_every_page_runs_and_names_what_the_template_has() {
    let cloud = Cloud::start(Options::default()).await.expect("a local cloud");
    let (known, outputs) = (names("Parameters"), names("Outputs"));
    for page in ["deploying", "rotation", "restore", "alarms"] {
        for shell in ["bash", "dash", "zsh"] {
            if Command::new(shell).args(["-c", ":"]).output().is_err() {
                println!("skipped: there is no {shell}");
                continue;
            }
            let calls = walk(page, shell, &cloud).await;
            assert!(!calls.is_empty(), "{page}");
            for call in &calls {
                if call.starts_with(&["sam".to_owned()]) {
                    assert_eq!(call[1..3], ["deploy", "--parameter-overrides"], "{page}");
                    let unknown: Vec<_> = parameters(call).difference(&known).cloned().collect();
                    assert!(unknown.is_empty(), "{page} sets {unknown:?}");
                }
                for word in call {
                    let Some((_, name)) = word.split_once("OutputKey=='") else { continue };
                    let name = name.split('\'').next().expect("a name");
                    assert!(outputs.contains(name), "{page} asks for {name}");
                }
            }
        }
    }
    // The smoke test of the first page signs nobody up, the block after it does.
    assert!(!cloud.mailbox().expect("a mailbox").messages(Some("you@example.com")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_deployment_says_everything_that_has_no_default() {
    let cloud = Cloud::start(Options::default()).await.expect("a local cloud");
    let calls = walk("deploying", "sh", &cloud).await;
    let first = calls.iter().find(|call| call.starts_with(&["sam".to_owned()])).expect("a deployment");
    let template = read("infra/template.yaml");
    for name in names("Parameters") {
        let (_, parameter) = template.split_once(&format!("\n  {name}:\n")).expect("a parameter");
        let mut lines = parameter.lines().take_while(|line| line.starts_with("    "));
        let optional = lines.any(|line| line.starts_with("    Default:"));
        assert!(optional || parameters(first).contains(&name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smoke_test_says_what_does_not_answer() {
    let cloud = Cloud::start(Options::default()).await.expect("a local cloud");
    let url = cloud.url.clone();
    let smoke = async |arguments: Vec<String>| {
        let run = move || Command::new("sh").arg("infra/smoke.sh").args(arguments).current_dir(ROOT).output();
        let output = tokio::task::spawn_blocking(run).await.expect("a thread").expect("a shell");
        (output.status.success(), String::from_utf8(output.stdout).expect("text"))
    };
    let (passed, said) = smoke(vec![url.clone(), url.clone()]).await;
    assert!(passed && said.ends_with("all answered as they must\n") && !said.contains("FAILED"), "{said}");
    let (passed, said) = smoke(vec![url.clone(), "https://elsewhere.example".to_owned()]).await;
    assert!(!passed && said.contains("FAILED  pages of https://elsewhere.example may call"), "{said}");
    assert_eq!(said.matches("FAILED").count(), 1, "{said}");
    cloud.shutdown().await;
    let (passed, said) = smoke(vec![url]).await;
    assert!(!passed && !said.contains("ok "), "{said}");
}

#[test]
fn the_smoke_test_asks_every_function_that_answers_requests() {
    let smoke = read("infra/smoke.sh");
    for function in FUNCTIONS {
        let Some(routes) = function.routes() else { continue };
        let document = serde_json::to_value(routes.into_openapi()).expect("a description");
        let paths = document["paths"].as_object().expect("paths");
        let asked = paths.keys().any(|path| {
            let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>();
            let path = path.join("/");
            smoke.split_whitespace().any(|word| word.trim_end_matches(';') == path)
        });
        assert!(asked, "{}", function.spec.name);
    }
}

#[test]
fn a_bucket_from_before_wakes_the_workers_the_stacks_own_would() {
    let page = read("infra/docs/restore.md");
    for (_, objects, _) in workers() {
        let rule = |name, value| format!(r#"{{"Name": "{name}", "Value": "{value}"}}"#);
        assert!(page.contains(&rule("prefix", objects.prefix)), "{}", objects.prefix);
        assert!(objects.suffix.is_empty() || page.contains(&rule("suffix", objects.suffix)), "{}", objects.suffix);
    }
}

#[test]
fn the_page_knows_what_the_functions_reserve() {
    let template = read("infra/template.yaml");
    let reserved = template.lines().filter_map(|line| line.trim().strip_prefix("ReservedConcurrentExecutions: "));
    let reserved: u32 = reserved.map(|number| number.parse::<u32>().expect("a number")).sum();
    let page = read("infra/docs/deploying.md").replace('\n', " ");
    assert!(page.contains(&format!("reserve {reserved}, and AWS keeps 100")), "{reserved}");
    assert!(page.contains(&format!("with less than {} the first", reserved + 100)), "{reserved}");
}

#[test]
fn every_alarm_has_its_place_on_the_page() {
    let page = read("infra/docs/alarms.md");
    let alarms = names("Resources").into_iter().filter(|name| name.ends_with("Alarm"));
    for alarm in alarms {
        let of_a_function = FUNCTIONS.iter().any(|function| alarm == format!("{}ErrorsAlarm", function.resource()));
        let heading = if of_a_function { "## `<Function>ErrorsAlarm`".to_owned() } else { format!("## `{alarm}`") };
        assert!(page.lines().any(|line| line == heading), "{alarm}");
    }
}
