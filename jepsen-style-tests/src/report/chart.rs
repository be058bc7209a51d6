//! Pictures of a run, as SVG: what was broken where, how many answers came, how long each took.
//! They lie one above the other on the same axis of time, with the same shading for faults.

use super::svg::Svg;
use crate::history::{History, Kind, Line, Phase, Process, WATCH};
use std::collections::{BTreeMap, HashMap};

/// Of each picture: width, and what lies left and right of the plot.
const WIDTH: f64 = 1_080.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
/// Points of one colour, at most: a picture is no database.
const DOTS: usize = 3_000;
/// Bars of the rate, at most, and what each of them spans at least.
const BARS: f64 = 240.0;
const BAR_NS: f64 = 250_000_000.0;
/// One lane of the timeline.
const LANE: f64 = 22.0;
/// A letter on a bar is about so wide.
const LETTER: f64 = 7.0;
/// Latencies between these decades, in milliseconds.
const DECADES: [f64; 6] = [0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0];
/// Colours by outcome, in the order of drawing.
const OUTCOMES: [(Kind, &str); 3] =
    [(Kind::Ok, "ok"), (Kind::Rejected, "rejected"), (Kind::Unknown, "unknown")];

/// A fault, as it is drawn.
#[derive(Clone, Debug)]
struct Band {
    name: String,
    nodes: Vec<u64>,
    quorum: bool,
    from: u64,
    to: u64,
}

/// An attempt with its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    pub(super) f: &'a str,
    pub(super) kind: Kind,
    pub(super) asked: u64,
    pub(super) heard: u64,
}

/// What is drawn of a history.
#[derive(Debug)]
pub(super) struct Chart<'a> {
    end: u64,
    bands: Vec<Band>,
    phases: Vec<(u64, Phase)>,
    nodes: Vec<u64>,
    leaders: Vec<(u64, Option<u64>, u64)>,
    pub(super) attempts: Vec<Attempt<'a>>,
}

impl<'a> Chart<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let lines = &history.lines;
        let attempts = attempts(lines);
        let mut nodes: Vec<u64> = lines.iter().filter_map(|line| line.node).collect();
        nodes.sort_unstable();
        nodes.dedup();
        Self {
            end: lines.last().map_or(1, |line| line.t.max(1)),
            bands: bands(lines),
            phases: lines.iter().filter_map(|line| Some((line.t, line.phase()?))).collect(),
            nodes,
            leaders: leaders(lines),
            attempts,
        }
    }

    fn x(&self, t: u64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * t as f64 / self.end as f64
    }

    /// The beginning of a picture, with everything that is behind the data.
    fn canvas(&self, height: f64) -> Svg {
        let mut svg = Svg::new(WIDTH, height + 22.0);
        for band in &self.bands {
            let class = if band.quorum { "band" } else { "band dead" };
            let title = format!("{} {:?}", band.name, band.nodes);
            svg.rect(class, (self.x(band.from), 0.0), (self.width(band, 1.0), height), &title);
        }
        let seconds = self.end as f64 / 1e9;
        let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0];
        let step = steps.into_iter().find(|step| seconds / step <= 14.0).unwrap_or(300.0);
        let mut at = 0.0;
        while at <= seconds {
            let x = self.x((at * 1e9) as u64);
            svg.line("grid", (x, height), (x, height + 4.0));
            svg.text("middle", (x, height + 15.0), &format!("{at} s"));
            at += step;
        }
        for (t, _) in &self.phases {
            svg.line("phase", (self.x(*t), 0.0), (self.x(*t), height));
        }
        svg
    }

    fn width(&self, band: &Band, least: f64) -> f64 {
        (self.x(band.to) - self.x(band.from)).max(least)
    }

    /// A lane for each node with what was done to it, and one that shows who led.
    pub(super) fn timeline(&self) -> String {
        let mut svg = self.canvas(LANE * (self.nodes.len() + 2) as f64);
        for (t, phase) in &self.phases {
            svg.text("start", (self.x(*t) + 3.0, 14.0), &format!("{phase:?}").to_lowercase());
        }
        for (place, node) in self.nodes.iter().enumerate() {
            let y = LANE * (place + 1) as f64;
            svg.text("start", (4.0, y + 15.0), &format!("node {node}"));
            for band in self.bands.iter().filter(|band| band.nodes.contains(node)) {
                let (x, wide) = (self.x(band.from), self.width(band, 2.0));
                svg.rect("bar", (x, y + 4.0), (wide, LANE - 8.0), &band.name);
                if wide > LETTER * band.name.len() as f64 {
                    svg.label((x + 4.0, y + 15.0), &band.name);
                }
            }
        }
        let y = LANE * (self.nodes.len() + 1) as f64;
        svg.text("start", (4.0, y + 15.0), "leader");
        for (place, (from, leader, term)) in self.leaders.iter().enumerate() {
            let to = self.leaders.get(place + 1).map_or(self.end, |(t, ..)| *t);
            let Some(leader) = leader else { continue };
            let (x, wide) = (self.x(*from), (self.x(to) - self.x(*from)).max(1.0));
            let words = format!("{leader}, term {term}");
            let colour = format!("fill:hsl({} 45% 55%)", leader * 67 % 360);
            svg.painted_rect("leader", &colour, (x, y + 3.0), (wide, LANE - 6.0), &words);
            if wide > LETTER * words.len() as f64 {
                svg.label((x + 4.0, y + 15.0), &words);
            }
        }
        svg.end()
    }

    /// Answers a second, stacked by how they ended.
    pub(super) fn rate(&self) -> String {
        let height = 150.0;
        let mut svg = self.canvas(height);
        let span = (self.end as f64 / BARS).max(BAR_NS);
        let mut bars: BTreeMap<u64, [u64; 3]> = BTreeMap::new();
        for attempt in &self.attempts {
            let bar = bars.entry((attempt.heard as f64 / span) as u64).or_default();
            if let Some(place) = OUTCOMES.iter().position(|(kind, _)| *kind == attempt.kind) {
                bar[place] += 1;
            }
        }
        let most = bars.values().map(|bar| bar.iter().sum::<u64>()).max().unwrap_or(1).max(1);
        let per_second = most as f64 / (span / 1e9);
        for part in [0.0, 0.5, 1.0] {
            let words = format!("{:.0} / s", per_second * part);
            grid(&mut svg, height - (height - 8.0) * part, &words);
        }
        let unit = (height - 8.0) / most as f64;
        for (number, bar) in bars {
            let x = self.x((number as f64 * span) as u64);
            let wide = (self.x(((number + 1) as f64 * span) as u64) - x - 0.5).max(0.5);
            let mut y = height;
            for (count, (_, class)) in bar.into_iter().zip(OUTCOMES) {
                if count > 0 {
                    y -= unit * count as f64;
                    svg.rect(class, (x, y), (wide, unit * count as f64), "");
                }
            }
        }
        svg.end()
    }

    /// How long each answer took, on a scale of decades.
    pub(super) fn latency(&self) -> String {
        let height = 230.0;
        let mut svg = self.canvas(height);
        let decades = (DECADES.len() - 1) as f64;
        let y = |ms: f64| {
            let place = (ms.max(DECADES[0]) / DECADES[0]).log10().min(decades);
            height - (height - 8.0) * place / decades
        };
        for ms in DECADES {
            grid(&mut svg, y(ms), &format!("{ms} ms"));
        }
        for (kind, class) in OUTCOMES {
            let all: Vec<_> = self.attempts.iter().filter(|one| one.kind == kind).collect();
            let every = all.len().div_ceil(DOTS).max(1);
            // The slowest stay, whatever is left out.
            let slow = |one: &Attempt<'_>| one.heard - one.asked > 1_000_000_000;
            let kept = all.into_iter().enumerate();
            for (_, one) in kept.filter(|(place, one)| place % every == 0 || slow(one)) {
                let ms = (one.heard - one.asked) as f64 / 1e6;
                svg.dot(&format!("{class} dot"), (self.x(one.heard), y(ms)));
            }
        }
        svg.end()
    }
}

