//! Reads the log files of a trail: finds the folders, lists what a search can need, and reads files side by side
//! without keeping them.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use futures::{StreamExt as _, stream};
use tokio::sync::mpsc;

use super::address::Address;
use super::layout::{self, Fit, Level};
use crate::aws::{CallError, Connection};
use crate::sources::aws::once::Once;
use crate::sources::aws::receiver::{Outcome, Step};
use crate::sources::aws::search::{Region, Search};
use crate::sources::{Item, Options, read_stream};

/// How many files are read at once. A file waits in memory with a few pieces of some KB, never as a whole.
const FILES: usize = 8;
const PIECES: usize = 8;
const ITEMS: usize = 256;

/// A trail that is read.
pub(in crate::sources::aws) struct Trail<'t> {
    connection: &'t Connection,
    client: aws_sdk_s3::Client,
    /// Where the bucket is.
    region: String,
    address: &'t Address,
    search: &'t Search,
}

impl<'t> Trail<'t> {
    /// Finds out where the bucket is.
    pub(in crate::sources::aws) async fn open(
        connection: &'t Connection,
        address: &'t Address,
        search: &'t Search,
    ) -> Result<Self, CallError> {
        let region = bucket_region(connection, &address.bucket).await?;
        Ok(Self { connection, client: connection.s3(&region), region, address, search })
    }

    /// Reads all log files that can hold what is looked for.
    pub(in crate::sources::aws) async fn read(&self, once: &mut Once<'_>, options: Options) -> Outcome {
        let mut outcome = Outcome::default();
        let files = self.files(&mut outcome).await;
        if files.is_empty() && outcome.gaps.is_empty() {
            outcome.gap(
                format!("events in log files below {}", self.address),
                "there is none of the window, the accounts and the Regions",
            );
        }
        let (items, mut arrived) = mpsc::channel(ITEMS);
        let work = async {
            let reads = stream::iter(&files).map(|key| self.file(key, items.clone(), options));
            let failed: Vec<_> = reads.buffer_unordered(FILES).collect().await;
            drop(items);
            failed
        };
        let take = async {
            let mut so_far = 0;
            while let Some(arrival) = arrived.recv().await {
                match arrival {
                    Arrival::Item(item) => {
                        if once.item(item).is_break() {
                            break;
                        }
                    }
                    Arrival::End => {
                        so_far += 1;
                        once.step(&Step::Read { place: self.address.to_string(), so_far });
                    }
                }
            }
            arrived.close();
            while arrived.recv().await.is_some() {}
        };
        let (failed, ()) = tokio::join!(work, take);
        for (key, error) in failed.into_iter().flatten() {
            outcome.gap(format!("events in the log file s3://{}/{key}", self.address.bucket), error);
        }
        outcome
    }

    /// The keys of the log files that can hold what is looked for.
    async fn files(&self, outcome: &mut Outcome) -> Vec<String> {
        let mut regions = Vec::new();
        let mut others = Vec::new();
        let mut folders = vec![self.address.prefix.clone()];
        while let Some(folder) = folders.pop() {
            match layout::level(&folder) {
                Level::Root => folders.push(format!("{folder}AWSLogs/")),
                Level::Account(_) => folders.push(format!("{folder}CloudTrail/")),
                Level::Accounts => {
                    let below = self.folders(&folder, outcome).await;
                    folders.extend(below.into_iter().filter(|folder| layout::may_hold(self.search, folder)));
                }
                Level::Regions => {
                    let home = Region::parse(self.connection.home_region()).ok();
                    let below = self.folders(&folder, outcome).await;
                    regions.extend(
                        below
                            .into_iter()
                            .filter(|folder| layout::may_hold_region(self.search, folder, home.as_ref())),
                    );
                }
                Level::Region(_) => regions.push(folder),
                Level::Dated => others.push((folder, None)),
            }
        }
        for region in &regions {
            for (at, day) in layout::days(self.search).into_iter().enumerate() {
                let folder = layout::day_folder(region, day);
                let begin = (at == 0).then(|| layout::begin(self.search, region, &folder)).flatten();
                others.push((folder, begin));
            }
        }
        let listed: Vec<_> = stream::iter(others)
            .map(|(folder, begin)| self.keys(folder, begin))
            .buffered(FILES)
            .collect()
            .await;
        let mut keys = Vec::new();
        for (folder, found, error) in listed {
            keys.extend(found);
            if let Some(error) = error {
                outcome.gap(format!("events in log files in s3://{}/{folder}", self.address.bucket), error);
            }
        }
        keys
    }

