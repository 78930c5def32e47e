//! What is known of the values of expressions, and calls of macros.

use std::collections::BTreeMap;

use minijinja::machinery::Span;
use minijinja::machinery::ast::{Call, CallArg, Expr, Macro, Stmt};

use super::super::scope::{Binding, Scope};
use super::{Check, constant, variable_name};

/// The functions of the engine and of this program, which are no variables.
const FUNCTIONS: [&str; 9] = [
    "message",
    "message_link",
    "range",
    "dict",
    "namespace",
    "loop",
    "super",
    "caller",
    "self",
];
/// Filters whose result has the elements of their input.
const SAME_ELEMENTS: [&str; 10] = [
    "sort",
    "reverse",
    "list",
    "unique",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "safe",
    "default",
];
/// Filters whose result is one element of their input.
const ONE_ELEMENT: [&str; 4] = ["first", "last", "min", "max"];

impl<'a> Check<'a> {
    pub(super) fn expression(&mut self, expression: &'a Expr<'a>) {
        self.value(expression);
    }

    /// Checks an expression, and returns what is known of its value.
    pub(super) fn value(&mut self, expression: &'a Expr<'a>) -> Binding {
        match expression {
            Expr::Var(name) => self.variable(name.id, expression.span()),
            Expr::GetAttr(get) => {
                let of = self.value(&get.expr);
                self.part(of, &get.expr, get.name, expression.span())
            }
            Expr::GetItem(get) => {
                let of = self.value(&get.expr);
                self.expression(&get.subscript_expr);
                match constant(&get.subscript_expr) {
                    Some(name) => self.part(of, &get.expr, &name, expression.span()),
                    None => self.element(of),
                }
            }
            Expr::Slice(slice) => {
                for bound in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.expression(bound);
                }
                self.value(&slice.expr)
            }
            Expr::Filter(filter) => {
                let input = filter.expr.as_ref().map(|input| self.value(input));
                self.arguments(&filter.args);
                match input {
                    Some(input) if SAME_ELEMENTS.contains(&filter.name) => input,
                    Some(input) if ONE_ELEMENT.contains(&filter.name) => self.element(input),
                    _ => Binding::Computed,
                }
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                let value = self.value(&choice.true_expr);
                let other = choice.false_expr.as_ref().map(|other| self.value(other));
                if other.is_none_or(|other| other == value) {
                    value
                } else {
                    Binding::Computed
                }
            }
            Expr::Call(call) => self.call(call),
            Expr::Const(_) => Binding::Computed,
            Expr::UnaryOp(operation) => self.computed([&operation.expr]),
            Expr::BinOp(operation) => self.computed([&operation.left, &operation.right]),
            Expr::Compare(compared) => {
                self.expression(&compared.expr);
                self.computed(compared.ops.iter().map(|operation| &operation.expr))
            }
            Expr::Test(test) => {
                self.expression(&test.expr);
                self.arguments(&test.args);
                Binding::Computed
            }
            Expr::List(list) => self.computed(&list.items),
            Expr::Tuple(tuple) => self.computed(&tuple.items),
            Expr::Map(map) => self.computed(map.keys.iter().chain(&map.values)),
        }
    }

    fn computed(&mut self, parts: impl IntoIterator<Item = &'a Expr<'a>>) -> Binding {
        parts.into_iter().for_each(|part| self.expression(part));
        Binding::Computed
    }

    fn arguments(&mut self, arguments: &'a [CallArg<'a>]) {
        for argument in arguments {
            self.expression(argument_value(argument));
        }
    }

    fn variable(&mut self, name: &str, span: Span) -> Binding {
        if let Some(binding) = self.scope.find(name) {
            return binding.clone();
        }
        if self.variables.has(name) {
            return Binding::Variable(name.to_owned());
        }
        if !FUNCTIONS.contains(&name) {
            let reason = unknown_variable(name, self.variables.parts(""));
            self.fault(span, reason);
        }
        Binding::Computed
    }

    fn part(&mut self, of: Binding, written: &Expr<'_>, name: &str, span: Span) -> Binding {
        match of {
            Binding::Variable(path) => {
                let part = format!("{path}.{name}");
                if self.variables.has(&part) {
                    return Binding::Variable(part);
                }
                let reason = unknown_variable(&format!("{}.{name}", as_written(written)), self.variables.parts(&path));
                self.fault(span, reason);
                Binding::Computed
            }
            Binding::Module(file) => self.exported(&file, name),
            Binding::Macro { .. } | Binding::Computed => Binding::Computed,
        }
    }

    /// A macro of a file; a variable that the file sets can be anything.
    pub(super) fn exported(&self, file: &str, name: &str) -> Binding {
        self.top_level_macro(file, name)
            .map_or(Binding::Computed, |_| Binding::Macro {
                file: file.to_owned(),
                name: name.to_owned(),
            })
    }

    pub(super) fn top_level_macro(&self, file: &str, name: &str) -> Option<&'a Macro<'a>> {
        let Stmt::Template(template) = self.files.get(file)? else {
            return None;
        };
        template.children.iter().find_map(|statement| match statement {
            Stmt::Macro(declared) if declared.name == name => Some(&**declared),
            _ => None,
        })
    }

    /// The names that a macro of another file knows besides the variables and its parameters.
    fn names_of_module(&self, file: &str) -> BTreeMap<String, Binding> {
        let Some(Stmt::Template(template)) = self.files.get(file) else {
            return BTreeMap::new();
        };
        let mut names = BTreeMap::new();
        for statement in &template.children {
            match statement {
                Stmt::Macro(declared) => {
                    names.insert(declared.name.to_owned(), self.exported(file, declared.name));
                }
                Stmt::Set(set) => names.extend(computed_name(&set.target)),
                Stmt::SetBlock(set) => names.extend(computed_name(&set.target)),
                Stmt::Import(import) => names.extend(computed_name(&import.name)),
                Stmt::FromImport(import) => {
                    let imported = import.names.iter().map(|(name, alias)| alias.as_ref().unwrap_or(name));
                    names.extend(imported.filter_map(computed_name));
                }
                _ => {}
            }
        }
        names
    }

    pub(super) fn call(&mut self, call: &'a Call<'a>) -> Binding {
        // A method of a value is no variable.
        let called = match &call.expr {
            Expr::GetAttr(method) => match self.value(&method.expr) {
                Binding::Module(file) => self.exported(&file, method.name),
                _ => Binding::Computed,
            },
            other => self.value(other),
        };
        let mut positional = Vec::new();
        let mut named = BTreeMap::new();
        for argument in &call.args {
            let value = self.value(argument_value(argument));
            match argument {
                CallArg::Pos(_) => positional.push(value),
                CallArg::Kwarg(name, _) => {
                    named.insert((*name).to_owned(), value);
                }
                CallArg::PosSplat(_) | CallArg::KwargSplat(_) => {}
            }
        }
        if let Binding::Macro { file, name } = called
            && let Some(declared) = self.top_level_macro(&file, &name)
        {
            let parameters = declared.args.iter().filter_map(variable_name);
            named.extend(parameters.map(str::to_owned).zip(positional));
            let visible = if file == self.current {
                self.scope.names()
            } else {
                self.names_of_module(&file)
            };
            let scope = with_names(Scope::with(visible), &named);
            self.visit(&file, format!("{file}#{name}"), scope, |check| {
                check.macro_body(declared, &named);
            });
        }
        Binding::Computed
    }

    /// Walks a macro whose parameters have these values; others can have any.
    pub(super) fn macro_body(&mut self, declared: &'a Macro<'a>, values: &BTreeMap<String, Binding>) {
        declared.defaults.iter().for_each(|default| self.expression(default));
        self.scope.open();
        for parameter in declared.args.iter().filter_map(variable_name) {
            let value = values.get(parameter).cloned().unwrap_or(Binding::Computed);
            self.scope.bind(parameter, value);
        }
        self.scope.open();
        self.body(&declared.body);
        self.scope.close();
        self.scope.close();
    }
}

