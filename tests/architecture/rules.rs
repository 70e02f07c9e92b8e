//! The rules, applied to what the files name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::layers::{AWS_CRATES, BINARY, NEIGHBOURS, PRINTING, TOUCHING, Touch, layer};
use crate::source::{Named, SourceFile, read_crate};

const LIBRARY_ROOT: &str = "lib.rs";
const BINARY_ROOT: &str = "bin/why-denied/main.rs";

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    pub file: String,
    pub line: usize,
    pub rule: &'static str,
    pub text: String,
}

/// What was read and what is wrong with it.
#[derive(Debug, Default)]
pub struct Checked {
    pub violations: BTreeSet<Violation>,
    /// Which top-level module uses which.
    pub uses: BTreeSet<(String, String)>,
    /// Lines of code by file.
    pub lengths: BTreeMap<String, usize>,
}

/// Checks a source folder. A file of more than `longest` lines of code is too long.
pub fn check(folder: &Path, longest: usize) -> Checked {
    let mut seen = BTreeSet::new();
    let library = read_crate(folder, Path::new(LIBRARY_ROOT), &mut seen);
    let binary = read_crate(folder, Path::new(BINARY_ROOT), &mut seen);
    let root = library.iter().find(|file| file.module.is_empty()).expect("a library has a root");
    let modules: BTreeMap<&str, usize> =
        root.declares.iter().map(|(name, line)| (name.as_str(), *line)).collect();
    let mut checked = Checked::default();
    for (module, line) in &modules {
        if layer(module).is_none() {
            checked.report(LIBRARY_ROOT, *line, "no-layer", format!("`{module}` is not in the layer table"));
        }
    }
    for file in &library {
        checked.imports(file, &modules);
        let own = file.module.first().and_then(|module| layer(module));
        checked.touches(file, own.map_or(&[], |layer| layer.may));
    }
    for file in &binary {
        checked.touches(file, BINARY);
    }
    checked.cycles(&modules);
    checked.lengths(library.iter().chain(&binary), longest);
    checked.orphans(folder, &seen);
    checked
}

impl Checked {
    fn report(&mut self, file: &str, line: usize, rule: &'static str, text: String) {
        self.violations.insert(Violation { file: file.to_owned(), line, rule, text });
    }

    fn imports(&mut self, file: &SourceFile, modules: &BTreeMap<&str, usize>) {
        // The root is the list of modules; it may show what stands below it.
        let Some(own) = file.module.first() else { return };
        for named in &file.names {
            let mut path = named.path.iter().map(String::as_str);
            if path.next() != Some("crate") {
                continue;
            }
            let Some(used) = path.next().filter(|used| modules.contains_key(used)) else {
                let text = format!("`{}` is in no layer", named.path.join("::"));
                self.report(&file.path, named.line, "imports-root", text);
                continue;
            };
            if used == own {
                continue;
            }
            self.uses.insert((own.clone(), used.to_owned()));
            let (Some(own), Some(used)) = (layer(own), layer(used)) else { continue };
            let is_neighbour =
                NEIGHBOURS.iter().any(|(one, other, _)| (*one, *other) == (own.module, used.module));
            let rule = match used.height.cmp(&own.height) {
                std::cmp::Ordering::Less => continue,
                std::cmp::Ordering::Equal if is_neighbour => continue,
                std::cmp::Ordering::Equal => "sideways-import",
                std::cmp::Ordering::Greater => "upward-import",
            };
            let text = format!(
                "`{}` (layer {}) uses `{}` (layer {})",
                own.module, own.height, used.module, used.height
            );
            self.report(&file.path, named.line, rule, text);
        }
    }

    fn touches(&mut self, file: &SourceFile, may: &[Touch]) {
        for named in &file.names {
            for touch in touched(named).into_iter().filter(|touch| !may.contains(touch)) {
                let text = format!("`{}` is not for this module", named.path.join("::"));
                self.report(&file.path, named.line, rule(touch), text);
            }
        }
        for (line, name) in &file.macros {
            if PRINTING.contains(&name.as_str()) && !may.contains(&Touch::Output) {
                self.report(&file.path, *line, rule(Touch::Output), format!("`{name}!` prints"));
            }
        }
    }

    fn cycles(&mut self, modules: &BTreeMap<&str, usize>) {
        let mut graph = DiGraph::<&str, ()>::new();
        let nodes: BTreeMap<&str, _> =
            modules.keys().map(|module| (*module, graph.add_node(*module))).collect();
        graph
            .extend_with_edges(self.uses.iter().map(|(from, to)| (nodes[from.as_str()], nodes[to.as_str()])));
        for together in tarjan_scc(&graph).into_iter().filter(|together| together.len() > 1) {
            let mut cycle: Vec<&str> = together.into_iter().map(|node| graph[node]).collect();
            cycle.sort_unstable();
            let line = modules[cycle[0]];
            self.report(LIBRARY_ROOT, line, "cycle", format!("{} use each other", cycle.join(", ")));
        }
    }

    fn lengths<'a>(&mut self, files: impl Iterator<Item = &'a SourceFile>, longest: usize) {
        for file in files {
            self.lengths.insert(file.path.clone(), file.code_lines);
            if file.code_lines > longest {
                self.report(&file.path, 1, "too-long", format!("{} lines of code", file.code_lines));
            }
        }
    }

    /// A file that no module declares is not compiled, and nobody would notice what it says.
    fn orphans(&mut self, folder: &Path, seen: &BTreeSet<PathBuf>) {
        for entry in walkdir::WalkDir::new(folder) {
            let path = entry.expect("the source folder can be listed").into_path();
            if path.extension().is_some_and(|extension| extension == "rs") && !seen.contains(&path) {
                let path = path.strip_prefix(folder).expect("it was found there").display().to_string();
                self.report(&path, 1, "orphan", "no module declares this file".to_owned());
            }
        }
    }
}

fn rule(touch: Touch) -> &'static str {
    match touch {
        Touch::Files => "files",
        Touch::Stdin => "stdin",
        Touch::Output => "prints",
        Touch::Environment => "environment",
        Touch::Clock => "clock",
        Touch::Process => "process",
        Touch::Sockets => "sockets",
        Touch::Aws => "aws",
    }
}

fn touched(named: &Named) -> Vec<Touch> {
    let is_aws = named.path.first().is_some_and(|first| AWS_CRATES.iter().any(|aws| first.starts_with(aws)));
    let matching = TOUCHING.iter().filter(|(_, paths)| paths.iter().any(|path| covers(path, &named.path)));
    matching.map(|(touch, _)| *touch).chain(is_aws.then_some(Touch::Aws)).collect()
}

/// Whether the path stands for `named`, or `named` is an import of everything around the path.
fn covers(path: &str, named: &[String]) -> bool {
    let path: Vec<&str> = path.split("::").collect();
    match named.split_last() {
        Some((last, above)) if last == "*" => {
            above.iter().map(String::as_str).eq(path.iter().copied().take(above.len())) && !above.is_empty()
        }
        _ => named.len() >= path.len() && path.iter().zip(named).all(|(path, named)| path == named),
    }
}
