//! The deployment's template: what is written by hand in `infra/template.base.yaml`, with what follows from the code.
//!
//! By hand, a function has its description, limits, IAM statements, schedules and bucket events. Its code, variables,
//! routes, log group, metric filter and alarm are added here from its [`FunctionSpec`] and its routes.

use std::fmt::Write as _;

use caseload::app::FunctionSpec;
use caseload::config::Var;
use serde_json::Value;

use crate::functions::{FUNCTIONS, Function, pascal};

const KIND: &str = "    Type: AWS::Serverless::Function";
const POLICIES: &str = "      Policies:";
const EVENTS: &str = "      Events:";
const PROPERTIES: &str = "    Properties:";

/// What the stack makes unless there is one from before, as it is named by hand, and as that comes to.
const TAKEN_OVER: &[(&str, &str)] = &[
    (
        "!GetAtt Table.Arn",
        "!If [MakesTable, !GetAtt Table.Arn, \
         !Sub 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTableName}']",
    ),
    ("!Ref Table", "!If [MakesTable, !Ref Table, !Ref ExistingTableName]"),
    ("!GetAtt DataKey.Arn", "!If [MakesDataKey, !GetAtt DataKey.Arn, !Ref ExistingDataKeyArn]"),
];

/// Why there is no template. Each says what to write where.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadBase {
    /// A function without its part.
    #[error(
        "infra/template.base.yaml has no {0}Function: write one with `Type: AWS::Serverless::Function` and, under \
         `Properties:`, its Description, its Policies (the IAM statements of what it does) and whatever schedules or \
         bucket events start it"
    )]
    Missing(String),
    /// A part without its function.
    #[error("infra/template.base.yaml describes {0}, which infra/local/src/functions.rs does not list")]
    Unknown(String),
    /// A part that lacks something.
    #[error("{0} of infra/template.base.yaml has no `{1}` under its Properties")]
    Lacks(String, &'static str),
}

/// The whole template.
pub fn template(base: &str) -> Result<String, BadBase> {
    let mut missing: Vec<&Function> = FUNCTIONS.iter().collect();
    let mut whole = String::from(
        "# Generated from infra/template.base.yaml and the functions' own descriptions; do not edit.\n\
         # To write it anew: CASELOAD_REGENERATE=1 cargo test -p end-to-end drift\n#\n",
    );
    for part in parts(base) {
        if part.lines().nth(1) != Some(KIND) {
            whole.push_str(part);
            continue;
        }
        let resource = part.lines().next().unwrap_or_default().trim().trim_end_matches(':');
        let at = missing.iter().position(|function| format!("{}Function", function.resource()) == resource);
        let at = at.ok_or_else(|| BadBase::Unknown(resource.to_owned()))?;
        whole.push_str(&function(missing.swap_remove(at), resource, part.trim_end())?);
    }
    match missing.first() {
        Some(function) => Err(BadBase::Missing(function.resource())),
        None => Ok(whole.lines().fold(String::new(), |template, line| template + &taken_over(line) + "\n")),
    }
}

/// A line whose value may be something from before.
fn taken_over(line: &str) -> String {
    let found = TAKEN_OVER.iter().find_map(|(made, either)| Some(line.strip_suffix(made)?.to_owned() + either));
    found.unwrap_or_else(|| line.to_owned())
}

/// The base cut before every resource and before what is said of one, so that a function's part is that and no more.
fn parts(base: &str) -> impl Iterator<Item = &str> {
    let begins = |line: &str| {
        line.starts_with("  ") && line.as_bytes().get(2).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'#')
    };
    let mut rest = base;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = 0;
        for (n, line) in rest.split_inclusive('\n').enumerate() {
            if n > 0 && begins(line) {
                break;
            }
            end += line.len();
        }
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    })
}

/// A function's part with what the code knows, and the resources that go with it.
fn function(function: &Function, resource: &str, by_hand: &str) -> Result<String, BadBase> {
    let FunctionSpec { name, about, needs, services: _ } = function.spec;
    let stem = function.resource();
    let (mut part, mut begun, mut allowed) = (String::new(), false, false);
    for line in by_hand.lines() {
        if line == POLICIES {
            allowed = true;
            write_environment(&mut part, &stem, needs);
        }
        part += line;
        part.push('\n');
        if line == PROPERTIES && !begun {
            begun = true;
            let _ = writeln!(part, "      Description: {about}\n      CodeUri: ../target/lambda/{name}/");
        }
    }
    let lacks = |what| BadBase::Lacks(resource.to_owned(), what);
    if !begun {
        return Err(lacks("Properties"));
    }
    if !allowed {
        return Err(lacks("Policies"));
    }
    write_routes(&mut part, function);
    write_watch(&mut part, name, &stem);
    Ok(part)
}

fn write_environment(part: &mut String, stem: &str, needs: &[Var]) {
    let _ = write!(
        part,
        "      LoggingConfig:\n        LogFormat: JSON\n        LogGroup: !Ref {stem}Log\n      \
         Environment:\n        Variables:\n"
    );
    for var in needs {
        let _ = writeln!(part, "          {}: {}", var.name(), value(*var));
    }
}

