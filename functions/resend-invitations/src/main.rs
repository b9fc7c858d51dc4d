#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    caseload::runtime::events(&resend_invitations::SPEC, resend_invitations::handle).await
}
