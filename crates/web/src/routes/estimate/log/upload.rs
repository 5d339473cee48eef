//! Logs as a form sends them: read while they come, a chunk at a time, within limits.

use std::io::{self, Read};

use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::multipart::Field;
use sobria_exchange::measurements::{LogError, Runs};
use tokio::sync::{Semaphore, mpsc};

use super::packed::{self, Log};
use crate::error::WebError;

/// Most octets of logs in one sending.
pub const LOGS_MAX: usize = 20 * 1024 * 1024;
/// Most octets that are taken off the network: a sending above `LOGS_MAX` is read to its end, so that the browser
/// shows the sentence instead of a broken connection.
pub const BODY_MAX: usize = 100 * 1024 * 1024;
/// Most logs in one sending.
const FILES_MAX: usize = 100;
/// Longest value of a plain field, in octets.
const VALUE_MAX: usize = 400;
/// Most octets that may be packed in the page.
const KEPT_MAX: usize = 1024 * 1024;
/// Longest pasted text that comes back with an error, in octets.
const TEXT_BACK_MAX: usize = 40 * 1024;
/// Sendings read at once.
static READING: Semaphore = Semaphore::const_new(4);

/// What was sent, once it was read.
#[derive(Debug, Default)]
pub struct Upload {
    /// The runs of every log.
    pub runs: Runs,
    /// The logs themselves, while they are short.
    pub kept: Vec<Log>,
    /// What was pasted.
    pub text: String,
    /// Place that replaces that of the logs.
    pub zone: String,
    /// Times a year.
    pub times: String,
    /// Format asked for; blank for a page.
    pub output: String,
    /// What is wrong with a file.
    pub files_error: Option<String>,
    /// What is wrong with the pasted text.
    pub text_error: Option<String>,
    /// Whether there was too much.
    pub too_large: bool,
    received: usize,
    files: usize,
    kept_octets: usize,
}

/// Reads a sending to its end.
///
/// # Errors
/// When it is cut, is no form, or too many are being read.
pub async fn receive(mut multipart: Multipart) -> Result<Upload, WebError> {
    let Ok(_place) = READING.try_acquire() else {
        return Err(WebError::Unavailable);
    };
    let mut upload = Upload::default();
    while let Some(field) = multipart.next_field().await.map_err(cut)? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "fichiers" => upload.file(field).await?,
            "texte" => {
                let octets = upload.octets(field, LOGS_MAX).await?;
                upload.paste(octets).await?;
            }
            "garde" => {
                let octets = upload.octets(field, LOGS_MAX).await?;
                upload.unpack(&octets).await?;
            }
            "zone" | "fois" | "sortie" => {
                let octets = upload.octets(field, VALUE_MAX).await?;
                let value = String::from_utf8_lossy(&octets).trim().to_owned();
                match name.as_str() {
                    "zone" => upload.zone = value,
                    "fois" => upload.times = value,
                    _ => upload.output = value,
                }
            }
            _ => {
                upload.octets(field, 0).await?;
            }
        }
    }
    if upload.too_large {
        let mebibytes = LOGS_MAX / (1024 * 1024);
        upload.files_error = Some(format!(
            "Plus de {mebibytes}\u{a0}Mo ou de {FILES_MAX}\u{a0}fichiers\u{a0}: découpez les journaux, par année par exemple, ou lisez-les avec sobria import measurements, qui n’a pas cette limite."
        ));
    }
    if upload.text.len() > TEXT_BACK_MAX {
        upload.text.clear();
    }
    if upload.kept_octets > KEPT_MAX {
        upload.kept.clear();
    }
    Ok(upload)
}

fn cut(error: axum::extract::multipart::MultipartError) -> WebError {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        WebError::TooLarge
    } else {
        WebError::Invalid(
            "L’envoi a été interrompu avant la fin, ou n’est pas celui de cette page.".to_owned(),
        )
    }
}

/// Chunks of a request as a file that is read on another thread.
struct Chunks {
    left: Bytes,
    next: mpsc::Receiver<Bytes>,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() {
            match self.next.blocking_recv() {
                Some(chunk) => self.left = chunk,
                None => return Ok(0),
            }
        }
        let count = self.left.len().min(buffer.len());
        let taken = self.left.split_to(count);
        if let Some(room) = buffer.get_mut(..count) {
            room.copy_from_slice(&taken);
        }
        Ok(count)
    }
}

impl Upload {
    /// Counts what came; false once it is too much.
    fn count(&mut self, octets: usize) -> bool {
        self.received = self.received.saturating_add(octets);
        self.too_large |= self.received > LOGS_MAX;
        !self.too_large
    }

    /// A plain field, cut at `most`; the rest is read and dropped.
    async fn octets(&mut self, mut field: Field<'_>, most: usize) -> Result<Vec<u8>, WebError> {
        let mut octets = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(cut)? {
            // The plain values come back with the refusal of logs that are too long.
            if self.count(chunk.len()) || most <= VALUE_MAX {
                let room = most.saturating_sub(octets.len()).min(chunk.len());
                octets.extend_from_slice(chunk.get(..room).unwrap_or_default());
            }
        }
        Ok(octets)
    }

