//! The one writer to standard output: takes lines, writes those that are there together, waits for a
//! program that does not read.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

/// Lines that may wait for the writer.
pub(super) const QUEUE: usize = 64;
/// What is written at once, unless one line is longer.
const BATCH: usize = 64 * 1024;

/// Writes lines until there are no more, or until the reader has gone.
pub(super) async fn write(
    mut out: impl AsyncWrite + Unpin,
    mut lines: mpsc::Receiver<Vec<u8>>,
) -> io::Result<()> {
    while let Some(mut batch) = lines.recv().await {
        while batch.len() < BATCH
            && let Ok(line) = lines.try_recv()
        {
            batch.extend(line);
        }
        out.write_all(&batch).await?;
        out.flush().await?;
    }
    Ok(())
}
