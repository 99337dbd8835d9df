//! The plan as one script for a workstation with plain `ssh`: idempotent like the engine.
