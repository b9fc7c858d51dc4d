#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    caseload::runtime::http(&share_file::SPEC, share_file::routes()).await
}
