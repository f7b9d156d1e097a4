//! Web sockets: the handshake of RFC 6455, then one turn of the script for every message, an event of it
//! in every frame. Cuts and holds count events here, not bytes. Each turn begins with a ping, whose
//! answer is waited for.

use std::io::Write;
use std::net::{Shutdown, TcpStream};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use tokio_tungstenite::tungstenite::{Message, WebSocket};

use super::{End, Hold, Recorded, Shared, Turn, hold, reset_on_close};

/// What a message over a socket is recorded as, in the place of a method.
pub const FRAME: &str = "FRAME";

/// Whether a request asks for a socket.
pub(super) fn is_asked_for(request: &Recorded) -> bool {
    request.header("upgrade") == Some("websocket")
}

/// What a server answers to the key of a handshake.
pub fn accept(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let sha1 = &ring::digest::SHA1_FOR_LEGACY_USE_ONLY;
    BASE64_STANDARD.encode(ring::digest::digest(sha1, text.as_bytes()))
}

/// Serves one socket until either side closes it.
pub(super) fn talk(mut tcp: TcpStream, handshake: &Recorded, shared: &Shared) {
    let key = handshake.header("sec-websocket-key").unwrap();
    let head = format!(
        "HTTP/1.1 101 Scripted\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-accept: {}\r\n\r\n",
        accept(key)
    );
    if tcp.write_all(head.as_bytes()).is_err() {
        return;
    }
    let mut socket = WebSocket::from_raw_socket(tcp, Role::Server, None);
    while let Ok(message) = socket.read() {
        let Message::Text(text) = message else {
            continue;
        };
        let turn = next_turn(handshake, text.as_str(), shared);
        if !say(&mut socket, &handshake.path, &turn, shared) {
            break;
        }
    }
    let _ = socket.get_ref().shutdown(Shutdown::Both);
    shared.state.lock().unwrap().closed += 1;
    shared.changed.notify_all();
}

fn next_turn(handshake: &Recorded, text: &str, shared: &Shared) -> Turn {
    let mut state = shared.state.lock().unwrap();
    state.requests.push(Recorded {
        method: FRAME.into(),
        body: serde_json::from_str(text).unwrap_or(Value::Null),
        raw_body: text.to_owned(),
        ..handshake.clone()
    });
    let turn = state.turns.pop_front();
    shared.changed.notify_all();
    turn.unwrap_or_else(|| Turn::raw("").ending(End::HangUp))
}

/// Says one turn; false when the socket cannot be used again.
fn say(socket: &mut WebSocket<TcpStream>, path: &str, turn: &Turn, shared: &Shared) -> bool {
    if turn.end == End::NoAnswer {
        return hold(socket.get_ref(), &Hold::default(), shared);
    }
    if !is_there(socket) {
        return false;
    }
    let body = String::from_utf8(turn.body_for(path)).unwrap();
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    let events: Vec<&str> = data.collect();
    let cut = turn.cut_at.unwrap_or(events.len()).min(events.len());
    for (at, event) in events[..cut].iter().enumerate() {
        if let Some((held, gate)) = &turn.held
            && *held == at
            && !hold(socket.get_ref(), gate, shared)
        {
            return false;
        }
        if socket.send(Message::text(*event)).is_err() {
            return false;
        }
    }
    match turn.end {
        End::Whole => true,
        End::Pinging => {
            let is_there = is_there(socket);
            shared.state.lock().unwrap().ponged += usize::from(is_there);
            shared.changed.notify_all();
            is_there
        }
        End::HangUp | End::NoAnswer => false,
        End::Reset | End::ResetAtOnce => {
            reset_on_close(socket.get_ref());
            false
        }
        End::OddFrame => {
            let _ = socket.get_ref().write_all(&[0x8f, 0]);
            while socket.read().is_ok() {}
            false
        }
        End::Stall => hold(socket.get_ref(), &Hold::default(), shared),
        End::Close(code, reason) => {
            let frame = CloseFrame {
                code: code.into(),
                reason: reason.into(),
            };
            let _ = socket.send(Message::Close(Some(frame)));
            // Until the client has gone as well, or what was sent is lost.
            while socket.read().is_ok() {}
            false
        }
    }
}

/// Whether the client answers a ping.
fn is_there(socket: &mut WebSocket<TcpStream>) -> bool {
    if socket.send(Message::Ping("are you there?".into())).is_err() {
        return false;
    }
    loop {
        match socket.read() {
            Ok(Message::Pong(_)) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}
