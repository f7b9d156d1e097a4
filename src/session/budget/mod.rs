//! A limit on what runs may cost: money, tokens, time; per run, session and day.
//!
//! Everything that a model is asked counts: answers, failed attempts, summaries. At 80 % the audience is
//! told, at 100 % it is told again, and whoever drives a run ends it after the current response. Nothing
//! is cut off: a response comes to its end, and its tools come to theirs.
//!
//! The session's sums come from its file, so they survive a restart. The day's are kept by whoever gave
//! [`Budgets::day_book`], for all processes together.

mod past;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::event::{Amount, BudgetScope, Event, Level, Spent};
use super::ledger::Ledger;
use crate::ai::{Model, Usage};
use crate::config::{Allowance, BudgetSettings, Sums};
use crate::store::Store;

/// What may be spent, and where the sums of a day are kept. The default is no limit.
#[derive(Default)]
pub struct Budgets {
    /// The limits.
    pub limits: BudgetSettings,
    /// Adds to the day's sums of all conversations, and returns them. A few milliseconds at most.
    pub day_book: Option<AddToDay>,
}

/// Adds to the day's sums and returns them; in words why not.
pub type AddToDay = Box<dyn Fn(Sums) -> Result<Sums, String> + Send + Sync>;

/// Counts what is spent and says when it is enough.
pub(super) struct Budget {
    limits: BudgetSettings,
    day_book: Option<AddToDay>,
    // Held for sums and comparisons only, and for telling the audience.
    state: Mutex<State>,
    // Held while the day's sums are saved: one save at a time.
    saving: Mutex<()>,
}

#[derive(Default)]
struct State {
    run: Sums,
    session: Sums,
    /// What the day book said last.
    day: Sums,
    /// What it has not been told yet.
    unsaved: Sums,
    /// Since when a run's time has not been counted; `None` between runs.
    since: Option<Instant>,
    /// What the audience has been told of.
    told: Vec<Told>,
    /// Models without a price that the audience has been told of.
    unpriced: Vec<String>,
    /// Set while the day book refuses, so that the audience is told once.
    failing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    scope: BudgetScope,
    unit: Unit,
    exceeded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Money,
    Tokens,
    Time,
}

/// A run whose time counts, until this is dropped.
pub(super) struct Running(Arc<Budget>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.count_time();
        state.since = None;
    }
}

impl Budget {
    /// Counts on from what `store` has cost so far.
    pub fn new(budgets: Budgets, store: &Store) -> Self {
        let budget = Budget {
            limits: budgets.limits,
            day_book: budgets.day_book.filter(|_| budgets.limits.day.is_limited()),
            state: Mutex::default(),
            saving: Mutex::default(),
        };
        budget.open_session(store);
        budget
    }

    /// Another session: its sums are those of its file.
    pub fn open_session(&self, store: &Store) {
        if !self.is_limited() {
            return;
        }
        let session = past::sums(store);
        let mut state = self.state();
        state.session = session;
        state.forget(BudgetScope::Session);
    }

    /// A run begins; its time counts until what this returns is dropped.
    pub async fn begin_run(self: &Arc<Self>, model: &Model, ledger: &Ledger) -> Running {
        if self.is_limited() {
            self.save(ledger).await;
            let mut state = self.state();
            state.run = Sums::default();
            state.forget(BudgetScope::Run);
            state.since = Some(Instant::now());
            self.tell_unpriced(&mut state, model, ledger);
        }
        Running(self.clone())
    }

    /// Another model answers in the run under way.
    pub fn meet(&self, model: &Model, ledger: &Ledger) {
        if self.is_limited() {
            self.tell_unpriced(&mut self.state(), model, ledger);
        }
    }

    /// Counts the usage of one answer, of the model in a run or of a summary; tells what is nearly or
    /// wholly used up.
    pub fn spend(self: &Arc<Self>, usage: &Usage, ledger: &Ledger) {
        if !self.is_limited() {
            return;
        }
        let mut state = self.state();
        state.count_time();
        state.add(&Sums {
            usd: usage.cost.total,
            tokens: usage.context_tokens(),
            time: Duration::ZERO,
        });
        self.review(&mut state, ledger);
        drop(state);
        if self.day_book.is_some() {
            let budget = self.clone();
            // Nobody waits for the disk; what this could not save is saved with the next look.
            drop(tokio::task::spawn_blocking(move || budget.save_day()));
        }
    }

    /// Brings the sums up to date, the time and the other processes' part of the day included, and tells
    /// what is nearly or wholly used up.
    pub async fn settle(self: &Arc<Self>, ledger: &Ledger) {
        if !self.is_limited() {
            return;
        }
        self.state().count_time();
        self.save(ledger).await;
        let mut state = self.state();
        self.review(&mut state, ledger);
    }

    /// The budget that is used up, if any.
    pub fn exceeded(&self) -> Option<Spent> {
        let mut state = self.state();
        state.count_time();
        self.spent_of(&state).find(|spent| is_over(&spent.amount))
    }

    /// The budget that leaves no room for another run, if any.
    pub fn forbids_a_run(&self) -> Option<Spent> {
        if self.day_book.is_some() {
            // A look at a small file, before a run that takes seconds. What fails here is told by the run.
            let _ = self.save_day();
        }
        let state = self.state();
        let mut all = self.spent_of(&state);
        all.find(|spent| spent.scope != BudgetScope::Run && is_over(&spent.amount))
    }

