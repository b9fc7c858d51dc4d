#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    caseload::runtime::http(&clinical_notes::SPEC, clinical_notes::router()).await
}
