//! What follows from a score, or from an operator's word: a warning, limits, a pause, or nothing.

use super::{Quality, QualityOf, stars_of};
use crate::account::OperatorRole;
use crate::authority::{is_operator, person};
use crate::courier::Courier;
use crate::courier::online::off_shift;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::AccountId;
use crate::limits::{QUALITY_PAUSE_MS, QUALITY_TRUST_MS, TEXT_LETTERS};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::restaurant::Restaurant;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What can be done about somebody, from mild to hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// They are told.
    Warn,
    /// A restaurant takes half of its orders at a time, a courier carries one.
    Limit,
    /// A restaurant takes no orders, a courier is off shift.
    Pause,
    /// Nobody finds the restaurant.
    Hide,
}

/// What was done about somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// What.
    pub step: Step,
    /// Since when.
    pub at: Timestamp,
    /// Until when; until something else is said if absent. Names the deadline `MeasureEnds`.
    pub until: Option<Timestamp>,
    /// The operator who said so; nobody stands for the score.
    pub by: Option<AccountId>,
    /// What they said, to whom it concerns as well.
    pub reason: String,
}

impl Measure {
    /// Whether it goes so far at this moment.
    pub fn is_at_least(&self, step: Step, at: Timestamp) -> bool {
        self.step >= step && self.until.is_none_or(|until| at < until)
    }

    /// What the score asks for has an end where it hurts most.
    fn by_score(step: Step, at: Timestamp) -> Self {
        let until = match step {
            Step::Pause => Some(at.plus_ms(QUALITY_PAUSE_MS)),
            Step::Warn | Step::Limit | Step::Hide => None,
        };
        Self { step, at, until, by: None, reason: String::new() }
    }

    /// Whether it would say the same again.
    fn says(&self, other: &Self) -> bool {
        (self.step, self.until, self.by.is_some()) == (other.step, other.until, other.by.is_some())
            && self.reason == other.reason
    }
}

/// An operator does something about a restaurant or a courier, or takes it back. It replaces what
/// was done before; the score asks for nothing for a week after it was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TakeMeasure {
    pub of: QualityOf,
    /// Nothing takes it back.
    pub step: Option<Step>,
    /// A pause without an end lasts a week.
    pub until: Option<Timestamp>,
    pub reason: String,
}