    /// All budgets and how much of them is used up.
    pub fn spent(&self) -> Vec<Spent> {
        let mut state = self.state();
        state.count_time();
        self.spent_of(&state).collect()
    }

    fn is_limited(&self) -> bool {
        [self.limits.run, self.limits.session, self.limits.day]
            .iter()
            .any(Allowance::is_limited)
    }

    fn spent_of(&self, state: &State) -> impl Iterator<Item = Spent> + use<> {
        let mut day = state.day;
        day.add(&state.unsaved);
        let limits = &self.limits;
        let scopes = [
            (BudgetScope::Run, limits.run, state.run),
            (BudgetScope::Session, limits.session, state.session),
            (BudgetScope::Day, limits.day, day),
        ];
        scopes.into_iter().flat_map(|(scope, limit, used)| {
            let amounts = [
                limit.usd.map(|limit| Amount::Money {
                    used: used.usd,
                    limit,
                }),
                limit.tokens.map(|limit| Amount::Tokens {
                    used: used.tokens,
                    limit,
                }),
                limit.time.map(|limit| Amount::Time {
                    used: used.time,
                    limit,
                }),
            ];
            let spent = move |amount| Spent { scope, amount };
            amounts.into_iter().flatten().map(spent)
        })
    }

    /// Tells what is nearly or wholly used up, each of it once.
    fn review(&self, state: &mut State, ledger: &Ledger) {
        for spent in self.spent_of(state) {
            let exceeded = is_over(&spent.amount);
            let told = Told {
                scope: spent.scope,
                unit: unit_of(&spent.amount),
                exceeded,
            };
            if !exceeded && share(&spent.amount) < 0.8 {
                // Another day has begun, perhaps.
                let same = |known: &Told| known.scope == told.scope && known.unit == told.unit;
                state.told.retain(|known| !same(known));
                continue;
            }
            if state.told.contains(&told) {
                continue;
            }
            state.told.push(told);
            ledger.publish(Event::Budget { spent, exceeded });
            ledger.publish(Event::Notice {
                level: Level::Warning,
                text: match exceeded {
                    true => spent.used_up(),
                    false => spent.nearly_used_up(),
                },
            });
        }
    }

    /// A limit in dollars does not hold a model that nobody knows the price of.
    fn tell_unpriced(&self, state: &mut State, model: &Model, ledger: &Ledger) {
        let limits = &self.limits;
        let mut usd = [limits.run.usd, limits.session.usd, limits.day.usd].into_iter();
        let price = &model.cost;
        let is_priced = price.input > 0.0 || price.output > 0.0;
        let id = model.full_id();
        if is_priced || usd.all(|limit| limit.is_none()) || state.unpriced.contains(&id) {
            return;
        }
        ledger.publish(Event::Notice {
            level: Level::Info,
            text: format!(
                "{id} has no price that pi knows of, so a budget in dollars does not limit it; --budget-tokens and --budget-time do"
            ),
        });
        state.unpriced.push(id);
    }

    /// Saves the day's sums, and tells once when that fails.
    async fn save(self: &Arc<Self>, ledger: &Ledger) {
        if self.day_book.is_none() {
            return;
        }
        let budget = self.clone();
        let saved = tokio::task::spawn_blocking(move || budget.save_day()).await;
        let Ok(Err(why)) = saved else {
            self.state().failing = false;
            return;
        };
        if !std::mem::replace(&mut self.state().failing, true) {
            ledger.publish(Event::Notice {
                level: Level::Warning,
                text: format!(
                    "{why}. The day's budget counts only what this process spends until it can be."
                ),
            });
        }
    }

    /// Tells the day book what it does not know yet, and learns what the day has come to.
    fn save_day(&self) -> Result<(), String> {
        let Some(add) = &self.day_book else {
            return Ok(());
        };
        let _one = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let unsaved = self.state().unsaved;
        let day = add(unsaved)?;
        let mut state = self.state();
        state.day = day;
        state.unsaved.subtract(&unsaved);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts the time since the last count, while a run goes on.
    fn count_time(&mut self) {
        let Some(since) = self.since else { return };
        let now = Instant::now();
        self.since = Some(now);
        self.add(&Sums {
            time: now - since,
            ..Sums::default()
        });
    }

    fn add(&mut self, sums: &Sums) {
        for scope in [&mut self.run, &mut self.session, &mut self.unsaved] {
            scope.add(sums);
        }
    }

    fn forget(&mut self, scope: BudgetScope) {
        self.told.retain(|told| told.scope != scope);
    }
}

fn unit_of(amount: &Amount) -> Unit {
    match amount {
        Amount::Money { .. } => Unit::Money,
        Amount::Tokens { .. } => Unit::Tokens,
        Amount::Time { .. } => Unit::Time,
    }
}

fn is_over(amount: &Amount) -> bool {
    match amount {
        Amount::Money { used, limit } => used >= limit,
        Amount::Tokens { used, limit } => used >= limit,
        Amount::Time { used, limit } => used >= limit,
    }
}

/// How much of it is used, 1 for all.
fn share(amount: &Amount) -> f64 {
    match amount {
        Amount::Money { used, limit } => used / limit,
        Amount::Tokens { used, limit } => *used as f64 / *limit as f64,
        Amount::Time { used, limit } => used.as_secs_f64() / limit.as_secs_f64(),
    }
}
