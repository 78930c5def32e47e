//! Finds names that do not exist, in every file and every branch, also where no sample data leads to.
//!
//! It walks the syntax tree with the documented variables of a template, and follows its includes, imports and macros. A name that the
//! template computes itself can be anything, so nothing is said about its parts.

mod expressions;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::{Span, parse};

use super::fault::TemplateFault;
use super::names::NAMES;
use super::scope::{Binding, Scope};
use super::variables::Variables;

/// How deep files and macros are followed. The engine does not go deeper either.
const MAX_DEPTH: usize = 60;

/// The faults of all files, given by their names and contents.
pub(super) fn faults(files: &BTreeMap<&str, &str>) -> Vec<TemplateFault> {
    // Every file was parsed when it was read, so none fails here.
    let parsed = files.iter().filter_map(|(name, content)| {
        Some((
            *name,
            parse(content, name, minijinja::syntax::SyntaxConfig::default()).ok()?,
        ))
    });
    let files: BTreeMap<&str, Stmt<'_>> = parsed.collect();
    let mut reached = BTreeSet::new();
    let mut faults = Vec::new();
    for name in NAMES.into_iter().filter(|name| files.contains_key(name)) {
        let mut check = Check::new(&files, Variables::of(name));
        check.file(name, Scope::default());
        reached.extend(check.visited.into_iter().map(|(file, _)| file));
        faults.extend(check.faults);
    }
    // Files that nothing includes, or that are included by a computed name.
    for name in files.keys().filter(|name| !reached.contains(**name)) {
        let mut check = Check::new(&files, Variables::of_any());
        check.file(name, Scope::default());
        faults.extend(check.faults);
    }
    // Several templates can include one file.
    let mut distinct: Vec<TemplateFault> = Vec::new();
    for fault in faults {
        if !distinct.contains(&fault) {
            distinct.push(fault);
        }
    }
    distinct
}

/// A file, or a macro of one as `file#name`, with the names that are known where it begins.
type Visit = (String, BTreeMap<String, Binding>);

struct Check<'a> {
    files: &'a BTreeMap<&'a str, Stmt<'a>>,
    variables: Variables,
    faults: Vec<TemplateFault>,
    /// Each visit is made once, so that files that include each other come to an end.
    visited: BTreeSet<Visit>,
    depth: usize,
    /// The file that is walked.
    current: String,
    scope: Scope,
}

impl<'a> Check<'a> {
    fn new(files: &'a BTreeMap<&'a str, Stmt<'a>>, variables: Variables) -> Self {
        Self {
            files,
            variables,
            faults: Vec::new(),
            visited: BTreeSet::new(),
            depth: 0,
            current: String::new(),
            scope: Scope::default(),
        }
    }

    /// Walks `inside` as a part of `file`, in a scope of its own.
    fn visit(&mut self, file: &str, key: String, scope: Scope, inside: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH || !self.visited.insert((key, scope.names())) {
            return;
        }
        let outer_file = std::mem::replace(&mut self.current, file.to_owned());
        let outer_scope = std::mem::replace(&mut self.scope, scope);
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.current = outer_file;
        self.scope = outer_scope;
    }

    fn file(&mut self, name: &str, scope: Scope) {
        let Some(Stmt::Template(template)) = self.files.get(name) else {
            return;
        };
        self.visit(name, name.to_owned(), scope, |check| check.body(&template.children));
    }

