-- What the last refusal of an operation was called, and the end of the observations that told it (0: none was refused).
ALTER TABLE operation ADD COLUMN last_error TEXT NOT NULL DEFAULT '';
ALTER TABLE operation ADD COLUMN last_error_ns BIGINT NOT NULL DEFAULT 0;
