//! What the variables of a file hold: the one place that fills `ARG` and `ENV` in, for facts and for the policy.
//!
//! Facts say what an image will most likely be ([`Doubt::Likely`]); the policy has to know what it may be at worst
//! ([`Doubt::Anything`]). Both ask the same evaluator.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::Dockerfile;
use super::instruction::{Arg, Kind, Pair};
use super::lex::{Lex, Variables};
use super::platform;

/// The `PATH` that BuildKit gives a stage that has none.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How many stages may be built on each other in a row.
const MAX_CHAIN: usize = 100;
/// How many bytes are expanded in all, those that `ONBUILD` repeats included.
const MAX_BYTES: usize = 32 << 20;
/// Stands for a text that may be anything.
pub(super) const ANYTHING: &str = "$";

/// What is certain of a build.
#[derive(Debug, Clone, Copy)]
pub struct Certain<'a> {
    /// The build arguments.
    pub args: &'a BTreeMap<String, String>,
    /// It is for this machine's own platform.
    pub platform: bool,
    /// What `FROM` names is not replaced by a folder of that name.
    pub stages: bool,
    /// An `ARG` wins over what the base image sets. Older frontends did it the other way round.
    pub arguments: bool,
}

/// How an evaluator takes what is only known once the image is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt<'a> {
    /// As it most likely is, for a target of this name: a variable that only the base image may set is empty, and named.
    Likely(&'a str),
    /// As anything: it stays as written, and a variable that is made of it may hold anything, too.
    Anything,
}

/// What a variable holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// This text: a build argument, a default, what `ENV` says, a platform.
    Known(String),
    /// Nothing: an `ARG` declares it without a value.
    Unset,
    /// Any text: it is known only once the image is built.
    Unknown,
}

/// The variables that instructions see.
#[derive(Debug, Default)]
pub(super) struct Scope {
    own: HashMap<String, Value>,
    base: Option<Rc<Scope>>,
    depth: usize,
    /// The base image may set what is not named here.
    is_open: bool,
}

impl Scope {
    /// Of a stage that is built from another one of the file, if there are not too many of these already.
    pub fn upon(base: &Rc<Self>) -> Option<Self> {
        let scope = |depth| Self { base: Some(Rc::clone(base)), depth, is_open: base.is_open, ..Self::default() };
        (base.depth < MAX_CHAIN).then(|| scope(base.depth + 1))
    }

    /// Of which nothing is known.
    pub fn open() -> Self {
        Self { is_open: true, ..Self::default() }
    }

    fn find(&self, name: &str) -> Option<&Value> {
        self.own.get(name).or_else(|| self.base.as_ref()?.find(name))
    }

    /// Whether a variable without a text may have one in the end.
    fn may_be_set(&self, name: &str) -> bool {
        self.find(name).map_or(self.is_open, |value| *value == Value::Unknown)
    }

    fn set(&mut self, name: &str, value: Value) {
        self.own.insert(name.to_owned(), value);
    }
}

impl Variables for Scope {
    fn get(&self, name: &str) -> Option<&str> {
        match self.find(name)? {
            Value::Known(text) => Some(text),
            Value::Unset | Value::Unknown => None,
        }
    }
}

/// A text with its variables filled in.
#[derive(Debug, Clone, Default)]
pub(super) struct Filled {
    /// As one word.
    pub text: String,
    /// Split at the blanks outside quotes, those that variables bring along included.
    pub words: Vec<String>,
    /// The variables in it that may hold anything.
    pub unknown: Vec<String>,
}

/// Fills variables in. Where nothing is certain it never fails: what BuildKit refuses stays as written.
pub(super) struct Evaluator<'a> {
    certain: Certain<'a>,
    doubt: Doubt<'a>,
    lex: Lex,
    /// Leaves variables that are not set as they are.
    kept: Lex,
    bytes: Cell<usize>,
    /// What `FROM` sees.
    pub globals: Scope,
    /// What BuildKit refuses before the first `FROM`: instructions and messages.
    pub faults: Vec<(usize, String)>,
}

impl<'a> Evaluator<'a> {
    /// Evaluates the platform's variables, and each `ARG` before the first `FROM`.
    pub fn new(file: &Dockerfile, certain: Certain<'a>, doubt: Doubt<'a>) -> Self {
        let (lex, kept) = (Lex::new(file.escape), Lex { keep_unset: true, ..Lex::new(file.escape) });
        let globals = predefined(certain, doubt);
        let mut evaluator = Self { certain, doubt, lex, kept, bytes: Cell::new(0), globals, faults: Vec::new() };
        let before = file.instructions.iter().take_while(|instruction| instruction.stage.is_none());
        for (index, instruction) in before.enumerate() {
            let Kind::Arg(args) = &instruction.kind else { continue };
            for arg in args {
                match evaluator.given(arg, &evaluator.globals) {
                    Ok(Some(value)) => evaluator.globals.set(&arg.name, value),
                    Ok(None) => {}
                    Err(message) => evaluator.faults.push((index, message)),
                }
            }
        }
        evaluator
    }

