#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    caseload::runtime::events(&export_worker::SPEC, export_worker::handle).await
}
