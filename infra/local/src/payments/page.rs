//! The page a person sees: what it costs, one button, and what came of it.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::response::{Html, IntoResponse, Response};

use super::session::{Delivery, Payment, Session, Status};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;color:#1c2430;background:#f4f6f8;margin:0}\
    main{max-width:26rem;margin:10vh auto;background:#fff;border-radius:12px;padding:2rem;box-shadow:0 1px 4px #0002}\
    h1{font-size:1.25rem;margin:0 0 1rem}table{width:100%;border-collapse:collapse}td{padding:.4rem 0;vertical-align:top}\
    td:last-child{text-align:right;white-space:nowrap;padding-left:1rem}tr:last-child td{border-top:1px solid #d8dee6;\
    font-weight:600}button{width:100%;margin-top:1.5rem;padding:.8rem;font:inherit;font-weight:600;color:#fff;\
    background:#1f5fd0;border:0;border-radius:8px;cursor:pointer}small{color:#5b6675}a{color:#1f5fd0}";

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

/// The whole answer for a session as it stands now, or for none.
pub(super) fn page(session: Option<&Session>, now: i64) -> Response {
    let (status, content) = match session {
        Some(session) => content(session, now),
        None => (StatusCode::NOT_FOUND, "<h1>There is no such payment</h1>".to_owned()),
    };
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Payment</title><style>{STYLE}</style><main>{content}</main></html>"
    );
    (status, [(CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

fn content(session: &Session, now: i64) -> (StatusCode, String) {
    let total = money(session.order.total, &session.order.currency);
    let back = session.order.success_url.replace("{CHECKOUT_SESSION_ID}", &session.id);
    let back = format!("<p><a href=\"{}\">Back to the practice</a></p>", escape(&back));
    match (session.status(now), &session.payment) {
        (Status::Open, _) => (StatusCode::OK, open(session, &total)),
        (Status::Complete, Some(Payment { delivery: Delivery::Failed(reason), .. })) => {
            let retry = button(&session.id, "Retry");
            let text = "Paid, but the practice could not be told";
            (StatusCode::OK, format!("<h1>{text}</h1><p>{}.</p>{retry}", escape(reason)))
        }
        (Status::Complete, Some(Payment { delivery: Delivery::Underway, .. })) => {
            (StatusCode::OK, format!("<h1>Paid</h1><p>{total}. The practice is being told.</p>"))
        }
        (Status::Complete, _) => (StatusCode::OK, format!("<h1>Paid</h1><p>{total}. Thank you.</p>{back}")),
        (Status::Expired, _) => {
            (StatusCode::GONE, "<h1>This payment link has expired</h1><p>Nothing was charged.</p>".to_owned())
        }
    }
}

fn open(session: &Session, total: &str) -> String {
    let row = |name: &str, amount: &str| format!("<tr><td>{}<td>{amount}", escape(name));
    let rows: String = session
        .order
        .lines
        .iter()
        .map(|line| {
            let name =
                if line.quantity == 1 { line.name.clone() } else { format!("{} × {}", line.quantity, line.name) };
            row(&name, &money(line.unit_amount * line.quantity, &session.order.currency))
        })
        .collect();
    let cancel = session
        .order
        .cancel_url
        .as_ref()
        .map_or_else(String::new, |url| format!("<p><a href=\"{}\">Back without paying</a></p>", escape(url)));
    format!(
        "<h1>Pay {total}</h1><table>{rows}{}</table>{}{cancel}<p><small>A local stand-in: no money moves.</small></p>",
        row("Total", total),
        button(&session.id, &format!("Pay {total}")),
    )
}

fn button(id: &str, label: &str) -> String {
    format!("<form method=post action=\"/pay/{}\"><button>{}</button></form>", escape(id), escape(label))
}

/// `30500`, `usd` → `305.00 USD`, with as many decimals as Stripe gives the currency.
fn money(amount: i64, currency: &str) -> String {
    let decimals = match currency {
        "bif" | "clp" | "djf" | "gnf" | "jpy" | "kmf" | "krw" | "mga" | "pyg" | "rwf" | "vnd" | "vuv" | "xaf"
        | "xof" | "xpf" => 0,
        "bhd" | "jod" | "kwd" | "omr" | "tnd" => 3,
        _ => 2,
    };
    let code = currency.to_uppercase();
    if decimals == 0 {
        return format!("{amount} {code}");
    }
    let unit = 10_i64.pow(decimals);
    format!("{}.{:0width$} {code}", amount / unit, amount % unit, width = decimals as usize)
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let written = [(30_500, "usd"), (5, "eur"), (1_500, "jpy"), (1_500, "kwd")].map(|(n, code)| money(n, code));
        assert_eq!(written, ["305.00 USD", "0.05 EUR", "1500 JPY", "1.500 KWD"]);
    }
}
