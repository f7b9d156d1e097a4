//! Reading a model's `compat`: switches of the right type count, everything else is as if it were not
//! there.

use serde_json::{Map, Value};

use crate::ai::model::Model;

/// A model's `compat`.
#[derive(Debug, Clone, Copy)]
pub struct Switches<'a>(&'a Map<String, Value>);

impl<'a> Switches<'a> {
    /// Those of `model`.
    pub fn of(model: &'a Model) -> Self {
        Switches(&model.compat)
    }

    /// A switch that is on or off.
    pub fn on(self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// A switch that is a word.
    pub fn word(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    /// A switch that is a number.
    pub fn number(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| value.is_number())
    }

    /// A switch that is an object.
    pub fn object(self, name: &str) -> Option<&'a Map<String, Value>> {
        self.0.get(name)?.as_object()
    }
}
