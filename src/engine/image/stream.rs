//! Reads an archive that the engine streams, as it comes: nothing of it is kept.

use crate::engine::connect::api::{ApiError, Doing};
use bollard::errors::Error;
use futures_util::{Stream, StreamExt};
use std::io::{self, Read};
use std::pin::pin;
use tokio::sync::mpsc;

/// How many pieces may lie between the engine and the reader.
const PIECES: usize = 16;

/// A stream that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The engine refused it or broke off.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// It is not what was expected.
    #[error("what Docker sent for \"{doing}\" could not be read: {cause}")]
    Read {
        /// What was asked for.
        doing: String,
        /// What is wrong with it.
        #[source]
        cause: io::Error,
    },
}

impl StreamError {
    /// Whether what was asked for is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Api(error) if error.is_missing())
    }
}

/// Reads a stream of bytes on a thread of its own. The reader may stop before the end.
pub async fn read<B, T>(
    doing: &str,
    stream: impl Stream<Item = Result<B, Error>>,
    reader: impl FnOnce(Pieces<B>) -> io::Result<T> + Send + 'static,
) -> Result<T, StreamError>
where
    B: AsRef<[u8]> + Send + 'static,
    T: Send + 'static,
{
    let (sender, receiver) = mpsc::channel(PIECES);
    let reading = tokio::task::spawn_blocking(move || reader(Pieces { receiver, piece: None }));
    let mut stream = pin!(stream);
    while let Some(piece) = stream.next().await {
        let piece = piece.doing(|| doing.to_owned())?;
        if sender.send(piece).await.is_err() {
            break; // the reader has seen enough
        }
    }
    drop(sender);
    let read = reading.await.unwrap_or_else(|panic| Err(io::Error::other(panic.to_string())));
    read.map_err(|cause| StreamError::Read { doing: doing.to_owned(), cause })
}

/// The stream, to be read by a thread that may block.
#[derive(Debug)]
pub struct Pieces<B> {
    receiver: mpsc::Receiver<B>,
    piece: Option<(B, usize)>,
}

impl<B: AsRef<[u8]>> Read for Pieces<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some((piece, at)) = &mut self.piece {
                let count = piece.as_ref().get(*at..).unwrap_or_default().read(into)?;
                *at += count;
                if count > 0 || into.is_empty() {
                    return Ok(count);
                }
            }
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = Some((piece, 0)),
                None => return Ok(0),
            }
        }
    }
}
