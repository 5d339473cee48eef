//! Requests and answers as JSON: one form for the command, the address, saved estimates and batches.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::code::{self, Code};
use crate::json::{Taker, each_member, is_object, text};
use crate::provenance::Assumption;
use crate::reference::Reference;
use crate::{compute, llm, measurement};

/// A way to estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// One text generation by a language model.
    LlmInference,
    /// A computation on known hardware.
    ComputeJob,
    /// A measured computation.
    Measurement,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::LlmInference, Self::ComputeJob, Self::Measurement];

    /// Name in requests.
    ///
    /// ```
    /// use sobria_estimate::document::Method;
    ///
    /// assert_eq!(Method::LlmInference.id(), "llm_inference");
    /// ```
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::LlmInference => "llm_inference",
            Self::ComputeJob => "compute_job",
            Self::Measurement => "measurement",
        }
    }

    /// Version, when the method can be used.
    ///
    /// ```
    /// use sobria_estimate::{document::Method, llm};
    ///
    /// assert_eq!(Method::LlmInference.version(), Some(llm::METHOD_VERSION));
    /// ```
    #[must_use]
    pub const fn version(self) -> Option<&'static str> {
        match self {
            Self::LlmInference => Some(llm::METHOD_VERSION),
            Self::ComputeJob => Some(compute::METHOD_VERSION),
            Self::Measurement => Some(measurement::METHOD_VERSION),
        }
    }
}

/// What a request asks to estimate.
#[derive(Debug, Clone, PartialEq)]
pub enum Input<'a> {
    /// One text generation.
    Llm(Box<llm::Input<'a>>),
    /// A computation.
    Compute(Box<compute::Input<'a>>),
    /// A step of a measure.
    Measurement(Box<measurement::Input<'a>>),
}

/// Figures of any method.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// One text generation.
    Llm(Box<llm::Output>),
    /// A computation.
    Compute(Box<compute::Output>),
    /// A step of a measure.
    Measurement(Box<measurement::Output>),
}

/// The identifier of a request, written back as it came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Id<'a>(Option<&'a RawValue>);

impl Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The answer to one request.
#[derive(Debug, Clone, Serialize)]
pub struct Response<'a> {
    /// Identifier of the request; null when it had none.
    pub id: Id<'a>,
    /// Method of the request, as it was written.
    pub method: Option<Cow<'a, str>>,
    /// Figures; null when there is an error.
    pub output: Option<Output>,
    /// Codes of the errors.
    pub errors: Vec<Code>,
    /// The errors in French, in the same order; absent when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Cow<'static, str>>,
    /// Codes of the warnings.
    pub warnings: Vec<Code>,
    /// Every value used, with its source.
    pub assumptions: Vec<Assumption>,
    /// Version of the method.
    pub method_version: Option<&'static str>,
    /// Edition of the tables.
    pub reference_version: Cow<'a, str>,
}

impl<'a> Response<'a> {
    fn new(reference: &'a Reference, id: Id<'a>, method: Option<Cow<'a, str>>) -> Self {
        Self {
            id,
            method,
            output: None,
            errors: Vec::new(),
            messages: Vec::new(),
            warnings: Vec::new(),
            assumptions: Vec::new(),
            method_version: None,
            reference_version: Cow::Borrowed(reference.version()),
        }
    }

    /// The answer to a request that is already in the program's own types.
    ///
    /// ```
    /// use sobria_estimate::document::{Input, Response};
    /// use sobria_estimate::{Reference, llm};
    ///
    /// let request = llm::Input::catalogue("openai", "gpt-4o", 250.0);
    /// let answer = Response::to(Reference::embedded(), &Input::Llm(Box::new(request)));
    /// assert!(answer.output.is_some());
    /// ```
    #[must_use]
    pub fn to(reference: &'a Reference, input: &Input<'_>) -> Self {
        let method = match input {
            Input::Llm(_) => Method::LlmInference,
            Input::Compute(_) => Method::ComputeJob,
            Input::Measurement(_) => Method::Measurement,
        };
        let mut response = Self::new(reference, Id::default(), Some(Cow::Borrowed(method.id())));
        response.method_version = method.version();
        response.fill(reference, input);
        response
    }

    fn refuse(&mut self, errors: Vec<Code>) {
        self.messages = errors.iter().map(|code| code::sentence(code)).collect();
        self.errors = errors;
    }

