"""A program that drives pi: asks a question, prints the answer as it comes, says what it cost.

    python3 examples/rpc.py [PI] [QUESTION]

PI is the binary, `pi` on the path when it is not given. Nothing is kept: --no-session.
"""

import json
import subprocess
import sys

pi = sys.argv[1] if len(sys.argv) > 1 else "pi"
question = sys.argv[2] if len(sys.argv) > 2 else "what can you do?"

process = subprocess.Popen(
    [pi, "--mode", "rpc", "--no-session"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)


def send(**command):
    process.stdin.write(json.dumps(command).encode() + b"\n")
    process.stdin.flush()


send(id="ask", type="prompt", message=question)
# Bytes, not text: only LF ends a record.
for line in process.stdout:
    record = json.loads(line)
    update = record.get("assistantMessageEvent", {})
    if update.get("type") == "text_delta":
        print(update["delta"], end="", flush=True)
    elif record["type"] == "response" and not record["success"]:
        sys.exit(record["error"])
    elif record["type"] == "agent_settled":
        send(id="figures", type="get_session_stats")
    elif record.get("id") == "figures":
        print(f"\n\n{record['data']['tokens']['total']} tokens, ${record['data']['cost']:.4f}")
        break

process.stdin.close()
sys.exit(process.wait())
