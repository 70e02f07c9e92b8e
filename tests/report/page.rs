//! A report as a browser's parser sees it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element with its attributes.
#[derive(Debug)]
pub struct Found {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

#[derive(Debug, Default)]
pub struct Page {
    pub errors: Vec<String>,
    pub elements: Vec<Found>,
    /// What a reader sees, white space made one space.
    pub text: String,
}

pub fn parse(html: &str) -> Page {
    let options = html5ever::ParseOpts {
        tokenizer: html5ever::tokenizer::TokenizerOpts { exact_errors: true, ..Default::default() },
        tree_builder: html5ever::tree_builder::TreeBuilderOpts { exact_errors: true, ..Default::default() },
    };
    let dom = html5ever::parse_document(RcDom::default(), options).one(html);
    let page = RefCell::new(Page::default());
    walk(&dom.document, &page, true);
    let mut page = page.into_inner();
    page.errors = dom.errors.borrow().iter().map(ToString::to_string).collect();
    page.text = page.text.split_whitespace().collect::<Vec<_>>().join(" ");
    page
}

fn walk(node: &Handle, page: &RefCell<Page>, visible: bool) {
    let mut visible = visible;
    match &node.data {
        NodeData::Text { contents } if visible => page.borrow_mut().text.push_str(&contents.borrow()),
        NodeData::Element { name, attrs, .. } => {
            let attributes = attrs.borrow();
            let attributes = attributes.iter().map(|one| (one.name.local.to_string(), one.value.to_string()));
            let found = Found { name: name.local.to_string(), attributes: attributes.collect() };
            visible &= !matches!(found.name.as_str(), "style" | "svg" | "head");
            page.borrow_mut().elements.push(found);
        }
        NodeData::Comment { .. } => {
            page.borrow_mut().elements.push(Found { name: "<!--".to_owned(), attributes: Vec::new() });
        }
        _ => {}
    }
    for child in node.children.borrow().iter() {
        walk(child, page, visible);
    }
    if visible && matches!(&node.data, NodeData::Element { name, .. } if is_block(&name.local)) {
        page.borrow_mut().text.push(' ');
    }
}

fn is_block(name: &str) -> bool {
    !matches!(name, "code" | "span" | "wbr" | "mark" | "strong" | "time" | "a")
}

impl Page {
    pub fn ids(&self) -> Vec<&str> {
        self.values("id")
    }

    pub fn values(&self, attribute: &str) -> Vec<&str> {
        let attributes = self.elements.iter().flat_map(|element| &element.attributes);
        attributes.filter(|(name, _)| name == attribute).map(|(_, value)| value.as_str()).collect()
    }

    /// What is in the page although no report has it.
    pub fn intruders(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for element in &self.elements {
            if !ELEMENTS.contains(&element.name.as_str()) {
                found.insert(format!("<{}>", element.name));
            }
            for (name, value) in &element.attributes {
                let is_link = name == "href"
                    && (value.starts_with('#') || value.starts_with("https://docs.aws.amazon.com/"));
                if !is_link && !ATTRIBUTES.contains(&name.as_str()) {
                    found.insert(format!("{name}={value}"));
                }
            }
        }
        found
    }
}

const ELEMENTS: &[&str] = &[
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "a",
    "header",
    "nav",
    "main",
    "footer",
    "article",
    "section",
    "div",
    "span",
    "wbr",
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "details",
    "summary",
    "pre",
    "code",
    "mark",
    "strong",
    "time",
    "blockquote",
    "br",
    "svg",
    "desc",
    "g",
    "rect",
    "path",
    "text",
];

const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "id",
    "tabindex",
    "role",
    "aria-label",
    "aria-labelledby",
    "open",
    "datetime",
    "data-n",
    "rel",
    "viewBox",
    "width",
    "height",
    "x",
    "y",
    "rx",
    "d",
    "fill",
    "text-anchor",
];
