//! A browser without a window: it keeps its cookie and sends forms as pages give them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// An answer, not followed.
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub body: String,
}

/// One session.
#[derive(Default)]
pub struct Client {
    pub address: String,
    /// First line of each request, and how long its answer took.
    pub times: Vec<(String, Duration)>,
    cookies: Vec<(String, String)>,
    token: String,
    open: Option<(String, BufReader<TcpStream>)>,
}

impl Client {
    pub fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            ..Self::default()
        }
    }

    /// An account made on the command line, signed in by the link which that prints.
    pub fn of_account(folder: &Path, address: &str, email: &str, options: &[&str]) -> Self {
        let output = Command::new(env!("CARGO_BIN_EXE_sobria"))
            .current_dir(folder)
            .args(["admin", "user", "add", email, "--name", "Agnès Essai"])
            .args(options)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let link = String::from_utf8(output.stdout).unwrap();
        let secret = link.trim().rsplit('/').next().unwrap().to_owned();
        let mut client = Self::new(address);
        client.get(&format!("/connexion/lien/{secret}")).unwrap();
        let answer = client.send("/connexion/lien", &[("lien", &secret)]).unwrap();
        assert_eq!(answer.status, 303, "{}", answer.body);
        client
    }

    /// Reads a page, and the token of its forms.
    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        let answer = self.exchange(&format!("GET {path} HTTP/1.1\r\n"), "")?;
        if let Some(token) = value_of(&answer.body, "_csrf") {
            self.token = token;
        }
        Ok(answer)
    }

    /// Sends a form with the token of the page read last.
    pub fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> io::Result<Answer> {
        let token = self.token.clone();
        let body: Vec<String> = std::iter::once(("_csrf", token.as_str()))
            .chain(fields.iter().copied())
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let body = body.join("&");
        let head = format!(
            "POST {path} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n",
            body.len(),
            self.address
        );
        self.exchange(&head, &body)
    }

    /// One request on the connection that is open, or on a new one when the server closed that.
    fn exchange(&mut self, head: &str, body: &str) -> io::Result<Answer> {
        let began = Instant::now();
        let open = self.open.take().filter(|(address, _)| *address == self.address);
        let kept = open.is_some();
        let mut stream = match open {
            Some((_, stream)) => stream,
            None => self.connect()?,
        };
        let mut answer = self.ask(&mut stream, head, body);
        if kept && matches!(&answer, Err(error) if error.kind() == io::ErrorKind::NotConnected) {
            stream = self.connect()?;
            answer = self.ask(&mut stream, head, body);
        }
        let answer = answer?;
        self.open = Some((self.address.clone(), stream));
        let first = head.split(" HTTP").next().unwrap_or_default().to_owned();
        self.times.push((first, began.elapsed()));
        Ok(answer)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }

    fn ask(&mut self, stream: &mut BufReader<TcpStream>, head: &str, body: &str) -> io::Result<Answer> {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = format!(
            "{head}Host: {}\r\nCookie: {}\r\n\r\n{body}",
            self.address,
            cookies.join("; ")
        );
        let gone = |_: io::Error| io::Error::from(io::ErrorKind::NotConnected);
        stream.get_mut().write_all(request.as_bytes()).map_err(gone)?;
        let mut line = String::new();
        // A connection that ends before the first byte was closed while it waited.
        if stream.read_line(&mut line).map_err(gone)? == 0 {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "the answer is cut");
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .ok_or_else(cut)?;
        let (mut location, mut length) = (String::new(), None);
        loop {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                return Err(cut());
            }
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "location" => value.clone_into(&mut location),
                "content-length" => length = value.parse::<usize>().ok(),
                "set-cookie" => {
                    let pair = value.split(';').next().unwrap_or_default();
                    if let Some((name, value)) = pair.split_once('=') {
                        self.cookies.retain(|(known, _)| known != name);
                        self.cookies.push((name.to_owned(), value.to_owned()));
                    }
                }
                _ => {}
            }
        }
        let mut body = vec![0; length.ok_or_else(cut)?];
        stream.read_exact(&mut body)?;
        Ok(Answer {
            status,
            location,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}

/// The value of the first input of this name.
pub fn value_of(page: &str, name: &str) -> Option<String> {
    let mark = format!("name=\"{name}\" value=\"");
    let start = page.find(&mark)? + mark.len();
    Some(page.get(start..)?.split('"').next()?.to_owned())
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Begins a contribution; returns its address.
pub fn begin(client: &mut Client, title: &str) -> io::Result<String> {
    let page = client.get("/contribuer")?;
    let key = value_of(&page.body, "cle").ok_or_else(|| unexpected(&page))?;
    let own = value_of(&page.body, "organisation");
    let mut fields = vec![("cle", key.as_str()), ("title", title)];
    match &own {
        Some(own) => fields.push(("organisation", own)),
        None => fields.extend([
            ("organisation.name", "Commune des Essais"),
            ("organisation.kind", "commune"),
        ]),
    }
    let answer = client.send("/contribuer", &fields)?;
    if answer.status != 303 {
        return Err(unexpected(&answer));
    }
    Ok(answer.location.trim_end_matches("/essentiel").to_owned())
}

/// Fills in a step.
pub fn fill(client: &mut Client, case: &str, step: &str, fields: &[(&str, &str)]) -> io::Result<()> {
    let page = client.get(&format!("{case}/{step}"))?;
    let version = value_of(&page.body, "_version").ok_or_else(|| unexpected(&page))?;
    let mut all = vec![("_version", version.as_str())];
    all.extend_from_slice(fields);
    let answer = client.send(&format!("{case}/{step}"), &all)?;
    if answer.status == 303 {
        Ok(())
    } else {
        Err(unexpected(&answer))
    }
}

/// Hands a contribution in.
pub fn submit(client: &mut Client, case: &str) -> io::Result<()> {
    let answer = client.send(&format!("{case}/envoyer"), &[])?;
    if answer.status == 303 {
        Ok(())
    } else {
        Err(unexpected(&answer))
    }
}

/// The number that the receipt of a contribution shows.
pub fn receipt(client: &mut Client, case: &str) -> io::Result<String> {
    let page = client.get(&format!("{case}/suivi"))?;
    let number = page
        .body
        .split("Numéro")
        .nth(1)
        .and_then(|rest| rest.split_once(':')?.1.split('<').next())
        .map(|text| text.trim().to_owned());
    number.ok_or_else(|| unexpected(&page))
}

/// An answer that is not the one hoped for.
pub fn unexpected(answer: &Answer) -> io::Error {
    io::Error::other(format!("{} {} {}", answer.status, answer.location, answer.body))
}
