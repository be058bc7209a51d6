//! cluster-config
