#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    caseload::runtime::http(&calendar_feeds::SPEC, calendar_feeds::router()).await
}
