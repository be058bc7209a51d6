//! The kitchen said nothing. Only a deadline can say so; there is no command of its own.