/// Where a variable's value comes from.
const fn value(var: Var) -> &'static str {
    match var {
        Var::TableName => "!Ref Table",
        Var::SecretKey => "!Sub '{{resolve:secretsmanager:${SecretKeyArn}:SecretString}}'",
        Var::PortalOrigin => "!Join [',', !Ref PortalOrigin]",
        Var::MailFrom => "!Ref MailFromAddress",
        Var::TokenJwks => "!Ref TokenJwks",
        Var::TokenSigningKey => "!Sub '{{resolve:secretsmanager:${TokenSigningKeyArn}:SecretString}}'",
        Var::StaffIssuers => "!Ref StaffIssuers",
        Var::BucketName => "!Ref BucketName",
        Var::PaymentsSecretKey => "!Sub '{{resolve:secretsmanager:${PaymentsSecretKeyArn}:SecretString}}'",
        Var::PaymentsWebhookSecret => "!Sub '{{resolve:secretsmanager:${PaymentsWebhookSecretArn}:SecretString}}'",
    }
}

/// An event per route, named after its operation.
fn write_routes(part: &mut String, function: &Function) {
    let Some(routes) = function.routes() else { return };
    if !part.lines().any(|line| line == EVENTS) {
        let _ = writeln!(part, "{EVENTS}");
    }
    let document = serde_json::to_value(routes.into_openapi()).unwrap_or_default();
    for (path, methods) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
            let _ = write!(
                part,
                "        {}:\n          Type: HttpApi\n          Properties:\n            ApiId: !Ref HttpApi\n            \
                 Method: {}\n            Path: {path}\n",
                pascal(id),
                method.to_uppercase(),
            );
        }
    }
}

/// Where its logs go, and who hears when it fails.
fn write_watch(part: &mut String, name: &str, stem: &str) {
    let _ = write!(
        part,
        r#"
  {stem}Log:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub /aws/lambda/${{AWS::StackName}}-{name}
      RetentionInDays: !Ref LogRetentionDays
      KmsKeyId: !GetAtt DataKey.Arn

  {stem}AuditFailures:
    Type: AWS::Logs::MetricFilter
    Properties:
      LogGroupName: !Ref {stem}Log
      FilterPattern: '{{ $.code = "audit_unavailable" }}'
      MetricTransformations:
        - MetricNamespace: !Ref AWS::StackName
          MetricName: AuditUnavailable
          MetricValue: '1'

  {stem}ErrorsAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: {name} failed with an error, a timeout or a lost environment
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions:
        - Name: FunctionName
          Value: !Ref {stem}Function
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
      AlarmActions:
        - !Ref AlarmTopic

"#
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The functions' parts, each as short as it may be, but for those left out.
    fn base(without: &str) -> String {
        let mut base = String::from("Resources:\n");
        for function in FUNCTIONS.iter().filter(|function| function.spec.name != without) {
            let name = function.resource();
            let _ = write!(base, "  {name}Function:\n{KIND}\n{PROPERTIES}\n{POLICIES}\n        - {{}}\n\n");
        }
        base
    }

    #[test]
    fn a_function_without_its_part_is_told_what_to_write() {
        assert!(template(&base("")).is_ok());
        let missing = template(&base("pay")).unwrap_err();
        assert_eq!(missing, BadBase::Missing("Pay".to_owned()));
        assert!(missing.to_string().contains("PayFunction: write one with"), "{missing}");
    }

    #[test]
    fn a_part_without_its_function_or_without_its_statements_is_refused() {
        let gone = base("").replace("PayFunction", "PlayFunction");
        assert_eq!(template(&gone).unwrap_err(), BadBase::Unknown("PlayFunction".to_owned()));
        let bare = base("").replace("Policies:", "Tags:");
        assert_eq!(template(&bare).unwrap_err(), BadBase::Lacks("PracticeFunction".to_owned(), "Policies"));
    }

    #[test]
    fn a_table_from_before_is_named_wherever_the_stacks_own_would_be() {
        for (by_hand, generated) in [
            ("  A: !Ref Table", "  A: !If [MakesTable, !Ref Table, !Ref ExistingTableName]"),
            ("  - !GetAtt DataKey.Arn", "  - !If [MakesDataKey, !GetAtt DataKey.Arn, !Ref ExistingDataKeyArn]"),
            ("  A: !Ref TableName", "  A: !Ref TableName"),
        ] {
            assert_eq!(taken_over(by_hand), generated);
        }
        let whole = template(&base("")).unwrap();
        assert!(whole.contains("TABLE_NAME: !If [MakesTable"), "variables too");
    }

    #[test]
    fn what_the_code_knows_is_added() {
        let whole = template(&base("")).unwrap();
        for line in [
            "      CodeUri: ../target/lambda/share-file/",
            "          Value: !Ref ShareFileFunction",
            "        LogGroup: !Ref ShareFileLog",
            "            Path: /v1/files/{file_id}",
        ] {
            assert!(whole.lines().any(|found| found == line), "{line}");
        }
    }
}
