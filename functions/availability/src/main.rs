#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    caseload::runtime::http(&availability::SPEC, availability::router()).await
}
