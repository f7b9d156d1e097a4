//! A recorded event stream read again, without a server: what the benchmark of the decoders runs on.

use super::exchange::{Decoder, Step};
use super::found;
use crate::ai::answer::Answer;
use crate::ai::clock::Clock;
use crate::ai::delta::Delta;
use crate::ai::message::StopReason;
use crate::ai::model::Model;

/// Reads recorded streams of one API.
pub struct Recording {
    model: Model,
    decoder: fn(&Model) -> Box<dyn Decoder>,
}

/// What reads streams of `model`'s API; `None` where it is not spoken.
pub fn recording(model: &Model) -> Option<Recording> {
    Some(Recording {
        model: model.clone(),
        decoder: found(&model.api)?.decoder,
    })
}

impl Recording {
    /// Reads `body` as it comes in pieces of `size` bytes; every delta goes to `told`. What makes no
    /// sense ends it as it ends an answer.
    pub fn play(&self, body: &[u8], size: usize, mut told: impl FnMut(Delta)) {
        let mut decoder = (self.decoder)(&self.model);
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
                // What came before the damage counts.
                None if framed.is_err() => break framed.map(|()| StopReason::Error),
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
