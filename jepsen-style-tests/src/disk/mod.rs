//! The disks of nodes: volumes that lose power and run full, and damage to the files on them.

pub mod corrupt;
pub mod volume;
