//! Markdown into HTML: raw HTML is text, links go to the web or to a mail address and nowhere else,
//! pictures from elsewhere are links.

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream, html,
};

use super::escape::{escape, language};
use crate::store::export::clean::{Clean, Cleaner};

/// Who wrote it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// Line ends are line ends.
    Person,
    /// Line ends are spaces, as Markdown has it.
    Model,
}

/// Appends `text` as HTML.
pub(super) fn write(text: &Clean<'_>, author: Author, cleaner: &Cleaner<'_>, html: &mut String) {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = TextMergeStream::new(Parser::new_ext(text.as_str(), options));
    let mut made_safe = Safe {
        cleaner,
        author,
        masks_again: memchr::memchr2(b'\\', b'&', text.as_str().as_bytes()).is_some(),
        links: Vec::new(),
    };
    html.push_str("<div class=\"prose\">");
    html::push_html(html, events.flat_map(|event| made_safe.pass(event)));
    html.push_str("</div>");
}

/// Lets through what is safe, and makes the rest so.
struct Safe<'c> {
    cleaner: &'c Cleaner<'c>,
    author: Author,
    /// A backslash or an entity may have stood in the middle of a secret.
    masks_again: bool,
    /// Per link or picture that is open: whether there is a tag to close.
    links: Vec<bool>,
}

impl Safe<'_> {
    fn pass<'e>(&mut self, event: Event<'e>) -> Option<Event<'e>> {
        Some(match event {
            Event::Text(text) => Event::Text(self.masked(text)),
            Event::Code(code) => Event::Code(self.masked(code)),
            Event::Html(source) | Event::InlineHtml(source) => Event::Text(self.masked(source)),
            Event::Start(Tag::HtmlBlock) => Event::Html("<pre class=\"raw\">".into()),
            Event::End(TagEnd::HtmlBlock) => Event::Html("</pre>\n".into()),
            Event::SoftBreak if self.author == Author::Person => Event::HardBreak,
            Event::Start(Tag::CodeBlock(kind)) => Event::Html(code_block(&kind).into()),
            Event::End(TagEnd::CodeBlock) => Event::Html("</code></pre>\n".into()),
            Event::Start(Tag::Link { dest_url, .. }) => self.open("", &dest_url)?,
            Event::Start(Tag::Image { dest_url, .. }) => self.open("picture: ", &dest_url)?,
            Event::End(TagEnd::Link | TagEnd::Image) => match self.links.pop() {
                Some(true) => Event::Html("</a>".into()),
                _ => return None,
            },
            Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
                level,
                id: None,
                classes: Vec::new(),
                attrs: Vec::new(),
            }),
            Event::FootnoteReference(name) => Event::Text(name),
            Event::InlineMath(text) | Event::DisplayMath(text) => Event::Code(self.masked(text)),
            event => event,
        })
    }

    /// Masks what reading the Markdown has put together.
    fn masked<'e>(&self, text: CowStr<'e>) -> CowStr<'e> {
        if !self.masks_again {
            return text;
        }
        let masked = self.cleaner.clean(&text).as_str().to_owned();
        match masked == *text {
            true => text,
            false => masked.into(),
        }
    }

    /// A link's tag; none for an address that a page should not lead to, and within another link.
    fn open<'e>(&mut self, note: &str, address: &str) -> Option<Event<'e>> {
        let address = self.cleaner.clean(address);
        let is_open = is_harmless(address.as_str()) && !self.links.contains(&true);
        self.links.push(is_open);
        if !is_open {
            return (!note.is_empty()).then(|| Event::Text(note.to_owned().into()));
        }
        let mut tag =
            "<a rel=\"noopener noreferrer nofollow\" target=\"_blank\" href=\"".to_owned();
        escape(address.as_str(), &mut tag);
        tag.push_str("\">");
        tag.push_str(note);
        Some(Event::Html(tag.into()))
    }
}

/// The web and mail; neither programs, nor files, nor places relative to wherever the page lies.
fn is_harmless(address: &str) -> bool {
    let schemes = ["https://", "http://", "mailto:"];
    let begins = |scheme: &str| {
        let start = address.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let is_plain = !address.chars().any(|c| c.is_control() || c.is_whitespace());
    is_plain && schemes.into_iter().any(begins)
}

fn code_block(kind: &CodeBlockKind<'_>) -> String {
    let name = match kind {
        CodeBlockKind::Fenced(info) => language(info),
        CodeBlockKind::Indented => String::new(),
    };
    format!("<pre class=\"code\" data-lang=\"{name}\"><code>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        let cleaner = Cleaner::new(None);
        let mut html = String::new();
        write(&cleaner.clean(markdown), Author::Model, &cleaner, &mut html);
        let inner = html.strip_prefix("<div class=\"prose\">").unwrap();
        inner.strip_suffix("</div>").unwrap().to_owned()
    }

    #[test]
    fn raw_html_is_text() {
        assert_eq!(
            html("a <img src=x onerror=alert(1)> b"),
            "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>\n"
        );
        assert_eq!(
            html("<script>alert(1)</script>\n"),
            "<pre class=\"raw\">&lt;script&gt;alert(1)&lt;/script&gt;\n</pre>\n"
        );
    }

    #[test]
    fn links_lead_to_the_web_and_to_mail_only() {
        let link = |url: &str, text: &str| {
            format!(
                "<p><a rel=\"noopener noreferrer nofollow\" target=\"_blank\" href=\"{url}\">{text}</a></p>\n"
            )
        };
        assert_eq!(
            html("[x](https://a.b/?c&d)"),
            link("https://a.b/?c&amp;d", "x")
        );
        assert_eq!(html("<ada@example.com>"), "<p>ada@example.com</p>\n");
        assert_eq!(html("[x](mailto:ada@a.b)"), link("mailto:ada@a.b", "x"));
        assert_eq!(
            html("![x](http://a.b/c.png)"),
            link("http://a.b/c.png", "picture: x")
        );
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java&#115;cript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "#e1",
            "other.html",
            "//a.b/c",
        ] {
            assert_eq!(html(&format!("[x]({address})")), "<p>x</p>\n", "{address}");
        }
    }

    #[test]
    fn backslashes_and_entities_do_not_hide_a_secret() {
        let redactor = crate::store::export::Redactor::new(["my_secret_key"]);
        let cleaner = Cleaner::new(Some(&redactor));
        for hidden in [
            "my\\_secret\\_key",
            "my&#95;secret&#x5f;key",
            "my_secret_key",
        ] {
            let mut html = String::new();
            write(&cleaner.clean(hidden), Author::Model, &cleaner, &mut html);
            assert!(html.contains("<p>…[redacted]</p>"), "{html}");
        }
    }

    #[test]
    fn code_keeps_its_language_and_nothing_else_of_its_info() {
        assert_eq!(
            html("```rust\" onload=\"x\nlet a = 1 < 2;\n```"),
            "<pre class=\"code\" data-lang=\"rust\"><code>let a = 1 &lt; 2;\n</code></pre>\n"
        );
    }
}
