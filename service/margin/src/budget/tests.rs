use super::*;

const LIMITS: Limits = Limits { portfolio: 10, account: 25, venue: 35 };

fn subject(portfolio: u8, nonce: u64) -> Subject {
    let query = Digest([nonce as u8; 32]);
    let (venue, account, portfolio) = (Digest([1; 32]), [2; 32], Digest([portfolio; 32]));
    Subject { venue, account, portfolio, nonce, query, result: Digest([5; 32]), now: 100 + nonce }
}

#[test]
fn the_budget_is_by_portfolio_and_by_account_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let budget = Budget::open(&path).unwrap();
    let charge =
        |budget: &Budget, portfolio, nonce, bits| budget.charge(&subject(portfolio, nonce), 0, bits, LIMITS);
    assert_eq!(charge(&budget, 1, 1, 4).unwrap(), Charge { bits: 4, portfolio: 4, account: 4, time: 101 });
    assert_eq!(charge(&budget, 1, 2, 6).unwrap(), Charge { bits: 6, portfolio: 10, account: 10, time: 102 });
    assert!(matches!(
        charge(&budget, 1, 3, 1),
        Err(BudgetError::Portfolio { spent: 10, limit: 10, bits: 1 })
    ));
    drop(budget);
    let budget = Budget::open(&path).unwrap();
    assert!(matches!(charge(&budget, 1, 3, 1), Err(BudgetError::Portfolio { spent: 10, .. })));
    // Another portfolio, until the account has told enough.
    assert_eq!(charge(&budget, 2, 4, 10).unwrap().account, 20);
    assert!(matches!(
        charge(&budget, 3, 5, 10),
        Err(BudgetError::Account { spent: 20, limit: 25, bits: 10 })
    ));
    assert_eq!(budget.spent(&subject(2, 0)).unwrap(), (10, 20));
    // Refusals cost nothing; another account has a budget of its own.
    let other = Subject { account: [3; 32], query: Digest([99; 32]), ..subject(1, 1) };
    assert_eq!(budget.charge(&other, 0, 10, LIMITS).unwrap().account, 10);
    // So has the venue: strangers with fresh accounts cannot ask for ever.
    let third = Subject { account: [4; 32], query: Digest([98; 32]), ..subject(1, 1) };
    let error = budget.charge(&third, 0, 6, LIMITS);
    assert!(matches!(error, Err(BudgetError::Venue { spent: 30, limit: 35, bits: 6 })));
    assert_eq!(budget.charge(&third, 0, 5, LIMITS).unwrap().bits, 5);
}

#[test]
fn an_empty_file_remembers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!Budget::exists(folder.path()));
    std::fs::write(folder.path().join(FILE), "").unwrap();
    assert!(!Budget::exists(folder.path()));
    let new = folder.path().join("state");
    Budget::open(&new).unwrap();
    assert!(Budget::exists(&new));
}

#[test]
fn the_same_answer_costs_once_and_old_queries_get_none() {
    let folder = tempfile::tempdir().unwrap();
    let budget = Budget::open(&folder.path().join("state")).unwrap();
    let new = subject(1, 7);
    budget.require_room(&new, 0, 5, LIMITS).unwrap();
    assert!(matches!(budget.require_room(&new, 0, 11, LIMITS), Err(BudgetError::Portfolio { .. })));
    assert_eq!(budget.charge(&new, 0, 5, LIMITS).unwrap().bits, 5, "asking costs nothing");
    let again = Charge { bits: 0, portfolio: 5, account: 5, time: 107 };
    assert_eq!(budget.charge(&Subject { now: 999, ..new }, 0, 5, LIMITS).unwrap(), again, "not fresher");
    // Another result is another answer.
    let lie = Subject { result: Digest([6; 32]), ..new };
    assert!(matches!(budget.charge(&lie, 0, 6, LIMITS), Err(BudgetError::Portfolio { spent: 5, .. })));
    // More of the same query costs; less is contained in it.
    assert_eq!(budget.charge(&new, 2, 5, LIMITS).unwrap().portfolio, 10);
    assert_eq!(budget.charge(&new, 1, 5, LIMITS).unwrap().bits, 0);
    assert!(matches!(
        budget.charge(&subject(2, 6), 0, 1, LIMITS),
        Err(BudgetError::Old { answered: 7, got: 6 })
    ));
}

#[test]
fn counters_never_repeat() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    for expected in 1..=5 {
        assert_eq!(Budget::open(&path).unwrap().next_counter(&[1; 32]).unwrap(), expected);
    }
    assert_eq!(Budget::open(&path).unwrap().next_counter(&[2; 32]).unwrap(), 1);
}
