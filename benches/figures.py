#!/usr/bin/env python3
"""The figures of docs/development.md, measured from outside: whole processes, real pipes, real terminals.

    python3 benches/figures.py target/release/pi [--reference "node …/dist/cli.js"] [--only NAME,…] [--runs N]

Talks to a scripted OpenAI-compatible server inside this script; needs nothing but Python and Linux.
Prints one line a figure: what, pi's median, and the reference's beside it when one is given.
"""
import argparse, json, os, pty, re, select, shlex, shutil, signal, socket, statistics, struct, subprocess, sys, tempfile, threading, time, fcntl, termios

END = "ZQXEND"


def chunk(delta, finish=None):
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "bench-model",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return ("data: " + json.dumps(body) + "\n\n").encode()


USAGE = ("data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "bench-model", "choices": [],
         "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}}) + "\n\ndata: [DONE]\n\n").encode()


class Server:
    """One thread a connection; `script(n, request)` gives the list of byte strings to send for request n."""

    def __init__(self, script):
        self.script, self.requests, self.first_byte, self.sent, self.gaps = script, [], None, None, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        data = b""
        while True:
            try:
                piece = peer.recv(1 << 20)
            except OSError:
                return
            if not piece:
                return
            now = time.perf_counter()
            if not data:
                if self.first_byte is None:
                    self.first_byte = now
                if self.sent is not None:
                    self.gaps.append(now - self.sent)
            data += piece
            head, mark, body = data.partition(b"\r\n\r\n")
            if not mark:
                continue
            length = int((re.search(rb"content-length: *(\d+)", head, re.I) or [0, b"0"])[1])
            if len(body) < length:
                continue
            data = body[length:]
            self.requests.append(body[:length])
            parts = self.script(len(self.requests) - 1, body[:length])
            pause = getattr(parts, "pause", 0)
            try:
                peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
                due = time.perf_counter()
                for part in parts:
                    peer.sendall(b"%x\r\n%s\r\n" % (len(part), part))
                    if pause:
                        due += pause
                        time.sleep(max(0, due - time.perf_counter()))
                peer.sendall(b"0\r\n\r\n")
            except OSError:
                return
            self.sent = time.perf_counter()

    def close(self):
        self.listener.close()


class Paced(list):
    """Parts that are sent with a pause after each."""
    pause = 0.001


def answer(text):
    return [chunk({"role": "assistant", "content": text}), chunk({}, "stop"), USAGE]


class Home:
    """An agent directory that knows the scripted server, and a project directory."""

    def __init__(self, port):
        self.dir = tempfile.mkdtemp(prefix="pi-figures-")
        self.agent, self.project = self.dir + "/agent", self.dir + "/project"
        os.makedirs(self.agent), os.makedirs(self.project)
        with open(self.agent + "/models.json", "w") as f:
            json.dump({"providers": {"bench": {"baseUrl": f"http://127.0.0.1:{port}/v1", "api": "openai-completions", "apiKey": "none",
                       "models": [{"id": "bench-model", "contextWindow": 1000000, "maxTokens": 16384}]}}}, f)
        with open(self.agent + "/settings.json", "w") as f:
            json.dump({"defaultProvider": "bench", "defaultModel": "bench-model", "quietStartup": True, "enableInstallTelemetry": False}, f)
        with open(self.project + "/note.txt", "w") as f:
            f.write("one\ntwo\n")
        self.env = {"PATH": os.environ["PATH"], "HOME": self.dir, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8",
                    "PI_CODING_AGENT_DIR": self.agent, "PI_OFFLINE": "1", "PI_SKIP_VERSION_CHECK": "1", "PI_TELEMETRY": "0"}

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)


