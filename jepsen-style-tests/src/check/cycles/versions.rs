//! Transactions that append to lists and read them, and the order of each list's elements: a list
//! that is only ever appended to shows its own history, so the longest read of a key is the order
//! in which its elements came.

use crate::check::operations::{Operation, Outcome};
use crate::check::verdict::Example;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One step of a transaction. Keys and elements are numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Append { key: u32, element: u32 },
    Read { key: u32, list: Vec<u32> },
}

/// A transaction that took effect, or may have.
#[derive(Debug)]
pub(super) struct Transaction<'a> {
    pub(super) operation: &'a Operation<'a>,
    pub(super) steps: Vec<Step>,
}

/// Keys and elements by their number.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Names {
    fn number(&mut self, value: &Value) -> u32 {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => value.to_string(),
        };
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("a history has fewer names");
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    pub(super) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    pub(super) fn list(&self, list: &[u32]) -> String {
        // The end is what matters.
        let shown = list.iter().rev().take(8).rev().map(|element| self.text(*element));
        let shown = shown.collect::<Vec<_>>().join(" ");
        let more = if list.len() > 8 { "... " } else { "" };
        format!("[{more}{shown}]")
    }
}

/// Everything that is known of the lists.
#[derive(Debug)]
pub(super) struct Versions<'a> {
    pub(super) names: Names,
    /// Those that took effect: with a yes, or seen by somebody.
    pub(super) transactions: Vec<Transaction<'a>>,
    /// By key: its elements in their order.
    pub(super) orders: BTreeMap<u32, Vec<u32>>,
    /// By key and element: who appended it.
    pub(super) writers: HashMap<(u32, u32), usize>,
    /// Appended by one that took effect, and never seen: key and element.
    pub(super) unseen: Vec<(u32, u32)>,
    /// What is wrong already.
    pub(super) wrong: Vec<Example>,
}

