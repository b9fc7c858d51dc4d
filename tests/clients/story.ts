// The main job through a client that is generated from the description of the API: strict, so that a lie does not compile.
import createClient, { type Middleware } from "openapi-fetch";
import { readFile } from "node:fs/promises";
import type { paths } from "./schema.js";

const baseUrl = process.env.API ?? "http://127.0.0.1:9000";
const slug = process.env.SLUG ?? "harbor-ts";

function as(token?: string) {
  const client = createClient<paths>({ baseUrl });
  const bearer: Middleware = {
    onRequest({ request }) {
      if (token) request.headers.set("authorization", `Bearer ${token}`);
      return request;
    },
  };
  client.use(bearer);
  return client;
}

function shown<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

async function mailed(to: string): Promise<string> {
  const mails = (await (await fetch(`${baseUrl}/dev/mail?to=${to}`)).json()) as { items: { text: string }[] };
  const token = /#token=([A-Za-z0-9_-]+)/.exec(mails.items[0]?.text ?? "")?.[1];
  check(token !== undefined, `no mail to ${to}`);
  return token;
}

const anybody = as();
const email = `dana@${slug}.example`;
shown(
  await anybody.POST("/v1/practices", {
    body: { name: "Harbor Therapy", slug, time_zone: "America/New_York", currency: "USD", owner: { full_name: "Dana Owner", email } },
  }),
);
const opened = shown(await anybody.POST("/v1/auth/sessions", { body: { token: await mailed(email) } }));
const session = shown(await anybody.POST("/v1/auth/refresh", { body: { refresh_token: opened.refresh_token } }));
const dana = as(session.access_token);
check(shown(await dana.GET("/v1/me")).principal.kind === "staff", "Dana is staff");

const maya = shown(
  await dana.POST("/v1/clients", {
    params: { header: { "idempotency-key": "maya" } },
    body: { first_name: "Maya", last_name: "Lindqvist", email: `maya@${slug}.example`, invite: { consent: true } },
  }),
);
const changed = await dana.PATCH("/v1/clients/{client_id}", {
  params: { path: { client_id: maya.id }, header: { "if-match": maya.etag } },
  body: { pronouns: "they" },
});
check(shown(changed).pronouns === "they", "the change is shown");
const stale = await dana.PATCH("/v1/clients/{client_id}", {
  params: { path: { client_id: maya.id }, header: { "if-match": maya.etag } },
  body: { pronouns: "she" },
});
check(stale.error?.code === "stale", "a change to an old version is refused");

const portal = as(shown(await anybody.POST("/v1/invitations/accept", { body: { token: await mailed(`maya@${slug}.example`) } })).access_token);
const own = shown(await portal.GET("/v1/clients/{client_id}", { params: { path: { client_id: maya.id } } }));
check(own.shown_to === "client", "a client sees its own view");
check(own.practice.slug === slug, "which names its practice");

const bytes = await readFile(new URL(process.env.PDF ?? "worksheet.pdf", `file://${process.cwd()}/`));
const file = shown(
  await dana.POST("/v1/clients/{client_id}/files", {
    params: { path: { client_id: maya.id } },
    body: { name: "worksheet.pdf", size: bytes.length, content_type: "application/pdf", shared: true },
  }),
);
const put = await fetch(file.upload.url, { method: file.upload.method, headers: file.upload.headers as Record<string, string>, body: bytes });
check(put.ok, `upload: ${put.status}`);
shown(await dana.POST("/v1/files/{file_id}/complete", { params: { path: { file_id: file.id } } }));
const link = shown(await portal.POST("/v1/files/{file_id}/download", { params: { path: { file_id: file.id } } }));
check((await (await fetch(link.url)).arrayBuffer()).byteLength === bytes.length, "the client has the file");

const price = { amount: 15000, currency: "USD" } as const;
const invoice = shown(
  await dana.POST("/v1/clients/{client_id}/invoices", {
    params: { path: { client_id: maya.id } },
    body: { lines: [{ description: "Session 50 min", quantity: 1, unit_price: price }], due_date: "2099-12-01" },
  }),
);
const issued = shown(await dana.POST("/v1/invoices/{invoice_id}/issue", { params: { path: { invoice_id: invoice.id } } }));
check(issued.state === "open" && issued.balance.amount === 15000, "the invoice is open");
const found = shown(await dana.POST("/v1/clients/search", { body: { q: "lindq" } }));
check(found.items.some((item) => item.id === maya.id && item.allowed_actions.includes("edit")), "Maya is found");
console.log("TypeScript: the story was walked");
