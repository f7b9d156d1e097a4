//! What the app asks for, done: at once, or beside the loop with the answer sent to it.

use std::io;

use super::Terminal;
use crate::session::Command;
use crate::store::drafts::Left;
use crate::tui::msg::{Asked, Effect, Msg};
use crate::tui::shelf::Request;

impl Terminal {
    /// Does what the app asks for.
    pub(super) fn perform(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Send(command, asked) => self.send(command, asked),
            Effect::Quit => self.code = Some(0),
            Effect::Suspend => self.suspend()?,
            Effect::Notify(notice) => {
                let bell_only = self.app.is_told_by_bell();
                self.screen
                    .notify(&notice, self.app.abilities(), bell_only)?;
            }
            Effect::Mode(mode) => self.switch(mode)?,
            Effect::Copy(text) => self.copies.copy(text),
            Effect::Scan(scan) => {
                let replies = self.replies.clone();
                // The loop has ended: nobody wants to know. The same below.
                let tell = move |found| drop(replies.send(Msg::Hits(found)));
                tokio::task::spawn_blocking(move || scan.run(tell));
            }
            Effect::Prompts(prompts) => {
                let replies = self.replies.clone();
                let read = move || drop(replies.send(Msg::Prompts(prompts.run())));
                tokio::task::spawn_blocking(read);
            }
            Effect::EditExternally(text) => self.to_edit = Some(text),
            Effect::Look(request) => self.look(request),
            Effect::Prefer(request) => self.secretary.ask(request),
            Effect::ReadClipboard => {
                let (pasteboard, replies) = (self.pasteboard.clone(), self.replies.clone());
                tokio::spawn(async move {
                    // The loop may have ended.
                    let _ = replies.send(Msg::Clip(pasteboard.read().await));
                });
            }
            Effect::Remember(text) => self.keep(text),
            Effect::Keys(request) => self.ask_keys(request),
            Effect::LogIn(provider, method) => self.log_in(provider, method),
            Effect::AnswerLogin(typed) => self.answer_login(&typed),
            Effect::StopLogin => self.login = None,
            Effect::Report => self.write_report(),
            Effect::Find(lookup) => {
                let replies = self.replies.clone();
                // The loop may have ended.
                self.finder.ask(lookup, move |found| {
                    let _ = replies.send(Msg::Found(found));
                });
            }
        }
        Ok(())
    }

    /// Puts back what was typed here and not sent before pi was ended.
    pub(super) fn take_draft(&mut self, places: &[Left]) {
        if let Some(text) = self.drafts.take(&self.session.view(), places) {
            self.app.restore(text);
            self.dirty = true;
        }
    }

    pub(super) fn send(&self, command: Command, asked: Asked) {
        let reply = self.session.send(command);
        let replies = self.replies.clone();
        tokio::spawn(async move {
            // The loop has ended: nobody wants to know.
            let _ = replies.send(Msg::Reply(asked, reply.await));
        });
    }

    /// Asks beside the loop: files are read for the answer.
    fn look(&self, request: Request) {
        let (shelf, replies) = (self.shelf.clone(), self.replies.clone());
        tokio::task::spawn_blocking(move || {
            // As above.
            let _ = replies.send(Msg::Shelf(request.ask(&*shelf)));
        });
    }

    /// The same.
    fn write_report(&mut self) {
        let (columns, rows) = self.screen.size();
        let text = self.app.report(columns, rows);
        let (report, replies) = (self.report.clone(), self.replies.clone());
        tokio::task::spawn_blocking(move || {
            // As above.
            let _ = replies.send(Msg::Reported(report(&text)));
        });
    }
}
