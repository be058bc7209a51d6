//! The city's ledger: what one holder has less, another has more, and the gateway's account holds
//! what the gateway's own journal says, to the cent.

use crate::evidence::Charge;
use std::fmt;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// All accounts together must come to nothing.
    Sum {
        /// What they come to.
        sum: i64,
    },
    /// The gateway's account is not what the gateway has.
    Gateway {
        /// What our books say.
        ours: i64,
        /// What the journal comes to.
        theirs: i64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sum { sum } => write!(f, "the ledger sums to {sum}"),
            Self::Gateway { ours, theirs } => {
                write!(f, "our books say that the gateway holds {ours}, its journal says {theirs}")
            }
        }
    }
}

/// Judges balances, by holder and amount, against the journal if there is a gateway.
pub fn check(balances: &[(String, i64)], journal: Option<&[Charge]>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let sum = balances.iter().map(|(_, amount)| amount).sum();
    if sum != 0 {
        violations.push(Violation::Sum { sum });
    }
    let Some(journal) = journal else { return violations };
    let gateway = balances.iter().filter(|(holder, _)| holder == "gateway");
    let ours: i64 = gateway.map(|(_, amount)| amount).sum();
    let theirs = journal.iter().map(|charge| charge.captured - charge.refunded()).sum();
    if ours != theirs {
        violations.push(Violation::Gateway { ours, theirs });
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Back;

    fn journal() -> Vec<Charge> {
        let back = |amount, done| Back { reference: String::new(), amount, done };
        let charge = |captured, refunds| Charge {
            id: String::new(),
            reference: String::new(),
            state: "captured".to_owned(),
            captured,
            refunds,
            changed: 0,
        };
        vec![charge(1_000, vec![back(300, true), back(100, false)]), charge(500, vec![])]
    }

    #[test]
    fn books_that_agree_and_books_that_do_not() {
        let books = |accounts: &[(&str, i64)]| {
            let accounts = accounts.iter().map(|(holder, amount)| ((*holder).to_owned(), *amount));
            check(&accounts.collect::<Vec<_>>(), Some(&journal()))
        };
        assert_eq!(books(&[("gateway", 1_200), ("restaurant", -900), ("platform", -300)]), []);
        let short = [Violation::Sum { sum: 1 }, Violation::Gateway { ours: 1_201, theirs: 1_200 }];
        assert_eq!(books(&[("gateway", 1_201), ("platform", -1_200)]), short);
    }
}
