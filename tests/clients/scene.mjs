// A scripted model server and a home for pi that talks to it: what the drivers in this folder share.
//
// The server speaks OpenAI's chat completions, streamed. What it answers follows from the last thing
// that the person said: `run: LINE` calls bash with LINE, `slow` never ends, anything else is echoed.

import { once } from "node:events";
import { mkdtempSync, mkdirSync, writeFileSync, chmodSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The binary under test: `PI`, or the debug build of this repository. */
export const pi = resolve(process.env.PI ?? new URL("../../target/debug/pi", import.meta.url).pathname);

function textOf(message) {
  const content = message.content ?? "";
  if (typeof content === "string") return content;
  return content.filter((part) => part.type === "text").map((part) => part.text).join("");
}

function chunk(delta, finish = null, usage) {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  const body = { id: "c", object: "chat.completion.chunk", model: "scripted", choices, usage };
  return `data: ${JSON.stringify(body)}\n\n`;
}

async function answer(request, response) {
  let body = "";
  for await (const piece of request) body += piece;
  const { messages } = JSON.parse(body);
  const last = messages.at(-1);
  const said = textOf(messages.findLast((message) => message.role === "user"));
  const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (said.trim().endsWith("slow")) {
    response.write(chunk({ role: "assistant", content: "One moment" }));
    return; // Until the client hangs up.
  }
  const call = said.match(/run: (.*)$/s);
  if (call && last.role !== "tool") {
    const line = { command: call[1].trim() };
    const made = { index: 0, id: `call_${messages.length}`, type: "function",
      function: { name: "bash", arguments: JSON.stringify(line) } };
    response.write(chunk({ role: "assistant", tool_calls: [made] }));
    response.write(chunk({}, "tool_calls", usage));
  } else {
    const text = last.role === "tool" ? `It printed: ${textOf(last)}` : `You said: ${said}`;
    for (const word of text.split(/(?<= )/)) response.write(chunk({ content: word }));
    response.write(chunk({}, "stop", usage));
  }
  response.end("data: [DONE]\n\n");
}

/** A server, a home with a project in it, and an environment that leads pi to both. */
export async function scene() {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const home = mkdtempSync(join(tmpdir(), "pi-clients-"));
  const agent = join(home, ".pi/agent");
  const project = join(home, "project");
  mkdirSync(agent, { recursive: true });
  mkdirSync(project);
  const baseUrl = `http://127.0.0.1:${server.address().port}/v1`;
  const models = [
    { id: "scripted", contextWindow: 200000, maxTokens: 8000 },
    { id: "thinker", reasoning: true, contextWindow: 200000, maxTokens: 8000 },
  ];
  const providers = { oai: { baseUrl, api: "openai-completions", apiKey: "key", models } };
  writeFileSync(join(agent, "models.json"), JSON.stringify({ providers }));
  const settings = { defaultProvider: "oai", defaultModel: "scripted", quietStartup: true };
  writeFileSync(join(agent, "settings.json"), JSON.stringify(settings));
  // Some clients start pi with node and a script: this one becomes the binary.
  const launcher = join(home, "launcher.cjs");
  const source = `const child = require("node:child_process").spawn(${JSON.stringify(pi)}, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? 1));\n`;
  writeFileSync(launcher, source);
  chmodSync(launcher, 0o755);
  const env = { ...process.env, HOME: home, PI_OFFLINE: "1", PI_CODING_AGENT_DIR: agent };
  const end = () => {
    server.closeAllConnections();
    server.close();
    rmSync(home, { recursive: true, force: true });
  };
  return { home, agent, project, launcher, env, end };
}

let failures = 0;

/** Says whether something is as it should be. */
export function check(what, is, shown) {
  if (!is) failures += 1;
  const detail = is || shown === undefined ? "" : `: ${JSON.stringify(shown)}`;
  console.log(`${is ? "ok  " : "FAIL"} ${what}${detail}`);
}

/** Ends the driver with a code that tells. */
export function finish() {
  console.log(failures === 0 ? "all went well" : `${failures} did not`);
  process.exit(failures === 0 ? 0 : 1);
}

/** Fails after a while, so that nothing hangs. */
export function within(what, promise, limit = 20000) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${what}: no answer`)), limit).unref());
  return Promise.race([promise, late]);
}
