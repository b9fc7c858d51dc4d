//! Sets of row numbers.

use std::ops::Range;

const WORD: u32 = u64::BITS;

/// A set of row numbers, one bit each. What was never set is absent, so sets of different lengths mix.
#[derive(Clone, Default)]
pub(super) struct Bits(Vec<u64>);

const fn place(slot: u32) -> (usize, u64) {
    ((slot / WORD) as usize, 1 << (slot % WORD))
}

impl Bits {
    pub(super) fn set(&mut self, slot: u32) {
        let (word, bit) = place(slot);
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    pub(super) fn clear(&mut self, slot: u32) {
        let (word, bit) = place(slot);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    pub(super) fn has(&self, slot: u32) -> bool {
        let (word, bit) = place(slot);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    pub(super) fn keep(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many are in both sets.
    pub(super) fn shared(&self, other: &Self) -> usize {
        self.0.iter().zip(&other.0).map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// The members within the range, in order.
    pub(super) fn within(&self, range: Range<u32>) -> impl DoubleEndedIterator<Item = u32> {
        (range.start / WORD..range.end.div_ceil(WORD)).flat_map(move |word| {
            let base = word * WORD;
            let mut bits = self.0.get(word as usize).copied().unwrap_or(0);
            if range.start > base {
                bits &= u64::MAX.checked_shl(range.start - base).unwrap_or(0);
            }
            if range.end - base < WORD {
                bits &= (1 << (range.end - base)) - 1;
            }
            Ones { base, bits }
        })
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<u64>()
    }

    pub(super) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }
}

impl FromIterator<u32> for Bits {
    fn from_iter<I: IntoIterator<Item = u32>>(slots: I) -> Self {
        let mut out = Self::default();
        slots.into_iter().for_each(|slot| out.set(slot));
        out
    }
}

struct Ones {
    base: u32,
    bits: u64,
}

impl Iterator for Ones {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        (self.bits != 0).then(|| {
            let at = self.bits.trailing_zeros();
            self.bits &= self.bits - 1;
            self.base + at
        })
    }
}

impl DoubleEndedIterator for Ones {
    fn next_back(&mut self) -> Option<u32> {
        (self.bits != 0).then(|| {
            let at = WORD - 1 - self.bits.leading_zeros();
            self.bits &= !(1 << at);
            self.base + at
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_behave_like_a_set(a: BTreeSet<u8>, b: BTreeSet<u8>, from: u8, to: u8) {
            let bits = |set: &BTreeSet<u8>| set.iter().map(|n| u32::from(*n)).collect::<Bits>();
            let list = |bits: &Bits| bits.within(0..300).collect::<Vec<_>>();
            let wide = |set: Vec<u8>| set.into_iter().map(u32::from).collect::<Vec<_>>();
            let (x, y) = (bits(&a), bits(&b));
            let (mut both, mut either) = (x.clone(), x.clone());
            both.keep(&y);
            either.add(&y);
            prop_assert_eq!(list(&both), wide(a.intersection(&b).copied().collect()));
            prop_assert_eq!(list(&either), wide(a.union(&b).copied().collect()));
            prop_assert_eq!(x.shared(&y), both.count());
            let range: Vec<u8> = a.iter().copied().filter(|n| *n >= from && *n < to).collect();
            prop_assert_eq!(x.within(from.into()..to.into()).collect::<Vec<_>>(), wide(range.clone()));
            prop_assert_eq!(x.within(from.into()..to.into()).rev().collect::<Vec<_>>(), wide(range.into_iter().rev().collect()));
            for n in 0..=255u8 {
                prop_assert_eq!(x.has(n.into()), a.contains(&n));
            }
        }
    }
}
