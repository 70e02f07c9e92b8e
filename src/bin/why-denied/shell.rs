//! `why-denied completions` and `why-denied man`: the command line for shells and for manuals, made out of the same
//! definition that parses it, so that neither can be out of date.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Command, CommandFactory as _};
use clap_complete::{Shell, generate};

use crate::args::Cli;
use crate::failure::Exit;
use crate::output::print;

const NAME: &str = "why-denied";
const UNHYPHENED: &str = "why_denied";

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  source <(why-denied completions bash)
  why-denied completions zsh > ~/.zfunc/_why-denied
  why-denied completions fish > ~/.config/fish/completions/why-denied.fish")]
pub struct CompletionsArgs {
    /// The shell that is to complete words
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied man | man -l -
  why-denied man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// A folder to write a page for every command into; without it, the page of the program is printed
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

pub fn completions(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    print(&script(args.shell))?;
    Ok(Exit::Success)
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    // For bash, `clap_complete` 4.6 files what comes behind a subcommand under a name in which the hyphen of the program
    // is something else than where it looks it up. So the program has no hyphen but where it is named to bash.
    let name = if shell == Shell::Bash { UNHYPHENED } else { NAME };
    generate(shell, &mut command().bin_name(name), name, &mut script);
    let script = String::from_utf8_lossy(&script);
    let lines = script.lines().map(|line| match line.strip_suffix(UNHYPHENED) {
        Some(complete) if complete.trim_start().starts_with("complete -F ") => format!("{complete}{NAME}\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

pub fn man(args: &ManArgs) -> anyhow::Result<Exit> {
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        let mut command = command().disable_help_subcommand(true);
        command.build();
        clap_mangen::Man::new(command).render(&mut page)?;
        print(&String::from_utf8_lossy(&page))?;
        return Ok(Exit::Success);
    };
    let failed = || format!("the manual was not written into `{}`", folder.display());
    fs::create_dir_all(folder).with_context(failed)?;
    clap_mangen::generate_to(command(), folder).with_context(failed)?;
    Ok(Exit::Success)
}

/// The name as it is typed, whatever the file of the program is called.
fn command() -> Command {
    Cli::command().name(NAME).bin_name(NAME)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use super::*;
    use clap::Parser as _;

    /// The words of a line of a shell: quotes hold a word together, and what the shell does for itself is left out.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quote = None;
        for letter in line.chars() {
            match (letter, quote) {
                ('\'' | '"', None) => quote = Some(letter),
                (letter, Some(open)) if letter == open => quote = None,
                ('|' | '>' | '<' | '#' | ')', None) => break,
                (' ', None) => words.push(String::new()),
                (letter, _) => words.last_mut().unwrap().push(letter),
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    fn examples(command: &Command) -> Vec<Vec<String>> {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples = help.split("\n\n").find(|part| part.starts_with("Examples:\n")).unwrap_or_default();
        let lines = examples.replace("\\\n", " ");
        let lines =
            lines.lines().skip(1).filter_map(|line| Some(line.get(line.find("why-denied")?..)?.to_owned()));
        lines.map(|line| words(&line)).collect()
    }

    fn check(command: &Command, path: &str) {
        let own = examples(command);
        assert!(!own.is_empty(), "the help of `{path}` shows no example");
        let mut parsed_as_own = 0;
        for words in own {
            let args = crate::args::with_default_command(words.iter().map(Into::into));
            Cli::try_parse_from(args).unwrap_or_else(|error| panic!("{path}: {words:?}: {error}"));
            parsed_as_own += usize::from(words.join(" ").starts_with(path));
        }
        assert!(parsed_as_own > 0, "no example of `{path}` is one of it");
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            check(inner, &format!("{path} {}", inner.get_name()));
        }
    }

    #[test]
    fn the_help_of_every_command_has_an_example_that_can_be_typed() {
        check(&command(), "why-denied");
    }

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }
}
