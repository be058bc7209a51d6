//! Rows that change together: one batch, the same for every engine, in one allocation or two.

use crate::column::Column;

/// What one write puts and deletes, in order: a later change of a key wins.
#[derive(Clone, Default)]
pub(crate) struct Changes {
    steps: Vec<Step>,
    /// The keys and values of all steps, one behind the other.
    bytes: Vec<u8>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    Put {
        column: Column,
        key: &'a [u8],
        value: &'a [u8],
    },
    Delete {
        column: Column,
        key: &'a [u8],
    },
    /// Every key from `from` on that lies before `end`.
    DeleteRange {
        column: Column,
        from: &'a [u8],
        end: &'a [u8],
    },
}

#[derive(Clone, Copy)]
struct Step {
    does: Does,
    column: Column,
    /// Bytes of the key, or of the first one.
    first: usize,
    /// Bytes of the value, or of the key behind the last one.
    second: usize,
}

#[derive(Clone, Copy)]
enum Does {
    Put,
    Delete,
    DeleteRange,
}

impl Changes {
    pub(crate) fn put(&mut self, column: Column, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.step(Does::Put, column, key.as_ref(), value.as_ref());
    }

    pub(crate) fn delete(&mut self, column: Column, key: impl AsRef<[u8]>) {
        self.step(Does::Delete, column, key.as_ref(), &[]);
    }

    pub(crate) fn delete_range(
        &mut self,
        column: Column,
        from: impl AsRef<[u8]>,
        end: impl AsRef<[u8]>,
    ) {
        self.step(Does::DeleteRange, column, from.as_ref(), end.as_ref());
    }

    fn step(&mut self, does: Does, column: Column, first: &[u8], second: &[u8]) {
        self.steps.push(Step { does, column, first: first.len(), second: second.len() });
        self.bytes.extend_from_slice(first);
        self.bytes.extend_from_slice(second);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Bytes of all keys and values.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Change<'_>> {
        let mut rest = self.bytes.as_slice();
        self.steps.iter().map(move |step| {
            let (first, behind) = rest.split_at(step.first);
            let (second, behind) = behind.split_at(step.second);
            rest = behind;
            let column = step.column;
            match step.does {
                Does::Put => Change::Put { column, key: first, value: second },
                Does::Delete => Change::Delete { column, key: first },
                Does::DeleteRange => Change::DeleteRange { column, from: first, end: second },
            }
        })
    }
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} changes in {} bytes", self.len(), self.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_out_as_they_went_in() {
        let mut changes = Changes::default();
        changes.put(Column::Orders, b"key", b"value");
        changes.delete(Column::Index, b"gone");
        changes.put(Column::Meta, b"empty", b"");
        changes.delete_range(Column::Feed, b"a", b"bb");
        let all: Vec<_> = changes.iter().collect();
        assert_eq!(
            all,
            [
                Change::Put { column: Column::Orders, key: b"key", value: b"value" },
                Change::Delete { column: Column::Index, key: b"gone" },
                Change::Put { column: Column::Meta, key: b"empty", value: b"" },
                Change::DeleteRange { column: Column::Feed, from: b"a", end: b"bb" },
            ]
        );
        assert_eq!((changes.len(), changes.bytes()), (4, 20));
    }
}
