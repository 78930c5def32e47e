//! The macro that declares the messages.

/// A message that every language has.
#[derive(Debug)]
pub(super) struct Declaration {
    pub(super) id: &'static str,
    /// The variables that its text can contain.
    pub(super) variables: &'static [&'static str],
    /// Whether a part of its text is a link.
    pub(super) is_linked: bool,
}

/// The id of a message in the Fluent files: the name of its method with hyphens. `N` is the length of the name.
pub(super) const fn id_of<const N: usize>(name: &str) -> [u8; N] {
    let name = name.as_bytes();
    let mut id = [0; N];
    let mut at = 0;
    while at < N {
        id[at] = if name[at] == b'_' { b'-' } else { name[at] };
        at += 1;
    }
    id
}

/// The text of [`id_of`].
pub(super) const fn as_text(id: &[u8]) -> &str {
    match std::str::from_utf8(id) {
        Ok(id) => id,
        Err(_) => panic!("a name in Rust is UTF-8"),
    }
}

/// Declares messages: each becomes a method of `Words` and an entry of `DECLARATIONS`. A `text` returns a `String`, and a `link` a
/// [`Linked`](super::linked::Linked). The types of the arguments are the traits of `argument.rs`.
macro_rules! messages {
    ($($kind:ident $name:ident($($variable:ident: $type:ident),*);)*) => {
        impl $crate::words::Words {
            $(
                #[must_use]
                pub(crate) fn $name(&self $(, $variable: impl $type)*) -> messages!(@type $kind) {
                    let text = self.format(
                        messages!(@id $name),
                        &[$((stringify!($variable), $type::value(&$variable, self.language()))),*],
                    );
                    messages!(@value $kind text)
                }
            )*
        }

        /// The messages of this list.
        pub(super) const DECLARATIONS: &[$crate::words::declaration::Declaration] = &[$(
            $crate::words::declaration::Declaration {
                id: messages!(@id $name),
                variables: &[$(stringify!($variable)),*],
                is_linked: messages!(@is_linked $kind),
            },
        )*];
    };
    (@id $name:ident) => {
        const {
            const ID: [u8; stringify!($name).len()] = $crate::words::declaration::id_of(stringify!($name));
            $crate::words::declaration::as_text(&ID)
        }
    };
    (@type text) => { String };
    (@type link) => { $crate::words::Linked };
    (@value text $text:ident) => { $text };
    (@value link $text:ident) => { $crate::words::Linked::parse(&$text) };
    (@is_linked text) => { false };
    (@is_linked link) => { true };
}

pub(super) use messages;