    fn fill(&mut self, reference: &Reference, input: &Input<'_>) {
        let outcome = match input {
            Input::Llm(input) => llm::estimate(reference, input).map(|made| {
                (
                    Output::Llm(Box::new(made.output)),
                    made.warnings,
                    made.assumptions,
                )
            }),
            Input::Compute(input) => compute::estimate(reference, input).map(|made| {
                (
                    Output::Compute(Box::new(made.output)),
                    made.warnings,
                    made.assumptions,
                )
            }),
            Input::Measurement(input) => measurement::estimate(reference, input).map(|made| {
                (
                    Output::Measurement(Box::new(made.output)),
                    made.warnings,
                    made.assumptions,
                )
            }),
        };
        match outcome {
            Ok((output, warnings, assumptions)) => {
                self.output = Some(output);
                self.warnings = warnings;
                self.assumptions = assumptions;
            }
            Err(errors) => self.refuse(errors),
        }
    }

    /// Writes the answer as one JSON object, without line feed, at the end of `out`.
    ///
    /// ```
    /// use sobria_estimate::{Reference, document};
    ///
    /// let mut out = Vec::new();
    /// document::answer(Reference::embedded(), "{}").write(&mut out);
    /// assert!(out.starts_with(br#"{"id":null,"method":null,"output":null,"errors":["missing:method""#));
    /// ```
    pub fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        // Writing to memory fails only for a value that JSON cannot hold, and none of these types has one.
        if self.write_members(out).is_err() {
            out.truncate(start);
        }
    }

    /// The members in the order of the type. The list of assumptions, two thirds of an answer, is written by hand.
    fn write_members(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        member(out, "{\"id\":", &self.id)?;
        member(out, ",\"method\":", &self.method)?;
        member(out, ",\"output\":", &self.output)?;
        member(out, ",\"errors\":", &self.errors)?;
        if !self.messages.is_empty() {
            member(out, ",\"messages\":", &self.messages)?;
        }
        member(out, ",\"warnings\":", &self.warnings)?;
        out.extend_from_slice(b",\"assumptions\":[");
        for (position, assumption) in self.assumptions.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            assumption.write(out)?;
        }
        member(out, "],\"method_version\":", &self.method_version)?;
        member(out, ",\"reference_version\":", &self.reference_version)?;
        out.push(b'}');
        Ok(())
    }
}

fn member(out: &mut Vec<u8>, before: &str, value: &impl Serialize) -> serde_json::Result<()> {
    out.extend_from_slice(before.as_bytes());
    serde_json::to_writer(out, value)
}

/// Answers a request written in JSON. Never fails: what is wrong is in [`Response::errors`].
///
/// The shape is looked at first: while a field is unknown, written twice or of the wrong kind, nothing is estimated.
///
/// ```
/// use sobria_estimate::{Reference, document};
///
/// let answer = document::answer(Reference::embedded(), r#"{"id":7,"method":"llm_inference","input":{"tokens":1}}"#);
/// assert_eq!(answer.errors, ["unknown-field:tokens"]);
/// assert!(answer.output.is_none());
/// ```
#[must_use]
pub fn answer<'a>(reference: &'a Reference, request: &'a str) -> Response<'a> {
    let (mut id, mut method, mut kind, mut input) = (None, None, None, None);
    let mut errors = Vec::new();
    let mut taker = Taker {
        prefix: "",
        errors: &mut errors,
    };
    let read = each_member(request, |field, raw| match field {
        "id" => match raw.get().as_bytes().first() {
            Some(b'{' | b'[' | b't' | b'f') => taker.report("invalid-type", field),
            _ if id.is_some() => taker.report("duplicate-field", field),
            _ => id = Some(raw),
        },
        "method" => taker.text(&mut method, field, raw),
        "kind" => taker.text(&mut kind, field, raw),
        "input" if input.is_some() => taker.report("duplicate-field", field),
        "input" if raw.get() != "null" => input = Some(raw),
        "input" => {}
        _ => taker.report("unknown-field", field),
    });
    if read.is_err() {
        let mut response = Response::new(reference, Id::default(), None);
        let code = if is_object(request) || serde_json::from_str::<&RawValue>(request).is_err() {
            Code::Borrowed("invalid-json")
        } else {
            code::of_field("invalid-type", "", "request")
        };
        response.refuse(vec![code]);
        return response;
    }
    let mut response = Response::new(reference, Id(id), method);
    let known = response
        .method
        .as_deref()
        .and_then(|name| Method::ALL.into_iter().find(|method| method.id() == name));
    response.method_version = known.and_then(Method::version);
    match (&response.method, known) {
        (None, _) if errors.iter().all(|code| code != "invalid-type:method") => {
            errors.push(code::of_field("missing", "", "method"));
        }
        (Some(_), None) => errors.push(Code::Borrowed("unknown-method")),
        // Vectors and files sort their lines by a word of their own, which changes nothing; the name of a step of a
        // measure is a mistake of method.
        (Some(_), Some(Method::LlmInference | Method::ComputeJob))
            if kind
                .as_deref()
                .is_some_and(|name| measurement::Kind::find(name).is_some()) =>
        {
            errors.push(code::of_field("unknown-field", "", "kind"));
        }
        _ => {}
    }
    let input = match input {
        None => {
            errors.push(code::of_field("missing", "", "input"));
            None
        }
        Some(raw) if !is_object(raw.get()) => {
            errors.push(code::of_field("invalid-type", "", "input"));
            None
        }
        Some(raw) => match known {
            Some(Method::LlmInference) => Some(Input::Llm(Box::new(llm::Input::read(raw, &mut errors)))),
            Some(Method::ComputeJob) => {
                Some(Input::Compute(Box::new(compute::Input::read(raw, &mut errors))))
            }
            Some(Method::Measurement) => step(kind, raw, &mut errors),
            None => None,
        },
    };
    match input {
        Some(input) if errors.is_empty() => response.fill(reference, &input),
        _ => response.refuse(errors),
    }
    response
}

