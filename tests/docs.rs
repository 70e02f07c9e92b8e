//! The documentation against the program: generated references are the real ones, tables name what is there, and
//! what a page shows works.
//!
//! `WHY_DENIED_BLESS=1 cargo test --test docs` rewrites the parts between `<!-- generated: … -->` and `<!-- end -->`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use why_denied::bundle::{Folder, read};
use why_denied::diagnose::FindingCode;

const BLESS: &str = "WHY_DENIED_BLESS";
const STATES: [&str; 3] = ["modelled", "partly", "not modelled"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Compares the generated part of a page with what it should be, or rewrites it.
#[track_caller]
fn check_generated(file: &str, name: &str, wanted: &str) {
    let begin = format!("<!-- generated: {name} -->\n");
    let page = text(file);
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("{file} has no {begin}"));
    let (found, after) =
        rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("{file}: {name} has no end"));
    if found == wanted {
        return;
    }
    if std::env::var_os(BLESS).is_some() {
        // Parts of one page are rewritten one after another by one test, so nobody else writes the page meanwhile.
        std::fs::write(root().join(file), format!("{before}{begin}{wanted}<!-- end -->{after}")).unwrap();
        return;
    }
    let missing: Vec<&str> =
        wanted.lines().filter(|line| !found.lines().any(|other| other == *line)).collect();
    let stale: Vec<&str> = found.lines().filter(|line| !wanted.lines().any(|other| other == *line)).collect();
    panic!(
        "the part `{name}` of {file} is out of date: run `{BLESS}=1 cargo test --test docs`\nmissing:\n{}\nstale:\n{}",
        missing.join("\n"),
        stale.join("\n")
    );
}

fn program(args: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_why-denied"))
        .args(args)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let lines: Vec<_> =
        String::from_utf8(output.stdout).unwrap().lines().map(|l| l.trim_end().to_owned()).collect();
    (lines.join("\n") + "\n", output.status.code())
}

fn fenced(text: &str) -> String {
    format!("```text\n{text}```\n")
}

#[test]
fn the_command_reference_is_the_real_help() {
    for command in [
        "why-denied",
        "explain",
        "denials",
        "changes",
        "simulate",
        "collect",
        "permissions",
        "sources",
        "sources athena-ddl",
        "lessons",
        "lessons start",
        "lessons answer",
        "lessons hint",
        "lessons check",
        "completions",
        "man",
    ] {
        let words = command.split(' ').filter(|word| *word != "why-denied");
        let args: Vec<&str> = words.chain(["--help"]).collect();
        check_generated("docs/cli.md", &format!("help {command}"), &fenced(&program(&args).0));
    }
}

#[test]
fn every_command_and_option_has_a_section() {
    let page = text("docs/cli.md");
    let commands =
        ["explain", "denials", "changes", "simulate", "collect", "permissions", "sources", "lessons"];
    for command in commands.into_iter().chain(["completions", "man"]) {
        assert!(page.contains(&format!("\n## `{command}`")), "docs/cli.md has no section of {command}");
        let help = program(&[command, "--help"]).0;
        let options = help.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2);
        for option in options.filter(|option| option.bytes().all(|b| b == b'-' || b.is_ascii_lowercase())) {
            assert!(
                page.contains(&format!("`{option}")),
                "docs/cli.md does not explain {option} of {command}"
            );
        }
    }
}

/// The sections of a page by their heading.
fn sections<'t>(page: &'t str, heading: &str) -> BTreeMap<&'t str, &'t str> {
    let mut sections = BTreeMap::new();
    for part in page.split(&format!("\n{heading} ")).skip(1) {
        let (title, body) = part.split_once('\n').unwrap_or((part, ""));
        sections.insert(title.trim().trim_matches('`'), body);
    }
    sections
}

#[test]
fn every_finding_code_has_its_section() {
    let page = text("docs/findings.md");
    let sections = sections(&page, "###");
    let codes: BTreeSet<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    let titles: BTreeSet<&str> = sections.keys().copied().collect();
    assert_eq!(codes.difference(&titles).collect::<Vec<_>>(), Vec::<&&str>::new(), "codes without a section");
    assert_eq!(titles.difference(&codes).collect::<Vec<_>>(), Vec::<&&str>::new(), "sections without a code");
    for code in FindingCode::ALL {
        let body = sections[code.as_str()];
        assert!(
            body.contains(code.summary()),
            "{code}: the section does not begin with the program's own words"
        );
        for part in ["**What it means.**", "**Why AWS does this.**", "**How to fix it.**", "**Example.**"] {
            assert!(body.contains(part), "{code} has no {part}");
        }
        assert!(body.contains("](https://docs.aws.amazon.com/"), "{code} names no AWS page");
    }
}

/// A row of the table of rules.
#[derive(Debug, Clone, Default)]
struct Rule {
    text: String,
    source: String,
    confidence: String,
    state: String,
    place: String,
    cases: usize,
}