    /// What the first instruction of a stage sees that is built from an image, or from nothing.
    pub fn begin(&self, has_image: bool) -> Scope {
        let mut scope = Scope { is_open: has_image, ..Scope::default() };
        // BuildKit gives it to what is built from nothing; an image may have another one.
        if !has_image || self.doubt != Doubt::Anything {
            scope.set("PATH", Value::Known(PATH.to_owned()));
        }
        scope
    }

    /// Fills variables in; the error is what BuildKit says. What may be anything is empty, or stays as written.
    pub fn fill(&self, text: &str, scope: &Scope) -> Result<Filled, String> {
        if self.doubt == Doubt::Anything { Ok(self.fill_certain(text, scope)) } else { self.expand(text, scope) }
    }

    fn expand(&self, text: &str, scope: &Scope) -> Result<Filled, String> {
        let expansion = self.lex.expand(text, scope)?;
        let unknown = expansion.unset.into_iter().filter(|name| scope.may_be_set(name)).collect();
        Ok(Filled { text: expansion.text, words: expansion.words, unknown })
    }

    /// Fills in what is certain; the rest stays as written, and so does what BuildKit refuses.
    pub fn fill_certain(&self, text: &str, scope: &Scope) -> Filled {
        let uncertain = |text: &str| {
            let (text, unknown) = (text.to_owned(), vec![text.to_owned()]);
            Filled { text, unknown, ..Filled::default() }
        };
        self.spend(text.len());
        if self.is_over() {
            return uncertain(ANYTHING);
        }
        match self.expand(text, scope) {
            Ok(filled) if filled.unknown.is_empty() => filled,
            Ok(filled) => match self.kept.expand(text, scope) {
                Ok(kept) => Filled { text: kept.text, ..filled },
                Err(_) => uncertain(ANYTHING),
            },
            // BuildKit stops here as well: a quote is not closed, or a variable is written wrong.
            Err(_) if self.lex.budget.get() > 0 => uncertain(text),
            Err(_) => uncertain(ANYTHING),
        }
    }

    /// Accounts for work on so many bytes.
    pub fn spend(&self, bytes: usize) {
        self.bytes.set(self.bytes.get().saturating_add(bytes));
    }

    /// Whether there is more than is gone through.
    pub fn is_over(&self) -> bool {
        self.bytes.get() > MAX_BYTES
    }

    /// What a variable holds that is set to this text.
    fn value(&self, filled: Filled) -> Value {
        let is_known = filled.unknown.is_empty() || self.doubt != Doubt::Anything;
        if is_known { Value::Known(filled.text) } else { Value::Unknown }
    }

    /// A build argument, else the default.
    fn given(&self, arg: &Arg, scope: &Scope) -> Result<Option<Value>, String> {
        match (self.certain.args.get(&arg.name), &arg.default) {
            (Some(text), _) => Ok(Some(Value::Known(text.clone()))),
            (None, Some(default)) => self.fill(default, scope).map(|filled| Some(self.value(filled))),
            (None, None) => Ok(None),
        }
    }

    /// Carries out an `ARG` of a stage: a build argument, else its default, else the `ARG` of that name before the first
    /// `FROM`. The error is what BuildKit says.
    pub fn arg(&self, arg: &Arg, scope: &mut Scope) -> Result<(), String> {
        let given = self.given(arg, scope);
        let value = match &given {
            Ok(None) => self.globals.find(&arg.name).cloned(),
            Ok(Some(value)) => Some(value.clone()),
            Err(_) => None,
        };
        match (value, self.doubt) {
            (Some(value), Doubt::Likely(_)) => scope.set(&arg.name, value),
            (Some(value), Doubt::Anything) => {
                // Which one wins is not the same in all versions.
                let is_disputed = scope.find(&arg.name).is_some_and(|before| *before != value);
                let is_certain = self.certain.arguments && !is_disputed;
                scope.set(&arg.name, if is_certain { value } else { Value::Unknown });
            }
            (None, Doubt::Likely(_)) if scope.find(&arg.name).is_none() => scope.set(&arg.name, Value::Unset),
            (None, _) => {}
        }
        given.map(drop)
    }