pub(crate) fn take_measure(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: TakeMeasure,
) -> Result<Outcome, Unreadable> {
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let TakeMeasure { of, step, until, reason } = command;
    let Some(subject) = Subject::load(city, of)? else {
        return Ok(Outcome::rejected(match of {
            QualityOf::Restaurant(_) => Rejection::RestaurantUnknown,
            QualityOf::Courier(_) => Rejection::CourierUnknown,
        }));
    };
    if let Err(why) = check(stamp.at, of, step, until, &reason) {
        return Ok(Outcome::rejected(why));
    }
    let by = person(actor);
    let wanted = step.map(|step| {
        let until = until.or(Measure::by_score(step, stamp.at).until);
        Measure { step, at: stamp.at, until, by, reason }
    });
    let is_repeat = match (subject.measure(), &wanted) {
        // Without an end of its own a pause ends a week after it was said first.
        (Some(now), Some(wanted)) if until.is_none() && now.step == Step::Pause => {
            now.says(&Measure { until: now.until, ..wanted.clone() })
        }
        (Some(now), Some(wanted)) => now.says(wanted),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if is_repeat {
        return Ok(Outcome::unchanged(subject.revision()));
    }
    let mut changes = Changes::new(stamp);
    if wanted.is_none() {
        let known = city.quality(of)?;
        let mut quality = known.map_or_else(|| Quality::new(of), Arc::unwrap_or_clone);
        quality.step = None;
        quality.trusted_until = Some(stamp.at.plus_ms(QUALITY_TRUST_MS));
        quality.revision = stamp.index;
        changes.write(Write::Quality(Arc::new(quality)));
    }
    Ok(subject.put(city, changes, wanted)?.yes())
}

fn check(
    now: Timestamp,
    of: QualityOf,
    step: Option<Step>,
    until: Option<Timestamp>,
    reason: &str,
) -> Result<(), Rejection> {
    field::letters("/reason", reason, 1..=TEXT_LETTERS)?;
    if until.is_some_and(|until| until <= now) {
        return Err(field::invalid("/until", "a moment that is yet to come"));
    }
    if matches!(of, QualityOf::Courier(_)) && step == Some(Step::Hide) {
        return Err(field::invalid(
            "/action",
            "warn, limit, pause or clear: couriers are not shown",
        ));
    }
    Ok(())
}

/// A score has crossed a line: what it asks for happens, unless an operator has said something that
/// goes as far.
pub(crate) fn score_moved(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    of: QualityOf,
) -> Result<Outcome, Unreadable> {
    let (Some(quality), Some(subject)) = (city.quality(of)?, Subject::load(city, of)?) else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let mut changes = Changes::new(stamp);
    changes.write(Write::DropDeadline(deadline));
    let asks_for = quality.asks_for(stamp.at, stars_of(city, of)?);
    if asks_for == quality.step || quality.is_trusted_at(stamp.at) {
        return Ok(changes.yes());
    }
    let mut quality = Arc::unwrap_or_clone(quality);
    quality.step = asks_for;
    quality.revision = stamp.index;
    changes.write(Write::Quality(Arc::new(quality)));
    let stays = subject.measure().is_some_and(|now| now.by.is_some() && Some(now.step) >= asks_for);
    if stays {
        return Ok(changes.yes());
    }
    let wanted = asks_for.map(|step| Measure::by_score(step, stamp.at));
    Ok(subject.put(city, changes, wanted)?.yes())
}

/// A measure is over. What the score asks for holds again, but nobody is paused twice for the same:
/// the next flaw can do it.
pub(crate) fn measure_ends(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    of: QualityOf,
) -> Result<Outcome, Unreadable> {
    let subject = Subject::load(city, of)?;
    let awaited = |subject: &Subject| {
        subject.measure().is_some_and(|measure| measure.until == Some(deadline.due_at))
    };
    let Some(subject) = subject.filter(awaited) else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let mut changes = Changes::new(stamp);
    let quality = city.quality(of)?;
    let step = quality.as_ref().and_then(|quality| quality.step).map(|step| step.min(Step::Limit));
    if let Some(quality) = quality.filter(|quality| quality.step != step) {
        let mut quality = Arc::unwrap_or_clone(quality);
        quality.step = step;
        quality.revision = stamp.index;
        changes.write(Write::Quality(Arc::new(quality)));
    }
    let wanted = step.map(|step| Measure::by_score(step, stamp.at));
    Ok(subject.put(city, changes, wanted)?.yes())
}

/// Whom a measure is about.
enum Subject {
    Restaurant(Arc<Restaurant>),
    Courier(Arc<Courier>),
}

impl Subject {
    fn load(city: &impl View, of: QualityOf) -> Result<Option<Self>, Unreadable> {
        Ok(match of {
            QualityOf::Restaurant(id) => city.restaurant(id)?.map(Self::Restaurant),
            QualityOf::Courier(id) => city.courier(id)?.map(Self::Courier),
        })
    }

    fn of(&self) -> QualityOf {
        match self {
            Self::Restaurant(it) => QualityOf::Restaurant(it.id),
            Self::Courier(it) => QualityOf::Courier(it.id),
        }
    }

    fn measure(&self) -> Option<&Measure> {
        match self {
            Self::Restaurant(it) => it.measure.as_ref(),
            Self::Courier(it) => it.measure.as_ref(),
        }
    }

    fn revision(&self) -> u64 {
        match self {
            Self::Restaurant(it) => it.revision,
            Self::Courier(it) => it.revision,
        }
    }

    /// From now on this holds, or nothing does.
    fn put(
        self,
        city: &impl View,
        mut changes: Changes,
        measure: Option<Measure>,
    ) -> Result<Changes, Unreadable> {
        let due = Due::MeasureEnds(self.of());
        if let Some(due_at) = self.measure().and_then(|now| now.until) {
            changes.write(Write::DropDeadline(Deadline { due_at, due }));
        }
        if let Some(due_at) = measure.as_ref().and_then(|measure| measure.until) {
            changes.write(Write::Deadline(Deadline { due_at, due }));
        }
        let step = measure.as_ref().map(|measure| measure.step);
        let until = measure.as_ref().and_then(|measure| measure.until);
        let by_hand = measure.as_ref().is_some_and(|measure| measure.by.is_some());
        let revision = changes.stamp().index;
        match self {
            Self::Restaurant(found) => {
                let restaurant_id = found.id;
                let mut restaurant = Arc::unwrap_or_clone(found);
                restaurant.measure = measure;
                restaurant.revision = revision;
                changes.write(Write::Restaurant(Arc::new(restaurant)));
                changes.event(Event::RestaurantMeasured { restaurant_id, step, until, by_hand });
                Ok(changes)
            }
            Self::Courier(found) => {
                let courier_id = found.id;
                let mut courier = Arc::unwrap_or_clone(found);
                courier.measure = measure;
                changes.event(Event::CourierMeasured { courier_id, step, until, by_hand });
                // What they carry they bring to its end.
                if step >= Some(Step::Pause) {
                    (changes, courier) = off_shift(city, changes, courier)?;
                }
                courier.revision = revision;
                changes.write(Write::Courier(Arc::new(courier)));
                Ok(changes)
            }
        }
    }
}
