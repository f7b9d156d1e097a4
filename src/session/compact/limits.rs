//! How much of a model's context may be used, and how much of it stays when it is compacted.
//!
//! The settings are made for large windows. In a window below [`LARGE`] the reserve is an eighth of it at
//! most and what is kept a quarter, so that a small model does not compact after every answer. What is
//! set for one model (`compaction.modelOverrides`) is meant for its window, and is left as it is. In any
//! window what is kept is at most half of what may be used, so that compacting always makes room.

use crate::ai::{Model, ThinkingLevel};
use crate::config::settings::{BranchSummarySettings, CompactionSettings};

/// From this window on the settings are taken as they are.
const LARGE: u64 = 131_072;
/// A window to count with when a model's is not known.
const UNKNOWN: u64 = 128_000;

/// The settings that summaries follow.
#[derive(Debug, Clone)]
pub(in crate::session) struct SummarySettings {
    /// When and how the conversation is compacted.
    pub compaction: CompactionSettings,
    /// How the summary of a branch is written.
    pub branch_summary: BranchSummarySettings,
}

/// The settings, as they come out for one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Tokens that the model can attend to; zero when that is not known.
    pub window: u64,
    /// Tokens to keep free.
    pub reserve: u64,
    /// Tokens at the end that stay as they are.
    pub keep: u64,
    /// Tokens that a summary may have.
    pub summary: u64,
}

impl Limits {
    pub fn of(settings: &SummarySettings, model: &Model) -> Self {
        let own = settings.compaction.model_overrides.get(&model.full_id());
        let window = model.context_window;
        let large = if window == 0 { UNKNOWN } else { window };
        let scaled = |setting: u64, part: u64| match large < LARGE {
            true => setting.min(large / part),
            false => setting,
        };
        let reserve = own
            .and_then(|own| own.reserve_tokens)
            .unwrap_or_else(|| scaled(settings.compaction.reserve_tokens, 8))
            .min(large / 4 * 3);
        let keep = own
            .and_then(|own| own.keep_recent_tokens)
            .unwrap_or_else(|| scaled(settings.compaction.keep_recent_tokens, 4))
            .min((large - reserve) / 2);
        let summary = (settings.compaction.reserve_tokens / 5 * 4).clamp(256, (large / 8).max(256));
        Limits {
            window,
            reserve,
            keep,
            summary,
        }
    }

    /// Whether a context of so many tokens leaves less free than it should.
    pub fn is_over(&self, tokens: u64) -> bool {
        self.window > 0 && tokens > self.window - self.reserve
    }

    /// Tokens that a kept part may have at most for a request that was refused to fit.
    pub fn room(&self) -> Option<u64> {
        (self.window > 0).then_some(self.window / 2)
    }

    /// Tokens of output that a request for a summary asks for. Thinking counts as output.
    pub fn output(&self, model: &Model, thinking: ThinkingLevel) -> u64 {
        let large = if self.window == 0 {
            UNKNOWN
        } else {
            self.window
        };
        let wanted = match thinking {
            ThinkingLevel::Off => self.summary,
            _ => large / 4,
        };
        match model.max_tokens {
            0 => wanted,
            most => wanted.min(most),
        }
    }

    /// Bytes of text that a request for a summary may carry besides its instructions, at so many bytes a
    /// token. A tenth of the window is left over: estimates may err, requests must fit.
    pub fn input_bytes(&self, output: u64, density: f64) -> usize {
        let large = if self.window == 0 {
            UNKNOWN
        } else {
            self.window
        };
        let tokens = large.saturating_sub(output + large / 10);
        // The cast saturates.
        ((tokens as f64 * density) as usize).max(2_000)
    }

    /// Tokens of a branch that its summary looks at, the newest.
    pub fn branch(settings: &SummarySettings, model: &Model) -> u64 {
        let large = match model.context_window {
            0 => UNKNOWN,
            window => window,
        };
        let reserve = settings.branch_summary.reserve_tokens;
        let reserve = match large < LARGE {
            true => reserve.min(large / 4),
            false => reserve.min(large / 4 * 3),
        };
        large - reserve
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::script::model;
    use crate::config::settings::CompactionOverride;

    fn settings() -> SummarySettings {
        SummarySettings {
            compaction: CompactionSettings::default(),
            branch_summary: BranchSummarySettings::default(),
        }
    }

    fn limits(window: u64) -> (u64, u64) {
        let model = Model {
            context_window: window,
            ..model()
        };
        let limits = Limits::of(&settings(), &model);
        (limits.reserve, limits.keep)
    }

    #[test]
    fn the_settings_are_scaled_down_for_small_windows_and_hold_in_large_ones() {
        assert_eq!(limits(4_096), (512, 1_024));
        assert_eq!(limits(8_192), (1_024, 2_048));
        assert_eq!(limits(16_384), (2_048, 4_096));
        assert_eq!(limits(32_768), (4_096, 8_192));
        assert_eq!(limits(131_072), (16_384, 20_000));
        assert_eq!(limits(200_000), (16_384, 20_000));
    }

    #[test]
    fn what_is_kept_leaves_room_in_every_window() {
        for window in [1, 512, 4_096, 8_192, 16_384, 32_768, 200_000, 1_000_000] {
            let (reserve, keep) = limits(window);
            assert!(keep <= (window - reserve) / 2, "{window}");
        }
    }

    #[test]
    fn what_is_set_for_one_model_holds_for_it_as_it_is() {
        let mut settings = settings();
        let own = CompactionOverride {
            reserve_tokens: Some(400_000),
            keep_recent_tokens: None,
        };
        let model = Model {
            context_window: 1_000_000,
            ..model()
        };
        settings
            .compaction
            .model_overrides
            .insert(model.full_id(), own);
        let limits = Limits::of(&settings, &model);
        assert_eq!((limits.reserve, limits.keep), (400_000, 20_000));
        assert!(limits.is_over(600_001) && !limits.is_over(600_000));
        let small = Model {
            context_window: 16_384,
            ..model
        };
        let own = CompactionOverride {
            reserve_tokens: Some(3_000),
            keep_recent_tokens: Some(6_000),
        };
        settings
            .compaction
            .model_overrides
            .insert(small.full_id(), own);
        let limits = Limits::of(&settings, &small);
        assert_eq!((limits.reserve, limits.keep), (3_000, 6_000));
    }

    #[test]
    fn a_window_that_is_not_known_is_never_full() {
        let model = Model {
            context_window: 0,
            ..model()
        };
        assert!(!Limits::of(&settings(), &model).is_over(u64::MAX));
    }

    #[test]
    fn a_request_for_a_summary_fits_into_its_window() {
        for window in [4_096, 8_192, 16_384, 32_768, 200_000] {
            let model = Model {
                context_window: window,
                ..model()
            };
            let limits = Limits::of(&settings(), &model);
            for thinking in [ThinkingLevel::Off, ThinkingLevel::High] {
                let output = limits.output(&model, thinking);
                let input = limits.input_bytes(output, 3.0) as u64 / 3;
                assert!(output >= 256 && input + output < window, "{window}");
            }
        }
    }
}
