//! A recorded event stream read again, without a server: what the benchmark of the decoders runs on.

use super::exchange::{Decoder, Step};
use super::{anthropic, bedrock, google, mistral, openai_completions, openai_responses};
use crate::ai::answer::Answer;
use crate::ai::clock::Clock;
use crate::ai::delta::Delta;
use crate::ai::message::StopReason;
use crate::ai::model::Model;

/// Makes the decoder of one API.
type Make = fn(&Model) -> Box<dyn Decoder>;

/// The APIs whose streams can be read again; others have the stream of one of these.
const DECODERS: &[(&str, Make)] = &[
    ("anthropic-messages", |m| Box::new(anthropic::decoder(m))),
    ("bedrock-converse-stream", |m| Box::new(bedrock::decoder(m))),
    ("openai-completions", |m| {
        Box::new(openai_completions::decoder(m))
    }),
    ("openai-responses", |m| {
        Box::new(openai_responses::decoder(m))
    }),
    ("azure-openai-responses", |m| {
        Box::new(openai_responses::decoder(m))
    }),
    ("google-generative-ai", |m| Box::new(google::decoder(m))),
    ("mistral-conversations", |m| Box::new(mistral::decoder(m))),
    ("bedrock-converse-stream", |m| Box::new(bedrock::decoder(m))),
];

/// Reads recorded streams of one API.
pub struct Recording {
    model: Model,
    make: Make,
}

/// What reads streams of `model`'s API; `None` where that is not known.
pub fn recording(model: &Model) -> Option<Recording> {
    let (_, make) = DECODERS.iter().find(|(api, _)| *api == model.api)?;
    Some(Recording {
        model: model.clone(),
        make: *make,
    })
}

impl Recording {
    /// Reads `body` as it comes in pieces of `size` bytes; every delta goes to `told`. What makes no
    /// sense ends it as it ends an answer.
    pub fn play(&self, body: &[u8], size: usize, mut told: impl FnMut(Delta)) {
        let mut decoder = (self.make)(&self.model);
        let mut framing = decoder.framing();
        let mut answer = Answer::new(&self.model, &Clock::fixed(0));
        let mut events = Vec::new();
        answer.start();
        let mut pieces = body.chunks(size.max(1));
        let ended = loop {
            let piece = pieces.next();
            let framed = match piece {
                Some(piece) => framing.push(piece, &mut events),
                None => {
                    framing.finish(&mut events);
                    Ok(())
                }
            };
            if let Err(words) = framed {
                break Err(words);
            }
            let ended =
                events
                    .drain(..)
                    .find_map(|event| match decoder.event(&event, &mut answer) {
                        Ok(Step::More) => None,
                        Ok(Step::Whole(reason)) => Some(Ok(reason)),
                        Err(fault) => Some(Err(fault.words)),
                    });
            answer.take_deltas().into_iter().for_each(&mut told);
            match ended {
                Some(ended) => break ended,
                None if piece.is_none() => {
                    break decoder.end(&mut answer).map_err(|fault| fault.words);
                }
                None => {}
            }
        };
        match ended {
            Ok(reason) => answer.finish(reason),
            Err(words) => answer.fail(StopReason::Error, words, None),
        }
        answer.take_deltas().into_iter().for_each(&mut told);
    }
}
