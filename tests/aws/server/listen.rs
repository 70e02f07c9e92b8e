//! The server itself: connections, the log of calls, and the answers as they leave, whole or not.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value};

use super::call::{self, Call, Logged};
use super::faults::{self, Fault, Rule};
use super::http::{self, Request};
use super::reply::{self, Reply};
use super::services;
use super::world::World;

/// A running server. It ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    world: World,
    rules: Mutex<Vec<Rule>>,
    calls: Mutex<Vec<Logged>>,
    inputs: Mutex<Vec<Call>>,
    limits: services::Limits,
    stopped: AtomicBool,
}

impl Server {
    pub fn start(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("the listener has an address");
        let state = Arc::new(State {
            world,
            rules: Mutex::default(),
            calls: Mutex::default(),
            inputs: Mutex::default(),
            limits: services::Limits::default(),
            stopped: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&state);
        std::thread::spawn(move || accept(&listener, &accepting));
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn world(&self) -> &World {
        &self.state.world
    }

    /// Adds a fault. The first that hits a call counts.
    pub fn fault(&self, rule: Rule) -> &Self {
        self.state.rules.lock().unwrap().push(rule);
        self
    }

    /// No faults any more, and no calls.
    pub fn reset(&self) {
        self.state.rules.lock().unwrap().clear();
        self.state.calls.lock().unwrap().clear();
    }

    /// All calls so far.
    pub fn calls(&self) -> Vec<Logged> {
        self.state.calls.lock().unwrap().clone()
    }

    /// What an operation was called with, each time.
    pub fn inputs(&self, operation: &str) -> Vec<Map<String, Value>> {
        let inputs = self.state.inputs.lock().unwrap();
        inputs.iter().filter(|call| call.operation == operation).map(|call| call.input.clone()).collect()
    }

    /// The lookups in the event history: where, and by which attribute.
    pub fn lookups(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line = |call: &Call| {
            let attribute = &call.input["LookupAttributes"][0];
            let (key, value) = (text(&attribute["AttributeKey"]), text(&attribute["AttributeValue"]));
            format!("cloudtrail:LookupEvents {} {key}={value}", call.region)
        };
        let inputs = self.state.inputs.lock().unwrap();
        inputs.iter().filter(|call| call.operation == "LookupEvents").map(line).collect()
    }

    /// The operations called, each once, as `service:operation`.
    pub fn operations(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.calls().iter().map(|call| format!("{}:{}", call.service, call.operation)).collect();
        names.sort();
        names.dedup();
        names
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    for stream in listener.incoming() {
        if state.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(mut stream) = stream else { continue };
        let state = Arc::clone(state);
        // A client that goes away in the middle is no failure of the server.
        std::thread::spawn(move || serve(&mut stream, &state));
    }
}

fn serve(stream: &mut TcpStream, state: &State) -> io::Result<()> {
    stream.set_nodelay(true)?;
    while let Some(request) = http::read(stream)? {
        let (reply, fault) = answer(&request, state);
        deliver(stream, state, &request, &reply, fault)?;
    }
    Ok(())
}

fn answer(request: &Request, state: &State) -> (Reply, Option<Fault>) {
    let call = match call::read(request, &state.world) {
        Ok(call) => call,
        Err((protocol, refusal)) => return (reply::write(protocol, "", "", Err(refusal)), None),
    };
    let fault = faults::hitting(&mut state.rules.lock().unwrap(), &call);
    let answer = match fault.and_then(|fault| fault.refusal(&call)) {
        Some(refusal) => Err(refusal),
        None => services::answer(&state.world, &state.limits, &call),
    };
    let reply = match fault {
        Some(Fault::Portal) => reply::portal(),
        _ => reply::write(call.protocol, &call.service, &call.operation, answer),
    };
    log(state, &call, reply.status);
    (reply, fault)
}

fn log(state: &State, call: &Call, status: u16) {
    state.inputs.lock().unwrap().push(call.clone());
    state.calls.lock().unwrap().push(Logged {
        service: call.service.clone(),
        operation: call.operation.clone(),
        region: call.region.clone(),
        account: call.caller.account.clone(),
        status,
    });
}

fn deliver(
    stream: &mut TcpStream,
    state: &State,
    request: &Request,
    reply: &Reply,
    fault: Option<Fault>,
) -> io::Result<()> {
    let body: &[u8] = if request.method == "HEAD" { &[] } else { &reply.body };
    if fault == Some(Fault::Silent) {
        while !state.stopped.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
        return Err(io::ErrorKind::TimedOut.into());
    }
    http::write_head(stream, reply.status, &reply.headers, body.len())?;
    match fault {
        Some(Fault::Cut) => {
            stream.write_all(&body[..body.len() / 2])?;
            Err(io::ErrorKind::ConnectionAborted.into())
        }
        Some(Fault::Slow(pause)) => body.chunks(body.len().div_ceil(8).max(1)).try_for_each(|piece| {
            std::thread::sleep(pause);
            stream.write_all(piece)
        }),
        _ => stream.write_all(body),
    }
}
