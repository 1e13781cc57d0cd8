//! Audio on samples: G.711, tones, levels, WAV
