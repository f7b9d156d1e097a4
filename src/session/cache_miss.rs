//! Prompt caches that were missed: what the last request had sent, and what this one had to pay for
//! again. Judged by what vendors say of their answers; servers that never speak of a cache have none to
//! miss.

use std::time::Duration;

use crate::ai::{AssistantMessage, Model, Usage, catalog};

/// Caches are cut at blocks, so a miss of no more than this is none.
const NOISE: u64 = 1024;
/// Smaller misses that also cost less than this are not worth a line.
const NOTABLE_TOKENS: u64 = 20_000;
const NOTABLE_MONEY: f64 = 0.1;
/// The usual lifetime of a cache; after a longer rest the rest is the reason.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// A prompt cache that was missed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CacheMiss {
    /// Tokens that were sent before and were not read from the cache.
    tokens: u64,
    /// What they cost more than a read would have.
    money: f64,
    /// Since the request before.
    rest: Duration,
    /// Whether another model answered that one.
    switched: bool,
}

impl CacheMiss {
    /// What `answer` missed of the cache that `before` left. `cached` says whether the conversation has
    /// seen any caching; `model` is the one in use, which has answered unless it was chosen meanwhile.
    pub fn between(
        before: &AssistantMessage,
        answer: &AssistantMessage,
        model: &Model,
        cached: bool,
    ) -> Option<Self> {
        let usage = &answer.usage;
        let prompt = usage.prompt_tokens();
        if prompt == 0 || (usage.cache_read, usage.cache_write) == (0, 0) && !cached {
            return None;
        }
        let known = before.usage.prompt_tokens().min(prompt);
        let tokens = known.saturating_sub(usage.cache_read);
        if tokens <= NOISE {
            return None;
        }
        let more = (paid_price(usage) - read_price(answer, model)).max(0.0);
        let rest = answer.timestamp.saturating_sub(before.timestamp);
        Some(CacheMiss {
            tokens,
            money: tokens as f64 * more,
            rest: Duration::from_millis(u64::try_from(rest).unwrap_or(0)),
            switched: (&before.provider, &before.model) != (&answer.provider, &answer.model),
        })
    }

    /// A line for the person, if the miss is worth one.
    pub fn notice(&self) -> Option<String> {
        if self.tokens < NOTABLE_TOKENS && self.money < NOTABLE_MONEY {
            return None;
        }
        let why = if self.switched {
            " after the change of model".to_owned()
        } else if self.rest >= LIFETIME {
            let minutes = (self.rest.as_secs() + 30) / 60;
            format!(" after {minutes} min of rest")
        } else {
            String::new()
        };
        let tokens = match self.tokens {
            few @ ..1000 => few.to_string(),
            many => format!("{}k", (many + 500) / 1000),
        };
        let money = match self.money >= 0.01 {
            true => format!(" (about ${:.2} more)", self.money),
            false => String::new(),
        };
        Some(format!(
            "the prompt cache was missed{why}: {tokens} tokens were billed again{money}"
        ))
    }
}

/// What a token costs that no cache had: it is among the fresh or the written ones.
fn paid_price(usage: &Usage) -> f64 {
    match usage.input.saturating_add(usage.cache_write) {
        0 => 0.0,
        paid => (usage.cost.input + usage.cost.cache_write) / paid as f64,
    }
}

/// What one costs that is read; where nothing was, what it would have, had all been read.
fn read_price(answer: &AssistantMessage, model: &Model) -> f64 {
    let usage = &answer.usage;
    if usage.cache_read > 0 {
        return usage.cost.cache_read / usage.cache_read as f64;
    }
    let mut read = Usage {
        cache_read: usage.prompt_tokens(),
        ..Usage::default()
    };
    let is_its = model.provider == answer.provider && model.id == answer.model;
    match is_its {
        true => model.price(&mut read),
        false => match catalog::find(&answer.provider, &answer.model) {
            Some(model) => model.price(&mut read),
            None => return 0.0,
        },
    }
    read.cost.cache_read / (read.cache_read as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::message::Cost;
    use crate::ai::{delta, script};

    /// An answer at that minute: fresh, read and written tokens at 3, 0.3 and 3.75 dollars a million.
    fn answer(model: &str, minute: i64, input: u64, read: u64, write: u64) -> AssistantMessage {
        let mut answer = delta::empty_message(&script::model(), minute * 60_000);
        answer.model = model.into();
        let dollars = |tokens: u64, price: f64| tokens as f64 * price / 1e6;
        answer.usage = Usage {
            input,
            cache_read: read,
            cache_write: write,
            cost: Cost {
                input: dollars(input, 3.0),
                cache_read: dollars(read, 0.3),
                cache_write: dollars(write, 3.75),
                ..Cost::default()
            },
            ..Usage::default()
        };
        answer
    }

    fn told(before: &AssistantMessage, answer: &AssistantMessage, cached: bool) -> Option<String> {
        CacheMiss::between(before, answer, &script::model(), cached)?.notice()
    }

    #[test]
    fn what_a_read_would_have_cost_is_known_of_the_model_that_answers() {
        let (before, answer) = (
            answer("a", 0, 100, 0, 99_900),
            answer("a", 1, 0, 0, 100_000),
        );
        let mut model = Model {
            id: "a".into(),
            ..script::model()
        };
        let told = |model: &Model| {
            let miss = CacheMiss::between(&before, &answer, model, true);
            miss.unwrap().notice().unwrap()
        };
        assert!(
            told(&model).ends_with("(about $0.38 more)"),
            "{}",
            told(&model)
        );
        model.cost.cache_read = 0.75;
        assert!(
            told(&model).ends_with("(about $0.30 more)"),
            "{}",
            told(&model)
        );
    }

    #[test]
    fn what_was_sent_before_and_not_read_is_told_with_its_price_and_its_reason() {
        let before = answer("a", 0, 100, 0, 99_900);
        assert_eq!(
            told(&before, &answer("a", 1, 100, 50_000, 50_500), true).unwrap(),
            "the prompt cache was missed: 50k tokens were billed again (about $0.17 more)"
        );
        assert_eq!(
            told(&before, &answer("a", 12, 0, 1, 100_000), true).unwrap(),
            "the prompt cache was missed after 12 min of rest: 100k tokens were billed again (about $0.34 more)"
        );
        assert_eq!(
            told(&before, &answer("b", 12, 0, 1, 100_000), true).unwrap(),
            "the prompt cache was missed after the change of model: 100k tokens were billed again (about $0.34 more)"
        );
    }

    #[test]
    fn hits_noise_small_change_and_vendors_without_a_cache_are_not_told() {
        let before = answer("a", 0, 100, 0, 99_900);
        // Read but for the noise, and new words.
        assert_eq!(told(&before, &answer("a", 1, 5_000, 99_000, 0), true), None);
        // Not a fifth of what is worth a line.
        assert_eq!(told(&before, &answer("a", 1, 4_000, 96_000, 0), true), None);
        // A context that has become smaller was not missed.
        assert_eq!(told(&before, &answer("a", 1, 900, 0, 0), true), None);
        let uncached = answer("a", 1, 100_000, 0, 0);
        assert_eq!(told(&uncached, &uncached, false), None);
        assert!(told(&before, &uncached, true).is_some());
    }
}
