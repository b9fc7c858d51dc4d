//! From an object in the bucket to the worker that waits for it: at least once, as S3 and Lambda do it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_lambda_events::s3::S3Event;
use caseload::app::App;
use caseload::clock::TimeIsUp;
use caseload::crypto::ordered_id;
use caseload::domain::ids::RequestId;
use caseload::web::within_request;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::bucket::{ObjectCreated, s3_event};
use crate::faults::{Faults, Life};
use crate::functions::{Handler, workers};
use crate::invocation::context;

/// The worker that an object wakes.
#[derive(Debug, Clone, Copy)]
struct Woken {
    function: &'static str,
    handle: Handler<S3Event>,
}

impl Woken {
    fn by(key: &str) -> Option<Self> {
        let mut all = workers();
        let of = all.find(|(_, of, _)| key.starts_with(of.prefix) && key.ends_with(of.suffix));
        of.map(|(spec, _, handle)| Self { function: spec.name, handle })
    }
}

/// The first try and two more.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);

type Invoke = Arc<dyn Fn(Woken, App, LambdaEvent<S3Event>) -> BoxFuture<'static, Result<Value, Error>> + Send + Sync>;

/// Takes notifications and knows how many are still being worked on.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    inbox: mpsc::UnboundedSender<Arrival>,
    under_way: watch::Sender<usize>,
    twice: Arc<AtomicBool>,
    gate: watch::Sender<Gate>,
}

/// Where a delivery that failed waits for its next try.
#[derive(Debug, Clone, Copy, Default)]
struct Gate {
    closed: bool,
    waiting: usize,
}

/// The other end, read by [`Worker::run`].
pub(crate) type Arrivals = mpsc::UnboundedReceiver<Arrival>;

/// An object that no delivery has settled yet.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    object: ObjectCreated,
    woken: Woken,
    _counted: Arc<Counted>,
}

#[derive(Debug)]
struct Counted(watch::Sender<usize>);

impl Counted {
    fn new(under_way: &watch::Sender<usize>) -> Arc<Self> {
        under_way.send_modify(|n| *n += 1);
        Arc::new(Self(under_way.clone()))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n -= 1);
    }
}

impl Events {
    pub(crate) fn new(twice: bool) -> (Self, Arrivals) {
        let (inbox, arrivals) = mpsc::unbounded_channel();
        let twice = Arc::new(AtomicBool::new(twice));
        let under_way = watch::Sender::new(0);
        (Self { inbox, under_way, twice, gate: watch::Sender::default() }, arrivals)
    }

    /// Takes notice of an object. Does not wait.
    pub(crate) fn notify(&self, object: ObjectCreated) {
        if let Some(woken) = Woken::by(&object.key) {
            let counted = Counted::new(&self.under_way);
            // Nobody listens any more while the cloud is shutting down.
            let _ = self.inbox.send(Arrival { object, woken, _counted: counted });
        }
    }

    pub(crate) fn deliver_twice(&self, twice: bool) {
        self.twice.store(twice, Ordering::SeqCst);
    }

    pub(crate) fn hold_retries(&self, hold: bool) {
        self.gate.send_modify(|gate| gate.closed = hold);
    }

    /// Waits until a delivery that failed waits to be tried again.
    pub(crate) async fn retry_held(&self) {
        let _ = self.gate.subscribe().wait_for(|gate| gate.closed && gate.waiting > 0).await;
    }

    /// Waits until no delivery is under way.
    pub(crate) async fn settled(&self) {
        // The sender lives as long as this does, so waiting cannot fail.
        let _ = self.under_way.subscribe().wait_for(|n| *n == 0).await;
    }
}

/// Runs the function for each object.
#[derive(Clone)]
pub(crate) struct Worker {
    app: App,
    faults: Faults,
    twice: Arc<AtomicBool>,
    gate: watch::Sender<Gate>,
    time: SignedDuration,
    handle: Invoke,
}

impl Worker {
    /// The workers, with this much time for each invocation.
    pub(crate) fn new(app: App, faults: Faults, events: &Events, time: SignedDuration) -> Self {
        let handle: Invoke = Arc::new(|woken, app, event| (woken.handle)(app, event));
        let (twice, gate) = (Arc::clone(&events.twice), events.gate.clone());
        Self { app, faults, twice, gate, time, handle }
    }

    /// Delivers until nobody can notify any more; dropping it drops every delivery.
    pub(crate) async fn run(self, mut arrivals: Arrivals) {
        let mut deliveries = JoinSet::new();
        loop {
            tokio::select! {
                arrival = arrivals.recv() => match arrival {
                    Some(arrival) => {
                        if self.twice.load(Ordering::SeqCst) {
                            deliveries.spawn(self.clone().deliver(arrival.clone()));
                        }
                        deliveries.spawn(self.clone().deliver(arrival));
                    }
                    None => break,
                },
                Some(_) = deliveries.join_next() => {}
            }
        }
        while deliveries.join_next().await.is_some() {}
    }

    async fn deliver(self, arrival: Arrival) {
        let Arrival { object, woken, _counted } = &arrival;
        let (key, function) = (&object.key, woken.function);
        for number in 1..=TRIES {
            match self.invoke(*woken, object).await {
                Ok(answer) => return tracing::info!(function, key, number, %answer, "worker"),
                Err(error) => tracing::warn!(function, key, number, %error, "worker failed"),
            }
            if number < TRIES {
                self.app.clock().pause(PAUSE * number).await;
                self.gate.send_modify(|gate| gate.waiting += 1);
                let _ = self.gate.subscribe().wait_for(|gate| !gate.closed).await;
                self.gate.send_modify(|gate| gate.waiting -= 1);
            }
        }
        tracing::error!(function, key, "the event is given up; in the cloud it would be among the dead letters");
    }

