//! What a caller calls its request in its own logs, to be found again in ours. It is logged and nothing else: never
//! answered, never stored.

use http::HeaderMap;

/// The longest id of a caller's own.
const MAX_ID: usize = 128;

/// The caller's names for a request; what is not in the expected form is left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Correlation {
    /// `traceparent`, as the W3C's Trace Context has it.
    pub(super) trace: Option<String>,
    /// `x-correlation-id`.
    pub(super) id: Option<String>,
}

impl Correlation {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        // Nothing that could begin a line of the log, or fill it.
        let is_id = |id: &&str| (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| matches!(b, b' '..=b'~'));
        Self {
            trace: text("traceparent").and_then(traceparent).map(str::to_owned),
            id: text("x-correlation-id").filter(is_id).map(str::to_owned),
        }
    }
}

/// The four fields every version has. Version 0 has no more, later ones may.
fn traceparent(text: &str) -> Option<&str> {
    let (known, more) = text.split_at_checked(55)?;
    let fields: Vec<&str> = known.split('-').collect();
    let [version, trace, parent, flags] = *fields.as_slice() else { return None };
    let is_hex =
        |field: &str, length| field.len() == length && field.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_null = |field: &str| field.bytes().all(|b| b == b'0');
    let well_formed = is_hex(version, 2) && is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2);
    let ends = more.is_empty() || version != "00" && more.starts_with('-');
    (well_formed && version != "ff" && !is_null(trace) && !is_null(parent) && ends).then_some(known)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn of(name: &'static str, value: &str) -> Correlation {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        Correlation::of(&HeaderMap::from_iter([(http::HeaderName::from_static(name), value)]))
    }

    // OBS-3
    #[test]
    fn a_trace_in_the_form_of_the_w3c_is_taken() {
        assert_eq!(of("traceparent", TRACE).trace.as_deref(), Some(TRACE));
        let later = TRACE.replacen("00", "01", 1);
        assert_eq!(of("traceparent", &format!("{later}-more")).trace, Some(later));
        let (zeros, ones) = ("0".repeat(32), "1".repeat(32));
        for other in [
            "",
            "maya@mail.example",
            &format!("{TRACE}-more"),
            &TRACE.to_uppercase(),
            &TRACE.replacen("00", "ff", 1),
            &TRACE.replace("b7ad6b7169203331", "0000000000000000"),
            &format!("00-{zeros}-b7ad6b7169203331-01"),
            &format!("00-{ones}1-b7ad6b716920333-01"),
            &format!("{TRACE}é"),
        ] {
            assert_eq!(of("traceparent", other), Correlation::default(), "{other}");
        }
    }

    // OBS-3
    #[test]
    fn an_id_of_the_callers_own_is_short_and_printable() {
        let longest = "x".repeat(MAX_ID);
        for id in ["a", "order 12/7", &longest] {
            assert_eq!(of("x-correlation-id", id).id.as_deref(), Some(id));
        }
        for other in ["", "a\tb", "é", &format!("{longest}x")] {
            assert_eq!(of("x-correlation-id", other), Correlation::default(), "{other}");
        }
    }
}