impl<'a> Versions<'a> {
    /// # Errors
    /// A transaction cannot be read.
    pub(super) fn of(operations: &'a [Operation<'a>]) -> Result<Self, Example> {
        let mut names = Names::default();
        let mut all = Vec::new();
        for operation in operations.iter().filter(|one| one.f() == "txn") {
            let value = operation.answer().unwrap_or(&operation.asked.value);
            let steps = steps(value, operation.is_ok(), &mut names);
            let steps = steps.map_err(|why| Example::at(why, operation.lines()))?;
            all.push(Transaction { operation, steps });
        }
        let mut wrong = Vec::new();
        let orders = orders(&all, &names, &mut wrong);
        let seen: BTreeSet<(u32, u32)> =
            orders.iter().flat_map(|(key, list)| list.iter().map(|one| (*key, *one))).collect();
        aborted(&all, &seen, &names, &mut wrong);
        let took_effect = |one: &Transaction<'_>| match one.operation.outcome {
            Outcome::Ok => true,
            Outcome::Rejected => false,
            Outcome::Unknown => one.appends().any(|append| seen.contains(&append)),
        };
        let transactions: Vec<_> = all.into_iter().filter(took_effect).collect();
        let writers = writers(&transactions, &names, &mut wrong);
        for (key, element) in seen.iter().filter(|append| !writers.contains_key(append)) {
            let (key, element) = (names.text(*key), names.text(*element));
            // A rejected one has been told of already.
            if !wrong.iter().any(|one| one.what.starts_with(&aborted_words(key, element))) {
                let what = format!("from nowhere: nobody appended {element} to {key}");
                wrong.push(Example::new(what));
            }
        }
        let unseen = writers.keys().filter(|append| !seen.contains(append));
        let mut unseen: Vec<_> = unseen.copied().collect();
        unseen.sort_unstable();
        let mut versions = Self { names, transactions, orders, writers, unseen, wrong };
        versions.inside();
        versions.intermediate();
        versions.torn();
        versions.lost();
        Ok(versions)
    }

    /// What a transaction reads follows from what it did before.
    fn inside(&mut self) {
        for one in self.transactions.iter().filter(|one| one.operation.is_ok()) {
            // By key: the list before this transaction if it is known, and what it appended since.
            let mut known: BTreeMap<u32, (Option<Vec<u32>>, Vec<u32>)> = BTreeMap::new();
            for step in &one.steps {
                match step {
                    Step::Append { key, element } => {
                        known.entry(*key).or_default().1.push(*element)
                    }
                    Step::Read { key, list } => {
                        let (before, own) = known.entry(*key).or_default();
                        let good = match before {
                            Some(before) => {
                                list.len() == before.len() + own.len()
                                    && list.starts_with(before)
                                    && list.ends_with(own)
                            }
                            None => list.ends_with(own),
                        };
                        if good {
                            before.get_or_insert_with(|| list[..list.len() - own.len()].to_vec());
                        } else {
                            let (text, list) = (self.names.text(*key), self.names.list(list));
                            let what = format!(
                                "internal: {} read {text} as {list}, which does not follow from \
                                 its own steps",
                                one.who()
                            );
                            self.wrong.push(Example::at(what, one.operation.lines()));
                        }
                    }
                }
            }
        }
    }

    /// Nobody sees a transaction half done.
    fn intermediate(&mut self) {
        let mut wrong = Vec::new();
        for (number, one) in self.transactions.iter().enumerate() {
            for (key, list) in one.reads() {
                let Some(last) = list.last() else { continue };
                let Some(writer) = self.writers.get(&(key, *last)) else { continue };
                let writer_is_other = *writer != number;
                let writer = &self.transactions[*writer];
                let finally = writer.appends().filter(|(of, _)| *of == key).last();
                if writer_is_other && finally.is_some_and(|(_, finally)| finally != *last) {
                    let what = format!(
                        "G1b, intermediate read: {} read {} as {}, in the middle of {}",
                        one.who(),
                        self.names.text(key),
                        self.names.list(list),
                        writer.told(&self.names)
                    );
                    let lines = one.operation.lines().chain(writer.operation.lines());
                    wrong.push(Example::at(what, lines));
                }
            }
        }
        self.wrong.extend(wrong);
    }

    /// What one transaction appended to a list stands there together.
    fn torn(&mut self) {
        let mut wrong = Vec::new();
        for (key, order) in &self.orders {
            for pair in order.windows(2) {
                let Some(writer) = self.writers.get(&(*key, pair[0])) else { continue };
                let writer = &self.transactions[*writer];
                let own = writer.appends().filter(|(of, _)| of == key).map(|(_, element)| element);
                let next = own.skip_while(|element| *element != pair[0]).nth(1);
                if next.is_some_and(|next| next != pair[1]) {
                    let what = format!(
                        "G1b, torn append: {} stands behind {} in {}, in the middle of {}",
                        self.names.text(pair[1]),
                        self.names.text(pair[0]),
                        self.names.text(*key),
                        writer.told(&self.names)
                    );
                    wrong.push(Example::at(what, writer.operation.lines()));
                }
            }
        }
        self.wrong.extend(wrong);
    }

    /// What was appended with a yes is in every list that somebody asked for later.
    fn lost(&mut self) {
        let mut lasts: HashMap<u32, &Transaction<'_>> = HashMap::new();
        for one in self.transactions.iter().filter(|one| one.operation.is_ok()) {
            for (key, _) in one.reads() {
                let last = lasts.entry(key).or_insert(one);
                if last.operation.call < one.operation.call {
                    *last = one;
                }
            }
        }
        let mut wrong = Vec::new();
        for (key, element) in &self.unseen {
            let writer = &self.transactions[self.writers[&(*key, *element)]];
            let Some(reader) = lasts.get(key) else { continue };
            if writer.operation.done < reader.operation.call {
                let what = format!(
                    "lost append: {} had its yes, and {} came later and did not see {} in {}",
                    writer.told(&self.names),
                    reader.who(),
                    self.names.text(*element),
                    self.names.text(*key)
                );
                let lines = writer.operation.lines().chain(reader.operation.lines());
                wrong.push(Example::at(what, lines));
            }
        }
        self.wrong.extend(wrong);
    }
}

impl Transaction<'_> {
    pub(super) fn appends(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.steps.iter().filter_map(|step| match step {
            Step::Append { key, element } => Some((*key, *element)),
            Step::Read { .. } => None,
        })
    }

    /// What it read of lists before it changed them itself, the first time.
    pub(super) fn reads(&self) -> impl Iterator<Item = (u32, &[u32])> + '_ {
        let ok = self.operation.is_ok();
        self.steps.iter().enumerate().filter_map(move |(place, step)| match step {
            Step::Read { key, list } if ok => {
                let known = self.steps[..place].iter().any(|before| match before {
                    Step::Append { key: other, .. } | Step::Read { key: other, .. } => other == key,
                });
                (!known).then_some((*key, list.as_slice()))
            }
            Step::Read { .. } | Step::Append { .. } => None,
        })
    }

    pub(super) fn who(&self) -> String {
        let asked = self.operation.asked;
        let seconds = std::time::Duration::from_nanos(asked.t).as_secs_f64();
        let node = asked.node.map(|node| format!(" at node {node}")).unwrap_or_default();
        format!("process {}{node} ({seconds:.3} s)", asked.p)
    }

    pub(super) fn told(&self, names: &Names) -> String {
        let ok = self.operation.is_ok();
        let steps = self.steps.iter().map(|step| match step {
            Step::Append { key, element } => {
                format!("append {} to {}", names.text(*element), names.text(*key))
            }
            Step::Read { key, list } if ok => {
                format!("read {} as {}", names.text(*key), names.list(list))
            }
            Step::Read { key, .. } => format!("read {}", names.text(*key)),
        });
        format!("{}: {}", self.who(), steps.collect::<Vec<_>>().join(", "))
    }
}

