//! The loop: input, commands under way, events and responses, none of which waits for another longer
//! than it must.
//!
//! Responses go out before later events. While the program does not read, events wait in the
//! conversation (which then holds the run), commands are read on until [`WAITING`] responses wait, and
//! nothing else piles up.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, future};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::answer::{Servant, is_quick};
use super::input::{Line, Lines, MAX_LINE};
use super::output::{self, QUEUE};
use super::reply::{line, record};
use super::request::{Head, Refusal, Request, parse};
use crate::config::Paths;
use crate::session::{Command, Event, Events, Session, wire};

/// Responses that may wait for the program to read.
const WAITING: usize = 64;
/// Commands that may be under way.
const UNDER_WAY: usize = 256;
/// How long the program may take to read the rest once the conversation has ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// What RPC needs to know besides the conversation.
pub struct Options {
    /// Where paths in commands are resolved.
    pub paths: Paths,
    /// Whether secrets are masked in exports.
    pub redact: bool,
}

/// Serves a program until its input ends, nobody reads any more, or `stop` is cancelled; ends the
/// conversation. What is under way is stopped, and what is then left to tell is written.
pub async fn run(
    session: Session,
    options: Options,
    input: impl AsyncRead + Unpin,
    out: impl AsyncWrite + Send + Unpin + 'static,
    stop: CancellationToken,
) -> io::Result<()> {
    let (sender, lines) = mpsc::channel(QUEUE);
    let mut service = Service {
        events: Some(session.paced_events()),
        servant: Servant {
            session: session.clone(),
            options: Arc::new(options),
            out: sender,
            in_turn: true,
        },
        quick: None,
        slow: FuturesUnordered::new(),
        waiting: VecDeque::new(),
    };
    let host = session.ui().host();
    let writer = tokio::spawn(output::write(out, lines));
    let mut input = Lines::new(input);
    let read = tokio::select! {
        read = service.listen(&mut input) => read,
        () = stop.cancelled() => Ok(()),
    };
    // What is being asked will not be answered.
    drop(host);
    // What could not be saved has been told when it was said.
    let ended = session.send(Command::Shutdown);
    tokio::pin!(ended);
    tokio::select! {
        _ = &mut ended => {}
        () = service.tell_the_rest() => drop(ended.await),
    }
    let rest = async {
        service.tell_the_rest().await;
        drop(service);
        // It fails when nobody reads; then nobody misses it.
        let _ = writer.await;
    };
    // A program that has stopped reading does not keep pi.
    let _ = tokio::time::timeout(PATIENCE, rest).await;
    read
}

/// A response on its way.
type Response = BoxFuture<'static, Vec<u8>>;

/// What is under way with one program.
struct Service {
    servant: Servant,
    /// `None` when the conversation has ended.
    events: Option<Events>,
    /// A command whose response the next line waits for.
    quick: Option<Response>,
    slow: FuturesUnordered<Response>,
    /// Responses that wait for the writer.
    waiting: VecDeque<Vec<u8>>,
}

/// What a step came to.
enum Step {
    Done,
    Line(io::Result<Option<Line>>),
    /// Nobody reads any more.
    Unread,
}

impl Service {
    /// Serves until the input ends or nobody reads any more.
    async fn listen(&mut self, input: &mut Lines<impl AsyncRead + Unpin>) -> io::Result<()> {
        loop {
            match self.step(Some(input)).await {
                Step::Done => {}
                Step::Unread | Step::Line(Ok(None)) => return Ok(()),
                Step::Line(Err(error)) => return Err(error),
                Step::Line(Ok(Some(line))) => self.take(line),
            }
        }
    }

    /// Tells what is under way until nothing is and the conversation has ended.
    async fn tell_the_rest(&mut self) {
        let nobody = None::<&mut Lines<tokio::io::Empty>>;
        let mut nobody = nobody;
        while self.is_busy() {
            if let Step::Unread = self.step(nobody.as_deref_mut()).await {
                return;
            }
        }
    }

    fn is_busy(&self) -> bool {
        let commands = self.quick.is_some() || !self.slow.is_empty();
        commands || !self.waiting.is_empty() || self.events.is_some()
    }

    /// Does the first thing that can be done.
    async fn step(&mut self, input: Option<&mut Lines<impl AsyncRead + Unpin>>) -> Step {
        let has_room = self.waiting.len() < WAITING;
        let may_read = has_room && self.quick.is_none() && self.slow.len() < UNDER_WAY;
        let out = &self.servant.out;
        let is_told = self.waiting.is_empty();
        let event = async {
            let permit = out.reserve().await.ok()?;
            Some((permit, next_of(&mut self.events).await))
        };
        let line = async {
            match input {
                Some(input) => input.next().await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            biased;
            permit = out.reserve(), if !is_told => match permit {
                Ok(permit) => {
                    permit.send(self.waiting.pop_front().unwrap_or_default());
                    Step::Done
                }
                Err(_) => Step::Unread,
            },
            response = next_of_quick(&mut self.quick), if has_room => {
                self.quick = None;
                self.waiting.push_back(response);
                Step::Done
            }
            Some(response) = self.slow.next(), if has_room => {
                self.waiting.push_back(response);
                Step::Done
            }
            line = line, if may_read => Step::Line(line),
            event = event, if is_told => match event {
                None => Step::Unread,
                Some((permit, Some(event))) => {
                    if let Some(json) = wire::event_to_json(&event) {
                        permit.send(record(&json));
                    }
                    Step::Done
                }
                Some((_, None)) => {
                    self.events = None;
                    Step::Done
                }
            },
            // Nothing to tell now, but somebody may stop reading now.
            () = out.closed() => Step::Unread,
        }
    }

    /// Begins what a line asks for.
    fn take(&mut self, bytes: Line) {
        let request = match bytes {
            Line::Whole(bytes) => parse(&bytes),
            Line::TooLong => {
                let why = format!("Failed to parse command: longer than {MAX_LINE} bytes");
                Err(Refusal(Head::unknown(), why))
            }
        };
        match request {
            Ok(Request::Command(command, head)) => {
                let servant = Servant {
                    in_turn: self.slow.is_empty(),
                    ..self.servant.clone()
                };
                let is_quick = is_quick(&command);
                let mut response: Response = Box::pin(async move {
                    let answer = servant.serve(*command, head.clone()).await;
                    line(&head.id, &head.command, &answer)
                });
                // At once, so that what is asked reaches the conversation in the order of the input.
                match (&mut response).now_or_never() {
                    Some(response) => self.waiting.push_back(response),
                    None if is_quick => self.quick = Some(response),
                    None => self.slow.push(response),
                }
            }
            Ok(Request::Answer { id, answer }) => {
                // Answers are not answered; one that comes too late changes nothing.
                drop(self.servant.session.send(Command::Answer { id, answer }));
            }
            Ok(Request::Nothing) => {}
            Err(Refusal(head, why)) => {
                let response = line(&head.id, &head.command, &Err(why));
                self.waiting.push_back(response);
            }
        }
    }
}

async fn next_of(events: &mut Option<Events>) -> Option<Arc<Event>> {
    match events {
        Some(events) => events.recv().await,
        None => future::pending().await,
    }
}

async fn next_of_quick(quick: &mut Option<Response>) -> Vec<u8> {
    match quick {
        Some(response) => response.await,
        None => future::pending().await,
    }
}
