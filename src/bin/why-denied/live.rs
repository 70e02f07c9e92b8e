//! Evidence out of AWS.

use why_denied::bundle::Draft;

use crate::args::AskedArgs;

/// Collects what explains the denials that are asked for, and says what there is to say about that.
#[cfg(feature = "aws")]
pub fn collect(asked: &AskedArgs) -> anyhow::Result<Draft> {
    with_aws::collect(asked)
}

/// Says that this program cannot.
#[cfg(not(feature = "aws"))]
pub fn collect(_: &AskedArgs) -> anyhow::Result<Draft> {
    Err(crate::failure::Hinted {
        message:
            "there is neither a bundle, nor events, nor a message, and this program was built without AWS"
                .to_owned(),
        hint: "try `why-denied explain --example s3-kms-download`, or give --bundle DIR or --events PATH"
            .to_owned(),
        usage: true,
    }
    .into())
}

#[cfg(feature = "aws")]
pub use with_aws::{hinted, settings};

#[cfg(feature = "aws")]
mod with_aws {
    use std::collections::BTreeMap;
    use std::time::{Duration, Instant};

    use jiff::{SignedDuration, Timestamp};
    use why_denied::aws::{Call, Outcome, Settings};
    use why_denied::bundle::Draft;
    use why_denied::collect::{CollectError, Collected, Plan};
    use why_denied::evidence::{Gap, Scope};
    use why_denied::sources::aws::Place;

    use crate::args::{AskedArgs, LiveArgs};
    use crate::failure::Hinted;
    use crate::output::say;
    use crate::progress::Steps;
    use crate::time::{moment, span};

    /// Somebody who was just refused looks at the last half hour; an event that is named may be as old as the history.
    const RECENT: SignedDuration = SignedDuration::from_mins(30);
    const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

    /// Somebody sits before the terminal and waits.
    const TIMEOUT: Duration = Duration::from_mins(2);

    pub fn collect(asked: &AskedArgs) -> anyhow::Result<Draft> {
        let plan = plan(asked)?;
        let started = Instant::now();
        let mut steps = Steps::new();
        let collected = why_denied::collect::collect(&plan, &mut steps);
        steps.finish();
        let Collected { draft, identity, calls, perhaps_late, unread, warnings } =
            collected.map_err(hinted)?;
        for warning in warnings {
            say(&format!("warning: {warning}"));
        }
        warn_of_unread(&unread);
        // Who could not look everywhere does not know that there is nothing.
        if perhaps_late && unread.is_empty() {
            let who = plan.scope.principal.unwrap_or_else(|| identity.arn.to_string());
            say(&format!("note: nothing was denied to {who} so far; events take some minutes to arrive"));
            say("hint: try again in a few minutes, or let it wait with --wait 10m");
        }
        if asked.live.stats {
            stats(&calls, started);
        }
        Ok(draft)
    }

    /// Says what could not be read, once for each reason: all Regions fail alike.
    fn warn_of_unread(unread: &[Gap]) {
        let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for gap in unread {
            by_reason.entry(&gap.why).or_default().push(&gap.what);
        }
        for (why, what) in by_reason {
            let [first, others @ ..] = what.as_slice() else { continue };
            let more =
                if others.is_empty() { String::new() } else { format!(" (and {} more)", others.len()) };
            say(&format!("warning: not read: {first}{more}: {why}"));
        }
    }

    /// What was typed, as a plan.
    fn plan(asked: &AskedArgs) -> anyhow::Result<Plan> {
        let AskedArgs { narrowing, event_id, request_id, source, live: args } = asked;
        let now = Timestamp::now();
        let place = source.place();
        // Only the event history finds one event, however old it is, at once.
        let reach = if event_id.is_empty() || place != Place::History { RECENT } else { HISTORY };
        let wait = args.wait.as_deref().map(span).transpose()?;
        let timeout = match &args.timeout {
            Some(timeout) => Some(span(timeout)?),
            None if place == Place::History => Some(TIMEOUT + wait.unwrap_or_default()),
            None => None,
        };
        let since = moment(narrowing.since.as_deref(), now)?;
        let scope = Scope {
            principal: narrowing.principal.clone(),
            since: since.or_else(|| now.checked_sub(reach).ok()),
            until: moment(narrowing.until.as_deref(), now)?,
        };
        Ok(Plan {
            settings: own(args),
            more_profiles: args.profile.iter().skip(1).cloned().collect(),
            org_profile: args.org_profile.clone(),
            account_role: args.account_role.clone(),
            place,
            accounts: source.accounts.clone(),
            regions: source.regions.clone(),
            scope,
            event_ids: event_id.clone(),
            request_ids: request_id.clone(),
            timeout,
            wait,
            now,
        })
    }

    fn own(args: &LiveArgs) -> Settings {
        Settings {
            profile: args.profile.first().cloned(),
            region: args.region.clone(),
            endpoint_url: args.endpoint_url.clone(),
        }
    }

    /// The caller's own connection, and how long a run over it may take.
    pub fn settings(args: &LiveArgs) -> anyhow::Result<(Settings, Option<Duration>)> {
        let timeout = args.timeout.as_deref().map(span).transpose()?;
        Ok((own(args), Some(timeout.unwrap_or(TIMEOUT))))
    }

    pub fn hinted(error: CollectError) -> anyhow::Error {
        match error.hint() {
            Some(hint) => Hinted { message: error.to_string(), hint, usage: false }.into(),
            None => error.into(),
        }
    }

    fn stats(calls: &[Call], started: Instant) {
        let seconds = started.elapsed().as_secs_f64();
        say(&format!("{} calls of AWS in {seconds:.1} s", calls.len()));
        let mut by_action: BTreeMap<String, Vec<&Call>> = BTreeMap::new();
        for call in calls {
            by_action.entry(call.action()).or_default().push(call);
        }
        for (action, calls) in by_action {
            let codes = calls.iter().filter_map(|call| match &call.outcome {
                Outcome::Answered => None,
                Outcome::Unanswered => Some("no answer"),
                Outcome::Failed(code) => Some(code.as_deref().unwrap_or("no answer of AWS")),
            });
            let mut codes: Vec<&str> = codes.collect();
            codes.sort_unstable();
            codes.dedup();
            let failed = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
            say(&format!("  {:>3} {action}{failed}", calls.len()));
        }
    }
}
