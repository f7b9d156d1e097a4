//! The page that the browser shows when it comes back: one sentence, nothing loaded from anywhere.

/// A whole HTTP response.
pub(super) fn response(status: u16, title: &str, sentence: &str) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        431 => "Request Header Fields Too Large",
        _ => "Bad Request",
    };
    let (title, sentence) = (escape(title), escape(sentence));
    let body = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n\
         <style>body{{font:1.1em/1.6 system-ui,sans-serif;max-width:32em;margin:20vh auto;padding:0 1em;\
         color-scheme:light dark}}</style>\n<h1>{title}</h1>\n<p>{sentence}</p>\n</html>\n"
    );
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\ncontent-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
         referrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

fn escape(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '&' => "&amp;".into(),
            '"' => "&quot;".into(),
            char => char.to_string(),
        })
        .collect()
}