/// Reads a step of a measure: its kind stands beside the method, or among the fields of the input.
fn step<'a>(kind: Option<Cow<'a, str>>, raw: &'a RawValue, errors: &mut Vec<Code>) -> Option<Input<'a>> {
    let Some((name, raw)) = kind.map(|kind| (kind, raw)).or_else(|| measurement::kind_of(raw)) else {
        errors.push(code::of_field("missing", "", "kind"));
        return None;
    };
    let Some(kind) = measurement::Kind::find(&name) else {
        errors.push(Code::Borrowed("unknown-kind"));
        return None;
    };
    measurement::Input::read(kind, raw, errors).map(|input| Input::Measurement(Box::new(input)))
}

/// Reads the `input` object of a method, to show or change it before an estimate.
///
/// # Errors
/// The codes of what is wrong in its shape.
///
/// ```
/// use sobria_estimate::document::{Input, Method, read_input};
///
/// let Ok(Input::Llm(input)) = read_input(Method::LlmInference, r#"{"provider":"openai"}"#) else { panic!() };
/// assert_eq!(input.provider.as_deref(), Some("openai"));
/// assert!(read_input(Method::ComputeJob, "[]").is_err());
/// ```
pub fn read_input(method: Method, input: &str) -> Result<Input<'_>, Vec<Code>> {
    let Ok(raw) = serde_json::from_str::<&RawValue>(input) else {
        return Err(vec![Code::Borrowed("invalid-json")]);
    };
    if !is_object(raw.get()) {
        return Err(vec![code::of_field("invalid-type", "", "input")]);
    }
    let mut errors = Vec::new();
    let read = match method {
        Method::LlmInference => Input::Llm(Box::new(llm::Input::read(raw, &mut errors))),
        Method::ComputeJob => Input::Compute(Box::new(compute::Input::read(raw, &mut errors))),
        Method::Measurement => match step(None, raw, &mut errors) {
            Some(input) => input,
            None => return Err(errors),
        },
    };
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

/// Whether an identifier holds this text; for tests and for matching answers to requests.
impl PartialEq<str> for Id<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0
            .and_then(|raw| text(raw.get()).ok().flatten())
            .is_some_and(|own| own == other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_written_as_its_type_says() {
        let vectors = [
            (
                "llm_inference",
                include_str!("../tests/golden/llm_inference.jsonl"),
            ),
            ("compute_job", include_str!("../tests/golden/compute_job.jsonl")),
        ];
        for (method, vectors) in vectors {
            for line in vectors.lines() {
                let vector: serde_json::Value = serde_json::from_str(line).unwrap();
                let request =
                    serde_json::json!({"id": vector["id"], "method": method, "input": vector["input"]});
                let request = request.to_string();
                let answer = answer(Reference::embedded(), &request);
                let mut out = Vec::new();
                answer.write(&mut out);
                assert_eq!(
                    String::from_utf8(out).unwrap(),
                    serde_json::to_string(&answer).unwrap()
                );
            }
        }
        let mut odd = answer(Reference::embedded(), "{\"id\":1e3,\"method\":\"a\\u0001\"}");
        for text in ["", "\"", "\\", "\n", "\u{7f}", "é\u{1f}"] {
            odd.assumptions
                .push(Assumption::table("f", 1.5, "u", text.to_owned()));
        }
        odd.assumptions.push(Assumption::user("f", f64::NAN, ""));
        odd.assumptions.push(Assumption::default("f", "t", "", "s"));
        let mut out = b"before".to_vec();
        odd.write(&mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!("before{}", serde_json::to_string(&odd).unwrap())
        );
    }
}
