//! What wire APIs remember from one request to the next: one thing of each type, made when it is first
//! asked for, and shared by all that send through the same [`super::http::HttpClient`].

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One thing of each type.
#[derive(Default)]
pub struct Remembered {
    // Held for a look-up only.
    things: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Remembered {
    /// The thing of this type.
    pub fn of<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        let thing = things
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::new(T::default()));
        // The key is the type's own: what is found under it is of that type.
        Arc::clone(thing).downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_made_once_and_shared() {
        let remembered = Remembered::default();
        remembered.of::<Mutex<u8>>().lock().unwrap().clone_from(&7);
        assert_eq!(*remembered.of::<Mutex<u8>>().lock().unwrap(), 7);
        assert_eq!(*remembered.of::<Mutex<u16>>().lock().unwrap(), 0);
    }
}