impl Rule {
    fn line(&self, id: &str) -> String {
        let page = self.source.rsplit('/').next().unwrap().replace(".html", "");
        format!(
            "| `{id}` | {} | [{page}]({}) | {} | {} | {} | {} |\n",
            self.text, self.source, self.confidence, self.state, self.place, self.cases
        )
    }
}

/// The rules in the order of the page: areas with their rows.
type Rules = Vec<(String, Vec<(String, Rule)>)>;

fn documented_rules(page: &str) -> Rules {
    let mut rules = Rules::new();
    for line in page.lines() {
        if let Some(area) = line.strip_prefix("### ") {
            rules.push((area.to_owned(), Vec::new()));
        }
        let Some(rest) = line.strip_prefix("| `") else { continue };
        let cells: Vec<&str> = rest.trim_end_matches(" |").split(" | ").collect();
        let [id, rule, page, confidence, state, place, cases] = cells.as_slice() else {
            panic!("a row of docs/evaluation.md has {} cells: {line}", cells.len());
        };
        let source = page.split_once("](").unwrap().1.trim_end_matches(')');
        let rule = Rule {
            text: (*rule).to_owned(),
            source: source.to_owned(),
            confidence: (*confidence).to_owned(),
            state: (*state).to_owned(),
            place: (*place).to_owned(),
            cases: cases.parse().unwrap(),
        };
        rules.last_mut().unwrap().1.push((id.trim_end_matches('`').to_owned(), rule));
    }
    rules
}

/// Every case file: area, row id, and what the file says of the rule.
fn case_rules() -> Vec<(String, String, Rule)> {
    let mut rules = Vec::new();
    let mut areas: Vec<PathBuf> =
        std::fs::read_dir(root().join("tests/cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    areas.sort();
    for area in areas.iter().filter(|path| path.is_dir()) {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(area).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let case: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let cell = |name: &str| {
                let cell = case[name].as_str().unwrap_or_else(|| panic!("{} has no {name}", file.display()));
                assert!(!cell.contains(" | "), "{}: {name} would break the table", file.display());
                cell.to_owned()
            };
            let rule = Rule {
                text: cell("rule"),
                source: cell("source"),
                confidence: cell("confidence"),
                cases: case["cases"].as_array().unwrap().len(),
                ..Rule::default()
            };
            let area = area.file_name().unwrap().to_str().unwrap().to_owned();
            assert_eq!(
                file.file_stem().unwrap().to_str(),
                case["row"].as_str(),
                "a case file has its row's name"
            );
            rules.push((area, cell("row"), rule));
        }
    }
    rules
}

/// What a person wrote of each row stays; what the case files say is theirs.
fn merged(mut rules: Rules) -> Rules {
    for (_, rows) in &mut rules {
        for (_, rule) in rows {
            rule.cases = 0;
        }
    }
    for (area, id, found) in case_rules() {
        let position = rules.iter().position(|(name, _)| *name == area).unwrap_or_else(|| {
            rules.push((area.clone(), Vec::new()));
            rules.len() - 1
        });
        let rows = &mut rules[position].1;
        match rows.iter_mut().find(|(known, _)| *known == id) {
            Some((_, rule)) => *rule = Rule { state: rule.state.clone(), place: rule.place.clone(), ..found },
            None => rows.push((id, Rule { state: "modelled".to_owned(), place: "?".to_owned(), ..found })),
        }
    }
    rules
}

fn table_of_rules(rules: &Rules) -> String {
    let mut out = String::from(
        "| area | rows | modelled | partly | not modelled | cases |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    let mut summary = |name: &str, rows: &[&Rule]| {
        let count = |state: &str| rows.iter().filter(|rule| rule.state == state).count();
        let [modelled, partly, not] = STATES.map(count);
        let cases: usize = rows.iter().map(|rule| rule.cases).sum();
        writeln!(out, "| {name} | {} | {modelled} | {partly} | {not} | {cases} |", rows.len()).unwrap();
    };
    for (area, rows) in rules {
        summary(&format!("[{area}](#{area})"), &rows.iter().map(|(_, rule)| rule).collect::<Vec<_>>());
    }
    summary("total", &rules.iter().flat_map(|(_, rows)| rows).map(|(_, rule)| rule).collect::<Vec<_>>());
    for (area, rows) in rules {
        write!(out, "\n### {area}\n\n").unwrap();
        out.push_str("| row | rule | AWS page | confidence | state | where | cases |\n| --- | --- | --- | --- | --- | --- | --- |\n");
        out.extend(rows.iter().map(|(id, rule)| rule.line(id)));
    }
    out
}

#[test]
fn the_table_of_rules_is_what_the_cases_say() {
    let page = text("docs/evaluation.md");
    let generated =
        page.split_once("<!-- generated: rules -->").unwrap().1.split_once("<!-- end -->").unwrap().0;
    let rules = merged(documented_rules(generated));
    // First, so that blessing writes new rows with a `?` to be replaced.
    check_generated("docs/evaluation.md", "rules", &table_of_rules(&rules));
    for (id, rule) in rules.iter().flat_map(|(_, rows)| rows) {
        assert!(
            STATES.contains(&rule.state.as_str()),
            "{id}: the state `{}` is none of {STATES:?}",
            rule.state
        );
        assert!(rule.state != "modelled" || rule.cases > 0, "{id} is called modelled and has no case");
        assert!(rule.source.starts_with("https://docs.aws.amazon.com/"), "{id} names no AWS page");
        for file in rule.place.split(", ").filter(|file| *file != "—") {
            let file = file.trim_matches('`');
            assert!(
                root().join("src").join(file).is_file(),
                "{id}: there is no src/{file}; say where the rule is"
            );
        }
    }
}

#[test]
fn the_example_bundle_of_the_page_is_read_without_problems() {
    let page = text("docs/bundle-format.md");
    let example = page.split_once("## A complete minimal example").unwrap().1;
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for part in example.split("\nFile `").skip(1) {
        let (file, rest) = part.split_once('`').unwrap();
        let body = rest.split_once("```json\n").unwrap().1.split_once("```").unwrap().0;
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, body).unwrap();
        count += 1;
    }
    assert!(count >= 4, "the example has {count} files");
    let loaded = read(&Folder::new(folder.path()));
    let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(
        problems.is_empty() && loaded.evidence.gaps.is_empty(),
        "{problems:?} {:?}",
        loaded.evidence.gaps
    );
    let (answer, exit) = program(&["explain", "--bundle", folder.path().to_str().unwrap()]);
    assert_eq!(exit, Some(0));
    check_generated("docs/bundle-format.md", "answer", &fenced(&answer));
}

