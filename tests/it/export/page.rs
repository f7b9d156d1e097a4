//! A page, read as a browser does: tags, attributes, text. Knows just enough of HTML to be strict: what
//! it cannot read is a failure.

use std::collections::BTreeMap;

/// One tag or one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    Open(String, BTreeMap<String, String>),
    Close(String),
    Text(String),
}

/// Elements that have no end.
const VOID: [&str; 7] = ["meta", "img", "br", "input", "hr", "link", "base"];

/// Reads a page.
#[track_caller]
pub fn tokens(html: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let Some(at) = rest.find('<') else {
            tokens.push(Token::Text(unescaped(rest)));
            break;
        };
        if at > 0 {
            tokens.push(Token::Text(unescaped(&rest[..at])));
        }
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("<!doctype html>") {
            rest = after;
        } else if let Some(after) = rest.strip_prefix("</") {
            let end = after.find('>').unwrap();
            tokens.push(Token::Close(after[..end].to_owned()));
            rest = &after[end + 1..];
        } else {
            let (token, after) = open(&rest[1..]);
            let raw = match &token {
                Token::Open(name, _) if name == "script" || name == "style" => Some(name.clone()),
                _ => None,
            };
            tokens.push(token);
            rest = after;
            if let Some(name) = raw {
                let end = rest.find(&format!("</{name}>")).unwrap();
                tokens.push(Token::Text(rest[..end].to_owned()));
                rest = &rest[end..];
            }
        }
    }
    tokens
}

#[track_caller]
fn open(source: &str) -> (Token, &str) {
    let end = |c: char| c.is_whitespace() || c == '>' || c == '/';
    let name_end = source.find(end).unwrap();
    let name = &source[..name_end];
    assert!(
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "no tag: {:?}",
        source.chars().take(60).collect::<String>()
    );
    let mut rest = source[name_end..].trim_start();
    let mut attributes = BTreeMap::new();
    loop {
        if let Some(after) = rest.strip_prefix('>') {
            return (Token::Open(name.to_owned(), attributes), after);
        }
        if let Some(after) = rest.strip_prefix("/>") {
            return (Token::Open(name.to_owned(), attributes), after);
        }
        let stop = |c: char| c.is_whitespace() || c == '=' || c == '>';
        let name_end = rest.find(stop).unwrap();
        let attribute = rest[..name_end].to_owned();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        assert!(
            !attribute.is_empty() && attribute.bytes().all(allowed),
            "no attribute: {attribute:?}"
        );
        rest = &rest[name_end..];
        let value = match rest.strip_prefix("=\"") {
            Some(value) => {
                let end = value.find('"').unwrap();
                rest = &value[end + 1..];
                unescaped(&value[..end])
            }
            None => String::new(),
        };
        rest = rest.trim_start();
        attributes.insert(attribute, value);
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#43;", "+")
        .replace("&amp;", "&")
}

/// All elements of a page must be closed in order.
#[track_caller]
pub fn assert_balanced(tokens: &[Token]) {
    let mut open: Vec<&str> = Vec::new();
    for token in tokens {
        match token {
            Token::Open(name, _) if VOID.contains(&name.as_str()) => {}
            Token::Open(name, _) => open.push(name),
            Token::Close(name) => assert_eq!(open.pop(), Some(name.as_str())),
            Token::Text(_) => {}
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

/// The elements of that name, as their attributes.
pub fn elements<'t>(tokens: &'t [Token], name: &str) -> Vec<&'t BTreeMap<String, String>> {
    let named = tokens.iter().filter_map(|token| match token {
        Token::Open(tag, attributes) if tag == name => Some(attributes),
        _ => None,
    });
    named.collect()
}

/// The text that a reader can read or search.
pub fn text(tokens: &[Token]) -> String {
    let mut text = String::new();
    let mut is_code = false;
    for token in tokens {
        match token {
            Token::Open(name, _) => is_code = name == "script" || name == "style",
            Token::Text(words) if !is_code => text.push_str(words),
            _ => {}
        }
    }
    text
}
