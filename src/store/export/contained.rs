//! A message's Markdown inside a document: raw HTML becomes text, and a fence that the message leaves
//! open is closed, so that no message reaches beyond itself.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Text that was HTML is Markdown now, and may hold what reads as HTML again; not for ever.
const ROUNDS: usize = 4;

/// `text` as it can stand in a document.
pub(super) fn contained(text: &str) -> Cow<'_, str> {
    let mut contained = Cow::Borrowed(text);
    for round in 0.. {
        match without_html(&contained) {
            // Whoever writes such a thing loses the code in it, too.
            Some(_) if round == ROUNDS => contained = Cow::Owned(contained.replace('<', "&lt;")),
            Some(changed) => contained = Cow::Owned(changed),
            None => break,
        }
    }
    if let Some(fence) = open_fence(&contained) {
        let end = if contained.ends_with('\n') { "" } else { "\n" };
        contained = Cow::Owned(format!("{contained}{end}{fence}"));
    }
    contained
}

/// The text with the `<` of raw HTML written as an entity; `None` when there is none.
fn without_html(text: &str) -> Option<String> {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    let mut changed = String::new();
    let mut at = 0;
    for (event, range) in events {
        // Where a range is not what it says, the text behind it is let be.
        if !matches!(event, Event::Html(_) | Event::InlineHtml(_)) || range.start < at {
            continue;
        }
        changed.push_str(&text[at..range.start]);
        changed.push_str(&text[range.clone()].replace('<', "&lt;"));
        at = range.end;
    }
    changed.push_str(&text[at..]);
    (changed != text).then_some(changed)
}

/// What closes the fence that the text ends in.
fn open_fence(text: &str) -> Option<String> {
    let mut depth = 0usize;
    let mut last = None;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::Item) => depth += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::Item) => depth = depth.saturating_sub(1),
            // A fence within something else ends with it.
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) if depth == 0 => {
                last = Some(range);
            }
            _ => {}
        }
    }
    let block = text.get(last?)?;
    let opening = block.trim_start_matches(' ');
    let mark = opening.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = opening.chars().take_while(|c| *c == mark).count();
    let closing = block.trim_end().lines().skip(1).last().unwrap_or_default();
    let closing = closing.trim();
    let is_closed = closing.len() >= length && closing.chars().all(|c| c == mark);
    (!is_closed).then(|| String::from(mark).repeat(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text_and_code_stays() {
        assert_eq!(
            contained("a <b>c</b> `<b>` 1 < 2"),
            "a &lt;b>c&lt;/b> `<b>` 1 < 2"
        );
        assert_eq!(contained("```\n<b>\n```\n"), "```\n<b>\n```\n");
        assert_eq!(contained("<div>\n\n<!-- x"), "&lt;div>\n\n&lt;!-- x");
    }

    #[test]
    fn an_open_fence_is_closed() {
        assert_eq!(
            contained("x\n````rust\na\n```"),
            "x\n````rust\na\n```\n````"
        );
        assert_eq!(contained("~~~\na\n~~~"), "~~~\na\n~~~");
        assert_eq!(contained("```"), "```\n```");
        assert_eq!(contained("<div>\n```\na"), "&lt;div>\n```\na\n```");
        assert_eq!(contained("- ```\n  a"), "- ```\n  a");
    }

    #[test]
    fn html_that_comes_out_of_code_again_and_again_is_text_in_the_end() {
        let text = " <a b=\"``\">``<a b=\"`\">``\\<a b=\"`\"><a b=\"`\">`<a b=\"``\"><a b=\"`\">``<a b=\"``\"> \n``<i><i>\n\\\\ \\``";
        assert_eq!(without_html(&contained(text)), None);
    }
}