/// The fields of the report in the page, and those that the program writes for its examples.
#[test]
fn every_field_of_the_report_is_explained() {
    let page = text("docs/cli.md");
    let mut names = BTreeSet::new();
    for example in program(&["explain", "--example"]).0.lines() {
        let report = program(&["explain", "--example", example, "--format", "json"]).0;
        field_names(&serde_json::from_str(&report).unwrap(), &mut names);
    }
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "docs/cli.md does not explain the field `{name}`");
    }
}

fn field_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                names.insert(name.clone());
                // The statement of a remedy is a policy's, not ours.
                if name != "statement" {
                    field_names(value, names);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| field_names(item, names)),
        _ => {}
    }
}

/// The modules of the library that the sources of a module name.
fn imports(module: &str) -> BTreeSet<String> {
    let mut files = Vec::new();
    source_files(&root().join("src").join(module), &mut files);
    files.push(root().join(format!("src/{module}.rs")));
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| file.is_file()) {
        let code: String = std::fs::read_to_string(file)
            .unwrap()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        for part in code.split("crate::").skip(1) {
            let list = part.strip_prefix('{').map_or(part, |list| list.split('}').next().unwrap());
            let names = if part.starts_with('{') { list.split(',').collect() } else { vec![part] };
            for name in names {
                let name = name.trim();
                let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
                found.insert(name[..end].to_owned());
            }
        }
    }
    found.remove(module);
    found.remove("");
    found
}

fn source_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            source_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn the_table_of_layers_is_that_of_the_code() {
    let page = text("docs/architecture.md");
    let table = page.split_once("<!-- layers -->").unwrap().1.split_once("<!-- end -->").unwrap().0;
    let mut documented: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        for module in names(cells[1]) {
            documented.insert(module, names(cells[3]).into_iter().collect());
        }
    }
    let modules = text("src/lib.rs");
    let modules = modules.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in modules {
        let allowed =
            documented.get(module).unwrap_or_else(|| panic!("docs/architecture.md has no row of {module}"));
        let found = imports(module);
        let beyond: Vec<_> = found.difference(allowed).collect();
        assert!(beyond.is_empty(), "`{module}` imports {beyond:?}, which docs/architecture.md does not list");
    }
}

#[test]
fn links_lead_somewhere() {
    let mut pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|page| root().join(page)).to_vec();
    for folder in ["docs", "docs/decisions"] {
        let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("https://")) {
            let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if target.is_empty() { page.clone() } else { page.parent().unwrap().join(target) };
            assert!(target.exists(), "{}: {link} leads nowhere", page.display());
            let there = anchor.is_empty() || anchors(&target).contains(anchor);
            assert!(there, "{}: there is no heading for {link}", page.display());
        }
    }
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let headings =
        text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let letter = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings
        .map(|heading| heading.to_lowercase().chars().filter(letter).collect::<String>().replace(' ', "-"))
        .collect()
}
