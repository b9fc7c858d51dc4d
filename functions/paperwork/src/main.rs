#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    caseload::runtime::http(&paperwork::SPEC, paperwork::router()).await
}
