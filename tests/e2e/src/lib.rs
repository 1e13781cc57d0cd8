//! End-to-end stories with the built programs and foreign phones
