//! Test tools: foreign phones, tone detection, whole-switch harness
