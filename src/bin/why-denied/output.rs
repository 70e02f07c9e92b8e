//! Standard output is data, standard error is talk.

use std::io::{IsTerminal, Write};

use why_denied::render::{harmless_json, printable};

/// Writes data.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes a JSON value, laid out for people too.
pub fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print(&json_text(value)?)
}

/// A JSON value as text, laid out for people too.
pub fn json_text(value: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(harmless_json(&serde_json::to_string_pretty(value)?).into_owned() + "\n")
}

/// Says something, one line, with nothing in it that a terminal would obey.
pub fn say(line: &str) {
    let mut err = anstream::stderr().lock();
    // There is nobody left to tell if standard error is closed.
    let _ = writeln!(err, "{}", printable(line));
}

/// The width of the terminal, or 100 columns where there is none.
pub fn width() -> usize {
    match terminal_size::terminal_size() {
        Some((terminal_size::Width(columns), _)) if std::io::stdout().is_terminal() => usize::from(columns),
        _ => 100,
    }
}

/// Whether to use colour on standard output.
pub fn colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}
