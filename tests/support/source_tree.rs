//! Reads `src/` as a tree of modules, and finds which module each path in the code leads to.
//!
//! The code is parsed with `syn`. Paths in function bodies and in macro calls are read from the tokens, so a path counts
//! wherever it is written. Files that are compiled for tests only are not part of the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, mem};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

/// A module's path from the crate's root, such as `["delivery", "retry"]`; empty for the root.
pub type ModulePath = Vec<String>;

/// The modules of a crate by their paths.
#[derive(Default)]
pub struct SourceTree {
    modules: BTreeMap<ModulePath, Module>,
}

#[derive(Default)]
struct Module {
    /// Relative to `src/`. An inline module has the file that it is written in.
    file: PathBuf,
    inline: bool,
    /// What `use` brings in: the local name, and the path as it is written.
    imports: Vec<Import>,
    /// The paths written outside of `use`, and every single name.
    paths: BTreeSet<Vec<String>>,
    /// The names of the items that the module itself defines.
    items: BTreeSet<String>,
}

struct Import {
    /// `*` for a glob import.
    name: String,
    path: Vec<String>,
    /// `pub use` and its restricted forms. A re-export alone does not make the module depend on the target.
    re_export: bool,
}

impl SourceTree {
    /// Parses the module tree that begins at `lib.rs` in `folder`.
    pub fn read(folder: &Path) -> Self {
        let mut tree = Self::default();
        tree.read_file(folder, Path::new("lib.rs"), Vec::new());
        tree
    }

