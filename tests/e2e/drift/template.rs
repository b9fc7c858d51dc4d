//! What is deployed is what was written, and nothing that was written is not deployed.
//!
//! Routes, variables, logs and alarms are generated; here is what stands in the template by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use caseload::web::cors;
use caseload_local::bucket::cors as bucket_cors;
use caseload_local::functions::{FUNCTIONS, Function, schedules, workers};
use end_to_end::World;
use yaml_rust2::yaml::Hash;
use yaml_rust2::{Yaml, YamlLoader};

const INFRA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra");
const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");
const FOLDERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../functions");

/// The template; `!Ref` and the like are passed over, only what they apply to is kept.
fn template() -> Yaml {
    let text = std::fs::read_to_string(format!("{INFRA}/template.yaml")).expect("the template");
    YamlLoader::load_from_str(&text).expect("YAML").pop().expect("a document")
}

fn members(yaml: &Yaml) -> impl Iterator<Item = (&str, &Yaml)> {
    let hash: Option<&Hash> = yaml.as_hash();
    hash.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str()?, value)))
}

fn text(yaml: &Yaml) -> &str {
    yaml.as_str().unwrap_or_default()
}

/// The functions of the template by resource name, with their properties.
fn deployed(template: &Yaml) -> BTreeMap<String, Yaml> {
    let functions =
        members(&template["Resources"]).filter(|(_, resource)| text(&resource["Type"]) == "AWS::Serverless::Function");
    functions.map(|(name, resource)| (name.to_owned(), resource["Properties"].clone())).collect()
}

/// `share-file` is deployed as `ShareFileFunction`.
fn resource(function: &Function) -> String {
    function.resource() + "Function"
}

fn named(name: &str) -> String {
    resource(Function::named(name).expect("a function"))
}

fn events<'y>(function: &'y Yaml, kind: &str) -> Vec<&'y Yaml> {
    let events = members(&function["Events"]).filter(|(_, event)| text(&event["Type"]) == kind);
    events.map(|(_, event)| &event["Properties"]).collect()
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect()
}

/// What a function may do.
fn actions(function: &Yaml) -> BTreeSet<&str> {
    let policies = function["Policies"].as_vec().into_iter().flatten();
    let statements = policies.flat_map(|policy| policy["Statement"].as_vec().into_iter().flatten());
    let allowed = statements.filter(|statement| text(&statement["Effect"]) == "Allow");
    allowed.flat_map(|statement| statement["Action"].as_vec().into_iter().flatten()).map(text).collect()
}

// decision 16
#[test]
fn folders_functions_and_events_are_the_same_set() {
    let listed: BTreeSet<String> = FUNCTIONS.iter().map(|function| function.spec.name.to_owned()).collect();
    assert_eq!(listed.len(), FUNCTIONS.len());
    assert_eq!(names_in(FOLDERS), listed, "functions/ and infra/local/src/functions.rs");
    assert_eq!(names_in(EVENTS), listed.iter().map(|name| format!("{name}.json")).collect());
    let deployed = deployed(&template());
    assert_eq!(deployed.keys().cloned().collect::<BTreeSet<_>>(), FUNCTIONS.iter().map(resource).collect());
}

// decision 16
#[test]
fn each_function_may_use_the_services_it_names_and_no_others() {
    let deployed = deployed(&template());
    for function in FUNCTIONS {
        let (name, services) = (function.spec.name, function.spec.services);
        let may = actions(&deployed[&resource(function)]);
        let some = |of: &str| may.iter().any(|action| action.starts_with(of));
        assert!(some("dynamodb:") && some("kms:"), "{name} may do {may:?}");
        assert_eq!(some("s3:"), services.files.is_some(), "{name} and the bucket: {may:?}");
        assert_eq!(some("ses:"), services.mail.is_some(), "{name} and mail: {may:?}");
        let known = ["dynamodb:", "kms:", "s3:", "ses:"];
        assert!(may.iter().all(|action| known.iter().any(|of| action.starts_with(of))), "{name}: {may:?}");
    }
}

// IMP-2, X5
#[test]
fn each_worker_hears_of_its_own_objects_and_nobody_else_of_any() {
    for (name, function) in deployed(&template()) {
        let objects = events(&function, "S3");
        let Some((_, wanted, _)) = workers().find(|(spec, ..)| named(spec.name) == name) else {
            assert!(objects.is_empty(), "{name}");
            continue;
        };
        let [event] = objects.as_slice() else { panic!("{name}: {objects:?}") };
        assert_eq!((text(&event["Bucket"]), text(&event["Events"])), ("Bucket", "s3:ObjectCreated:*"));
        let rules = event["Filter"]["S3Key"]["Rules"].as_vec().expect("rules").iter();
        let rules: Vec<_> = rules.map(|rule| (text(&rule["Name"]), text(&rule["Value"]))).collect();
        let filter = [("prefix", wanted.prefix), ("suffix", wanted.suffix)];
        assert_eq!(rules, filter.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>(), "{name}");
    }
}

