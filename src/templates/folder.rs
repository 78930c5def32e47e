//! Reads the operator's folder of templates. Nothing outside of it is read, also not by a link in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::fault::TemplateFault;
use super::names::NAMES;

/// The most files, and the largest one in bytes.
const MAX_FILES: usize = 100;
const MAX_BYTES: u64 = 128 * 1024;
/// The longest tag, from `{{` or `{%` to its end, in bytes. Long chains of operators would need more stack than there is to parse them.
const MAX_TAG_BYTES: usize = 2_000;
/// How deep folders are searched for files to include.
const MAX_DEPTH: usize = 4;

/// The content of each file by its path below the folder, with slashes.
pub(super) type Files = BTreeMap<String, String>;

pub(super) fn read(folder: &Path) -> Result<Files, TemplateFault> {
    let mut files = Files::new();
    read_below(folder, "", 0, &mut files)?;
    for name in files
        .keys()
        .filter(|name| !name.contains('/') && !name.starts_with('_'))
    {
        if !NAMES.contains(&name.as_str()) {
            let near = NAMES
                .into_iter()
                .max_by(|one, other| strsim::jaro_winkler(name, one).total_cmp(&strsim::jaro_winkler(name, other)));
            let near = near.unwrap_or_default();
            return Err(TemplateFault::new(
                name,
                format!(
                    "no template has this name; did you mean {near}? A file that templates include needs a name such as _{name}, or a \
                     folder of its own"
                ),
            ));
        }
    }
    Ok(files)
}

fn read_below(folder: &Path, prefix: &str, depth: usize, files: &mut Files) -> Result<(), TemplateFault> {
    let shown = || {
        if prefix.is_empty() {
            folder.display().to_string()
        } else {
            prefix.to_owned()
        }
    };
    let unreadable = |error: std::io::Error| TemplateFault::new(shown(), format!("the folder cannot be read: {error}"));
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().into_string();
        let name = name.map_err(|name| TemplateFault::new(name.display(), "the name is not UTF-8; rename it"))?;
        // Editors and version control keep files of their own beside the templates.
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_symlink() {
            return Err(TemplateFault::new(
                path,
                "it is a symbolic link, which may lead out of the folder; copy the file",
            ));
        }
        if kind.is_dir() {
            if depth < MAX_DEPTH {
                read_below(&entry.path(), &format!("{path}/"), depth + 1, files)?;
            }
            continue;
        }
        if ![".html", ".txt", ".css"].iter().any(|ending| name.ends_with(ending)) {
            // Other files may be notes or pictures, but not one with the name of a template.
            let stem = name.split('.').next().unwrap_or_default();
            if let Some(template) = NAMES.into_iter().find(|known| known.split('.').next() == Some(stem)) {
                return Err(TemplateFault::new(
                    &path,
                    format!("it is no template, which ends in .html or .txt; did you mean {template}?"),
                ));
            }
            continue;
        }
        let failed = |error: std::io::Error| TemplateFault::new(&path, format!("it cannot be read: {error}"));
        // A pipe or a device has no end.
        if !kind.is_file() {
            return Err(TemplateFault::new(&path, "it is not a regular file; replace it by one"));
        }
        if entry.metadata().map_err(failed)?.len() > MAX_BYTES {
            let most = MAX_BYTES / 1024;
            return Err(TemplateFault::new(
                &path,
                format!("it has more than {most} KiB; divide it"),
            ));
        }
        let content = fs::read(entry.path()).map_err(failed)?;
        let content =
            String::from_utf8(content).map_err(|_| TemplateFault::new(&path, "it is not UTF-8; save it as UTF-8"))?;
        if let Some(line) = line_of_long_tag(&content) {
            let reason = format!("a tag is longer than {MAX_TAG_BYTES} bytes; divide it, for example with {{% set %}}");
            return Err(TemplateFault::new(&path, reason).at(Some(line)));
        }
        files.insert(path, content);
        if files.len() > MAX_FILES {
            return Err(TemplateFault::new(
                shown(),
                format!("the folder has more than {MAX_FILES} files"),
            ));
        }
    }
    Ok(())
}

/// The line, from 1, of the first tag that is longer than [`MAX_TAG_BYTES`].
fn line_of_long_tag(content: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(begin) = content.get(at..)?.find('{').map(|found| at + found) {
        let rest = content.get(begin..)?;
        let end = match rest.as_bytes().get(1) {
            Some(b'{') => rest.find("}}"),
            Some(b'%') => rest.find("%}"),
            _ => Some(0),
        };
        if end.unwrap_or(rest.len()) > MAX_TAG_BYTES {
            return Some(content.get(..begin)?.matches('\n').count() + 1);
        }
        at = begin + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_tag_is_named_by_its_line() {
        let chain = |sign: &str| format!("<p>\n{{{{ {}1 }}}}</p>", sign.repeat(MAX_TAG_BYTES));
        for sign in ["-", "not ", "1 ~ "] {
            assert_eq!(line_of_long_tag(&chain(sign)), Some(2), "{sign}");
        }
        let unclosed = format!("{{% {}", " ".repeat(MAX_TAG_BYTES));
        assert_eq!(line_of_long_tag(&unclosed), Some(1));
        let long_text = "word ".repeat(MAX_TAG_BYTES);
        for fine in [
            "",
            "{",
            "{{ a }}{% if b %}{# c #}",
            "p { color: red }",
            long_text.as_str(),
        ] {
            assert_eq!(line_of_long_tag(fine), None, "{fine}");
        }
    }
}
