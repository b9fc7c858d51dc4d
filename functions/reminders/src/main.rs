#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    caseload::runtime::events(&reminders::SPEC, reminders::handle).await
}
