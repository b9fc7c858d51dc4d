//! The README does what it says, pasted into a shell as it stands, and again; so does the smoke test.

use std::io::Write as _;
use std::process::{Command, Stdio};

use end_to_end::World;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const WHERE: &str = "http://127.0.0.1:9000";
const SHELLS: [(&str, &[&str]); 3] = [("bash", &["--norc", "-s"]), ("zsh", &["-f", "-s"]), ("dash", &["-s"])];

/// Printed between two blocks, so that what each shows is told apart.
const BETWEEN: &str = "-- between two blocks --";

/// A block to be pasted, and what appears.
struct Block {
    pasted: String,
    shown: Vec<String>,
}

fn readme() -> String {
    std::fs::read_to_string(format!("{ROOT}/README.md")).expect("the README")
}

/// The blocks of the section on the main job.
fn blocks() -> Vec<Block> {
    let text = readme();
    let section = text.split("\n## ").find(|section| section.starts_with("The main job")).expect("the main job");
    let mut blocks: Vec<Block> = Vec::new();
    for fenced in section.split("```").skip(1).step_by(2) {
        match fenced.split_once('\n').expect("a block") {
            ("sh", pasted) => blocks.push(Block { pasted: pasted.to_owned(), shown: Vec::new() }),
            ("text", shown) => {
                blocks.last_mut().expect("a block before").shown = shown.lines().map(str::to_owned).collect();
            }
            (kind, _) => panic!("a block of {kind}"),
        }
    }
    blocks
}

/// Whether a line is as it is told; `…` stands for anything.
fn as_told(told: &str, line: &str) -> bool {
    let mut parts = told.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.is_empty()
}

/// What a shell shows that is given these lines, if there is such a shell.
fn run(shell: &str, arguments: &[&str], lines: &str) -> Option<(String, String)> {
    let mut command = Command::new(shell);
    let command = command.args(arguments).current_dir(ROOT);
    let Ok(mut running) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() else {
        println!("skipped: there is no {shell}");
        return None;
    };
    running.stdin.take().expect("a way in").write_all(lines.as_bytes()).expect("a shell that listens");
    let output = running.wait_with_output().expect("an end");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Some((text(output.stdout), text(output.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_can_be_pasted_into_every_shell_again_and_again() {
    let world = World::start().await;
    let mut pasted = String::new();
    let mut told = Vec::new();
    // What is waited for is asked for again at once.
    pasted += "sleep() { :; }\n";
    for block in blocks().into_iter().chain(blocks()) {
        pasted += &format!("{}\nprintf '%s\\n' '{BETWEEN}'\n", block.pasted.replace(WHERE, &world.cloud.url));
        told.push(block.shown);
    }
    for (shell, arguments) in SHELLS {
        let Some((shown, complaints)) = run(shell, arguments, &pasted) else { continue };
        assert_eq!(complaints, "", "{shell}, after {shown}");
        let shown: Vec<_> = shown.split(&format!("{BETWEEN}\n")).map(|part| part.lines().collect::<Vec<_>>()).collect();
        assert_eq!(shown.len(), told.len() + 1, "{shell}: {shown:?}");
        for (told, shown) in told.iter().zip(&shown) {
            let right = told.len() == shown.len() && told.iter().zip(shown).all(|(told, line)| as_told(told, line));
            assert!(right, "{shell} shows {shown:#?} where README.md tells {told:#?}");
        }
    }
    let practices = world.anonymous.get("/dev/practices").await.expect(200);
    let ran = SHELLS.iter().filter(|(shell, _)| Command::new(shell).arg("-c").arg(":").status().is_ok()).count();
    assert_eq!(practices.at("/items").as_array().map(Vec::len), Some(2 * ran), "a practice for each time");
}

#[test]
fn blocks_mean_the_same_to_somebody_who_types_them() {
    // A zsh that is typed into takes a comment for words, and both it and bash look a `!` up in what was typed before.
    let text = readme();
    let pasted = text.split("```").skip(1).step_by(2).filter_map(|fenced| fenced.strip_prefix("sh\n"));
    for line in pasted.flat_map(str::lines) {
        let comment = line.split_whitespace().any(|word| word.starts_with('#'));
        assert!(!comment && !line.contains('!'), "{line}");
    }
}

#[test]
fn what_differs_is_left_out_of_what_is_told() {
    for (told, line, right) in [
        ("as it is", "as it is", true),
        ("as it is", "as it is not", false),
        ("due …, sent …", "due 12, sent 3", true),
        ("due …, sent …", "due 12", false),
        ("…-0001", "2026-0001", true),
        ("…-0001", "2026-0002", false),
    ] {
        assert_eq!(as_told(told, line), right, "{told}: {line}");
    }
}
