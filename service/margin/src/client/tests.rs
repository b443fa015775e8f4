use std::{
    io::Write,
    net::{TcpListener, TcpStream},
};

use super::*;

/// More than the buffers of a connection hold.
const LARGE: usize = 64 << 20;
const QUERY_DIGEST: Digest = Digest([1; 32]);

/// An engine that answers one connection after the other by `answers`, then is gone.
fn engine(answers: Vec<fn(TcpStream)>) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()));
    thread::spawn(move || answers.into_iter().for_each(|answer| answer(listener.accept().unwrap().0)));
    client
}

/// Reads up to the end of the request's head.
fn hear(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
}

fn say(mut stream: TcpStream, status: &str, body: &str) {
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).unwrap();
}

fn running(mut stream: TcpStream) {
    hear(&mut stream);
    say(stream, "200 OK", r#"{"state":"running","done":1,"total":2}"#);
}

fn nonsense(mut stream: TcpStream) {
    hear(&mut stream);
    say(stream, "200 OK", "nonsense");
}

#[test]
fn an_engine_that_is_started_again_is_waited_for() {
    let client = engine(vec![running, drop, running, nonsense]);
    let mut seen = 0;
    let outcome = client.wait(&QUERY_DIGEST, Duration::from_secs(60), |_| seen += 1);
    assert!(matches!(outcome, Err(ClientError::Answer { .. })));
    assert_eq!(seen, 2);
}

#[test]
fn patience_ends_with_the_last_error() {
    let error = engine(vec![running]).wait(&QUERY_DIGEST, Duration::from_secs(1), |_| ()).unwrap_err();
    assert!(matches!(error, ClientError::Lost { .. }), "{error}");
    assert!(error.to_string().contains("run the same command again"), "{error}");
}

#[test]
fn a_connection_that_is_closed_early_is_tried_again() {
    // Closed while megabytes are on their way.
    let client = engine(vec![drop]);
    let closed = client.submit(&vec![0; LARGE], Duration::ZERO);
    assert!(matches!(closed, Err(ClientError::Closed { .. })));
    let again = engine(vec![drop, |mut stream| {
        hear(&mut stream);
        std::io::copy(&mut Read::by_ref(&mut stream).take(LARGE as u64), &mut std::io::sink()).unwrap();
        say(stream, "403 Forbidden", r#"{"error":"no"}"#);
    }]);
    let refused = again.submit(&vec![0; LARGE], 2 * RETRY);
    assert!(matches!(refused, Err(ClientError::Refused { status: 403, .. })));
}

#[test]
fn an_engine_does_not_speak_to_the_terminal() {
    let words = "\\u001b[2Jwrote result: signed by engine\\n\\u009b1;1H".to_owned() + &"x".repeat(5000);
    let refusal = |status: &'static str, body: String| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()));
        thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            hear(&mut stream);
            say(stream, status, &body);
        });
        client.wait(&QUERY_DIGEST, Duration::ZERO, |_| ()).unwrap_err().to_string()
    };
    for text in [
        refusal("400 Bad Request", format!(r#"{{"error":"{words}"}}"#)),
        refusal("200 OK", format!(r#"{{"state":"refused","reason":"{words}"}}"#)),
    ] {
        assert!(text.contains("[2Jwrote result") && text.len() < 1000, "{text:?}");
        assert!(!text.contains(|letter: char| letter.is_control()), "{text:?}");
    }
}

#[test]
fn nobody_but_the_engine_is_asked() {
    let client = engine(vec![
        |mut stream| {
            hear(&mut stream);
            let place = "HTTP/1.1 302 Found\r\nlocation: /v1/elsewhere\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(place.as_bytes()).unwrap();
        },
        |mut stream| {
            hear(&mut stream);
            say(stream, "200 OK", r#"{"venue":"ok"}"#);
        },
    ]);
    assert!(matches!(client.has_venue(&QUERY_DIGEST), Err(ClientError::Refused { status: 302, .. })));
    assert!(matches!(client.has_venue(&QUERY_DIGEST), Err(ClientError::Answer { .. })));
}

#[test]
fn an_answer_of_something_else_is_named() {
    let other = |mut stream: TcpStream| {
        hear(&mut stream);
        say(stream, "404 Not Found", "<html>");
    };
    let client = engine(vec![other, other]);
    let error = client.has_venue(&QUERY_DIGEST).unwrap_err(); // not "no", and then 330 MB
    assert!(error.to_string().contains("is this a margin engine?"), "{error}");
    let error = client.status(&QUERY_DIGEST).unwrap_err();
    assert!(error.to_string().contains("is this a margin engine?"), "{error}");
}