class Terminal:
    """The program in a pseudo-terminal of 120x40; answers what terminals are asked."""

    def __init__(self, argv, home):
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(home.project)
            os.execvpe(argv[0], argv, home.env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.seen = b""

    def pump(self, seconds):
        """Reads what is there within `seconds`; returns False at the end."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return False
        if not data:
            return False
        self.seen += data
        if b"\x1b[c" in data:
            os.write(self.fd, b"\x1b[?62;22c")
        if b"\x1b[?u" in data:
            os.write(self.fd, b"\x1b[?0u")
        if b"\x1b[6n" in data:
            os.write(self.fd, b"\x1b[1;1R")
        if b"\x1b[16t" in data:
            os.write(self.fd, b"\x1b[6;18;9t")
        return True

    def wait_for(self, what, seconds=60):
        """Seconds since the start (by the clock) at which `what` was on its way to the screen."""
        deadline = time.perf_counter() + seconds
        start = 0
        while time.perf_counter() < deadline:
            if self.seen.find(what, max(0, start - len(what))) >= 0:
                return time.perf_counter()
            start = len(self.seen)
            if not self.pump(0.5):
                break
        raise RuntimeError(f"never saw {what!r}; the end of what was seen: {self.seen[-400:]!r}")

    def type(self, text):
        data = text.encode()
        while data:
            _, ready, _ = select.select([], [self.fd], [], 5)
            data = data[os.write(self.fd, data[:4096]):] if ready else data
            self.pump(0)

    def echo_ms(self, key, seen):
        """From the write of a key to the read of the bytes that show it."""
        self.pump(0)
        start = len(self.seen)
        begun = time.perf_counter()
        os.write(self.fd, key)
        while not seen(self.seen[start:]):
            if time.perf_counter() - begun > 5 or not self.pump(0.5):
                raise RuntimeError(f"{key!r} was never shown; after it came {self.seen[start:][-300:]!r}")
        return (time.perf_counter() - begun) * 1e3

    def rest(self, seconds):
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.pump(left)

    def cpu(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.pid}/status").read())[1]) / 1024

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except OSError:
            pass
        os.close(self.fd)


def run(argv, home, *args):
    return subprocess.run([*argv, *args], cwd=home.project, env=home.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)


def median(function, runs):
    return statistics.median(function() for _ in range(runs))


def version_ms(argv, runs):
    home = Home(1)

    def once():
        begun = time.perf_counter()
        run(argv, home, "--version")
        return (time.perf_counter() - begun) * 1e3
    once()
    value = median(once, runs)
    home.remove()
    return {"--version, ms": value}


def first_request(argv, runs):
    sizes, times = [], []
    for _ in range(runs + 1):
        server = Server(lambda n, r: answer("ok"))
        home = Home(server.port)
        begun = time.perf_counter()
        run(argv, home, "-p", "hi")
        times.append((server.first_byte - begun) * 1e3)
        sizes.append(len(server.requests[0]))
        server.close(), home.remove()
    return {"start of -p hi to first byte of the request, ms": statistics.median(times[1:]), "bytes of that request": sizes[0]}


def print_memory(argv, runs):
    server = Server(lambda n, r: answer("ok"))
    home = Home(server.port)
    child = subprocess.Popen([*argv, "-p", "hi"], cwd=home.project, env=home.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    server.close(), home.remove()
    return {"peak memory of one short answer, MB": usage.ru_maxrss / 1024}


def first_paint(argv, runs):
    times = []
    for _ in range(runs + 1):
        server = Server(lambda n, r: answer("ok"))
        home = Home(server.port)
        terminal = Terminal(argv, home)
        times.append((terminal.wait_for(b"bench-model") - terminal.started) * 1e3)
        terminal.close(), server.close(), home.remove()
    return {"start to first paint of editor and footer, ms": statistics.median(times[1:])}


def idle(argv, runs):
    server = Server(lambda n, r: answer(f"A short answer.\n\n{END}"))
    home = Home(server.port)
    terminal = Terminal(argv, home)
    terminal.wait_for(b"bench-model")
    time.sleep(0.3)
    terminal.type("hello\r")
    terminal.wait_for(END.encode())
    until = time.perf_counter() + 2
    while time.perf_counter() < until:
        terminal.pump(0.1)
    rss, before = terminal.rss_mb(), terminal.cpu()
    until = time.perf_counter() + 5
    while time.perf_counter() < until:
        terminal.pump(0.1)
    burnt = terminal.cpu() - before
    terminal.close(), server.close(), home.remove()
    return {"idle memory after a short chat, MB": rss, "CPU of 5 idle seconds, ms": burnt * 1e3}


def burst(argv, runs):
    parts = prose(20000)
    behind, cpu = [], []
    for _ in range(max(3, runs // 3)):
        server = Server(lambda n, r: parts)
        home = Home(server.port)
        terminal = Terminal(argv, home)
        terminal.wait_for(b"bench-model")
        time.sleep(0.3)
        before = terminal.cpu()
        terminal.type("go\r")
        seen = terminal.wait_for(END.encode())
        while server.sent is None:
            time.sleep(0.001)
        behind.append(max(0, seen - server.sent) * 1e3)
        until = time.perf_counter() + 0.5
        while time.perf_counter() < until:
            terminal.pump(0.1)
        cpu.append(terminal.cpu() - before)
        terminal.close(), server.close(), home.remove()
    return {"burst of 20,000 tokens: behind, ms": statistics.median(behind), "burst of 20,000 tokens: CPU, s": statistics.median(cpu)}


def tool_turns(argv, runs):
    turns = 200

    def script(n, request):
        if n >= turns:
            return answer("done")
        call = {"index": 0, "id": f"call_{n}", "type": "function", "function": {"name": "read", "arguments": json.dumps({"path": "note.txt", "offset": 1, "limit": 1 + n})}}
        return [chunk({"role": "assistant", "tool_calls": [call]}), chunk({}, "tool_calls"), USAGE]
    server = Server(script)
    home = Home(server.port)
    run(argv, home, "-p", "go")
    gaps = server.gaps
    server.close(), home.remove()
    return {"own time per tool turn (median of 200), ms": statistics.median(gaps) * 1e3, "own time per tool turn (mean), ms": statistics.mean(gaps) * 1e3}


def write_big_session(home):
    path = home.dir + "/big.jsonl"
    with open(path, "w") as f:
        f.write(json.dumps({"type": "session", "version": 3, "id": "01900000-0000-7000-8000-000000000000", "timestamp": "2026-01-01T00:00:00.000Z", "cwd": home.project}) + "\n")
        parent, filler = None, "lorem ipsum dolor sit amet " * 70
        for n in range(50000):
            entry = {"type": "message", "id": f"{n:08x}", "parentId": parent, "timestamp": "2026-01-01T00:00:00.000Z"}
            stamp = 1767225600000 + n
            if n % 2 == 0:
                entry["message"] = {"role": "user", "content": [{"type": "text", "text": f"{n} {filler}"}], "timestamp": stamp}
            else:
                text = f"{n} {filler}" if n != 49999 else f"the last words {END}"
                entry["message"] = {"role": "assistant", "content": [{"type": "text", "text": text}], "api": "openai-completions", "provider": "bench", "model": "bench-model",
                                    "usage": {"input": 1, "output": 1, "cacheRead": 0, "cacheWrite": 0, "totalTokens": 2, "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "total": 0}},
                                    "stopReason": "stop", "timestamp": stamp}
            f.write(json.dumps(entry, separators=(",", ":")) + "\n")
            parent = f"{n:08x}"
    return path


def big_session(argv, runs):
    server = Server(lambda n, r: answer("ok"))
    home = Home(server.port)
    path = write_big_session(home)
    size = os.path.getsize(path) / 1e6
    times, memory = [], []
    for _ in range(max(3, runs // 3)):
        terminal = Terminal([*argv, "--session", path], home)
        times.append((terminal.wait_for(END.encode(), 120) - terminal.started) * 1e3)
        terminal.pump(0.3), terminal.pump(0.3)
        memory.append(terminal.rss_mb())
        terminal.close()
    server.close(), home.remove()
    return {f"open a session of 50,000 entries ({size:.0f} MB) and paint, ms": statistics.median(times), "memory then, MB": statistics.median(memory)}


def round_trips(argv, runs):
    server = Server(lambda n, r: answer("ok"))
    home = Home(server.port)
    child = subprocess.Popen([*argv, "--mode", "rpc", "--session", write_big_session(home)], cwd=home.project, env=home.env,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def ask(command):
        begun = time.perf_counter()
        child.stdin.write(json.dumps({"id": "x", "type": command}).encode() + b"\n")
        child.stdin.flush()
        while b'"id":"x"' not in (line := child.stdout.readline()):
            assert line, "the program ended"
        return (time.perf_counter() - begun) * 1e3, len(line)
    begun = time.perf_counter()
    ask("get_state")
    opened = (time.perf_counter() - begun) * 1e3
    times = [ask("get_state")[0] for _ in range(1000)]
    tree, size = ask("get_tree")
    child.stdin.close()
    child.wait()
    server.close(), home.remove()
    return {"get_state round trip, session of 50,000 entries, median of 1,000, ms": statistics.median(times), "the slowest of them, ms": max(times),
            "the first one, with the opening, ms": opened, f"get_tree of it ({size / 1e6:.0f} MB), ms": tree}


def stream_bytes(argv, runs):
    results = {}
    for tokens in (2000, 20000, 100000):
        words = ["word%d " % (n % 10) for n in range(tokens)]
        server = Server(lambda n, r: [chunk({"content": word}) for word in words] + [chunk({}, "stop"), USAGE])
        home = Home(server.port)
        ran = run(argv, home, "--mode", "json", "hi")
        results[f"bytes of a JSON-mode stream per byte of answer, {tokens:,} tokens"] = len(ran.stdout) / len("".join(words))
        server.close(), home.remove()
    return results


def prose(tokens):
    words = []
    for n in range(tokens):
        words.append(["The ", "quick ", "`brown` ", "**fox** ", "jumps ", "over ", "it. ", "Then ", "more\n\n", "- item ", "text\n"][n % 11])
        if n % 500 == 0:
            words.append("\n\n```rust\nfn main() { println!(\"{}\", 1 + 1); }\n```\n\n## Heading\n\n")
    return [chunk({"role": "assistant", "content": ""})] + [chunk({"content": w}) for w in words] + [chunk({"content": f"\n\n{END}\n"}), chunk({}, "stop"), USAGE]


def shows(letter):
    """Whether a cell was written with this letter: it stands outside of escape sequences."""
    return lambda data: letter in re.sub(rb"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07", b"", data)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def echoes(terminal, count, gap):
    """Types letters that nothing else writes, one by one, and says how long each took to be seen."""
    times = []
    for n in range(count):
        letter = b"QXZJK"[n % 5:n % 5 + 1]
        times.append(terminal.echo_ms(letter, shows(letter)))
        terminal.rest(gap)
        if n % 40 == 39:
            terminal.type("\x15")
            terminal.rest(0.05)
    return times


def keys(argv, runs):
    results = {}
    count = 40 * max(3, runs)
    server = Server(lambda n, r: answer("ok"))
    home = Home(server.port)
    terminal = Terminal(argv, home)
    terminal.wait_for(b"bench-model")
    terminal.rest(0.5)
    results["idle"] = echoes(terminal, count, 0.01)
    terminal.close(), server.close()
    parts = Paced(prose(20000))
    server = Server(lambda n, r: parts)
    home = Home(server.port)
    terminal = Terminal(argv, home)
    terminal.wait_for(b"bench-model")
    terminal.rest(0.5)
    terminal.type("go\r")
    terminal.wait_for(b"quick")
    results["while 20,000 tokens stream, a thousand a second"] = echoes(terminal, count, 0.01)
    terminal.close(), server.close()
    server = Server(lambda n, r: answer("ok"))
    terminal = Terminal([*argv, "--session", write_big_session(home)], home)
    try:
        terminal.wait_for(END.encode(), 60)
        terminal.rest(0.5)
        results["with a session of 50,000 entries"] = echoes(terminal, count, 0.01)
    except RuntimeError:
        print("keys: the session of 50,000 entries was not opened within a minute")
    terminal.close(), server.close(), home.remove()
    return {f"key to echo {when}, {what} of {count}, ms": value for when, times in results.items()
            for what, value in (("median", statistics.median(times)), ("99th percentile", percentile(times, 0.99)))}


def painting(argv, runs):
    """What the terminal is sent for an answer that streams at a thousand tokens a second."""
    tokens = 20000
    server = Server(lambda n, r: Paced(prose(tokens)))
    home = Home(server.port)
    terminal = Terminal(argv, home)
    terminal.wait_for(b"bench-model")
    terminal.rest(0.5)
    before = len(terminal.seen)
    terminal.type("go\r")
    terminal.wait_for(END.encode(), 120)
    terminal.rest(0.5)
    sent = len(terminal.seen) - before
    terminal.close(), server.close(), home.remove()
    return {f"bytes to the terminal for {tokens:,} tokens": sent, "that is bytes a token": sent / tokens}


def minute(argv, runs):
    """CPU of a minute at rest, and of one in which nothing but the spinner moves."""
    results = {}
    server = Server(lambda n, r: answer(f"A short answer.\n\n{END}"))
    home = Home(server.port)
    terminal = Terminal(argv, home)
    terminal.wait_for(b"bench-model")
    terminal.rest(0.3)
    terminal.type("hello\r")
    terminal.wait_for(END.encode())
    terminal.rest(2)
    before = terminal.cpu()
    terminal.rest(60)
    results["CPU of 60 idle seconds, s"] = terminal.cpu() - before
    terminal.close(), server.close()

    class Silent(list):
        pause = 90
    server = Server(lambda n, r: Silent([chunk({"role": "assistant", "content": ""})] * 2))
    home = Home(server.port)
    terminal = Terminal(argv, home)
    terminal.wait_for(b"bench-model")
    terminal.rest(0.3)
    terminal.type("hello\r")
    terminal.rest(2)
    before = terminal.cpu()
    terminal.rest(60)
    results["CPU of 60 seconds with the spinner, s"] = terminal.cpu() - before
    terminal.close(), server.close(), home.remove()
    return results


def walking(argv, runs):
    """A session of 50,000 entries: to its top, and to a word that stands near it."""
    server = Server(lambda n, r: answer("ok"))
    home = Home(server.port)
    path = write_big_session(home)
    terminal = Terminal([*argv, "--session", path], home)
    terminal.wait_for(END.encode(), 120)
    terminal.rest(0.5)
    top, end = [], []
    for _ in range(max(3, runs)):
        top.append(terminal.echo_ms(b"\x1b[1;5H", shows(b"0 lorem")))
        terminal.rest(0.1)
        end.append(terminal.echo_ms(b"\x1b[1;5F", shows(END.encode())))
        terminal.rest(0.1)
    found = []
    for n in range(3):
        terminal.type("\x1b[102;6u")
        terminal.rest(0.3)
        # Written at once, so that one search is measured: the word of the tenth entry.
        found.append(terminal.echo_ms(b"\x1b[200~10 lorem\x1b[201~", shows(b"10 lorem ipsum")))
        terminal.type("\x1b")
        terminal.rest(0.3)
        terminal.type("\x1b[1;5F")
        terminal.rest(0.3)
    terminal.close(), server.close(), home.remove()
    return {"to the top of 50,000 entries, ms": statistics.median(top), "back to the end, ms": statistics.median(end), "search of a word in them, ms": statistics.median(found)}


def files(argv, runs):
    """The popup of files in a tree of 200,000."""
    server = Server(lambda n, r: answer("ok"))
    home = Home(server.port)
    for a in range(200):
        for b in range(10):
            folder = f"{home.project}/part{a}/sub{b}"
            os.makedirs(folder)
            for c in range(100):
                open(f"{folder}/file{c}.txt", "w").close()
    open(home.project + "/needlework.rs", "w").close()
    terminal = Terminal(argv, home)
    terminal.wait_for(b"bench-model")
    terminal.rest(0.5)
    first = terminal.echo_ms(b"@", shows(b"part"))
    terminal.rest(3)
    terminal.type("\x15")
    terminal.rest(0.3)
    again = terminal.echo_ms(b"@", shows(b"part"))
    terminal.rest(0.3)
    typed = []
    for letter in b"needlew":
        typed.append(terminal.echo_ms(bytes([letter]), shows(bytes([letter]))))
        terminal.rest(0.2)
    terminal.type("\x15")
    terminal.rest(0.3)
    found = terminal.echo_ms(b"@needlew", shows(b"needlework"))
    terminal.close(), server.close(), home.remove()
    return {"@ in 200,000 files, first time: key to first results, ms": first, "the second time, ms": again,
            "letters behind it: key to echo, the slowest, ms": max(typed), "@needlew at once: to its file, ms": found}


def paste(argv, runs):
    """10 MB of text pasted, sent, and counted by the server."""
    times, whole = [], []
    for _ in range(3):
        server = Server(lambda n, r: answer("ok"))
        home = Home(server.port)
        terminal = Terminal(argv, home)
        terminal.wait_for(b"bench-model")
        terminal.rest(0.5)
        text = ("0123456789 abcdefghijklmnopqrstuvwxyz ÄÖÜ\n" * 240000)[:10_000_000]
        begun = time.perf_counter()
        writer = threading.Thread(target=lambda: write_all(terminal.fd, b"\x1b[200~" + text.encode() + b"\x1b[201~"))
        writer.start()
        terminal.wait_for(b"[paste #1")
        times.append((time.perf_counter() - begun) * 1e3)
        writer.join()
        terminal.type("\r")
        deadline = time.perf_counter() + 30
        while not server.requests and time.perf_counter() < deadline:
            terminal.pump(0.1)
        said = json.loads(server.requests[0])["messages"][-1]["content"]
        said = said if isinstance(said, str) else "".join(part["text"] for part in said)
        whole.append(said.strip() == text.strip())
        terminal.close(), server.close(), home.remove()
    return {"paste of 10 MB: to its marker, ms": statistics.median(times), "no byte of it lost (1 is yes)": int(all(whole))}


def write_all(fd, data):
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view[:65536]):]


FIGURES = {"version": version_ms, "request": first_request, "print-memory": print_memory, "paint": first_paint, "idle": idle, "burst": burst, "turns": tool_turns, "session": big_session, "rpc": round_trips, "stream": stream_bytes,
           "keys": keys, "painting": painting, "minute": minute, "walking": walking, "files": files, "paste": paste}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pi")
    parser.add_argument("--reference")
    parser.add_argument("--only", default=",".join(FIGURES))
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    programs = {"pi": [os.path.realpath(options.pi)]}
    if options.reference:
        programs["reference"] = shlex.split(options.reference)
    for name in options.only.split(","):
        results = {}
        for program, argv in programs.items():
            try:
                for what, value in FIGURES[name](argv, options.runs).items():
                    results.setdefault(what, {})[program] = f"{value:,.2f}"
            except Exception as error:
                results.setdefault(name, {})[program] = f"failed: {error}"
        for what, values in results.items():
            print(f"{what}: " + " · ".join(f"{program} {value}" for program, value in values.items()), flush=True)
    print(f"size of the binary, MB: {os.path.getsize(programs['pi'][0]) / 1e6:.2f}")


if __name__ == "__main__":
    main()
