//! Faults on the way to the services, injected by plan: the same calls always meet the same trouble.

mod answer;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

pub(crate) use answer::answer;

use crate::label::Label;

tokio::task_local! {
    static LIFE: Life;
}

/// One run of a function's process: what a crash ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Life(u64);

impl Life {
    /// One that nobody has lived yet. Each delivery of an event lives one of its own.
    #[must_use]
    pub fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Does the work in this life. Tasks it spawns are not in it; futures it joins are.
    pub async fn live<F: Future>(self, work: F) -> F::Output {
        LIFE.scope(self, work).await
    }

    /// The life of this task, if it has one. Answering an HTTP request is no life.
    #[must_use]
    pub fn current() -> Option<Self> {
        LIFE.try_with(|life| *life).ok()
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The service says it is asked too much; nothing is done.
    Throttle,
    /// The service answers with a 500; nothing is done.
    ServerError,
    /// The service does what is asked, and the answer is lost on the way.
    LostResponse,
    /// The service cannot be reached; nothing is done.
    Refused,
    /// The call waits until the plan is forgotten, and gets through then.
    Hold,
    /// The call gets through, and no later call of the same life ever returns: the process is as good as dead.
    Crash,
}

/// Trouble for the calls that match.
#[derive(Debug, Clone)]
pub struct Fault {
    kind: Kind,
    at: u64,
    times: u64,
    service: Option<String>,
    operation: Option<String>,
    whose: Whose,
    seen: u64,
}

#[derive(Debug, Clone, Copy)]
enum Whose {
    Anybodys,
    Any,
    One(Life),
}

impl Fault {
    /// Trouble for the `at`th matching call from now on, counted from 1.
    ///
    /// For [`Kind::Crash`] that call is the last one that gets through; 0 lets none through.
    #[must_use]
    pub const fn at(at: u64, kind: Kind) -> Self {
        Self { kind, at, times: 1, service: None, operation: None, whose: Whose::Anybodys, seen: 0 }
    }

    /// For this many matching calls in a row. The SDK tries three times, so three are more than it gets over.
    #[must_use]
    pub const fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Only calls to this service match.
    #[must_use]
    pub fn service(mut self, service: &str) -> Self {
        self.service = Some(service.to_owned());
        self
    }

    /// Only calls of this operation match.
    #[must_use]
    pub fn operation(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Only calls of this life match.
    #[must_use]
    pub const fn life(mut self, life: Life) -> Self {
        self.whose = Whose::One(life);
        self
    }

    /// Only calls of workers match, whichever life they live: no call of an HTTP request.
    #[must_use]
    pub const fn workers(mut self) -> Self {
        self.whose = Whose::Any;
        self
    }

    fn matches(&self, label: &Label, life: Option<Life>) -> bool {
        let is = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        let theirs = match self.whose {
            Whose::Anybodys => true,
            Whose::Any => life.is_some(),
            Whose::One(wanted) => life == Some(wanted),
        };
        theirs && is(&self.service, label.service) && is(&self.operation, &label.operation)
    }
}

/// The plan. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    plan: Arc<Mutex<Plan>>,
    hung: Arc<watch::Sender<HashSet<Option<Life>>>>,
    struck: Arc<watch::Sender<u64>>,
    forgotten: Arc<watch::Sender<u64>>,
}

#[derive(Debug, Default)]
struct Plan {
    armed: Vec<Fault>,
    dead: HashSet<Option<Life>>,
}

impl Faults {
    /// Adds a fault to the plan. It counts calls from now on and is spent when it has struck as often as it should.
    pub fn arm(&self, fault: Fault) {
        self.plan().armed.push(fault);
    }

    /// Forgets the plan and what has crashed. Calls that hang stay so.
    pub fn clear(&self) {
        let mut plan = self.plan();
        plan.armed.clear();
        plan.dead.clear();
        self.hung.send_modify(HashSet::clear);
        self.forgotten.send_modify(|times| *times += 1);
    }

    /// How many faults have struck so far; a crash counts once.
    #[must_use]
    pub fn struck(&self) -> u64 {
        *self.struck.borrow()
    }

    /// Waits until so many have.
    pub async fn have_struck(&self, times: u64) {
        // The sender lives as long as this does, so waiting cannot fail.
        let _ = self.struck.subscribe().wait_for(|struck| *struck >= times).await;
    }

    /// Waits until the plan is forgotten.
    pub(crate) async fn forgotten(&self) {
        let _ = self.forgotten.subscribe().changed().await;
    }

    /// Waits until a call of this life, or of no life at all, hangs because it has crashed: time to drop its future.
    pub async fn crashed(&self, life: Option<Life>) {
        let mut hung = self.hung.subscribe();
        if hung.wait_for(|hung| hung.contains(&life)).await.is_err() {
            std::future::pending().await
        }
    }