    /// The folders in a folder.
    async fn folders(&self, folder: &str, outcome: &mut Outcome) -> Vec<String> {
        let mut folders = Vec::new();
        let mut token = None;
        loop {
            let request =
                self.client.list_objects_v2().bucket(&self.address.bucket).prefix(folder).delimiter("/");
            let request = request.set_continuation_token(token.take());
            match self.connection.ask("s3:ListBucket", &self.region, request.send()).await {
                Ok(page) => {
                    folders.extend(
                        page.common_prefixes.unwrap_or_default().into_iter().filter_map(|it| it.prefix),
                    );
                    token = page.next_continuation_token;
                }
                Err(error) => {
                    outcome.gap(format!("events in folders of s3://{}/{folder}", self.address.bucket), error);
                }
            }
            if token.is_none() {
                return folders;
            }
        }
    }

    /// The log files in a folder that can hold events of the window, and what ended the listing early.
    async fn keys(&self, folder: String, begin: Option<String>) -> (String, Vec<String>, Option<CallError>) {
        let mut keys = Vec::new();
        let mut token = None;
        loop {
            let request = self.client.list_objects_v2().bucket(&self.address.bucket).prefix(&folder);
            let request = request.set_continuation_token(token.take()).set_start_after(begin.clone());
            let page = match self.connection.ask("s3:ListBucket", &self.region, request.send()).await {
                Ok(page) => page,
                Err(error) => return (folder, keys, Some(error)),
            };
            let found = page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
            let mut past = false;
            for key in found {
                match layout::fit(self.search, &key) {
                    Fit::Inside => keys.push(key),
                    Fit::After => past = true,
                    Fit::Before | Fit::Other => {}
                }
            }
            token = page.next_continuation_token;
            // Only in the folder of a day is the order of keys that of delivery.
            if token.is_none() || past && begin.is_some() {
                return (folder, keys, None);
            }
        }
    }

    /// Reads one file; what went wrong before it could be read.
    async fn file(
        &self,
        key: &str,
        items: mpsc::Sender<Arrival>,
        options: Options,
    ) -> Option<(String, CallError)> {
        if items.is_closed() {
            return None;
        }
        let request = self.client.get_object().bucket(&self.address.bucket).key(key);
        let object: GetObjectOutput =
            match self.connection.ask("s3:GetObject", &self.region, request.send()).await {
                Ok(object) => object,
                Err(error) => return Some((key.to_owned(), error)),
            };
        let name = PathBuf::from(format!("s3://{}/{key}", self.address.bucket));
        let (pieces, arriving) = mpsc::channel(PIECES);
        // Unpacking and cutting up takes the processor, not the network.
        let reader = tokio::task::spawn_blocking(move || {
            let text = Pieces { arriving, piece: Vec::new(), at: 0 };
            let _ = read_stream(&name, text, options, &mut |item| match items
                .blocking_send(Arrival::Item(item))
            {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            });
            let _ = items.blocking_send(Arrival::End);
        });
        self.download(object.body, pieces).await;
        // A reader that failed has nothing more to say.
        let _ = reader.await;
        None
    }

    async fn download(&self, mut body: ByteStream, pieces: mpsc::Sender<io::Result<Vec<u8>>>) {
        let budget = &self.connection.shared().budget;
        loop {
            let piece = match budget.run(body.next()).await {
                Ok(None) => return,
                Ok(Some(Ok(piece))) => Ok(piece.to_vec()),
                Ok(Some(Err(error))) => Err(io::Error::other(error)),
                Err(spent) => Err(io::Error::other(spent)),
            };
            let failed = piece.is_err();
            if pieces.send(piece).await.is_err() || failed {
                return;
            }
        }
    }
}

enum Arrival {
    Item(Item),
    /// The end of a file.
    End,
}

/// What arrives from the network, for who reads as if it were a file.
struct Pieces {
    arriving: mpsc::Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Pieces {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.piece.len() {
            match self.arriving.blocking_recv() {
                Some(piece) => (self.piece, self.at) = (piece?, 0),
                None => return Ok(0),
            }
        }
        let mut rest = self.piece.get(self.at..).unwrap_or_default();
        let read = rest.read(space)?;
        self.at += read;
        Ok(read)
    }
}

/// The Region of a bucket: S3 tells it also where it refuses or sends elsewhere.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
async fn bucket_region(connection: &Connection, bucket: &str) -> Result<String, CallError> {
    let here = connection.region();
    let request = connection.s3(here).head_bucket().bucket(bucket).send();
    let asked = connection.ask("s3:ListBucket", here, async {
        match request.await {
            Ok(answer) => Ok(answer.bucket_region),
            Err(error) => {
                let header =
                    error.raw_response().and_then(|response| response.headers().get("x-amz-bucket-region"));
                match header.map(str::to_owned) {
                    Some(region) => Ok(Some(region)),
                    None => Err(error),
                }
            }
        }
    });
    Ok(asked.await?.unwrap_or_else(|| here.to_owned()))
}
