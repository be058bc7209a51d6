//! Each order is paid for once, or not at all: what the gateway took and gave back is what the
//! order's end says, and nothing stays set aside.

use crate::evidence::Charge;
use std::collections::BTreeMap;
use std::fmt;

/// How an order ended, as the city says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub order_id: String,
    /// Its attempts, in their order.
    pub attempts: Vec<String>,
    /// What the customer pays for it, in minor units, before anything went back.
    pub owed: i64,
    /// What went back, in minor units.
    pub refunded: i64,
    /// Tips that were taken: payment and amount.
    pub tips: Vec<(String, i64)>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// Not what the order's end says was taken.
    Taken {
        /// The order.
        order_id: String,
        /// What its end says.
        owed: i64,
        /// What the gateway took, charge by charge.
        taken: Vec<i64>,
    },
    /// Not what the order says went back.
    Back {
        /// The order.
        order_id: String,
        /// What it says.
        refunded: i64,
        /// What the gateway gave back.
        back: i64,
    },
    /// Not the tip that was given.
    Tip {
        /// The order.
        order_id: String,
        /// What was given.
        given: i64,
        /// What was taken.
        taken: i64,
    },
    /// Money is still set aside.
    Held {
        /// The gateway's name for it.
        charge: String,
        /// Ours.
        reference: String,
        /// Where it stands.
        state: String,
    },
    /// Taken for nobody.
    Stray {
        /// The gateway's name for it.
        charge: String,
        /// What it says it was for.
        reference: String,
        /// How much is kept.
        kept: i64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { order_id, owed, taken } => {
                write!(f, "{order_id} owes {owed}, and the gateway took {taken:?}")
            }
            Self::Back { order_id, refunded, back } => {
                write!(f, "{order_id} says {refunded} went back, the gateway gave back {back}")
            }
            Self::Tip { order_id, given, taken } => {
                write!(f, "{order_id} was tipped {given}, and the gateway took {taken}")
            }
            Self::Held { charge, reference, state } => {
                write!(f, "{charge} for {reference} is still {state}")
            }
            Self::Stray { charge, reference, kept } => {
                write!(f, "{charge} keeps {kept} for {reference}, which nobody knows")
            }
        }
    }
}

/// Judges the gateway's whole journal against all orders.
pub fn check(orders: &[Ended], journal: &[Charge]) -> Vec<Violation> {
    let mut by_payment: BTreeMap<&str, Vec<&Charge>> = BTreeMap::new();
    for charge in journal {
        by_payment.entry(&charge.reference).or_default().push(charge);
    }
    let mut violations = Vec::new();
    for order in orders {
        let attempts = order.attempts.iter();
        let charges: Vec<_> =
            attempts.filter_map(|id| by_payment.remove(id.as_str())).flatten().collect();
        let taken: Vec<_> = charges.iter().map(|c| c.captured).filter(|taken| *taken > 0).collect();
        let once = match order.owed {
            0 => taken.is_empty(),
            owed => taken == [owed],
        };
        let order_id = || order.order_id.clone();
        if !once {
            violations.push(Violation::Taken { order_id: order_id(), owed: order.owed, taken });
        }
        let back = charges.iter().map(|charge| charge.refunded()).sum();
        if back != order.refunded {
            let refunded = order.refunded;
            violations.push(Violation::Back { order_id: order_id(), refunded, back });
        }
        for (payment_id, given) in &order.tips {
            let charges = by_payment.remove(payment_id.as_str()).unwrap_or_default();
            let taken = charges.iter().map(|charge| charge.captured - charge.refunded()).sum();
            if taken != *given {
                violations.push(Violation::Tip { order_id: order_id(), given: *given, taken });
            }
        }
    }
    let strays = by_payment.into_values().flatten();
    for charge in strays.filter(|charge| charge.captured > charge.refunded()) {
        violations.push(Violation::Stray {
            charge: charge.id.clone(),
            reference: charge.reference.clone(),
            kept: charge.captured - charge.refunded(),
        });
    }
    let done = ["captured", "voided", "declined"];
    for charge in journal.iter().filter(|charge| !done.contains(&charge.state.as_str())) {
        violations.push(Violation::Held {
            charge: charge.id.clone(),
            reference: charge.reference.clone(),
            state: charge.state.clone(),
        });
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Back;
    use expect_test::expect;

    fn order(id: &str, owed: i64, refunded: i64) -> Ended {
        let attempts = vec![format!("{id}-1"), format!("{id}-2")];
        Ended { order_id: id.to_owned(), attempts, owed, refunded, tips: Vec::new() }
    }

    fn charge(reference: &str, state: &str, captured: i64, back: &[(i64, bool)]) -> Charge {
        let back = back.iter().enumerate().map(|(number, (amount, done))| Back {
            reference: format!("{reference}-r{number}"),
            amount: *amount,
            done: *done,
        });
        Charge {
            id: format!("ch {reference}"),
            reference: reference.to_owned(),
            state: state.to_owned(),
            captured,
            refunds: back.collect(),
            changed: 0,
        }
    }

    #[test]
    fn a_good_run_has_nothing_wrong() {
        let mut tipped = order("tipped", 900, 0);
        tipped.tips.push(("tip".to_owned(), 50));
        let orders =
            [order("plain", 1_000, 0), order("second", 700, 200), order("off", 0, 0), tipped];
        let journal = [
            charge("plain-1", "captured", 1_000, &[]),
            charge("second-1", "declined", 0, &[]),
            charge("second-2", "captured", 700, &[(200, true), (100, false)]),
            charge("off-1", "voided", 0, &[]),
            charge("off-2", "voided", 0, &[]),
            charge("tipped-1", "captured", 900, &[]),
            charge("tip", "captured", 50, &[]),
            // Taken in vain and given back: nobody lost anything.
            charge("gone", "captured", 80, &[(80, true)]),
        ];
        assert_eq!(check(&orders, &journal), []);
    }

    #[test]
    fn each_way_to_lose_money_is_seen() {
        let mut tipped = order("tipped", 0, 0);
        tipped.tips.push(("tip".to_owned(), 50));
        let orders = [
            order("twice", 1_000, 0),
            order("never", 1_000, 0),
            order("less", 1_000, 0),
            order("dead", 0, 0),
            order("back", 500, 100),
            order("held", 0, 0),
            tipped,
        ];
        let journal = [
            charge("twice-1", "captured", 1_000, &[]),
            charge("twice-2", "captured", 1_000, &[]),
            charge("less-1", "captured", 900, &[]),
            charge("dead-1", "captured", 300, &[]),
            charge("back-1", "captured", 500, &[(100, true), (100, true)]),
            charge("held-1", "authorized", 0, &[]),
            charge("tip", "captured", 500, &[]),
            charge("stray", "captured", 80, &[(30, true)]),
        ];
        let found: Vec<_> = check(&orders, &journal).iter().map(ToString::to_string).collect();
        expect![[r#"
            twice owes 1000, and the gateway took [1000, 1000]
            never owes 1000, and the gateway took []
            less owes 1000, and the gateway took [900]
            dead owes 0, and the gateway took [300]
            back says 100 went back, the gateway gave back 200
            tipped was tipped 50, and the gateway took 500
            ch stray keeps 50 for stray, which nobody knows
            ch held-1 for held-1 is still authorized"#]]
        .assert_eq(&found.join("\n"));
    }
}
