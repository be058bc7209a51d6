//! Seeded chance: a run prints its seed, and the same seed makes the same choices.

/// A small generator (SplitMix64). Nothing secret depends on it.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The same seed draws the same numbers.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A generator of its own for the `n`th actor, so that actors do not depend on each other.
    pub fn fork(seed: u64, n: u64) -> Self {
        let mut root = Self::new(seed ^ n.wrapping_mul(0xD134_2543_DE82_EF95));
        Self::new(root.draw())
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number below `end`; 0 if there is none.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 {
            return 0;
        }
        // The bias of a remainder is far below what a load generator could show.
        (self.draw() % end as u64) as usize
    }

    /// A fraction from 0 up to, not including, 1.
    pub fn fraction(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Yes, `percent` times in a hundred.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.fraction() * 100.0 < f64::from(percent)
    }

    /// One of them; nothing only if there is nothing.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// The wait until the next of events that come `per_second` at random, in seconds (Poisson).
    pub fn wait_s(&mut self, per_second: f64) -> f64 {
        -(1.0 - self.fraction()).ln() / per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_actors_differ() {
        let draw = |mut random: Random| [random.draw(), random.draw(), random.draw()];
        assert_eq!(draw(Random::new(7)), draw(Random::new(7)));
        assert_ne!(draw(Random::fork(7, 1)), draw(Random::fork(7, 2)));
    }

    #[test]
    fn arrivals_come_at_the_asked_rate() {
        let mut random = Random::new(1);
        let total: f64 = (0..10_000).map(|_| random.wait_s(50.0)).sum();
        let rate = 10_000.0 / total;
        assert!((48.0..52.0).contains(&rate), "{rate}");
    }
}
