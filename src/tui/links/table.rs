//! Addresses by number.
//!
//! One table for the process: a number stands in a colour, where nothing can go along that says whose
//! it is. Old addresses give way to new ones; their numbers are not used again, so that an old number
//! leads nowhere and never to another place.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use ratatui::style::{Color, Style};

/// Addresses kept at once.
const MOST: usize = 16_384;
/// Longer addresses are not linked; terminals ignore them.
pub(super) const LONGEST: usize = 2_000;
/// A colour has 24 bits.
const LAST: u32 = 0xff_ffff;

/// A place to go to, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link(u32);

#[derive(Default)]
struct Table {
    numbers: HashMap<Arc<str>, u32>,
    addresses: HashMap<u32, Arc<str>>,
    order: VecDeque<u32>,
    last: u32,
}

/// Locked for one look or one entry, by whoever draws.
static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);

fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Link {
    /// The link to `address`, which is ASCII without spaces or controls and begins with a scheme that
    /// is safe to open; `None` for any other.
    pub fn to(address: &str) -> Option<Link> {
        let schemes = ["https://", "http://", "mailto:", "file://"];
        let starts = |scheme: &&str| {
            address
                .get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        let scheme = schemes.iter().find(|scheme| starts(scheme))?;
        let is_whole = address.len() > scheme.len() && address.len() <= LONGEST;
        let is_clean = address.bytes().all(|byte| byte.is_ascii_graphic());
        (is_whole && is_clean)
            .then(|| table().number(address))
            .flatten()
            .map(Link)
    }

    /// The link that a style carries.
    pub fn of(style: Style) -> Option<Link> {
        style.underline_color.and_then(Link::of_color)
    }

    /// The link that an underline's colour is.
    pub fn of_color(color: Color) -> Option<Link> {
        match color {
            Color::Rgb(high, middle, low) => {
                Some(Link(u32::from_be_bytes([0, high, middle, low]))).filter(|link| link.0 > 0)
            }
            _ => None,
        }
    }

    /// The style, carrying the link.
    pub fn on(self, style: Style) -> Style {
        let [_, high, middle, low] = self.0.to_be_bytes();
        style.underline_color(Color::Rgb(high, middle, low))
    }

    /// A number that is this link's alone.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Where it leads; `None` once it has given way to others.
    pub fn address(self) -> Option<Arc<str>> {
        table().addresses.get(&self.0).cloned()
    }
}

impl Table {
    fn number(&mut self, address: &str) -> Option<u32> {
        if let Some(number) = self.numbers.get(address) {
            return Some(*number);
        }
        if self.last == LAST {
            return None;
        }
        if self.order.len() == MOST
            && let Some(oldest) = self.order.pop_front()
            && let Some(address) = self.addresses.remove(&oldest)
        {
            self.numbers.remove(&address);
        }
        self.last += 1;
        let address: Arc<str> = address.into();
        self.numbers.insert(address.clone(), self.last);
        self.addresses.insert(self.last, address);
        self.order.push_back(self.last);
        Some(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_carries_a_link_there_and_back() {
        let link = Link::to("https://example.com/a?b=c#d").unwrap();
        assert_eq!(Link::to("https://example.com/a?b=c#d"), Some(link));
        assert_eq!(Link::of(link.on(Style::new())), Some(link));
        assert_eq!(
            link.address().as_deref(),
            Some("https://example.com/a?b=c#d")
        );
        assert_eq!(Link::of(Style::new().underline_color(Color::Red)), None);
        assert_eq!(Link::of(Style::new()), None);
    }

    #[test]
    fn only_clean_addresses_of_safe_schemes_are_linked() {
        for address in [
            "javascript:alert(1)",
            "vscode://file/x",
            "https://a b",
            "https://a\u{1b}\\b",
            "https://a\u{7}b",
            "https://ä.example",
            "https://",
            "no scheme",
            "ht\u{e4}",
        ] {
            assert_eq!(Link::to(address), None, "{address:?}");
        }
        assert!(Link::to("MAILTO:me@example.com").is_some());
        assert_eq!(Link::to(&format!("https://{}", "x".repeat(LONGEST))), None);
    }

    #[test]
    fn the_oldest_give_way_and_their_numbers_lead_nowhere() {
        let mut table = Table::default();
        let first = table.number("https://first").unwrap();
        for number in 0..MOST {
            table.number(&format!("https://{number}"));
        }
        assert!(!table.addresses.contains_key(&first));
        assert_eq!(table.addresses.len(), MOST);
        assert_ne!(table.number("https://first"), Some(first));
    }
}