    async fn invoke(&self, woken: Woken, object: &ObjectCreated) -> Result<Value, Error> {
        let now = self.app.now();
        let id = RequestId::from_uuid(ordered_id(now)?);
        let event: S3Event = serde_json::from_value(s3_event(object, now))?;
        let event = LambdaEvent::new(event, context(self.app.clock(), woken.function, id, self.time));
        let life = Life::fresh();
        let work = AssertUnwindSafe((self.handle)(woken, self.app.clone(), event)).catch_unwind();
        let work = life.live(within_request(id, work));
        let limit = Duration::try_from(self.time)?;
        tokio::select! {
            done = self.app.clock().within(limit, work) => match done {
                Ok(done) => done.unwrap_or_else(|_| Err("the worker panicked".into())),
                Err(TimeIsUp) => Err("the worker ran out of time".into()),
            },
            () = self.faults.crashed(Some(life)) => Err("the worker was killed".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use caseload::aws::Sdk;
    use caseload::clock::Clock;
    use caseload::config::Config;

    use super::*;
    use crate::wire;

    fn object(key: &str) -> ObjectCreated {
        ObjectCreated {
            bucket: "caseload".to_owned(),
            key: key.to_owned(),
            size: 1,
            etag: "e".to_owned(),
            sequencer: "1".to_owned(),
        }
    }

    /// Starts a worker that does what `behave` says for each invocation; the log has the keys it was invoked with.
    fn start(
        twice: bool,
        behave: impl Fn(usize) -> Result<Value, Error> + Send + Sync + 'static,
    ) -> (Events, Arc<Mutex<Vec<String>>>) {
        let sdk = Sdk::local(wire::plain(), "local", "local", Duration::from_secs(1), Clock::standing());
        let config = Config { origins: "http://127.0.0.1".parse().ok(), ..Config::default() };
        let app = App::new(&config, &sdk, caseload::app::Services::NONE, Clock::standing(), false).unwrap();
        let (events, arrivals) = Events::new(twice);
        let mut worker = Worker::new(app, Faults::default(), &events, SignedDuration::from_secs(60));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, behave) = (Arc::clone(&seen), Arc::new(behave));
        worker.handle = Arc::new(move |_, _, event: LambdaEvent<S3Event>| {
            let (log, behave) = (Arc::clone(&log), Arc::clone(&behave));
            async move {
                assert!(event.context.deadline > 0 && Life::current().is_some());
                let number = {
                    let mut log = log.lock().unwrap();
                    log.push(event.payload.records[0].s3.object.key.clone().unwrap());
                    log.len()
                };
                behave(number)
            }
            .boxed()
        });
        tokio::spawn(worker.run(arrivals));
        (events, seen)
    }

    async fn deliver(
        twice: bool,
        keys: &[&str],
        behave: impl Fn(usize) -> Result<Value, Error> + Send + Sync + 'static,
    ) -> Vec<String> {
        let (events, seen) = start(twice, behave);
        for key in keys {
            events.notify(object(key));
        }
        events.settled().await;
        seen.lock().unwrap().clone()
    }

    #[tokio::test]
    async fn only_what_somebody_waits_for_is_delivered() {
        let keys = ["files/x", "imports/p/i/source.csv", "quarantine/x", "exports/p/c/e/archive.zip"];
        let seen = deliver(false, &keys, |_| Ok(Value::Null)).await;
        assert_eq!(seen, ["imports/p/i/source.csv"]);
        assert_eq!(deliver(false, &["exports/p/c/e/order.json"], |_| Ok(Value::Null)).await.len(), 1);
    }

    #[tokio::test]
    async fn a_failure_or_a_panic_is_delivered_again_and_then_given_up() {
        let answer = |number| match number {
            1 => Err("not yet".into()),
            2 => panic!("never mind"),
            _ => Ok(Value::Null),
        };
        assert_eq!(deliver(false, &["imports/a"], answer).await.len(), 3);
        assert_eq!(deliver(false, &["imports/a"], |_| Err("never".into())).await.len(), 3);
    }

    #[tokio::test]
    async fn the_switch_delivers_twice() {
        assert_eq!(deliver(true, &["imports/a"], |_| Ok(Value::Null)).await.len(), 2);
    }

    #[tokio::test]
    async fn a_retry_that_is_held_waits_until_it_is_let_go() {
        let (events, seen) = start(false, |number| if number == 1 { Err("not yet".into()) } else { Ok(Value::Null) });
        events.hold_retries(true);
        events.notify(object("imports/a"));
        tokio::select! {
            () = events.retry_held() => {}
            () = events.settled() => panic!("nothing was held"),
        }
        patiently().await;
        assert!(events.settled().now_or_never().is_none());
        assert_eq!(seen.lock().unwrap().len(), 1);
        events.hold_retries(false);
        events.settled().await;
        assert_eq!(seen.lock().unwrap().len(), 2);
        assert!(events.retry_held().now_or_never().is_none());
    }

    #[tokio::test]
    async fn holding_retries_holds_no_first_try() {
        let (events, seen) = start(false, |_| Ok(Value::Null));
        events.hold_retries(true);
        events.notify(object("imports/a"));
        events.settled().await;
        assert_eq!(seen.lock().unwrap().len(), 1);
        assert!(events.retry_held().now_or_never().is_none());
    }

    /// Lets every other task go as far as it can.
    async fn patiently() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
}
