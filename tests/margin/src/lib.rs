//! Nothing: the tests are in `it`, one program for all, since making keys takes seconds.