    /// The tree of the crate under test, which is read once for all tests.
    pub fn of_daywire() -> &'static Self {
        static TREE: LazyLock<SourceTree> =
            LazyLock::new(|| SourceTree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));
        &TREE
    }

    fn read_file(&mut self, folder: &Path, file: &Path, path: ModulePath) {
        let text = fs::read_to_string(folder.join(file)).expect("each declared module has a readable file");
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.read_items(folder, file, path, parsed.items, false);
    }

    fn read_items(&mut self, folder: &Path, file: &Path, path: ModulePath, items: Vec<Item>, inline: bool) {
        let mut module = Module {
            file: file.to_owned(),
            inline,
            ..Module::default()
        };
        for item in items.into_iter().filter(|item| !is_test_only(attributes(item))) {
            match item {
                Item::Mod(child) => self.read_child(folder, file, &path, child),
                Item::Use(item) => module.add_imports(&item),
                item => {
                    module.items.extend(defined_name(&item));
                    read_paths(item.into_token_stream(), &mut module.paths);
                }
            }
        }
        self.modules.insert(path, module);
    }

    fn read_child(&mut self, folder: &Path, file: &Path, parent: &[String], child: ItemMod) {
        let name = child.ident.to_string();
        let path: ModulePath = parent.iter().cloned().chain([name.clone()]).collect();
        if let Some((_, items)) = child.content {
            return self.read_items(folder, file, path, items, true);
        }
        let nested: PathBuf = parent.iter().collect();
        let candidates = [
            nested.join(&name).with_extension("rs"),
            nested.join(&name).join("mod.rs"),
        ];
        let found = candidates.into_iter().find(|file| folder.join(file).exists());
        let found = found.unwrap_or_else(|| panic!("no file for {}", path.join("::")));
        self.read_file(folder, &found, path);
    }

    /// Each module's path and file, and the modules that its code names, as written: re-exports are not followed.
    pub fn named_modules(&self) -> impl Iterator<Item = (&ModulePath, &Path, BTreeSet<ModulePath>)> {
        self.modules.iter().map(|(path, module)| {
            let written = module.imports.iter().map(|import| &import.path);
            let named = written.chain(&module.paths).filter_map(|written| {
                let mut absolute = self.absolute(path, written)?;
                while !self.modules.contains_key(&absolute) {
                    absolute.pop();
                }
                Some(absolute)
            });
            (path, module.file.as_path(), named.collect())
        })
    }

    /// For each file, the other files that define what its code uses.
    ///
    /// Re-exports are followed to the defining file. A `pub use` counts only if the code beside it uses the name.
    pub fn dependencies(&self) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
        let mut dependencies: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        for (path, module) in &self.modules {
            let used = dependencies.entry(module.file.clone()).or_default();
            let imports = module.imports.iter().filter(|import| {
                !import.re_export || module.paths.iter().any(|written| written.first() == Some(&import.name))
            });
            let written = imports
                .map(|import| &import.path)
                .chain(module.paths.iter().filter(|path| path.len() > 1));
            for written in written {
                let file = self
                    .absolute(path, written)
                    .and_then(|absolute| self.defining_file(&absolute, 0));
                used.extend(file.filter(|file| *file != module.file));
            }
        }
        dependencies
    }

    /// `written` in the module `at`, as a path from the crate's root; `None` if it leads out of the crate or to a local name.
    fn absolute(&self, at: &[String], written: &[String]) -> Option<Vec<String>> {
        let mut base = at.to_vec();
        let mut rest = written;
        match rest.first()?.as_str() {
            "crate" => {
                base.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while let Some(("super", after)) = rest.split_first().map(|(first, after)| (first.as_str(), after)) {
                    base.pop()?;
                    rest = after;
                }
            }
            first => {
                let child: Vec<String> = base.iter().cloned().chain([first.to_owned()]).collect();
                self.modules.get(&child)?;
            }
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// The file that defines what an absolute path names.
    fn defining_file(&self, path: &[String], depth: usize) -> Option<PathBuf> {
        // Glob re-exports of each other could lead round for ever.
        if depth > 16 {
            return None;
        }
        let known = (0..=path.len())
            .rev()
            .find(|end| self.modules.contains_key(&path[..*end]))?;
        let (at, rest) = path.split_at(known);
        let module = &self.modules[at];
        let Some((name, after)) = rest
            .split_first()
            .filter(|(name, _)| !["self", "*"].contains(&name.as_str()))
        else {
            return Some(module.file.clone());
        };
        if module.items.contains(name) {
            return Some(module.file.clone());
        }
        for import in &module.imports {
            let target = if import.name == *name {
                import.path.iter().chain(after).cloned().collect()
            } else if import.name == "*" {
                let path = import.path.iter().filter(|part| *part != "*");
                path.chain(rest).cloned().collect::<Vec<_>>()
            } else {
                continue;
            };
            let found = self
                .absolute(at, &target)
                .and_then(|target| self.defining_file(&target, depth + 1));
            if found.is_some() || import.name == *name {
                return found;
            }
        }
        // A macro, or the variant of an enum that the path names.
        (depth == 0).then(|| module.file.clone())
    }

    /// The number of files that were read.
    pub fn file_count(&self) -> usize {
        self.modules.values().filter(|module| !module.inline).count()
    }
}

impl Module {
    fn add_imports(&mut self, item: &ItemUse) {
        let re_export = !matches!(item.vis, Visibility::Inherited);
        let mut open = vec![(Vec::new(), &item.tree)];
        while let Some((mut prefix, tree)) = open.pop() {
            let (part, name) = match tree {
                UseTree::Path(path) => {
                    prefix.push(path.ident.to_string());
                    open.push((prefix, &path.tree));
                    continue;
                }
                UseTree::Group(group) => {
                    open.extend(group.items.iter().map(|tree| (prefix.clone(), tree)));
                    continue;
                }
                UseTree::Name(name) => (name.ident.to_string(), name.ident.to_string()),
                UseTree::Rename(renamed) => (renamed.ident.to_string(), renamed.rename.to_string()),
                UseTree::Glob(_) => ("*".to_owned(), "*".to_owned()),
            };
            let name = match (part.as_str(), prefix.last()) {
                ("self", Some(parent)) => parent.clone(),
                _ => name,
            };
            if part != "self" || prefix.is_empty() {
                prefix.push(part);
            }
            self.imports.push(Import {
                name,
                path: prefix,
                re_export,
            });
        }
    }
}

/// Adds the paths in `tokens`: names joined by `::`, a single name too.
fn read_paths(tokens: TokenStream, paths: &mut BTreeSet<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                colons += 1;
                continue;
            }
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    paths.insert(mem::take(&mut path));
                }
                path.push(ident.to_string());
            }
            TokenTree::Group(group) => {
                // `a::{b, c}` occurs only in `use` inside of a function, whose first names are enough.
                paths.insert(mem::take(&mut path));
                read_paths(group.stream(), paths);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                paths.insert(mem::take(&mut path));
            }
        }
        colons = 0;
    }
    paths.insert(path);
    paths.remove(&Vec::new());
}

fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.meta.to_token_stream().to_string().contains("(test)")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn defined_name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
