//! Budgets in words for the person: how much is used up, and how to go on.

use crate::store::totals::grouped;
use std::fmt;

use super::super::event::{Amount, BudgetScope, Spent};
use crate::ai::failure::in_words;

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Money { used, limit } => write!(f, "{} of {}", money(*used), money(*limit)),
            Amount::Tokens { used, limit } => {
                write!(f, "{} of {} tokens", grouped(*used), grouped(*limit))
            }
            Amount::Time { used, limit } => {
                write!(f, "{} of {}", in_words(*used), in_words(*limit))
            }
        }
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.whose(), self.amount)
    }
}

impl Spent {
    /// For the one time that it comes near its end.
    pub fn nearly_used_up(&self) -> String {
        format!(
            "more than 80 % of {} is used up: {}",
            self.whose(),
            self.amount
        )
    }

    /// For when it has come to its end: with the way to go on.
    pub fn used_up(&self) -> String {
        format!(
            "{} is used up: {}. {}",
            self.whose(),
            self.amount,
            self.way_on()
        )
    }

    fn whose(&self) -> &'static str {
        match self.scope {
            BudgetScope::Run => "the budget of this run",
            BudgetScope::Session => "the budget of this session",
            BudgetScope::Day => "today's budget",
        }
    }

    fn way_on(&self) -> String {
        let (flag, unit) = match self.amount {
            Amount::Money { .. } => ("--budget", "usd"),
            Amount::Tokens { .. } => ("--budget-tokens", "tokens"),
            Amount::Time { .. } => ("--budget-time", "time"),
        };
        match self.scope {
            BudgetScope::Run => format!(
                "Say anything to go on with another run, or raise budget.run.{unit} in settings.json"
            ),
            BudgetScope::Session => format!(
                "To go on, start pi with a larger {flag} or budget.session.{unit} in settings.json, or begin a new session"
            ),
            BudgetScope::Day => format!(
                "To go on, wait until midnight, or start pi with a larger budget.day.{unit} in settings.json"
            ),
        }
    }
}

fn money(usd: f64) -> String {
    match usd {
        usd if usd >= 0.1 || usd == 0.0 => format!("${usd:.2}"),
        usd if usd >= 0.001 => format!("${usd:.4}"),
        // So that something is never nothing: two figures of it, however small.
        usd => {
            let places = (-usd.log10()).ceil().clamp(3.0, 12.0) as usize + 1;
            format!("${usd:.places$}")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_tiny_sum_is_never_nothing() {
        let words = [0.0, 2.5, 0.05, 0.0037, 0.000_04, 0.000_000_5].map(money);
        let expected = [
            "$0.00",
            "$2.50",
            "$0.0500",
            "$0.0037",
            "$0.000040",
            "$0.00000050",
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn a_budget_that_is_used_up_says_how_to_go_on() {
        let spent = |scope, amount| Spent { scope, amount };
        let money = Amount::Money {
            used: 2.611,
            limit: 2.5,
        };
        assert_eq!(
            spent(BudgetScope::Session, money).used_up(),
            "the budget of this session is used up: $2.61 of $2.50. To go on, start pi with a larger --budget or budget.session.usd in settings.json, or begin a new session"
        );
        let tokens = Amount::Tokens {
            used: 163_840,
            limit: 200_000,
        };
        assert_eq!(
            spent(BudgetScope::Run, tokens).nearly_used_up(),
            "more than 80 % of the budget of this run is used up: 163,840 of 200,000 tokens"
        );
        let time = Amount::Time {
            used: Duration::from_secs(601),
            limit: Duration::from_secs(600),
        };
        let said = spent(BudgetScope::Day, time).used_up();
        assert!(
            said.contains("10 min 1 s of 10 min. To go on, wait until midnight"),
            "{said}"
        );
        let little = Amount::Money {
            used: 0.0123,
            limit: 0.05,
        };
        assert_eq!(little.to_string(), "$0.0123 of $0.0500");
    }
}
