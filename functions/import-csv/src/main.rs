#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    caseload::runtime::http(&import_csv::SPEC, import_csv::router()).await
}
