//! What every file of a crate names: read with `syn`, following `mod` declarations from the crate's root.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// A path that the code names, from the crate's root or from another crate's.
#[derive(Debug)]
pub struct Named {
    pub line: usize,
    pub path: Vec<String>,
}

/// One source file without its tests.
#[derive(Debug)]
pub struct SourceFile {
    /// Relative to the source folder, with `/`.
    pub path: String,
    /// The modules above what is in this file, `["evaluate", "condition"]`; empty for the root.
    pub module: Vec<String>,
    pub names: Vec<Named>,
    pub macros: Vec<(usize, String)>,
    /// Lines that hold code: neither blank, nor comment, nor test.
    pub code_lines: usize,
    /// The modules that this file declares, with their lines.
    pub declares: Vec<(String, usize)>,
}

/// All files of the crate whose root is `root`, tests left out. `seen` gets every file that belongs to it.
pub fn read_crate(folder: &Path, root: &Path, seen: &mut BTreeSet<PathBuf>) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut waiting = vec![(folder.join(root), Vec::new(), false)];
    while let Some((path, module, is_test)) = waiting.pop() {
        seen.insert(path.clone());
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
        let syntax =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("cannot parse {}: {error}", path.display()));
        let owns_folder = path.ends_with(root) || path.ends_with("mod.rs");
        let below = if owns_folder { path.with_file_name("") } else { path.with_extension("") };
        for (name, item) in declared(&syntax) {
            let file = [below.join(format!("{name}.rs")), below.join(&name).join("mod.rs")];
            let file = file.into_iter().find(|file| file.is_file());
            let file = file.unwrap_or_else(|| panic!("{}: no file for module {name}", path.display()));
            let mut inner: Vec<String> = module.clone();
            inner.push(name);
            waiting.push((file, inner, is_test || is_for_tests(&item.attrs)));
        }
        if !is_test {
            let relative = path.strip_prefix(folder).expect("every file is below the source folder");
            files.push(read_file(relative, module, &text, &syntax));
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn declared(syntax: &syn::File) -> impl Iterator<Item = (String, &syn::ItemMod)> {
    syntax.items.iter().filter_map(|item| match item {
        syn::Item::Mod(item) if item.content.is_none() => Some((item.ident.to_string(), item)),
        _ => None,
    })
}

fn read_file(path: &Path, module: Vec<String>, text: &str, syntax: &syn::File) -> SourceFile {
    let mut imports = Imports { here: module.clone(), found: BTreeMap::new(), names: Vec::new() };
    imports.visit_file(syntax);
    let mut reader = Reader {
        here: module.clone(),
        imports: &imports.found,
        names: Vec::new(),
        macros: Vec::new(),
        tests: Vec::new(),
    };
    reader.visit_file(syntax);
    let tokens: TokenStream = text.parse().expect("what syn parses has tokens");
    let mut lines = BTreeSet::new();
    code_lines(tokens, &mut lines);
    let is_test = |line: &usize| reader.tests.iter().any(|test| test.contains(line));
    let mut names = imports.names;
    names.extend(reader.names);
    SourceFile {
        path: path.to_str().expect("a path of this project is text").replace('\\', "/"),
        declares: declared(syntax).map(|(name, item)| (name, item.ident.span().start().line)).collect(),
        module,
        names,
        macros: reader.macros,
        code_lines: lines.iter().filter(|line| !is_test(line)).count(),
    }
}

/// `#[cfg(test)]`, alone or as one of several conditions that must hold.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        let condition = list.tokens.to_string().replace(' ', "");
        list.path.is_ident("cfg") && (condition == "test" || condition.starts_with("all(test,"))
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        _ => &[],
    }
}

/// The `use` declarations: what is imported, and under which name it goes in which module.
struct Imports {
    here: Vec<String>,
    found: BTreeMap<(Vec<String>, String), Vec<String>>,
    names: Vec<Named>,
}

