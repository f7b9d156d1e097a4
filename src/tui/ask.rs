//! A question before there is a conversation: a list below the program's name. It takes the terminal
//! and gives it back.

use std::io;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::look::{Look, Token};
use super::panels::{Choice, Item, ListPanel, Panel, Step};
use super::screen::{Input, Inputs, Screen, Signal, Signals, install_panic_hook};
use crate::config::Keymap;

/// What is asked, and how it looks.
pub struct Asking<'a> {
    /// Above the list, short.
    pub title: &'a str,
    /// Below the title, whole.
    pub message: &'a str,
    /// What can be chosen, and what it means.
    pub choices: &'a [(&'a str, &'a str)],
    /// The program's name and version.
    pub program: &'a str,
    /// The colours.
    pub look: &'a Look,
    /// The keys.
    pub keymap: &'a Keymap,
}

/// What the person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// This choice, counted from 0.
    Chosen(usize),
    /// Nothing: pi is to end with this exit code.
    Nothing(u8),
}

/// Asks and waits.
pub async fn ask(asking: Asking<'_>) -> io::Result<Said> {
    install_panic_hook();
    // First, so that no signal can leave the terminal as it is painted.
    let mut signals = Signals::new()?;
    let mut screen = Screen::enter()?;
    let said = wait(&asking, &mut screen, &mut signals).await;
    let left = screen.leave();
    let said = said?;
    // After a hang-up there is no terminal to give back.
    match said {
        Said::Nothing(129) => Ok(said),
        _ => left.map(|()| said),
    }
}

async fn wait(asking: &Asking<'_>, screen: &mut Screen, signals: &mut Signals) -> io::Result<Said> {
    let mut panel = asking.panel();
    let mut inputs = Inputs::new();
    loop {
        screen.draw(|frame| asking.draw(&mut panel, frame))?;
        let input = tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Terminate => return Ok(Said::Nothing(143)),
                Signal::HangUp => return Ok(Said::Nothing(129)),
                Signal::Interrupt => return Ok(Said::Nothing(130)),
                Signal::Suspend => {
                    screen.suspend()?;
                    continue;
                }
            },
            input = inputs.next() => input,
        };
        match input {
            Some(Ok(Input::Key(chord))) if asking.keymap.matches("app.suspend", chord) => {
                screen.suspend()?;
            }
            Some(Ok(Input::Key(chord))) => match panel.key(chord, asking.keymap) {
                Step::Stay | Step::Do(_) => {}
                Step::Choose(Choice::Answer(label)) => {
                    let is_it = |choice: &(&str, &str)| choice.0 == label;
                    let chosen = asking.choices.iter().position(is_it);
                    return Ok(chosen.map_or(Said::Nothing(0), Said::Chosen));
                }
                Step::Choose(_) | Step::Dismiss => return Ok(Said::Nothing(0)),
            },
            Some(Ok(Input::Paste(text))) => panel.paste(&text),
            Some(Ok(Input::Wheel(steps))) => panel.scroll(steps),
            Some(Ok(Input::Resize(columns, rows))) => screen.resize(columns, rows),
            Some(Ok(Input::FocusGained | Input::FocusLost)) => {}
            // The terminal is gone.
            Some(Err(_)) | None => return Ok(Said::Nothing(129)),
        }
    }
}

impl Asking<'_> {
    /// The list.
    pub fn panel(&self) -> ListPanel {
        let items = self.choices.iter().map(|(label, detail)| Item {
            label: (*label).into(),
            detail: (*detail).into(),
            current: false,
            choice: Choice::Answer((*label).into()),
        });
        ListPanel::new(self.title, "", items.collect(), "").saying(self.message)
    }

    /// Paints the frame.
    pub fn draw(&self, panel: &mut ListPanel, frame: &mut Frame) {
        let area = frame.area();
        if area.is_empty() {
            return;
        }
        let height = panel.height(area.width).min(area.height);
        let above = (area.height - height).min(2);
        if above > 0 {
            let title = Line::styled(format!(" {}", self.program), self.look.bold(Token::Accent));
            title.render(Rect { height: 1, ..area }, frame.buffer_mut());
        }
        let below = Rect {
            y: area.y + above,
            height,
            ..area
        };
        if let Some(caret) = panel.draw(below, frame.buffer_mut(), self.look) {
            frame.set_cursor_position(caret);
        }
    }
}