/// How EventBridge says it.
fn rate(every: Duration) -> &'static str {
    match every.as_secs() {
        60 => "rate(1 minute)",
        300 => "rate(5 minutes)",
        3600 => "rate(1 hour)",
        other => panic!("no schedule runs every {other} s yet"),
    }
}

// D10, L10, decision 11, decision 22
#[tokio::test]
async fn every_schedule_fires_what_its_function_understands() {
    let world = World::start().await;
    let (template, mut fired) = (template(), BTreeSet::new());
    for (name, function) in deployed(&template) {
        assert!(events(&function, "Schedule").is_empty(), "{name} has a schedule of the old kind");
        for schedule in events(&function, "ScheduleV2") {
            let input: serde_json::Value = serde_json::from_str(text(&schedule["Input"])).expect("JSON");
            let which = input["schedule"].as_str().expect("a name");
            let known = schedules().find(|(spec, schedule, _)| schedule.name == which && named(spec.name) == name);
            let (_, wanted, _) = known.unwrap_or_else(|| panic!("{name} knows no {which}"));
            assert_eq!(input, serde_json::json!({ "schedule": which }));
            assert!(text(&schedule["Name"]).ends_with(&format!("-{which}")), "{which}");
            assert_eq!(text(&schedule["ScheduleExpression"]), rate(wanted.every), "{which}");
            assert_eq!(world.run(which).await["due"], 0, "{which}");
            assert!(fired.insert(which.to_owned()), "{input} twice");
        }
    }
    assert_eq!(fired, schedules().map(|(_, schedule, _)| schedule.name.to_owned()).collect());
}

fn texts(list: &Yaml) -> Vec<&str> {
    list.as_vec().into_iter().flatten().map(text).collect()
}

// OBS-4: what the gateway and the bucket let pages do is what the front and the local bucket let them do.
#[test]
fn pages_may_do_there_what_they_may_do_here() {
    let template = template();
    let api = &template["Resources"]["HttpApi"]["Properties"]["CorsConfiguration"];
    assert_eq!(texts(&api["AllowMethods"]), cors::METHODS.each_ref().map(http::Method::as_str));
    assert_eq!(texts(&api["AllowHeaders"]), cors::ALLOWED);
    assert_eq!(texts(&api["ExposeHeaders"]), cors::EXPOSED);
    assert_eq!(api["MaxAge"].as_i64(), i64::try_from(cors::MAX_AGE.as_secs()).ok());
    let rules =
        template["Resources"]["Bucket"]["Properties"]["CorsConfiguration"]["CorsRules"].as_vec().expect("rules");
    let [bucket] = rules.as_slice() else { panic!("{rules:?}") };
    assert_eq!(texts(&bucket["AllowedMethods"]), bucket_cors::METHODS);
    assert_eq!(texts(&bucket["AllowedHeaders"]), bucket_cors::ALLOWED);
    assert_eq!(texts(&bucket["ExposedHeaders"]), bucket_cors::EXPOSED);
    assert_eq!(bucket["MaxAge"].as_i64(), Some(bucket_cors::MAX_AGE.into()));
    // Each is the whole list: one origin within a list of its own would be all of them in one text.
    for origins in [&api["AllowOrigins"], &bucket["AllowedOrigins"]] {
        assert_eq!(text(origins), "PortalOrigin");
    }
    assert_eq!(text(&template["Parameters"]["PortalOrigin"]["Type"]), "CommaDelimitedList");
}

// decision 16
#[test]
fn the_role_of_the_schedules_may_invoke_their_functions_and_no_others() {
    let role = &template()["Resources"]["SchedulerRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
    let invoke = role.as_vec().into_iter().flatten().find(|statement| text(&statement["Sid"]) == "Invoke");
    let targets = invoke.and_then(|statement| statement["Resource"].as_vec()).expect("functions");
    let invoked: BTreeSet<String> = targets.iter().map(|target| text(target).to_owned()).collect();
    assert_eq!(invoked, schedules().map(|(spec, ..)| named(spec.name) + ".Arn").collect());
}