impl Imports {
    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.import(name.ident.span(), before.to_vec(), before.last().cloned());
            }
            syn::UseTree::Name(name) => {
                self.import(name.ident.span(), with(&name.ident), Some(name.ident.to_string()));
            }
            syn::UseTree::Rename(rename) => {
                let path = if rename.ident == "self" { before.to_vec() } else { with(&rename.ident) };
                self.import(rename.ident.span(), path, Some(rename.rename.to_string()));
            }
            syn::UseTree::Glob(glob) => {
                self.import(glob.star_token.span(), [before, &["*".to_owned()]].concat(), None);
            }
        }
    }

    fn import(&mut self, span: proc_macro2::Span, path: Vec<String>, name: Option<String>) {
        let path = from_root(&self.here, path);
        if let Some(name) = name {
            self.found.insert((self.here.clone(), name), path.clone());
        }
        self.names.push(Named { line: span.start().line, path });
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            self.here.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.here.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }
}

/// A path as seen from the crate's root: `self` and `super` taken away.
fn from_root(here: &[String], path: Vec<String>) -> Vec<String> {
    let mut above = here.to_vec();
    let mut rest = path.as_slice();
    let mut is_relative = false;
    while let Some((first, others)) = rest.split_first() {
        match first.as_str() {
            "self" => {}
            "super" => {
                above.pop();
            }
            _ => break,
        }
        is_relative = true;
        rest = others;
    }
    if is_relative { [&["crate".to_owned()], above.as_slice(), rest].concat() } else { path }
}

/// The paths and macros in the code itself.
struct Reader<'a> {
    here: Vec<String>,
    imports: &'a BTreeMap<(Vec<String>, String), Vec<String>>,
    names: Vec<Named>,
    macros: Vec<(usize, String)>,
    tests: Vec<std::ops::RangeInclusive<usize>>,
}

impl Reader<'_> {
    fn name(&mut self, line: usize, path: Vec<String>) {
        let imported = path.first().and_then(|first| self.imports.get(&(self.here.clone(), first.clone())));
        let path = match imported {
            Some(whole) => [whole.as_slice(), path.get(1..).unwrap_or_default()].concat(),
            None => from_root(&self.here, path),
        };
        self.names.push(Named { line, path });
    }

    /// `syn` does not look into macros, so their tokens are searched for what has the form of a path.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 && !path.is_empty() {
                        self.name(line, std::mem::take(&mut path));
                    }
                    if path.is_empty() {
                        line = ident.span().start().line;
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    // `println!` inside another macro.
                    if matches!(&other, TokenTree::Punct(punct) if punct.as_char() == '!')
                        && let Some(name) = path.last()
                    {
                        self.macros.push((line, name.clone()));
                    }
                    if !path.is_empty() {
                        self.name(line, std::mem::take(&mut path));
                    }
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        if !path.is_empty() {
            self.name(line, path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_for_tests(attributes(item)) {
            self.tests.push(item.span().start().line..=item.span().end().line);
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.here.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.here.pop();
    }

    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    /// `pub(crate)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name(path.span().start().line, segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(name) = call.path.segments.last() {
            self.macros.push((name.ident.span().start().line, name.ident.to_string()));
        }
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

/// The lines that hold a token. A doc comment is an attribute to the compiler and a comment to a reader.
fn code_lines(tokens: TokenStream, lines: &mut BTreeSet<usize>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is_mark(&token, '#') {
            if tokens.peek().is_some_and(|next| is_mark(next, '!')) {
                tokens.next();
            }
            if tokens.next_if(is_doc).is_some() {
                continue;
            }
        }
        if let TokenTree::Group(group) = &token {
            lines.insert(group.span_open().start().line);
            lines.insert(group.span_close().end().line);
            code_lines(group.stream(), lines);
        } else {
            lines.extend(token.span().start().line..=token.span().end().line);
        }
    }
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

fn is_doc(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(ident)) if ident == "doc")
}
