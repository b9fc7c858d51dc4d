#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    caseload::runtime::http(&payment_webhook::SPEC, payment_webhook::router()).await
}
