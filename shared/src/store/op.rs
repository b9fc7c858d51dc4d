//! What a transaction does to one item, and how the table is told.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};

use super::condition::{Amendment, Condition};
use super::item;
use super::keys::Place;
use super::{Store, StoreError};

#[derive(Clone)]
pub(super) enum Op {
    Put { item: item::Item, condition: Condition },
    Delete { place: Place, condition: Condition },
    Check { place: Place, version: u64 },
    Absent { place: Place },
    Amend { place: Place, amendment: Amendment },
}

/// The most items of one transaction.
const MOST_ITEMS: usize = 100;

/// The most bytes of one, with some room for how the table counts.
const MOST_BYTES: usize = 4_000_000;

/// Whether one transaction can hold all of it: the table takes none that is larger, however often it is asked.
pub(super) fn check_size<'a>(ops: impl Iterator<Item = &'a Op>) -> Result<(), StoreError> {
    let (mut items, mut bytes) = (0, 0);
    for op in ops {
        items += 1;
        if let Op::Put { item, .. } = op {
            bytes += item::size(item);
        }
    }
    if items > MOST_ITEMS || bytes > MOST_BYTES { Err(StoreError::TooMuch) } else { Ok(()) }
}

pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

impl Store {
    /// The operation as the table takes it.
    pub(super) fn action(&self, op: &Op) -> Result<TransactWriteItem, StoreError> {
        let broken = |e: aws_sdk_dynamodb::error::BuildError| StoreError::Broken(e.to_string());
        let expression = |c: &Condition| (!c.expression.is_empty()).then(|| c.expression.clone());
        let names = |c: &Condition| {
            (!c.names.is_empty()).then(|| c.names.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
        };
        let values = |c: &Condition| (!c.values.is_empty()).then(|| c.values.iter().cloned().collect());
        let action = TransactWriteItem::builder();
        Ok(match op {
            Op::Put { item, condition } => {
                let put = Put::builder()
                    .table_name(self.table())
                    .set_item(Some(item.clone()))
                    .set_condition_expression(expression(condition))
                    .set_expression_attribute_names(names(condition))
                    .set_expression_attribute_values(values(condition));
                action.put(put.build().map_err(broken)?)
            }
            Op::Delete { place, condition } => {
                let delete = Delete::builder()
                    .table_name(self.table())
                    .set_key(Some(item::key_item(place)))
                    .set_condition_expression(expression(condition))
                    .set_expression_attribute_names(names(condition))
                    .set_expression_attribute_values(values(condition));
                action.delete(delete.build().map_err(broken)?)
            }
            Op::Amend { place, amendment } => {
                let Amendment { update, condition, names, values } = amendment.clone();
                let update = Update::builder()
                    .table_name(self.table())
                    .set_key(Some(item::key_item(place)))
                    .update_expression(update)
                    .condition_expression(condition)
                    .set_expression_attribute_names(Some(names.into_iter().map(|(n, v)| (n.into(), v)).collect()))
                    .set_expression_attribute_values(Some(values.into_iter().map(|(n, v)| (n.into(), v)).collect()));
                action.update(update.build().map_err(broken)?)
            }
            Op::Absent { place } => {
                let check = ConditionCheck::builder()
                    .table_name(self.table())
                    .set_key(Some(item::key_item(place)))
                    .condition_expression("attribute_not_exists(pk)");
                action.condition_check(check.build().map_err(broken)?)
            }
            Op::Check { place, version } => {
                let check = ConditionCheck::builder()
                    .table_name(self.table())
                    .set_key(Some(item::key_item(place)))
                    .condition_expression("version = :version")
                    .expression_attribute_values(":version", number(*version));
                action.condition_check(check.build().map_err(broken)?)
            }
        }
        .build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absent() -> Op {
        Op::Absent { place: Place { pk: "a".to_owned(), sk: "b".to_owned() } }
    }

    fn put(bytes: usize) -> Op {
        let item = item::Item::from([("text".to_owned(), AttributeValue::S("x".repeat(bytes)))]);
        Op::Put { item, condition: Condition::default() }
    }

    // security REL-1: what will never be written is not tried, and not answered as if it might be later
    #[test]
    fn a_transaction_holds_a_hundred_items_and_four_megabytes() {
        let fits = |ops: &[Op]| check_size(ops.iter()).is_ok();
        assert!(fits(&(0..100).map(|_| absent()).collect::<Vec<_>>()));
        assert!(!fits(&(0..101).map(|_| absent()).collect::<Vec<_>>()));
        assert!(fits(&(0..10).map(|_| put(390_000)).collect::<Vec<_>>()));
        assert!(!fits(&(0..11).map(|_| put(390_000)).collect::<Vec<_>>()));
    }
}