    /// Carries out an `ENV`: all of its pairs see what was set before it. Gives each name and value, or what BuildKit says.
    pub fn env(&self, pairs: &[Pair], scope: &mut Scope) -> Vec<Result<(Filled, Filled), String>> {
        let fill = |pair: &Pair| Ok((self.fill(&pair.name, scope)?, self.fill(&pair.value, scope)?));
        let filled: Vec<Result<(Filled, Filled), String>> = pairs.iter().map(fill).collect();
        for (name, value) in filled.iter().flatten() {
            let value = self.value(value.clone());
            match self.value(name.clone()) {
                Value::Known(name) => scope.set(&name, value),
                // It may be any variable that is set.
                Value::Unset | Value::Unknown => *scope = Scope::open(),
            }
        }
        filled
    }
}

/// What is set without any `ARG`: visible in `FROM`, and in a stage once it declares it.
fn predefined(certain: Certain<'_>, doubt: Doubt<'_>) -> Scope {
    let mut globals = Scope::default();
    let given = |name: &str| certain.args.get(name).cloned();
    for (name, value) in platform::variables() {
        let value = given(name).or_else(|| certain.platform.then_some(value));
        globals.set(name, value.map_or(Value::Unknown, Value::Known));
    }
    let target = match doubt {
        Doubt::Likely(target) => Value::Known(given("TARGETSTAGE").unwrap_or_else(|| target.to_owned())),
        Doubt::Anything => Value::Unknown, // the policy judges a file for all of its targets
    };
    globals.set("TARGETSTAGE", target);
    globals
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// A text at the end of a file's first stage: as it most likely is, with what the base image may set, and as it is for
    /// certain.
    fn filled(file: &str, text: &str) -> (String, Vec<String>, String) {
        let file = parse(file.as_bytes());
        let args = BTreeMap::from([("GIVEN".to_owned(), "given".to_owned())]);
        let certain = Certain { args: &args, platform: true, stages: true, arguments: true };
        let [likely, anything] = [Doubt::Likely("default"), Doubt::Anything].map(|doubt| {
            let evaluator = Evaluator::new(&file, certain, doubt);
            let mut scope = evaluator.begin(file.stages[0].base != "scratch");
            for instruction in &file.instructions[file.stages[0].instructions.clone()] {
                match &instruction.kind {
                    Kind::Arg(args) => args.iter().for_each(|arg| evaluator.arg(arg, &mut scope).unwrap()),
                    Kind::Env(pairs) => drop(evaluator.env(pairs, &mut scope)),
                    _ => {}
                }
            }
            evaluator.fill(text, &scope).unwrap()
        });
        (likely.text, likely.unknown, anything.text)
    }

    #[test]
    fn what_only_a_build_knows_is_likely_empty_and_may_be_anything() {
        for (file, text, likely, unknown, certain) in [
            ("ARG A=a\nFROM x\nARG A\n", "$A/b", "a/b", "", "a/b"),
            ("FROM x\nARG GIVEN=a\n", "$GIVEN", "given", "", "given"),
            ("FROM x\nARG A=a\nENV B=$A C=$B\n", "$B$C", "a", "", "a$C"),
            ("FROM x\n", "${A:-b}", "b", "A", "${A:-b}"),
            ("FROM scratch\n", "${A:-b}", "b", "", "b"),
            ("FROM x\nENV A=$B\n", "$A", "", "", "$A"),
            ("FROM x\nARG A\n", "$A", "", "", "$A"),
            ("FROM x\nARG TARGETSTAGE\n", "$TARGETSTAGE", "default", "", "$TARGETSTAGE"),
            // Which one wins is not the same in all versions.
            ("FROM x\nENV A=a\nARG A=b\n", "$A", "b", "", "$A"),
            // It may be the name of any variable.
            ("FROM x\nENV A=a\nENV $B=b\n", "$A", "a", "", "$A"),
        ] {
            let found = filled(file, text);
            assert_eq!(
                (found.0.as_str(), found.1.join(" ").as_str(), found.2.as_str()),
                (likely, unknown, certain),
                "{file}"
            );
        }
    }

    #[test]
    fn what_is_refused_stays_as_written_where_nothing_is_certain() {
        let file = parse(b"FROM x\n");
        let certain = Certain { args: &BTreeMap::new(), platform: true, stages: true, arguments: true };
        let scope = Scope::open();
        assert!(Evaluator::new(&file, certain, Doubt::Likely("")).fill("'a", &scope).is_err());
        let filled = Evaluator::new(&file, certain, Doubt::Anything).fill_certain("'a", &scope);
        assert!(filled.text == "'a" && !filled.unknown.is_empty(), "{filled:?}");
    }
}
