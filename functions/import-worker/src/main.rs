#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    caseload::runtime::events(&import_worker::SPEC, import_worker::handle).await
}
