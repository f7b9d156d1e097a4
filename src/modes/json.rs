//! JSON mode: the session's header, then every event, one object a line.
//!
//! Lines end in LF alone. A reader that stops reading stops the run (the pipe fills, the writer waits,
//! the session waits for its slowest reader); a reader that goes away ends it.

use std::io::Write;

use serde_json::Value;

use super::{Delivery, Outcome, Prompt, deliver, has_failed};
use crate::agent::AgentEvent;
use crate::ai::SharedMessage;
use crate::session::{Event, Session, wire};

/// Says the prompts in order and writes everything that happens to `out`. A failed answer is part of
/// the stream, not a failure of the program, and the last thing in it; only a budget that is used up is told by the outcome, too.
pub async fn run(
    session: &Session,
    header: &Value,
    prompts: Vec<Prompt>,
    out: &mut impl Write,
) -> std::io::Result<Outcome> {
    write_line(out, header)?;
    let mut events = session.paced_events();
    let mut last: Option<SharedMessage> = None;
    for prompt in prompts {
        let delivery = deliver(session, prompt, &mut events, |event| {
            if let Event::Agent(AgentEvent::MessageEnd { message }) = &**event {
                last = Some(message.clone());
            }
            match wire::event_to_json(event) {
                Some(json) => write_line(out, &json),
                None => Ok(()),
            }
        })
        .await?;
        if delivery != Delivery::Settled {
            out.flush()?;
            return Ok(Outcome::OverBudget);
        }
        if has_failed(last.as_deref()) {
            break;
        }
    }
    out.flush()?;
    Ok(Outcome::Answered)
}

fn write_line(out: &mut impl Write, json: &Value) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(json)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}
