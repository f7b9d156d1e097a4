//! Text into HTML. What is not a [`Clean`] is a literal of this program.

use crate::store::export::clean::Clean;

/// Appends text, for between tags and for between double quotes.
pub(super) fn text(text: &Clean<'_>, html: &mut String) {
    escape(text.as_str(), html);
}

/// The same for a part of a clean text.
pub(in crate::store::export) fn escape(text: &str, html: &mut String) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        html.push_str(&text[from..at]);
        html.push_str(entity);
        from = at + 1;
    }
    html.push_str(&text[from..]);
}

/// The name of a language as the page's program knows them: nothing but letters, digits and `+#-_`.
pub(super) fn language(info: &str) -> String {
    let is_of_name = |c: &char| c.is_ascii_alphanumeric() || "+#-_".contains(*c);
    let word = info.trim_start_matches(['{', '.', ' ']);
    word.chars()
        .take_while(is_of_name)
        .take(24)
        .collect::<String>()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_means_something_to_html_is_left() {
        let mut html = String::new();
        escape("a<b>&\"c'é", &mut html);
        assert_eq!(html, "a&lt;b&gt;&amp;&quot;c&#39;é");
        assert_eq!(language("rust,ignore"), "rust");
        assert_eq!(language("\"><script>"), "");
        assert_eq!(language("C++ title"), "c++");
    }
}
