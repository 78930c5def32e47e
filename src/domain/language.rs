//! How a language is stored.

use super::column::text_column;
use crate::words::Language;

text_column!(Language);
