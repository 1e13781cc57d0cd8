-- Interval reports read the events of a day, of whatever kind, in the journal's order.
CREATE INDEX switch_event_by_time ON switch_event (switch_id, at_us);
