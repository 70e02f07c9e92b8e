//! Finds where a JSON value ends without parsing it, 64 bytes at a time.
//!
//! The method is that of simdjson's first stage (Langdale and Lemire, "Parsing Gigabytes of JSON per Second",
//! 2019): a bit per byte for quotes, backslashes and brackets, strings found by a prefix XOR over the quotes.
//! It is written so that the compiler can vectorise it, because intrinsics would need `unsafe`. Nothing
//! recurses: nesting costs no stack.

/// Brackets deeper than this are not followed by `serde_json`, whose limit is 128.
pub(super) const MAX_DEPTH: u32 = 127;

/// Every second bit.
const EVEN: u64 = 0x5555_5555_5555_5555;

/// The state between two chunks of one value.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    /// All ones inside a string, else zero.
    in_string: u64,
    /// One if the first byte of the next block is escaped.
    escaped: u64,
    depth: u32,
    deepest: u32,
}

/// What feeding a chunk came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fed {
    /// The value ends before this index of the chunk.
    End(usize),
    /// So many bytes were consumed; feed the rest again with more behind it.
    Consumed(usize),
}

impl Scanner {
    /// Takes the next bytes of a value; the first ever fed must be `{` or `[`. Whole blocks only are consumed
    /// unless `last` says that nothing follows.
    pub(super) fn feed(&mut self, chunk: &[u8], last: bool) -> Fed {
        let (blocks, tail) = chunk.as_chunks::<64>();
        for (number, block) in blocks.iter().enumerate() {
            if let Some(at) = self.block(block) {
                return Fed::End(number * 64 + at + 1);
            }
        }
        let whole = chunk.len() - tail.len();
        if !last {
            return Fed::Consumed(whole);
        }
        let mut padded = [b' '; 64];
        for (to, from) in padded.iter_mut().zip(tail) {
            *to = *from;
        }
        match self.block(&padded) {
            Some(at) => Fed::End(whole + at + 1),
            None => Fed::Consumed(chunk.len()),
        }
    }

    /// Whether the value is nested deeper than [`MAX_DEPTH`].
    pub(super) fn too_deep(&self) -> bool {
        self.deepest > MAX_DEPTH
    }

    /// The index of the bracket that closes the value, if it is in this block.
    fn block(&mut self, block: &[u8; 64]) -> Option<usize> {
        let escaped = self.escapes(block);
        let inside = prefix_xor(bits(block, |byte| byte == b'"') & !escaped) ^ self.in_string;
        self.in_string = 0u64.wrapping_sub(inside >> 63);
        if !any(block, is_bracket) {
            return None;
        }
        // `[` and `{`, and `]` and `}`, differ in the same bit. Which of the two it is matters to the parser
        // only.
        let open = bits(block, |byte| byte | 0x20 == b'{') & !inside;
        let close = bits(block, |byte| byte | 0x20 == b'}') & !inside;
        let (opens, closes) = (open.count_ones(), close.count_ones());
        if closes < self.depth && self.depth + opens <= MAX_DEPTH {
            self.depth = self.depth + opens - closes;
            return None;
        }
        self.count(open, close)
    }

    fn count(&mut self, open: u64, close: u64) -> Option<usize> {
        let mut brackets = open | close;
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            if open & bit == 0 {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Some(bit.trailing_zeros() as usize);
                }
            } else {
                self.depth = self.depth.saturating_add(1);
                self.deepest = self.deepest.max(self.depth);
            }
            brackets ^= bit;
        }
        None
    }

    /// The bytes that follow an odd run of backslashes.
    fn escapes(&mut self, block: &[u8; 64]) -> u64 {
        let before = std::mem::take(&mut self.escaped);
        if !any(block, |byte| byte == b'\\') {
            return before;
        }
        let backslash = bits(block, |byte| byte == b'\\') & !before;
        let follows = backslash << 1 | before;
        let odd_starts = backslash & !EVEN & !follows;
        let (even_runs, carry) = odd_starts.overflowing_add(backslash);
        self.escaped = u64::from(carry);
        (EVEN ^ (even_runs << 1)) & follows
    }
}

fn is_bracket(byte: u8) -> bool {
    matches!(byte, b'[' | b']' | b'{' | b'}')
}

fn any(block: &[u8; 64], test: impl Fn(u8) -> bool) -> bool {
    block.iter().fold(false, |found, byte| found | test(*byte))
}

/// A bit per byte that passes the test, the first byte lowest.
fn bits(block: &[u8; 64], test: impl Fn(u8) -> bool) -> u64 {
    let hits = block.map(|byte| u8::from(test(byte)));
    let (words, _) = hits.as_chunks::<8>();
    let mut mask = 0;
    for word in words.iter().rev() {
        // Gathers the low bits of eight bytes in the top byte.
        let gathered = u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask = mask << 8 | gathered;
    }
    mask
}

/// Bit n of the answer is the XOR of the bits 0 to n.
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<usize>) {
        let fed = Scanner::default().feed(text.as_bytes(), true);
        assert_eq!(fed, expected.map_or(Fed::Consumed(text.len()), Fed::End), "{text}");
    }

    #[test]
    fn ends() {
        check("{}", Some(2));
        check("[[],{}] , {", Some(7));
        check(r#"{"a":"}"}x"#, Some(9));
        check(r#"{"a":"\"}"}x"#, Some(11));
        check(r#"{"a":"\\"}x"#, Some(10));
        check("{\"a\":", None);
        for run in 0..140 {
            let text = format!(r#"{{"{}":"{}"}}"#, "k".repeat(run), "\\\\".repeat(run));
            check(&text, Some(text.len()));
            let text = format!(r#"{{"{}":"{}\"}}"#, "k".repeat(run), "\\\\".repeat(run));
            check(&text, None);
        }
    }

    #[test]
    fn depth() {
        for depth in [1, 63, 64, 127, 128, 5000] {
            let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            let mut scanner = Scanner::default();
            assert_eq!(scanner.feed(text.as_bytes(), true), Fed::End(text.len()));
            assert_eq!(scanner.too_deep(), depth > 127, "{depth}");
        }
    }
}
