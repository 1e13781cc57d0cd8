//! The media engine: epoll threads, playback, relay, recorder
