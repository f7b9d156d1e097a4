// Drives pi through `pi-acp`, which editors use, as an editor does.
//
//   node acp.mjs PATH/TO/pi-acp/dist/index.js [COMMAND]
//
// COMMAND is started in pi's place, to compare with the reference.

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { check, finish, pi, scene, within } from "./scene.mjs";

const [adapter, command] = process.argv.slice(2);
const { project, agent, env, end } = await scene();

/** An editor with the adapter as its child. */
class Editor {
  constructor() {
    this.child = spawn("node", [adapter], { cwd: project, stdio: ["pipe", "pipe", "inherit"],
      env: { ...env, PI_ACP_PI_COMMAND: command ?? pi } });
    this.waiting = new Map();
    this.updates = [];
    this.watchers = [];
    this.id = 0;
    createInterface({ input: this.child.stdout }).on("line", (line) => this.heard(JSON.parse(line)));
  }

  heard(record) {
    if (record.method === "session/update") {
      this.updates.push(record.params.update);
      for (const watcher of [...this.watchers]) watcher();
    } else if (record.method !== undefined && record.id !== undefined) {
      // Permission is given, whatever is asked.
      const option = record.params?.options?.[0]?.optionId;
      this.write({ jsonrpc: "2.0", id: record.id, result: { outcome: { outcome: "selected", optionId: option } } });
    } else {
      const { settle, fail } = this.waiting.get(record.id) ?? {};
      record.error ? fail?.(new Error(JSON.stringify(record.error))) : settle?.(record.result);
    }
  }

  write(record) {
    this.child.stdin.write(`${JSON.stringify(record)}\n`);
  }

  ask(method, params) {
    const id = ++this.id;
    const answer = new Promise((settle, fail) => this.waiting.set(id, { settle, fail }));
    this.write({ jsonrpc: "2.0", id, method, params });
    return within(method, answer);
  }

  /** Waits until an update is like that. */
  until(what, is) {
    return within(what, new Promise((resolve) => {
      const look = () => {
        if (!this.updates.some(is)) return;
        this.watchers = this.watchers.filter((watcher) => watcher !== look);
        resolve();
      };
      this.watchers.push(look);
      look();
    }));
  }

  prompt(sessionId, text) {
    return this.ask("session/prompt", { sessionId, prompt: [{ type: "text", text }] });
  }

  /** What the model has said since `from`. */
  text(from = 0) {
    const chunks = this.updates.slice(from).filter((update) => update.sessionUpdate === "agent_message_chunk");
    return chunks.map((update) => update.content.text).join("");
  }

  async end() {
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.stdin.end();
    await within("the adapter's end", gone);
  }
}

/** Tells a failure and goes on. */
async function step(what, run) {
  try {
    return await run();
  } catch (error) {
    check(what, false, String(error));
  }
}

const capabilities = { fs: { readTextFile: false, writeTextFile: false }, terminal: false };
const initialize = { protocolVersion: 1, clientCapabilities: capabilities };
let editor = new Editor();
const hello = await step("initialize", () => editor.ask("initialize", initialize));
check("initialize", hello?.agentInfo?.name === "pi-acp", hello);
console.log(`     pi-acp ${hello?.agentInfo?.version}`);

const created = await step("session/new", () => editor.ask("session/new", { cwd: project, mcpServers: [] }));
const sessionId = created?.sessionId;
check("session/new", typeof sessionId === "string", created);
check("models", created?.models === undefined || JSON.stringify(created).includes("oai/thinker"), created);
await step("commands", () => editor.until("commands", (update) => update.sessionUpdate === "available_commands_update"));

let from = editor.updates.length;
const said = await step("session/prompt", () => editor.prompt(sessionId, "hello there"));
check("session/prompt", said?.stopReason === "end_turn", said);
check("the answer is streamed", editor.text(from).includes("You said: hello there"), editor.text(from));

from = editor.updates.length;
await step("a tool", () => editor.prompt(sessionId, "run: echo tool-output"));
const calls = editor.updates.slice(from).filter((update) => update.sessionUpdate?.startsWith("tool_call"));
check("a tool call is shown", calls.some((call) => call.status === "completed"), calls);
check("its output is shown", JSON.stringify(calls).includes("tool-output"), calls);

