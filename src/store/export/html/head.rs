//! What stands before and behind the entries: policy, styles, the bar, the session's facts, the program.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::escape::{escape, text};
use super::{PROGRAM, STYLE};
use crate::store::Store;
use crate::store::export::clean::{Clean, Cleaner};
use crate::store::export::facts::facts;
use crate::store::export::palette::Colors;
use crate::store::totals::grouped;

/// Everything up to the first entry.
pub(super) fn write(
    store: &Store,
    cleaner: &Cleaner<'_>,
    colors: &Colors,
    title: &Clean<'_>,
    html: &mut String,
) {
    let variables = colors.to_css();
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {} {}; img-src data:; base-uri 'none'; form-action 'none'",
        hash(PROGRAM),
        hash(&variables),
        hash(STYLE),
    );
    html.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    // Writing to a string does not fail; nor does it below.
    let _ = writeln!(
        html,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"
    );
    html.push_str(concat!(
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
        "<meta name=\"referrer\" content=\"no-referrer\">\n",
        "<meta name=\"generator\" content=\"pi ",
        env!("CARGO_PKG_VERSION"),
        "\">\n<title>",
    ));
    text(title, html);
    let _ = write!(
        html,
        "</title>\n<style>{variables}</style>\n<style>{STYLE}</style>\n</head>\n<body class=\"plain\">\n"
    );
    bar(title, html);
    html.push_str("<main id=\"main\" tabindex=\"-1\">\n<section class=\"facts\"><h2>");
    text(title, html);
    html.push_str("</h2>\n<dl>");
    for (name, value) in facts(store, cleaner) {
        let _ = write!(html, "<dt>{name}</dt><dd>");
        text(&value, html);
        html.push_str("</dd>");
    }
    html.push_str("</dl></section>\n");
}

/// Everything behind the last entry.
pub(super) fn write_end(cleaner: &Cleaner<'_>, leaf: Option<u32>, html: &mut String) {
    html.push_str("<footer>");
    match cleaner.masked() {
        0 => {}
        1 => html.push_str("A secret was masked. "),
        count => {
            let _ = write!(
                html,
                "Secrets were masked {} times. ",
                grouped(count as u64)
            );
        }
    }
    html.push_str("Written by pi.</footer>\n</main>\n");
    let leaf = leaf.map_or("-1".into(), |leaf| leaf.to_string());
    let _ = write!(
        html,
        "<script data-leaf=\"{leaf}\">{PROGRAM}</script>\n</body>\n</html>\n"
    );
}

fn bar(title: &Clean<'_>, html: &mut String) {
    html.push_str(concat!(
        "<header class=\"bar\">",
        "<button id=\"menu\" title=\"Show or hide the tree\" aria-label=\"Tree\">☰</button><h1>",
    ));
    text(title, html);
    html.push_str(concat!(
        "</h1><span class=\"search\" role=\"search\">",
        "<input id=\"query\" type=\"search\" placeholder=\"Search ( / )\" aria-label=\"Search\" spellcheck=\"false\">",
        "<output id=\"hits\"></output>",
        "<button id=\"before\" title=\"Previous match (Shift+Enter)\" aria-label=\"Previous match\">↑</button>",
        "<button id=\"after\" title=\"Next match (Enter)\" aria-label=\"Next match\">↓</button></span>",
        "<button id=\"tools\" title=\"Open or close all tools ( t )\">Tools</button>",
        "<button id=\"thinking\" title=\"Open or close all thinking ( T )\">Thinking</button>",
        "<button id=\"unshown\" title=\"Show or hide messages that the screen does not show ( H )\">Hidden</button>",
        "<button id=\"room\" title=\"Light or dark\" aria-label=\"Light or dark\">◐</button>",
        "</header>\n",
        "<nav id=\"tree\" aria-label=\"Tree\"><div class=\"filter\"><select id=\"filter\" aria-label=\"Which entries\">",
        "<option value=\"default\">Conversation</option>",
        "<option value=\"no-tools\">Without tool results</option>",
        "<option value=\"user-only\">Your messages</option>",
        "<option value=\"labeled-only\">Labelled</option>",
        "<option value=\"all\">Everything</option>",
        "</select><output id=\"count\"></output></div>",
        "<div id=\"rows\" tabindex=\"0\" role=\"tree\"><div id=\"room-for-rows\"></div></div></nav>\n",
    ));
}

/// How the policy names a style sheet or a program.
fn hash(source: &str) -> String {
    let hash = STANDARD.encode(digest(&SHA256, source.as_bytes()));
    let mut quoted = String::new();
    escape(&hash, &mut quoted);
    format!("'sha256-{quoted}'")
}
