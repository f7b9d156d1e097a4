//! A sequence diagram's source: who takes part, and what happens.

use crate::tui::markdown::mermaid::canvas::Weight;

/// More is not drawn.
const MOST: usize = 200;

/// A sequence diagram.
#[derive(Default)]
pub(super) struct Scene {
    /// Names as they are used, and as they are shown.
    pub people: Vec<(String, String)>,
    pub steps: Vec<Step>,
    numbered: Option<usize>,
    /// Blocks that are open.
    open: usize,
}

/// One thing that happens.
pub(super) enum Step {
    Message {
        from: usize,
        to: usize,
        text: String,
        weight: Weight,
        head: &'static str,
    },
    /// A word over, or beside, some of them.
    Note {
        from: usize,
        to: usize,
        text: String,
    },
    /// A block begins, goes on or ends.
    Rule(String),
}

/// Arrows, longest first: how they are written, their line, their heads to the right and to the left.
const ARROWS: [(&str, Weight, &str); 10] = [
    ("<<-->>", Weight::Dotted, ">"),
    ("<<->>", Weight::Light, ">"),
    ("-->>", Weight::Dotted, ">"),
    ("->>", Weight::Light, ">"),
    ("--x", Weight::Dotted, "x"),
    ("-x", Weight::Light, "x"),
    ("--)", Weight::Dotted, ">"),
    ("-)", Weight::Light, ">"),
    ("-->", Weight::Dotted, ""),
    ("->", Weight::Light, ""),
];

impl Scene {
    pub fn parse<'s>(lines: impl Iterator<Item = &'s str>) -> Option<Scene> {
        let mut scene = Scene::default();
        for line in lines.map(|line| line.trim_end_matches(';')) {
            scene.line(line)?;
        }
        let fits = !scene.people.is_empty() && scene.people.len() <= 12;
        (fits && scene.open == 0 && scene.steps.len() <= MOST).then_some(scene)
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "participant" | "actor" => {
                let (name, shown) = rest.split_once(" as ").unwrap_or((rest, rest));
                let number = self.person(name)?;
                self.people[number].1 = shown.trim().to_owned();
            }
            "create" => return self.line(rest),
            "activate" | "deactivate" | "destroy" | "title" | "title:" | "accTitle:" => {}
            "autonumber" => self.numbered = Some(1),
            "loop" | "alt" | "opt" | "par" | "critical" | "break" => {
                self.open += 1;
                self.steps.push(Step::Rule(format!("{word} {rest}")));
            }
            "rect" | "box" => {
                self.open += 1;
                self.steps.push(Step::Rule(String::new()));
            }
            "else" | "and" | "option" => self.steps.push(Step::Rule(format!("{word} {rest}"))),
            "end" => {
                self.open = self.open.checked_sub(1)?;
                self.steps.push(Step::Rule("end".into()));
            }
            "Note" | "note" => self.note(rest)?,
            _ => self.message(line)?,
        }
        Some(())
    }

    fn person(&mut self, name: &str) -> Option<usize> {
        let name = name.trim().trim_start_matches(['+', '-']).trim();
        if name.is_empty() {
            return None;
        }
        let known = self.people.iter().position(|(known, _)| known == name);
        Some(known.unwrap_or_else(|| {
            self.people.push((name.to_owned(), name.to_owned()));
            self.people.len() - 1
        }))
    }

    /// `over A,B: text`, `left of A: text`
    fn note(&mut self, rest: &str) -> Option<()> {
        let (place, text) = rest.split_once(':')?;
        let place = place.trim();
        let names = place
            .strip_prefix("over")
            .or_else(|| place.strip_prefix("right of"))
            .or_else(|| place.strip_prefix("left of"))?;
        let mut people = names.split(',').map(|name| self.person(name));
        let first = people.next()??;
        let last = people.next().unwrap_or(Some(first))?;
        self.steps.push(Step::Note {
            from: first.min(last),
            to: first.max(last),
            text: text.trim().to_owned(),
        });
        Some(())
    }

    /// `A->>B: text`
    fn message(&mut self, line: &str) -> Option<()> {
        let (ends, text) = line.split_once(':').unwrap_or((line, ""));
        let found = ARROWS
            .iter()
            .filter_map(|arrow| Some((ends.find(arrow.0)?, arrow)));
        let (at, (arrow, weight, head)) =
            found.min_by_key(|(at, (arrow, ..))| (*at, std::cmp::Reverse(arrow.len())))?;
        let from = self.person(&ends[..at])?;
        let to = self.person(&ends[at + arrow.len()..])?;
        let mut text = text.trim().to_owned();
        if let Some(number) = &mut self.numbered {
            text = format!("{number}. {text}");
            *number += 1;
        }
        self.steps.push(Step::Message {
            from,
            to,
            text,
            weight: *weight,
            head,
        });
        Some(())
    }
}