    /// What a call that begins now in this task meets.
    pub(crate) fn judge(&self, label: &Label) -> Verdict {
        let life = Life::current();
        let (verdict, strikes) = self.plan().judge(label, life);
        self.struck.send_modify(|struck| *struck += strikes);
        if verdict == Verdict::Hang {
            self.hung.send_modify(|hung| {
                hung.insert(life);
            });
        }
        verdict
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Throttle,
    ServerError,
    Lose,
    Refuse,
    Hang,
    Hold,
}

impl Plan {
    /// The verdict, and how many faults have struck.
    fn judge(&mut self, label: &Label, life: Option<Life>) -> (Verdict, u64) {
        if self.dead.contains(&life) {
            return (Verdict::Hang, 0);
        }
        let (mut verdict, mut strikes) = (Verdict::Pass, 0);
        for fault in self.armed.iter_mut().filter(|fault| fault.matches(label, life)) {
            fault.seen += 1;
            if fault.seen < fault.at || verdict != Verdict::Pass {
                continue;
            }
            verdict = match fault.kind {
                Kind::Throttle => Verdict::Throttle,
                Kind::ServerError => Verdict::ServerError,
                Kind::LostResponse => Verdict::Lose,
                Kind::Refused => Verdict::Refuse,
                Kind::Hold => Verdict::Hold,
                Kind::Crash => {
                    self.dead.insert(life);
                    if fault.seen == fault.at { Verdict::Pass } else { Verdict::Hang }
                }
            };
            strikes += 1;
        }
        let spent = |fault: &Fault| match fault.kind {
            Kind::Crash => fault.seen >= fault.at.max(1),
            _ => fault.seen + 1 >= fault.at.saturating_add(fault.times),
        };
        self.armed.retain(|fault| !spent(fault));
        (verdict, strikes)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn judge(faults: &Faults, operation: &str) -> Verdict {
        faults.judge(&Label { service: "dynamodb", operation: operation.to_owned() })
    }

    #[test]
    fn the_nth_matching_call_meets_the_trouble() {
        let faults = Faults::default();
        faults.arm(Fault::at(2, Kind::Throttle).operation("PutItem").times(2));
        faults.arm(Fault::at(1, Kind::Refused).service("s3"));
        let met = ["PutItem", "Query", "PutItem", "Query", "PutItem", "PutItem"].map(|name| judge(&faults, name));
        use Verdict::{Pass, Throttle};
        assert_eq!(met, [Pass, Pass, Throttle, Pass, Throttle, Pass]);
        assert_eq!(faults.struck(), 2);
        faults.clear();
        let put = Label { service: "s3", operation: "PutObject".to_owned() };
        assert_eq!(faults.judge(&put), Pass);
    }

    // IMP-2
    #[tokio::test]
    async fn a_crash_ends_one_life_only() {
        let faults = Faults::default();
        let (one, other) = (Life::fresh(), Life::fresh());
        faults.arm(Fault::at(2, Kind::Crash).workers().operation("PutItem"));
        let at_home = async |operation| judge(&faults, operation);
        assert_eq!(judge(&faults, "PutItem"), Verdict::Pass);
        assert_eq!(other.live(at_home("PutItem")).await, Verdict::Pass);
        assert_eq!(one.live(at_home("PutItem")).await, Verdict::Pass);
        assert!(faults.crashed(Some(one)).now_or_never().is_none());
        assert_eq!(one.live(at_home("Query")).await, Verdict::Hang);
        assert!(faults.crashed(Some(one)).now_or_never().is_some());
        assert!(faults.crashed(Some(other)).now_or_never().is_none());
        assert_eq!(other.live(at_home("PutItem")).await, Verdict::Pass);
        assert_eq!(judge(&faults, "PutItem"), Verdict::Pass);
        assert_eq!(faults.struck(), 1);
    }

    #[tokio::test]
    async fn a_crash_at_zero_lets_nothing_through() {
        let faults = Faults::default();
        let life = Life::fresh();
        faults.arm(Fault::at(0, Kind::Crash).life(life));
        assert_eq!(judge(&faults, "Query"), Verdict::Pass);
        assert_eq!(life.live(async { judge(&faults, "Query") }).await, Verdict::Hang);
    }

    #[tokio::test]
    async fn a_held_call_waits_until_the_plan_is_forgotten() {
        let faults = Faults::default();
        faults.arm(Fault::at(2, Kind::Hold).operation("PutItem"));
        let met = ["PutItem", "PutItem", "PutItem", "Query"].map(|name| judge(&faults, name));
        use Verdict::{Hold, Pass};
        assert_eq!(met, [Pass, Hold, Pass, Pass]);
        let mut held = Box::pin(faults.forgotten());
        assert!(held.as_mut().now_or_never().is_none());
        faults.arm(Fault::at(1, Kind::Throttle));
        assert!(held.as_mut().now_or_never().is_none());
        faults.clear();
        assert!(held.now_or_never().is_some());
        // What is held after that waits for the next time.
        assert!(faults.forgotten().now_or_never().is_none());
        assert_eq!(faults.struck(), 1);
    }
}
