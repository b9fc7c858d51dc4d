//! Stripe's way of writing nested values in a form: `line_items[0][price_data][currency]=usd`.

use std::collections::BTreeMap;

use super::api::Refusal;

/// The parameters of a call, by their full bracketed names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a form-encoded body; of a name written twice the last one counts.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first parts of the names: `line_items` for the one above.
    pub(super) fn roots(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|name| name.split('[').next().unwrap_or(name))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        let missing = || Refusal::parameter("parameter_missing", name, format!("Missing required param: {name}."));
        self.text(name).ok_or_else(missing)
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let wrong = |_| Refusal::parameter("parameter_invalid_integer", name, format!("Invalid integer: {text}"));
        text.parse().map(Some).map_err(wrong)
    }

    /// The entries right below a name: `metadata[invoice]=1` is `invoice` → `1` below `metadata`.
    pub(super) fn below(&self, name: &str) -> BTreeMap<String, String> {
        let inside = |key: &str| {
            let key = key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            (!key.contains(['[', ']'])).then(|| key.to_owned())
        };
        self.0.iter().filter_map(|(key, value)| Some((inside(key)?, value.clone()))).collect()
    }

    /// The names of a list's items, in order: `line_items[0]`, `line_items[1]`, until one is absent.
    pub(super) fn items(&self, name: &str) -> Vec<String> {
        let item = |index: usize| format!("{name}[{index}]");
        let present = |item: &String| self.0.keys().any(|key| key.starts_with(item.as_str()));
        (0..).map(item).take_while(present).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_nest() {
        let form = Form::read(b"a[0][b][c]=1&a%5B1%5D%5Bb%5D=x&m[k]=v+w&m[l][m]=no&n=");
        assert_eq!(form.items("a"), ["a[0]", "a[1]"]);
        assert_eq!(form.integer("a[0][b][c]").unwrap(), Some(1));
        assert_eq!(form.text("a[1][b]"), Some("x"));
        assert_eq!(form.below("m"), BTreeMap::from([("k".to_owned(), "v w".to_owned())]));
        assert_eq!(form.text("n"), None);
        assert_eq!(form.roots().collect::<std::collections::BTreeSet<_>>().len(), 3);
        assert!(form.integer("a[1][b]").is_err());
        assert!(form.required("n").is_err());
    }
}
