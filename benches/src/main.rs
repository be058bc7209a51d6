//! fdload
fn main() {}
