//! What must have come before what: a graph whose nodes are transactions, and its cycles.

use super::versions::Versions;
use crate::check::operations::Outcome;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Why one transaction came before another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// The other one appended behind it.
    Ww,
    /// The other one read what it appended.
    Wr,
    /// It did not see what the other one appended.
    Rw,
    /// The same client did one after the other.
    Process,
    /// It had its answer before the other one was asked.
    RealTime,
}

/// Several reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reasons(u8);

impl Reasons {
    pub(super) const fn of(all: &[Why]) -> Self {
        let (mut bits, mut place) = (0, 0);
        while place < all.len() {
            bits |= 1 << all[place] as u8;
            place += 1;
        }
        Self(bits)
    }

    pub(super) fn with(self, why: Why) -> Self {
        Self(self.0 | 1 << why as u8)
    }

    pub(super) fn has(self, why: Why) -> bool {
        self.0 & 1 << why as u8 != 0
    }
}

/// An edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) to: usize,
    pub(super) why: Why,
    /// The key that shows it, and the element behind which or without which; for data edges.
    pub(super) shown: Option<(u32, u32)>,
}

/// Edges by where they begin.
pub(super) struct Graph {
    edges: Vec<Vec<Edge>>,
}

impl Graph {
    pub(super) fn of(versions: &Versions<'_>) -> Self {
        let mut graph = Self { edges: vec![Vec::new(); versions.transactions.len()] };
        graph.data(versions);
        graph.processes(versions);
        graph.real_time(versions);
        graph
    }

    pub(super) fn from(&self, node: usize) -> &[Edge] {
        &self.edges[node]
    }

    fn add(&mut self, from: usize, to: usize, why: Why, shown: Option<(u32, u32)>) {
        if from != to {
            self.edges[from].push(Edge { to, why, shown });
        }
    }

    fn data(&mut self, versions: &Versions<'_>) {
        let writer = |key: u32, element: u32| versions.writers.get(&(key, element)).copied();
        // What took effect and was never seen came behind all that was seen.
        let mut unseen: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (key, element) in &versions.unseen {
            unseen.entry(*key).or_default().push(*element);
        }
        let mut places: HashMap<(u32, u32), usize> = HashMap::new();
        for (key, order) in &versions.orders {
            places.extend(order.iter().enumerate().map(|(place, one)| ((*key, *one), place)));
            let pairs = order.windows(2).map(|pair| (pair[0], pair[1]));
            let last = order.last().into_iter();
            let behind = last.flat_map(|last| {
                unseen.get(key).into_iter().flatten().map(move |element| (*last, *element))
            });
            for (one, next) in pairs.chain(behind) {
                if let (Some(from), Some(to)) = (writer(*key, one), writer(*key, next)) {
                    self.add(from, to, Why::Ww, Some((*key, next)));
                }
            }
        }
        for (number, one) in versions.transactions.iter().enumerate() {
            for (key, list) in one.reads() {
                let place = list.last().and_then(|last| places.get(&(key, *last)));
                if let Some(last) = list.last()
                    && let Some(from) = writer(key, *last)
                {
                    self.add(from, number, Why::Wr, Some((key, *last)));
                }
                let next = place.map_or(0, |place| place + 1);
                let order = versions.orders.get(&key).map_or(&[][..], Vec::as_slice);
                let missed = match order.get(next) {
                    Some(next) => std::slice::from_ref(next),
                    None => unseen.get(&key).map_or(&[][..], Vec::as_slice),
                };
                for element in missed {
                    if let Some(to) = writer(key, *element) {
                        self.add(number, to, Why::Rw, Some((key, *element)));
                    }
                }
            }
        }
    }

    fn processes(&mut self, versions: &Versions<'_>) {
        let mut last: HashMap<String, usize> = HashMap::new();
        for (number, one) in versions.transactions.iter().enumerate() {
            if let Some(before) = last.insert(one.operation.asked.p.to_string(), number) {
                self.add(before, number, Why::Process, None);
            }
        }
    }

    /// Only from the latest answers: what came before those is reached through them.
    fn real_time(&mut self, versions: &Versions<'_>) {
        let mut moments: Vec<(usize, bool, usize)> = Vec::new();
        for (number, one) in versions.transactions.iter().enumerate() {
            moments.push((one.operation.call, false, number));
            if one.operation.outcome == Outcome::Ok {
                moments.push((one.operation.done, true, number));
            }
        }
        moments.sort_unstable();
        let mut latest: Vec<usize> = Vec::new();
        for (_, answered, number) in moments {
            if answered {
                let call = versions.transactions[number].operation.call;
                latest.retain(|before| versions.transactions[*before].operation.done > call);
                latest.push(number);
            } else {
                for before in &latest {
                    self.add(*before, number, Why::RealTime, None);
                }
            }
        }
    }

    /// Strongly connected components of more than one node, by edges with these reasons: for each
    /// node the number of its component, if it has one. Tarjan's algorithm, without recursion.
    pub(super) fn components(&self, reasons: Reasons) -> Vec<Option<usize>> {
        const NEW: usize = usize::MAX;
        let nodes = self.edges.len();
        let (mut index, mut low) = (vec![NEW; nodes], vec![0; nodes]);
        let (mut on_stack, mut stack) = (vec![false; nodes], Vec::new());
        let (mut component, mut components) = (vec![None; nodes], 0);
        let mut next = 0;
        for root in 0..nodes {
            if index[root] != NEW {
                continue;
            }
            let mut work = vec![(root, 0)];
            while let Some((node, edge)) = work.pop() {
                if edge == 0 && index[node] == NEW {
                    (index[node], low[node]) = (next, next);
                    next += 1;
                    on_stack[node] = true;
                    stack.push(node);
                }
                let behind = self.edges[node][edge..].iter().enumerate();
                let open = behind.filter(|(_, one)| reasons.has(one.why)).find_map(|(by, one)| {
                    if index[one.to] == NEW {
                        return Some((edge + by, one.to));
                    }
                    if on_stack[one.to] {
                        low[node] = low[node].min(index[one.to]);
                    }
                    None
                });
                if let Some((edge, to)) = open {
                    // Come back to the same edge: its end is on the stack or done by then.
                    work.push((node, edge));
                    work.push((to, 0));
                    continue;
                }
                if let Some((above, _)) = work.last() {
                    low[*above] = low[*above].min(low[node]);
                }
                if low[node] == index[node] {
                    let begin = stack.iter().rposition(|one| *one == node).unwrap_or(0);
                    let members = stack.split_off(begin);
                    let many = members.len() > 1;
                    for member in members {
                        on_stack[member] = false;
                        component[member] = many.then_some(components);
                    }
                    components += usize::from(many);
                }
            }
        }
        component
    }

    /// The shortest way by edges with these reasons, inside one component.
    pub(super) fn way(
        &self,
        from: usize,
        to: usize,
        reasons: Reasons,
        component: &[Option<usize>],
    ) -> Option<Vec<(usize, Edge)>> {
        let mut came: HashMap<usize, (usize, Edge)> = HashMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            if node == to {
                let mut way = Vec::new();
                let mut node = to;
                while node != from {
                    let (before, edge) = came[&node];
                    way.push((before, edge));
                    node = before;
                }
                way.reverse();
                return Some(way);
            }
            for edge in self.edges[node].iter().filter(|edge| reasons.has(edge.why)) {
                let inside = component[edge.to] == component[from];
                if inside && edge.to != from && !came.contains_key(&edge.to) {
                    came.insert(edge.to, (node, *edge));
                    queue.push_back(edge.to);
                }
            }
        }
        None
    }
}