from = editor.updates.length;
const slow = editor.prompt(sessionId, "slow");
await step("a slow answer", () => editor.until("its beginning", (update) => update.content?.text?.startsWith?.("One ")));
const queued = editor.prompt(sessionId, "say it after").catch((error) => String(error));
editor.write({ jsonrpc: "2.0", method: "session/cancel", params: { sessionId } });
check("session/cancel", (await step("cancelled", () => slow))?.stopReason === "cancelled");
console.log(`     queued: ${JSON.stringify(await within("queued", queued))}`);

const modes = created?.modes?.availableModes?.map((mode) => mode.id);
if (modes?.includes("high")) {
  await step("session/set_mode", () => editor.ask("session/set_mode", { sessionId, modeId: "off" }));
}
if (created?.models && !created.configOptions) {
  await step("session/set_model", () => editor.ask("session/set_model", { sessionId, modelId: "oai/thinker" }));
  await step("session/set_mode", () => editor.ask("session/set_mode", { sessionId, modeId: "high" }));
}
for (const option of created?.configOptions ?? []) {
  const choice = option.options.at(-1);
  const value = (choice.options?.at(-1) ?? choice).value;
  const set = { sessionId, configId: option.id, value };
  const changed = await step(`set ${option.id}`, () => editor.ask("session/set_config_option", set));
  check(`session/set_config_option ${option.id}`, changed !== undefined, changed);
}

for (const line of ["/session", "/name a name of its own", "/steering all", "/follow-up all", "/autocompact off", "/export"]) {
  from = editor.updates.length;
  const done = await step(line, () => editor.prompt(sessionId, line));
  check(line, done?.stopReason === "end_turn", done);
  console.log(`     ${JSON.stringify(editor.text(from)).slice(0, 160)}`);
}
// A short conversation is refused, in words; the session goes on.
const compacted = await editor.prompt(sessionId, "/compact").then((done) => done.stopReason, (error) => error.message);
check("/compact", compacted === "end_turn" || compacted.includes("compact"), compacted);
check("/export wrote a page", readdirSync(project).some((name) => name.endsWith(".html")), readdirSync(project));

const files = () => readdirSync(join(agent, "sessions"), { recursive: true }).filter((name) => name.endsWith(".jsonl"));
check("the session is where sessions are", files().length === 1, files());

if (hello?.agentCapabilities?.sessionCapabilities?.list !== undefined) {
  const method = "session/list";
  const listed = await step(method, () => editor.ask(method, { cwd: project }));
  check(method, listed?.sessions?.some((session) => session.sessionId === sessionId), listed);
}

// While it is open here: the adapter goes on with it.
from = editor.updates.length;
await step("session/load at once", () => editor.ask("session/load", { sessionId, cwd: project, mcpServers: [] }));
check("session/load replays", editor.text(from).includes("You said: hello there"), editor.text(from).slice(0, 200));
await step("prompt after load", () => editor.prompt(sessionId, "one more"));
check("it goes on after a load", editor.text(from).includes("You said: one more"), editor.text(from).slice(-200));
const second = await step("another session/new", () => editor.ask("session/new", { cwd: project, mcpServers: [] }));
await step("its prompt", () => editor.prompt(second.sessionId, "in the second"));
check("two sessions", editor.text(from).includes("You said: in the second"));
await editor.end();

// In another life of the editor.
editor = new Editor();
await editor.ask("initialize", initialize);
await step("session/load", () => editor.ask("session/load", { sessionId, cwd: project, mcpServers: [] }));
check("session/load in another life", editor.text().includes("You said: one more"), editor.text().slice(0, 200));
from = editor.updates.length;
await step("prompt", () => editor.prompt(sessionId, "and again"));
check("it goes on", editor.text(from).includes("You said: and again"), editor.text(from));
if (hello?.agentCapabilities?.sessionCapabilities?.delete !== undefined) {
  const before = files().length;
  await step("session/delete", () => editor.ask("session/delete", { sessionId: second.sessionId }));
  check("session/delete", files().length === before - 1, files());
}
await editor.end();
end();
finish();
