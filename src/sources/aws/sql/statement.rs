//! A query in parts, so that what a person typed is never part of its text.
//!
//! Source: <https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html>

/// A query with `?` where values stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statement {
    text: String,
    parameters: Vec<String>,
}

impl Statement {
    /// Adds text that is part of the program, or that a type guarantees to be harmless.
    ///
    /// INVARIANT: it has no `?`, which stands for a value.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value.
    pub(super) fn value(&mut self, value: &str) -> &mut Self {
        self.text.push('?');
        self.parameters.push(value.to_owned());
        self
    }

    /// The query, with a `?` for every value.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values in their order, as Athena wants them: SQL literals.
    pub fn execution_parameters(&self) -> Vec<String> {
        self.parameters.iter().map(|value| literal(value)).collect()
    }

    /// The query with the values in it, for people and for services without parameters.
    pub fn complete(&self) -> String {
        let mut out = String::with_capacity(self.text.len() + 64);
        let mut values = self.parameters.iter();
        for letter in self.text.chars() {
            if letter == '?' {
                out.push_str(&values.next().map_or_else(|| "NULL".to_owned(), |value| literal(value)));
            } else {
                out.push(letter);
            }
        }
        out
    }
}

/// A string in SQL: in Trino a quote is doubled and nothing else has a meaning.
///
/// Source: <https://trino.io/docs/current/language/types.html#varchar>
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The name of a table and of its database, made of letters that need no escape within quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
}

/// The text does not name a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a table; write DATABASE.TABLE, of letters, digits, `_` and `-`")]
pub struct TableNameError(String);

impl std::str::FromStr for TableName {
    type Err = TableNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = |part: &str| {
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            (!part.is_empty() && part.len() <= 255 && part.bytes().all(letters)).then(|| part.to_owned())
        };
        let error = || TableNameError(text.to_owned());
        let (database, table) = text.split_once('.').ok_or_else(error)?;
        Ok(Self { database: name(database).ok_or_else(error)?, table: name(table).ok_or_else(error)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_part_of_the_text() {
        let mut statement = Statement::default();
        statement.push("a = ").value("x' OR '1'='1").push(" AND b = ").value("what?");
        assert_eq!(statement.text(), "a = ? AND b = ?");
        assert_eq!(statement.execution_parameters(), ["'x'' OR ''1''=''1'", "'what?'"]);
        assert_eq!(statement.complete(), "a = 'x'' OR ''1''=''1' AND b = 'what?'");
    }

    #[test]
    fn the_name_of_a_table() {
        let good: TableName = "default.cloudtrail_logs".parse().unwrap();
        assert_eq!((good.database.as_str(), good.table.as_str()), ("default", "cloudtrail_logs"));
        for bad in ["", "logs", "a.b.c", "a.", ".b", "a.b; DROP TABLE x", "a.\"b\"", "a.b`"] {
            assert!(bad.parse::<TableName>().is_err(), "{bad}");
        }
    }
}
