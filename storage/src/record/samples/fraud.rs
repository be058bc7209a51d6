//! What is known of who orders, and of those who work for them.

use super::{ban, id};
use domain::fraud::{
    Assessment, Brought, CaseAbout, CaseStatus, Counts, FraudCase, FraudRules, FraudVerdict, Hit,
    Link, Marks, Rule, RuleSet, RulesMode, Signal, Trace, TraceKey, Unreviewed, Values, What,
};
use domain::ids::*;
use domain::money::Money;
use domain::quality::{Counted, Measure, Quality, QualityOf, Step};
use domain::time::Timestamp;

pub(crate) fn marks() -> Marks {
    let (device, card) = (Some(DeviceMark(id(b'd'))), Some(CardMark(id(b'k'))));
    Marks { device, card, throwaway_mail: true }
}

pub(crate) fn assessment() -> Assessment {
    let mut values = Values::default();
    values.set(Signal::AccountOrdersWeek, 7);
    let verdict = FraudVerdict::Review;
    Assessment { values, points: 45, verdict, rules_version: 2, shadow: true }
}

pub(crate) fn trace() -> Trace {
    let account_id = AccountId(id(b'a'));
    let courier_id = CourierId(id(b'c'));
    let mut counts = Counts::default();
    counts.add(What::Orders, Timestamp(9_000_000));
    counts.add(What::Refusals, Timestamp(9_900_000));
    Trace {
        key: TraceKey::Device(DeviceMark(id(b'd'))),
        ban: Some(ban(Some(Timestamp(9_000)))),
        counts,
        links: vec![Link { account_id, at: Timestamp(5), courier: true, banned: false }],
        marks: vec![TraceKey::Card(CardMark(id(b'k')))],
        totals: vec![Money(1_200)],
        couriers: vec![Brought { courier_id, at: Timestamp(6) }],
        pass_until: Some(Timestamp(8)),
        denied_at: Some(Timestamp(7)),
        touched_at: Timestamp(9),
        ends_at: Some(Timestamp(10)),
        revision: 43,
    }
}

pub(crate) fn rule() -> Rule {
    Rule { signal: Signal::AccountOrdersHour, at_least: 5, points: 40 }
}

pub(crate) fn fraud_case() -> FraudCase {
    let (order_id, customer_id) = (OrderId(id(b'o')), AccountId(id(b'a')));
    FraudCase {
        id: CaseId(id(b'f')),
        about: CaseAbout::Order { order_id, customer_id },
        marks: marks(),
        total: Money(3_098),
        points: 45,
        hits: vec![Hit { rule: rule(), value: 6 }],
        rules_version: 2,
        opened_at: Timestamp(50),
        status: CaseStatus::Denied {
            by: Some(AccountId(id(b'u'))),
            reason: "no".to_owned(),
            at: Timestamp(60),
        },
        revision: 44,
    }
}

pub(crate) fn fraud_rules() -> FraudRules {
    let set = RuleSet {
        rules: vec![rule()],
        review_from: 40,
        deny_from: 80,
        mode: RulesMode::Enforce,
        review_ms: 600_000,
        unreviewed: Unreviewed::Release,
    };
    FraudRules { version: 2, set, revision: 45 }
}

pub(crate) fn quality() -> Quality {
    let mut quality = Quality::new(QualityOf::Courier(CourierId(id(b'c'))));
    quality.add(Counted::Orders, Timestamp(100_000_000));
    quality.add(Counted::Failed, Timestamp(200_000_000));
    quality.lost = 400;
    quality.step = Some(Step::Warn);
    quality.trusted_until = Some(Timestamp(9));
    quality.revision = 46;
    quality
}

/// All that a measure can say.
pub(crate) fn measure() -> Measure {
    Measure {
        step: Step::Limit,
        at: Timestamp(2_002),
        until: Some(Timestamp(3_000)),
        by: Some(AccountId(id(b'u'))),
        reason: "late".to_owned(),
    }
}