    fn keep(&mut self, name: &str, octets: Vec<u8>) {
        self.kept_octets = self.kept_octets.saturating_add(octets.len());
        if self.kept_octets <= KEPT_MAX {
            self.kept.push((name.to_owned(), octets));
        }
    }

    async fn file(&mut self, mut field: Field<'_>) -> Result<(), WebError> {
        let name = field
            .file_name()
            .unwrap_or_default()
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect::<String>();
        let first = loop {
            match field.chunk().await.map_err(cut)? {
                Some(chunk) if chunk.is_empty() => {}
                first => break first,
            }
        };
        let Some(first) = first else {
            // A field where no file was chosen has neither name nor content.
            if !name.is_empty() {
                self.refuse_file(LogError::Empty { name });
            }
            return Ok(());
        };
        self.files = self.files.saturating_add(1);
        self.too_large |= self.files > FILES_MAX;
        let (sender, next) = mpsc::channel(8);
        let mut runs = std::mem::take(&mut self.runs);
        let read_name = name.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let chunks = Chunks {
                left: Bytes::new(),
                next,
            };
            let read = runs.read(chunks, &read_name);
            (runs, read)
        });
        let mut copy = Vec::new();
        let mut chunk = Some(first);
        let mut listening = true;
        while let Some(octets) = chunk {
            if self.count(octets.len()) {
                if copy.len() <= KEPT_MAX {
                    copy.extend_from_slice(&octets);
                }
                // A log that was refused is no longer listened to; the rest of it is dropped.
                listening = listening && sender.send(octets).await.is_ok();
            }
            chunk = field.chunk().await.map_err(cut)?;
        }
        drop(sender);
        let (runs, read) = reading
            .await
            .map_err(|error| WebError::Internal(error.to_string()))?;
        self.runs = runs;
        match read {
            Ok(()) => self.keep(&name, copy),
            Err(error) => self.refuse_file(error),
        }
        Ok(())
    }

    fn refuse_file(&mut self, error: LogError) {
        self.files_error.get_or_insert_with(|| error.to_string());
    }

    /// Reads logs that are already in memory, away from the threads that answer.
    async fn read_all(&mut self, logs: Vec<Log>) -> Result<Option<LogError>, WebError> {
        let mut runs = std::mem::take(&mut self.runs);
        let (runs, logs, error) = tokio::task::spawn_blocking(move || {
            let error = logs
                .iter()
                .find_map(|(name, octets)| runs.read(octets.as_slice(), name).err());
            (runs, logs, error)
        })
        .await
        .map_err(|error| WebError::Internal(error.to_string()))?;
        self.runs = runs;
        if error.is_none() {
            for (name, octets) in logs {
                self.keep(&name, octets);
            }
        }
        Ok(error)
    }

    async fn paste(&mut self, octets: Vec<u8>) -> Result<(), WebError> {
        let text = String::from_utf8_lossy(&octets).into_owned();
        let logs: Vec<Log> = pieces(&text)
            .into_iter()
            .enumerate()
            .map(|(at, piece)| {
                let name = match at {
                    0 => "texte collé".to_owned(),
                    at => format!("texte collé, {}", at.saturating_add(1)),
                };
                (name, piece.as_bytes().to_vec())
            })
            .collect();
        if !logs.is_empty()
            && let Some(error) = self.read_all(logs).await?
        {
            self.text_error = Some(error.to_string());
        }
        self.text = text.trim().to_owned();
        Ok(())
    }

    async fn unpack(&mut self, field: &[u8]) -> Result<(), WebError> {
        let logs = std::str::from_utf8(field).ok().and_then(packed::unpack);
        let Some(logs) = logs else {
            self.files_error = Some(
                "Les journaux de la page précédente ne se lisent plus\u{a0}: choisissez-les de nouveau."
                    .to_owned(),
            );
            return Ok(());
        };
        if let Some(error) = self.read_all(logs).await? {
            self.refuse_file(error);
        }
        Ok(())
    }
}

/// The logs of a pasted text: a line of headers begins another one, and so does a record after a table.
fn pieces(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let mut at = 0_usize;
    let mut in_record = text.trim_start().starts_with('{');
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches(['\u{feff}', ' ']);
        let header = ["timestamp,", "timestamp;", "timestamp\t"]
            .iter()
            .any(|start| bare.starts_with(start));
        let record = bare.starts_with('{') && !in_record;
        if (header || record) && at > 0 {
            starts.push(at);
            in_record = record;
        }
        at = at.saturating_add(line.len());
    }
    starts.push(text.len());
    starts
        .windows(2)
        .filter_map(|pair| text.get(*pair.first()?..*pair.last()?))
        .filter(|piece| !piece.trim().is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn pasted_logs_are_told_apart_by_their_headers() {
        assert!(pieces(" \n").is_empty());
        assert_eq!(pieces("timestamp,a\n1,2\n"), ["timestamp,a\n1,2\n"]);
        assert_eq!(
            pieces("timestamp,a\n1,2\ntimestamp;b\n3;4\n{\"schema\":1}\n{\"schema\":1}\n"),
            [
                "timestamp,a\n1,2\n",
                "timestamp;b\n3;4\n",
                "{\"schema\":1}\n{\"schema\":1}\n"
            ]
        );
    }
}
