//! One panel below the program's name, before there is a conversation. It takes the terminal and gives
//! it back.

use std::io;
use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use tokio::sync::mpsc;

use super::abilities::Abilities;
use super::look::{Look, Token};
use super::mouse::MouseAct;
use super::panels::{Choice, Panel, Step};
use super::screen::{Input, Inputs, Screen, Signal, Signals, install_panic_hook};
use super::shelf::{Answer, Shelf};
use super::wardrobe::Wardrobe;
use crate::config::Keymap;

/// Where a panel is shown before there is a conversation.
pub(super) struct Stage<'a> {
    /// The program's name and version.
    pub program: &'a str,
    /// The colours, on a terminal of which this is known before it is asked.
    pub clothes: (Wardrobe, Abilities),
    pub keymap: &'a Keymap,
    /// Whom the panel asks of the sessions; `None` for one that asks nothing.
    pub shelf: Option<Arc<dyn Shelf>>,
}

/// What has come in.
enum Heard {
    Input(Option<io::Result<Input>>),
    Answer(Answer),
}

impl Stage<'_> {
    /// Shows the panel until something is chosen; `Err` with the exit code when nothing is.
    pub async fn play(mut self, panel: &mut dyn Panel) -> io::Result<Result<Choice, u8>> {
        install_panic_hook();
        // First, so that no signal can leave the terminal as it is painted.
        let mut signals = Signals::new()?;
        let mut screen = Screen::enter()?;
        let said = self.wait(panel, &mut screen, &mut signals).await;
        let left = screen.leave();
        let said = said?;
        // After a hang-up there is no terminal to give back.
        match said {
            Err(129) => Ok(said),
            _ => left.map(|()| said),
        }
    }

    async fn wait(
        &mut self,
        panel: &mut dyn Panel,
        screen: &mut Screen,
        signals: &mut Signals,
    ) -> io::Result<Result<Choice, u8>> {
        let (wardrobe, known) = &mut self.clothes;
        let mut inputs = Inputs::new(known.patience());
        let mut look = wardrobe.dress(known);
        screen.ask(known)?;
        let mut place = Rect::default();
        let (answers, mut inbox) = mpsc::unbounded_channel();
        loop {
            self.ask_for(panel, &answers);
            screen.draw(|frame| place = self.draw(panel, frame, &look))?;
            let input = tokio::select! {
                biased;
                signal = signals.next() => match signal {
                    Signal::Terminate => return Ok(Err(143)),
                    Signal::HangUp => return Ok(Err(129)),
                    Signal::Interrupt => return Ok(Err(130)),
                    Signal::Suspend => {
                        screen.suspend()?;
                        continue;
                    }
                },
                input = inputs.next() => Heard::Input(input),
                Some(answer) = inbox.recv() => Heard::Answer(answer),
            };
            let step = match input {
                Heard::Answer(answer) => panel.hear(&answer),
                Heard::Input(Some(Ok(Input::Answer(answer)))) => {
                    let (wardrobe, known) = &mut self.clothes;
                    if known.learn(&answer) {
                        look = wardrobe.dress(known);
                    }
                    continue;
                }
                Heard::Input(Some(Ok(input))) => self.take(input, panel, place, screen)?,
                // The terminal is gone.
                Heard::Input(Some(Err(_)) | None) => return Ok(Err(129)),
            };
            match step {
                Step::Stay | Step::Do(_) => {}
                Step::Choose(choice) => return Ok(Ok(choice)),
                Step::Dismiss => return Ok(Err(0)),
            }
        }
    }

    fn take(
        &self,
        input: Input,
        panel: &mut dyn Panel,
        place: Rect,
        screen: &mut Screen,
    ) -> io::Result<Step> {
        match input {
            Input::Key(chord) if self.keymap.matches("app.suspend", chord) => screen.suspend()?,
            Input::Key(chord) => return Ok(panel.key(chord, self.keymap)),
            Input::Paste(text) => panel.paste(&text),
            Input::Mouse(mouse) => {
                if let MouseAct::Wheel(notches) = mouse.act {
                    panel.scroll(notches);
                    return Ok(Step::Stay);
                }
                if let Some(mouse) = mouse.within(place) {
                    return Ok(panel.mouse(mouse));
                }
            }
            Input::Resize(columns, rows) => screen.resize(columns, rows),
            Input::FocusGained | Input::FocusLost | Input::Answer(_) => {}
        }
        Ok(Step::Stay)
    }

    /// Hands on what the panel wants to know, beside the loop.
    fn ask_for(&self, panel: &mut dyn Panel, answers: &mpsc::UnboundedSender<Answer>) {
        let Some(shelf) = &self.shelf else { return };
        for request in panel.asks() {
            let (shelf, answers) = (shelf.clone(), answers.clone());
            tokio::task::spawn_blocking(move || {
                // The panel is gone: nobody wants to know.
                let _ = answers.send(request.ask(&*shelf));
            });
        }
    }

    /// Paints; returns where the panel stands.
    fn draw(&self, panel: &mut dyn Panel, frame: &mut Frame, look: &Look) -> Rect {
        let area = frame.area();
        if area.is_empty() {
            return area;
        }
        let height = panel.height(area.width).min(area.height);
        let above = match area.height {
            // A panel that takes all there is leaves a row for the name where there are many.
            rows if height == rows => u16::from(rows >= 16),
            rows => (rows - height).min(2),
        };
        if above > 0 {
            let title = Line::styled(format!(" {}", self.program), look.bold(Token::Accent));
            title.render(Rect { height: 1, ..area }, frame.buffer_mut());
        }
        let below = Rect {
            y: area.y + above,
            height: height.min(area.height - above),
            ..area
        };
        if let Some(caret) = panel.draw(below, frame.buffer_mut(), look) {
            frame.set_cursor_position(caret);
        }
        below
    }
}
