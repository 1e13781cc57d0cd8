//! RTP: sequence, telephone-event, latching with source validation; sans-IO
