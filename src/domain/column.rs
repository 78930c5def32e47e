//! Values that a database column stores as text.

/// Implements reading and writing of a text column for a type: by [`Display`](std::fmt::Display) and
/// [`FromStr`](std::str::FromStr), or by the given functions. A text that does not parse is an error of the query.
macro_rules! text_column {
    ($name:ty) => {
        $crate::domain::column::text_column!($name, ToString::to_string, std::str::FromStr::from_str);
    };
    ($name:ty, $write:expr, $parse:expr) => {
        impl<DB: sqlx::Database> sqlx::Type<DB> for $name
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                String::type_info()
            }
            fn compatible(ty: &DB::TypeInfo) -> bool {
                String::compatible(ty)
            }
        }

        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name
        where
            String: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buf: &mut DB::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                let text: String = ($write)(self);
                text.encode_by_ref(buf)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name
        where
            String: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(($parse)(&String::decode(value)?)?)
            }
        }
    };
}

pub(crate) use text_column;