fn steps(value: &Value, ok: bool, names: &mut Names) -> Result<Vec<Step>, &'static str> {
    let step = |step: &Value| {
        let parts = step.as_array().map(Vec::as_slice);
        let Some([verb, key, content]) = parts else { return Err("a step has three parts") };
        let key = names.number(key);
        match (verb.as_str(), content) {
            (Some("append"), element) => Ok(Step::Append { key, element: names.number(element) }),
            (Some("r"), Value::Array(list)) => {
                let list = list.iter().map(|element| names.number(element)).collect();
                Ok(Step::Read { key, list })
            }
            (Some("r"), Value::Null) if !ok => Ok(Step::Read { key, list: Vec::new() }),
            (Some("r"), _) => Err("a read that had its yes has a list"),
            (Some(_) | None, _) => Err("a step is append or r"),
        }
    };
    let all = value.as_array().ok_or("a transaction is a list of steps")?;
    all.iter().map(step).collect()
}

/// By key: the longest list that anybody read. Every other one must be its beginning.
fn orders(
    all: &[Transaction<'_>],
    names: &Names,
    wrong: &mut Vec<Example>,
) -> BTreeMap<u32, Vec<u32>> {
    let mut longest: BTreeMap<u32, (&[u32], &Transaction<'_>)> = BTreeMap::new();
    let lists = || {
        all.iter().filter(|one| one.operation.is_ok()).flat_map(|one| {
            one.steps.iter().filter_map(move |step| match step {
                Step::Read { key, list } => Some((*key, list.as_slice(), one)),
                Step::Append { .. } => None,
            })
        })
    };
    for (key, list, one) in lists() {
        let entry = longest.entry(key).or_insert((list, one));
        if list.len() > entry.0.len() {
            *entry = (list, one);
        }
    }
    for (key, list, one) in lists() {
        let (order, other) = longest[&key];
        if !order.starts_with(list) {
            let what = format!(
                "incompatible order of {}: {} read {}, {} read {}",
                names.text(key),
                one.who(),
                names.list(list),
                other.who(),
                names.list(order)
            );
            wrong.push(Example::at(what, one.operation.lines().chain(other.operation.lines())));
        }
    }
    for (key, (list, one)) in &longest {
        let mut seen = BTreeSet::new();
        if let Some(twice) = list.iter().find(|element| !seen.insert(**element)) {
            let what = format!(
                "duplicate: {} stands twice in {}, read by {}",
                names.text(*twice),
                names.text(*key),
                one.who()
            );
            wrong.push(Example::at(what, one.operation.lines()));
        }
    }
    longest.into_iter().map(|(key, (list, _))| (key, list.to_vec())).collect()
}

fn aborted_words(key: &str, element: &str) -> String {
    format!("G1a, aborted read: {element} in {key} ")
}

/// What was refused is never seen.
fn aborted(
    all: &[Transaction<'_>],
    seen: &BTreeSet<(u32, u32)>,
    names: &Names,
    wrong: &mut Vec<Example>,
) {
    for one in all.iter().filter(|one| one.operation.outcome == Outcome::Rejected) {
        for (key, element) in one.appends().filter(|append| seen.contains(append)) {
            let words = aborted_words(names.text(key), names.text(element));
            let what = format!("{words}was seen, and {} was refused", one.told(names));
            wrong.push(Example::at(what, one.operation.lines()));
        }
    }
}

fn writers(
    transactions: &[Transaction<'_>],
    names: &Names,
    wrong: &mut Vec<Example>,
) -> HashMap<(u32, u32), usize> {
    let mut writers = HashMap::new();
    for (number, one) in transactions.iter().enumerate() {
        for (key, element) in one.appends() {
            if let Some(other) = writers.insert((key, element), number) {
                let what = format!(
                    "{} was appended to {} by {} and by {}: elements must be unique",
                    names.text(element),
                    names.text(key),
                    transactions[other].who(),
                    one.who()
                );
                wrong.push(Example::at(what, one.operation.lines()));
            }
        }
    }
    writers
}
