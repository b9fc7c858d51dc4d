//! What the Lambda runtime tells a function about an invocation.

use caseload::clock::Clock;
use caseload::domain::ids::RequestId;
use jiff::SignedDuration;
use lambda_runtime::Context;

/// The context of an invocation that may take this long. The deadline is by the clock that nobody moves, as Lambda's is.
pub(crate) fn context(clock: &Clock, function: &str, id: RequestId, time: SignedDuration) -> Context {
    let deadline = clock.unmoved().as_millisecond() + i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2);
    let mut context = Context::default();
    context.request_id = id.to_string();
    context.deadline = u64::try_from(deadline).unwrap_or_default();
    context.invoked_function_arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{function}");
    context
}