/// The scope with the arguments of a macro, so that each combination of them is walked.
fn with_names(mut scope: Scope, names: &BTreeMap<String, Binding>) -> Scope {
    scope.open();
    for (name, binding) in names {
        scope.bind(name, binding.clone());
    }
    scope
}

fn argument_value<'a>(argument: &'a CallArg<'a>) -> &'a Expr<'a> {
    match argument {
        CallArg::Pos(value) | CallArg::Kwarg(_, value) | CallArg::PosSplat(value) | CallArg::KwargSplat(value) => value,
    }
}

fn computed_name(target: &Expr<'_>) -> Option<(String, Binding)> {
    Some((variable_name(target)?.to_owned(), Binding::Computed))
}

/// A variable as the template names it, such as `story.picture`.
fn as_written(expression: &Expr<'_>) -> String {
    match expression {
        Expr::Var(name) => name.id.to_owned(),
        Expr::GetAttr(get) => format!("{}.{}", as_written(&get.expr), get.name),
        Expr::GetItem(get) => format!("{}[…]", as_written(&get.expr)),
        Expr::Slice(slice) => as_written(&slice.expr),
        Expr::Filter(filter) => filter.expr.as_ref().map_or_else(|| "…".to_owned(), as_written),
        _ => "…".to_owned(),
    }
}

/// What is wrong with a name that does not exist. `known` are those that do exist there.
fn unknown_variable<'a>(path: &str, known: impl Iterator<Item = &'a str>) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let near = known.max_by(|one, other| strsim::jaro_winkler(last, one).total_cmp(&strsim::jaro_winkler(last, other)));
    let hint = match near {
        Some(near) if strsim::jaro_winkler(last, near) > 0.7 => format!("; did you mean “{near}”?"),
        _ => "; docs/reference/templates.md lists all variables".to_owned(),
    };
    format!("there is no variable “{path}”{hint}")
}
