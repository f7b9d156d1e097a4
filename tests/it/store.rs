//! Session files: format, damage, migration.
