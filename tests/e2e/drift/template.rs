//! What is deployed is what was written, and nothing that was written is not deployed.

use std::collections::{BTreeMap, BTreeSet};

use caseload::app::FunctionSpec;
use caseload::config::Var;
use caseload_local::{NOTIFICATIONS, SCHEDULES, openapi};
use resend_invitations::Fired;
use yaml_rust2::yaml::Hash;
use yaml_rust2::{Yaml, YamlLoader};

const INFRA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra");
const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");
const FUNCTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../functions");

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

fn specs() -> Vec<FunctionSpec> {
    let http = openapi::routers().into_iter().map(|(spec, _)| spec);
    http.chain([import_worker::SPEC, export_worker::SPEC, resend_invitations::SPEC]).collect()
}

/// `share-file` is deployed as `ShareFileFunction`.
fn resource(name: &str) -> String {
    let mut resource = String::new();
    for word in name.split('-') {
        let (first, rest) = word.split_at(1);
        resource.push_str(&first.to_uppercase());
        resource.push_str(rest);
    }
    resource + "Function"
}

fn events<'y>(function: &'y Yaml, kind: &str) -> Vec<&'y Yaml> {
    let events = members(&function["Events"]).filter(|(_, event)| text(&event["Type"]) == kind);
    events.map(|(_, event)| &event["Properties"]).collect()
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect()
}

// decision 16
#[test]
fn folders_functions_and_events_are_the_same_set() {
    let specs: BTreeSet<String> = specs().iter().map(|spec| spec.name.to_owned()).collect();
    assert_eq!(names_in(FUNCTIONS), specs);
    assert_eq!(names_in(EVENTS), specs.iter().map(|name| format!("{name}.json")).collect());
    let deployed = deployed(&template());
    assert_eq!(deployed.keys().cloned().collect::<BTreeSet<_>>(), specs.iter().map(|name| resource(name)).collect());
    for name in &specs {
        assert_eq!(text(&deployed[&resource(name)]["CodeUri"]), format!("../target/lambda/{name}/"));
    }
}

// decision 16
#[test]
fn each_function_is_given_the_variables_it_needs_and_no_others() {
    let deployed = deployed(&template());
    for FunctionSpec { name, needs, services: _ } in specs() {
        let variables = &deployed[&resource(name)]["Environment"]["Variables"];
        let given: BTreeSet<&str> = members(variables).map(|(name, _)| name).collect();
        assert_eq!(given, needs.iter().copied().map(Var::name).collect(), "{name}");
    }
    assert!(template()["Globals"]["Function"]["Environment"].is_badvalue());
}

// decision 16
#[test]
fn each_function_is_given_the_routes_it_serves_and_no_others() {
    let deployed = deployed(&template());
    let mut served = BTreeMap::new();
    for (spec, router) in openapi::routers() {
        let document = serde_json::to_value(router.into_openapi()).expect("a document");
        let paths = document["paths"].as_object().expect("paths").iter();
        let routes: BTreeSet<(String, String)> = paths
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().expect("methods");
                methods.keys().map(move |method| (method.to_uppercase(), path.clone()))
            })
            .collect();
        served.insert(resource(spec.name), routes);
    }
    for (name, function) in &deployed {
        let routes = events(function, "HttpApi");
        let given: BTreeSet<(String, String)> =
            routes.iter().map(|route| (text(&route["Method"]).to_owned(), text(&route["Path"]).to_owned())).collect();
        assert_eq!(given.len(), routes.len(), "{name} has a route twice");
        assert_eq!(given, served.remove(name).unwrap_or_default(), "{name}");
    }
}

// D.3, X5
#[test]
fn each_worker_hears_of_its_own_objects_and_nobody_else_of_any() {
    for (name, function) in deployed(&template()) {
        let objects = events(&function, "S3");
        let Some(wanted) = NOTIFICATIONS.iter().find(|wanted| resource(wanted.function) == name) else {
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

/// `rate(1 hour)`, `rate(5 minutes)`: what EventBridge takes.
fn is_rate(expression: &str) -> bool {
    let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let Some((number, unit)) = inner.and_then(|inner| inner.split_once(' ')) else {
        return false;
    };
    let units: &[&str] = if number == "1" { &["minute", "hour", "day"] } else { &["minutes", "hours", "days"] };
    number.parse::<u32>().is_ok_and(|number| number > 0) && units.contains(&unit)
}

// D10, L10, decision 11, decision 22
#[test]
fn every_schedule_fires_what_the_function_understands() {
    assert!(
        is_rate("rate(5 minutes)") && !is_rate("rate(1 minutes)") && !is_rate("rate(0 hours)") && !is_rate("cron(1)")
    );
    let mut fired = BTreeSet::new();
    for (name, function) in deployed(&template()) {
        let schedules = events(&function, "ScheduleV2");
        assert!(schedules.is_empty() || name == resource(resend_invitations::SPEC.name), "{name}");
        assert!(events(&function, "Schedule").is_empty(), "{name} has a schedule of the old kind");
        for schedule in schedules {
            let input = text(&schedule["Input"]);
            serde_json::from_str::<Fired>(input).unwrap_or_else(|error| panic!("{input}: {error}"));
            let which: serde_json::Value = serde_json::from_str(input).expect("JSON");
            let which = which["schedule"].as_str().expect("a name").to_owned();
            assert!(text(&schedule["Name"]).ends_with(&format!("-{which}")), "{which}");
            assert!(is_rate(text(&schedule["ScheduleExpression"])), "{which}");
            assert!(fired.insert(which), "{input} twice");
        }
    }
    assert_eq!(fired, SCHEDULES.iter().map(ToString::to_string).collect());
    assert_eq!(fired.len(), 5);
}
