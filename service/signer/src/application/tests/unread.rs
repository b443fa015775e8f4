//! Bytes that are no record: who brought them stands in the audit log, and nothing of them.

use super::node::TestNode;
use crate::{
    application::{Audit, AuditLog},
    journal::{Journal, Sight, Verdict},
};

const CONTENT: &str = "canary-of-the-content";

/// The lines that a log on disk would hold.
fn lines(node: &TestNode) -> Vec<String> {
    let mut written = Vec::new();
    let mut log = AuditLog::new(&mut written);
    node.heard.0.lock().unwrap().iter().for_each(|refused| log.refused(refused));
    String::from_utf8(written).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn unreadable_submissions_name_their_coordinator() {
    let mut node = TestNode::ready();
    let whole = super::desk::desk().change("treasury", 1, |_| {}).encode();
    let cut = &whole[..whole.len() - 1];
    let long = CONTENT.repeat(10_000);
    for bytes in [b"".as_slice(), long.as_bytes(), cut] {
        node.app.submit(bytes, [9; 32], 77).unwrap_err();
        node.app.read(bytes, &[9; 32], 77).unwrap_err();
    }
    let lines = lines(&node);
    assert_eq!(lines.len(), 6);
    for line in &lines {
        assert!(line.starts_with("77\tsubmission\tunreadable\t-\t2\t"), "{line}");
        assert!(line.contains(&"09".repeat(32)) && line.len() < 400, "{line}");
        assert!(!line.contains(CONTENT), "{line}");
    }
    assert!(lines[2].contains("210000 bytes") && lines[2].contains("first bytes differ"), "{}", lines[2]);
    assert!(lines[5].contains("truncated"), "{}", lines[5]);
}

#[test]
fn unreadable_proposals_are_noted() {
    let mut node = TestNode::ready();
    let height = node.app.next_height();
    let verdict = node.app.judge(height, CONTENT.as_bytes(), Sight::Fresh, 77).unwrap();
    assert_eq!(verdict, Verdict::Invalid);
    let lines = lines(&node);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("77\tvote\tunreadable\t-\t2\t21 bytes: record: "), "{}", lines[0]);
    assert!(!lines[0].contains(CONTENT));
}
