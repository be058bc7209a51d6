//! geo-index
