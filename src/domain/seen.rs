//! Which version of an object a change is for.

/// The version that an operator saw before they asked for a change. The transaction of the change compares it with the object that it has
/// locked, so that nobody's change is overwritten.
#[derive(Clone, Debug, Default)]
pub enum Seen<T> {
    /// Any version is changed.
    #[default]
    Any,
    /// Only this version is changed.
    This(T),
}

impl<T: PartialEq> Seen<T> {
    /// Whether the change is for the object as it is now.
    pub fn is(&self, now: &T) -> bool {
        match self {
            Self::Any => true,
            Self::This(seen) => seen == now,
        }
    }
}