    fn body(&mut self, body: &'a [Stmt<'a>]) {
        // A macro can be called above the place where it is written if another macro calls it.
        for statement in body {
            if let Stmt::Macro(declared) = statement
                && self.top_level_macro(&self.current, declared.name).is_some()
            {
                let file = self.current.clone();
                let name = declared.name.to_owned();
                self.scope.bind(declared.name, Binding::Macro { file, name });
            }
        }
        for statement in body {
            self.statement(statement);
        }
    }

    fn block(&mut self, body: &'a [Stmt<'a>]) {
        self.scope.open();
        self.body(body);
        self.scope.close();
    }

    fn statement(&mut self, statement: &'a Stmt<'a>) {
        match statement {
            Stmt::Template(template) => self.body(&template.children),
            Stmt::EmitRaw(_) => {}
            Stmt::EmitExpr(emitted) => self.expression(&emitted.expr),
            Stmt::ForLoop(repeated) => {
                let list = self.value(&repeated.iter);
                self.scope.open();
                self.scope.bind("loop", Binding::Computed);
                // A loop that calls itself also gets other lists.
                let element = if repeated.recursive {
                    Binding::Computed
                } else {
                    self.element(list)
                };
                self.assign(&repeated.target, element);
                repeated.filter_expr.iter().for_each(|filter| self.expression(filter));
                self.body(&repeated.body);
                self.scope.close();
                self.block(&repeated.else_body);
            }
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr);
                // What a branch sets is known after it.
                self.body(&condition.true_body);
                self.body(&condition.false_body);
            }
            Stmt::WithBlock(with) => {
                self.scope.open();
                for (target, value) in &with.assignments {
                    let value = self.value(value);
                    self.assign(target, value);
                }
                self.body(&with.body);
                self.scope.close();
            }
            Stmt::Set(set) => {
                let value = self.value(&set.expr);
                self.assign(&set.target, value);
            }
            Stmt::SetBlock(set) => {
                set.filter.iter().for_each(|filter| self.expression(filter));
                self.block(&set.body);
                self.assign(&set.target, Binding::Computed);
            }
            Stmt::AutoEscape(escape) => {
                self.expression(&escape.enabled);
                self.body(&escape.body);
            }
            Stmt::FilterBlock(filtered) => {
                self.expression(&filtered.filter);
                self.body(&filtered.body);
            }
            Stmt::Block(block) => self.block(&block.body),
            Stmt::Extends(extends) => self.other_files(&extends.name, false),
            Stmt::Include(include) => self.other_files(&include.name, include.ignore_missing),
            Stmt::Import(import) => {
                self.other_files(&import.expr, false);
                let module = constant(&import.expr).map_or(Binding::Computed, Binding::Module);
                self.assign(&import.name, module);
            }
            Stmt::FromImport(import) => {
                self.other_files(&import.expr, false);
                for (name, alias) in &import.names {
                    let file = constant(&import.expr);
                    let imported = file
                        .zip(variable_name(name))
                        .map_or(Binding::Computed, |(file, name)| self.exported(&file, name));
                    self.assign(alias.as_ref().unwrap_or(name), imported);
                }
            }
            Stmt::Macro(declared) => {
                if self.scope.find(declared.name).is_none() {
                    self.scope.bind(declared.name, Binding::Computed);
                }
                // Also a macro that nothing calls.
                self.macro_body(declared, &BTreeMap::new());
            }
            Stmt::CallBlock(call) => {
                self.call(&call.call);
                self.macro_body(&call.macro_decl, &BTreeMap::new());
            }
            Stmt::Do(call) => {
                self.call(&call.call);
            }
        }
    }

    /// Walks the files that a statement names. A computed name can be any file.
    fn other_files(&mut self, names: &'a Expr<'a>, may_be_missing: bool) {
        let (names, span) = match names {
            Expr::List(list) => (list.items.iter().collect(), list.span()),
            one => (vec![one], one.span()),
        };
        let found: Vec<String> = names.iter().filter_map(|name| constant(name)).collect();
        let (known, missing): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|name| self.files.contains_key(name.as_str()));
        if known.is_empty()
            && !may_be_missing
            && let Some(missing) = missing.first()
        {
            self.fault(
                span,
                format!("it needs “{missing}”, and there is no such file in the folder"),
            );
        }
        for name in names.into_iter().filter(|name| constant(name).is_none()) {
            self.expression(name);
        }
        for name in known {
            let scope = Scope::with(self.scope.names());
            self.file(&name, scope);
        }
    }

    fn assign(&mut self, target: &'a Expr<'a>, value: Binding) {
        match target {
            Expr::Var(name) => self.scope.bind(name.id, value),
            Expr::List(list) => list.items.iter().for_each(|item| self.assign(item, Binding::Computed)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.assign(item, Binding::Computed)),
            other => self.expression(other),
        }
    }

    fn element(&self, list: Binding) -> Binding {
        match list {
            Binding::Variable(path) => self
                .variables
                .element(&path)
                .map_or(Binding::Computed, Binding::Variable),
            _ => Binding::Computed,
        }
    }

    fn fault(&mut self, span: Span, reason: String) {
        let fault = TemplateFault::new(&self.current, reason).at(Some(span.start_line.into()));
        self.faults.push(fault);
    }
}

fn constant(expression: &Expr<'_>) -> Option<String> {
    expression.as_const()?.as_str().map(str::to_owned)
}

fn variable_name<'a>(expression: &Expr<'a>) -> Option<&'a str> {
    match expression {
        Expr::Var(name) => Some(name.id),
        _ => None,
    }
}
