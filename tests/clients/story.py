"""The main job through a client that is generated from the description of the API."""

import os
import re
import sys
from datetime import date

import httpx

from caseload_client import AuthenticatedClient, Client
from caseload_client.api.auth import me, open_session, refresh
from caseload_client.api.clients import create_client, read_client, search_clients, update_client
from caseload_client.api.invite import accept_invitation
from caseload_client.api.pay import create_invoice, issue_invoice
from caseload_client.api.practice import sign_up
from caseload_client.api.share_file import complete_upload, request_download, request_upload
from caseload_client.models import (
    ClientView,
    CreateClient,
    CreateInvoice,
    InvitationToken,
    OpenSession,
    OwnClientView,
    PatchClient,
    ProblemBody,
    RefreshSession,
    RequestUpload,
    SearchClients,
    SignUp,
)

API = os.environ.get("API", "http://127.0.0.1:9000")
SLUG = os.environ.get("SLUG", "harbor-py")


def mailed(to: str) -> str:
    mails = httpx.get(f"{API}/dev/mail", params={"to": to}).json()["items"]
    return re.search(r"#token=([A-Za-z0-9_-]+)", mails[0]["text"]).group(1)


def signed_in(tokens) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=API, token=tokens.access_token)


def shown(answer):
    assert answer is not None and not isinstance(answer, ProblemBody), answer
    return answer


def main() -> None:
    anybody = Client(base_url=API)
    email = f"dana@{SLUG}.example"
    practice = {
        "name": "Harbor Therapy",
        "slug": SLUG,
        "time_zone": "America/New_York",
        "currency": "USD",
        "owner": {"full_name": "Dana Owner", "email": email},
    }
    shown(sign_up.sync(client=anybody, body=SignUp.from_dict(practice)))
    opened = shown(open_session.sync(client=anybody, body=OpenSession.from_dict({"token": mailed(email)})))
    tokens = shown(refresh.sync(client=anybody, body=RefreshSession(refresh_token=opened.refresh_token)))
    dana = signed_in(tokens)
    assert shown(me.sync(client=dana)).practice.slug == SLUG

    said = {"first_name": "Maya", "last_name": "Lindqvist", "email": f"maya@{SLUG}.example", "invite": {"consent": True}}
    maya = shown(create_client.sync(client=dana, body=CreateClient.from_dict(said)))
    they = PatchClient.from_dict({"pronouns": "they"})
    assert shown(update_client.sync(maya.id, client=dana, body=they, if_match=maya.etag)).pronouns == "they"
    stale = update_client.sync(maya.id, client=dana, body=they, if_match=maya.etag)
    assert isinstance(stale, ProblemBody) and stale.code == "stale", stale
    assert isinstance(shown(read_client.sync(maya.id, client=dana)), ClientView)

    token = InvitationToken(token=mailed(f"maya@{SLUG}.example"))
    portal = signed_in(shown(accept_invitation.sync(client=anybody, body=token)))
    own = shown(read_client.sync(maya.id, client=portal))
    assert isinstance(own, OwnClientView) and own.practice.slug == SLUG

    pdf = open(os.environ["PDF"], "rb").read()
    wanted = {"name": "worksheet.pdf", "size": len(pdf), "content_type": "application/pdf", "shared": True}
    file = shown(request_upload.sync(maya.id, client=dana, body=RequestUpload.from_dict(wanted)))
    grant = file.upload
    httpx.request(grant.method, grant.url, headers=grant.headers.to_dict(), content=pdf).raise_for_status()
    shown(complete_upload.sync(file.id, client=dana))
    assert httpx.get(shown(request_download.sync(file.id, client=portal)).url).content == pdf

    line = {"description": "Session 50 min", "quantity": 1, "unit_price": {"amount": 15000, "currency": "USD"}}
    body = CreateInvoice.from_dict({"lines": [line], "due_date": date(2099, 12, 1).isoformat()})
    invoice = shown(create_invoice.sync(maya.id, client=dana, body=body))
    assert shown(issue_invoice.sync(invoice.id, client=dana)).balance.amount == 15000
    found = shown(search_clients.sync(client=dana, body=SearchClients.from_dict({"q": "lindq"})))
    assert any(item.id == maya.id for item in found.items)
    print("Python: the story was walked")


if __name__ == "__main__":
    sys.exit(main())
