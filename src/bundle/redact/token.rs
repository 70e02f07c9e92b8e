//! Words for words: the replacement of a run of letters and digits.
//!
//! What matters is what still matches afterwards. A pattern such as `deploy-*` or `app*` matches by its beginning, so
//! two words that begin alike have replacements that begin alike: each letter is replaced by a permutation of the
//! alphabet that only the key and the letters before it determine. A digit stays a digit, a letter a letter of the
//! same case, so that what ignores case goes on to. No word replaces itself.
//!
//! A pattern such as `*prod` matches by an end. `prod` is then an *atom*: wherever it stands inside a word, it begins
//! a word of its own.

use std::collections::{BTreeMap, BTreeSet};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Key;
use super::words;

/// More atoms are not taken: each is looked for in each word.
const MAX_ATOMS: usize = 500;

/// More replacements are not remembered, but made again: every event has ids that no other has.
const MAX_KNOWN: usize = 1 << 20;

/// In what is longer than any name, such as an encoded message, the rest is replaced letter by letter.
const LONGEST: usize = 128;

/// The replacements of words.
pub(super) struct Tokens {
    key: Key,
    /// In small letters, the longest first.
    atoms: Vec<String>,
    known: BTreeMap<String, String>,
}

impl Tokens {
    pub(super) fn new(key: &Key, atoms: &BTreeSet<String>) -> Self {
        let mut atoms: Vec<String> = atoms.iter().take(MAX_ATOMS).cloned().collect();
        atoms.sort_by_key(|atom| (std::cmp::Reverse(atom.len()), atom.clone()));
        Self { key: key.clone(), atoms, known: BTreeMap::new() }
    }

    /// The replacement of a run of letters and digits.
    pub(super) fn replace(&mut self, word: &str) -> String {
        if let Some(known) = self.known.get(word) {
            return known.clone();
        }
        let new: String = self.pieces(word).into_iter().map(|piece| self.replace_piece(piece)).collect();
        if self.known.len() < MAX_KNOWN {
            self.known.insert(word.to_owned(), new.clone());
        }
        new
    }

    /// The word cut before and after every atom in it.
    fn pieces<'w>(&self, word: &'w str) -> Vec<&'w str> {
        let folded = word.to_ascii_lowercase();
        let mut pieces = Vec::new();
        let mut start = 0;
        let mut at = 0;
        while at < word.len() {
            let rest = folded.get(at..).unwrap_or_default();
            match self.atoms.iter().find(|atom| rest.starts_with(atom.as_str())) {
                Some(atom) => {
                    pieces.extend([word.get(start..at), word.get(at..at + atom.len())].into_iter().flatten());
                    at += atom.len();
                    start = at;
                }
                None => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
        pieces.extend(word.get(start..));
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    fn replace_piece(&self, word: &str) -> String {
        let kept = words::kept_beginning(word);
        let (beginning, rest) = word.split_at_checked(kept).unwrap_or((word, ""));
        let mut new = beginning.to_owned();
        let mut node = Node::new(self.key.digest("begin", beginning.to_ascii_lowercase().as_bytes()));
        for (at, letter) in rest.chars().enumerate() {
            node.replace(&self.key, letter, &mut new);
            if at < LONGEST {
                node = node.after(&self.key, letter);
            }
        }
        new
    }
}

/// What the letters so far determine: the permutations of the next letter.
struct Node {
    before: [u8; 32],
    digits: Vec<u8>,
    letters: Vec<u8>,
}

impl Node {
    fn new(before: [u8; 32]) -> Self {
        Self { before, digits: Vec::new(), letters: Vec::new() }
    }

    fn after(&self, key: &Key, letter: char) -> Self {
        let letter = u32::from(letter.to_ascii_lowercase()).to_be_bytes();
        Self::new(key.digest("after", &[&self.before[..], &letter].concat()))
    }

    fn replace(&mut self, key: &Key, letter: char, new: &mut String) {
        match letter {
            '0'..='9' => new.push(permuted(self.digits(key), b'0', letter)),
            'a'..='z' => new.push(permuted(self.letters(key), b'a', letter)),
            'A'..='Z' => new.push(permuted(self.letters(key), b'A', letter)),
            // There is no alphabet of all letters to permute.
            _ => {
                let random = key.digest(&letter.to_string(), &self.before);
                new.extend(random.iter().take(8).map(|random| char::from(b'a' + random % 26)));
            }
        }
    }

    fn digits(&mut self, key: &Key) -> &[u8] {
        if self.digits.is_empty() {
            self.digits = order(key.digest("digit", &self.before), 10);
        }
        &self.digits
    }

    fn letters(&mut self, key: &Key) -> &[u8] {
        if self.letters.is_empty() {
            self.letters = order(key.digest("letter", &self.before), 26);
        }
        &self.letters
    }
}

fn permuted(order: &[u8], first: u8, letter: char) -> char {
    let at = u32::from(letter).saturating_sub(u32::from(first));
    let new = usize::try_from(at).ok().and_then(|at| order.get(at)).copied();
    new.map_or(letter, |new| char::from(first + new))
}

/// A permutation by Sattolo's algorithm: all that it gives are one cycle, so nothing stays in its place.
fn order(random: [u8; 32], count: u8) -> Vec<u8> {
    let mut order: Vec<u8> = (0..count).collect();
    for (last, random) in (1..order.len()).rev().zip(random) {
        order.swap(last, usize::from(random) % last);
    }
    order
}

impl Key {
    /// What nobody can tell who does not have the key.
    pub(super) fn digest(&self, purpose: &str, of: &[u8]) -> [u8; 32] {
        // A key of any length can be used, so this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(of);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(atoms: &[&str]) -> Tokens {
        Tokens::new(&Key::new([7; 32]), &atoms.iter().map(|atom| (*atom).to_owned()).collect())
    }

    #[test]
    fn beginnings_and_case_are_kept_and_nothing_stays() {
        let mut tokens = tokens(&[]);
        let whole = tokens.replace("Deploy2prod");
        assert_eq!(whole.len(), 11);
        assert!(whole.starts_with(&tokens.replace("Depl")));
        assert_eq!(tokens.replace("DEPLOY2PROD"), whole.to_ascii_uppercase());
        let account = tokens.replace("111122223333");
        assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(account.starts_with(&tokens.replace("1111")));
        for word in ["Deploy2prod", "111122223333", "x", "é"] {
            let new = tokens.replace(word);
            assert!(new.chars().zip(word.chars()).all(|(new, old)| new != old), "{word} {new}");
        }
    }

    #[test]
    fn no_two_words_have_one_replacement() {
        let mut tokens = tokens(&["prod"]);
        let letters = "abz019";
        let words: Vec<String> =
            letters.chars().flat_map(|a| letters.chars().map(move |b| format!("{a}{b}"))).collect();
        let replaced: BTreeSet<String> = words.iter().map(|word| tokens.replace(word)).collect();
        assert_eq!(replaced.len(), words.len());
    }

    #[test]
    fn an_atom_is_the_same_wherever_it_stands() {
        let mut tokens = tokens(&["prod"]);
        let atom = tokens.replace("prod");
        assert!(tokens.replace("acmeprod").ends_with(&atom));
        assert!(tokens.replace("acmeprodeu").contains(&atom));
        assert!(!tokens.replace("acmetest").contains(&atom));
    }

    #[test]
    fn another_key_gives_other_words() {
        let mut other = Tokens::new(&Key::new([8; 32]), &BTreeSet::new());
        assert_ne!(other.replace("deployment"), tokens(&[]).replace("deployment"));
    }
}
