//! The part of a run in which things are broken: step by step as the seed has it, each fault with a
//! line when it begins and one with its proof when it is over.

use super::Run;
use crate::history::{Kind as LineKind, Line, NEMESIS, Process};
use crate::nemesis::{Fault, Kind, Step, partitions, script};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

impl Run {
    /// Breaks things for as long as it was planned. The inner error is the city's: something did
    /// not come back.
    ///
    /// # Errors
    /// A fault could not even begin.
    pub(super) async fn break_things(&mut self) -> Result<Result<()>> {
        let until = Instant::now() + self.plan.length;
        let steps = self.steps();
        if let Some(word) = self.plan.only.as_deref() {
            let meant = |fault: &Fault| fault.is_meant(Some(word));
            let kind = self.plan.nemesis.name();
            let all = steps.iter().flat_map(|step| &step.faults).all(meant);
            ensure!(all, "{kind} has no fault with the word {word} that this machine can make");
        }
        (self.say)(&format!("{} steps of {}", steps.len(), self.plan.nemesis.name()));
        let mut number = 0;
        for step in steps {
            if Instant::now() >= until {
                break;
            }
            if !step.faults.iter().all(|fault| self.world.has_room_for(fault)) {
                (self.say)("no number is left for another node: nothing more is broken");
                break;
            }
            let mut begun: Vec<(u64, Fault)> = Vec::new();
            for fault in step.faults {
                number += 1;
                (self.say)(&format!("fault {number}: {fault:?}"));
                let details = self.world.begin(&fault).await;
                let details = details.with_context(|| format!("fault {number}"))?;
                self.note(number, &fault, "begin", details, Value::Null);
                begun.push((number, fault));
            }
            sleep(step.hold).await;
            for (number, fault) in begun.into_iter().rev() {
                self.note(number, &fault, "mending", json!({}), Value::Null);
                match self.world.end(&fault).await {
                    Ok(observed) => self.note(number, &fault, "end", json!({}), observed),
                    Err(error) => {
                        // Nothing stays broken that can be mended.
                        let _ = self.world.heal_all().await;
                        return Ok(Err(error.context(format!("fault {number}"))));
                    }
                }
            }
            sleep(step.rest).await;
        }
        sleep_until(until).await;
        match self.world.heal_all().await {
            Ok(_) => Ok(Ok(())),
            Err(error) => Ok(Err(error)),
        }
    }

    fn steps(&mut self) -> Vec<Step> {
        let (length, random) = (self.plan.length, &mut self.random);
        match (self.plan.nemesis, self.plan.class) {
            (Kind::Partition, class @ Some(_)) => partitions(class, random, length),
            (kind, _) => {
                let only = self.plan.only.as_deref();
                script(kind, only, random, length, &self.world.abilities())
            }
        }
    }

    fn note(&self, number: u64, fault: &Fault, phase: &str, details: Value, observed: Value) {
        let mut value = details;
        value["fault"] = json!(number);
        value["phase"] = json!(phase);
        let nemesis = Process::Other(NEMESIS.to_owned());
        let line = Line::new(nemesis, LineKind::Info, fault.name());
        self.recorder.record(Line { value, observed, ..line });
    }
}