/// A line across, and what it stands for.
fn grid(svg: &mut Svg, y: f64, words: &str) {
    svg.line("grid", (LEFT, y), (WIDTH - RIGHT, y));
    svg.text("end", (LEFT - 6.0, (y + 4.0).max(10.0)), words);
}

fn attempts(lines: &[Line]) -> Vec<Attempt<'_>> {
    let mut open: HashMap<&Process, &Line> = HashMap::new();
    let mut attempts = Vec::new();
    for line in lines {
        match line.kind {
            Kind::Invoke => drop(open.insert(&line.p, line)),
            Kind::Ok | Kind::Rejected | Kind::Unknown => {
                if let Some(asked) = open.remove(&line.p) {
                    let (asked, heard) = (asked.t, line.t);
                    attempts.push(Attempt { f: &line.f, kind: line.kind, asked, heard });
                }
            }
            Kind::Info => {}
        }
    }
    attempts
}

fn bands(lines: &[Line]) -> Vec<Band> {
    let last = lines.last().map_or(0, |line| line.t);
    let mut bands: Vec<(u64, Band)> = Vec::new();
    for line in lines.iter().filter(|line| line.is_nemesis()) {
        let number = line.value["fault"].as_u64().unwrap_or(0);
        if line.value["phase"] == "begin" {
            let nodes = line.value["nodes"].as_array().into_iter().flatten();
            let nodes = nodes.filter_map(serde_json::Value::as_u64).collect();
            let quorum = line.value["quorum"] == true;
            let name = match line.value["class"].as_u64() {
                Some(class) => format!("{} {class}", line.f),
                None => line.f.clone(),
            };
            bands.push((number, Band { name, nodes, quorum, from: line.t, to: last }));
        } else if let Some((_, band)) = bands.iter_mut().find(|(known, _)| *known == number) {
            band.to = line.t;
        }
    }
    bands.into_iter().map(|(_, band)| band).collect()
}

fn leaders(lines: &[Line]) -> Vec<(u64, Option<u64>, u64)> {
    let watch = Process::Other(WATCH.to_owned());
    let seen = lines.iter().filter(|line| line.p == watch && line.f == "leader");
    seen.map(|line| {
        (line.t, line.value["leader"].as_u64(), line.value["term"].as_u64().unwrap_or(0))
    })
    .collect()
}
