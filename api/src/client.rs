//! A client that retries correctly (written next).
