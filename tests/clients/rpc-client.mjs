// Drives pi with the reference's own `RpcClient`, every method of it.
//
//   node rpc-client.mjs PATH/TO/rpc-client.js [PATH/TO/reference/cli.js]
//
// With a second path the reference is the server: the same flow, for comparison.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { check, finish, scene, within } from "./scene.mjs";

const [clientPath, reference] = process.argv.slice(2);
const { RpcClient } = await import(pathToFileURL(clientPath));
const { project, launcher, env, end, home } = await scene();
const client = new RpcClient({ cliPath: reference ?? launcher, cwd: project, env, provider: "oai", model: "scripted" });
const events = [];
client.onEvent((event) => events.push(event));
const kinds = () => events.map((event) => event.type);

/** Runs one method; tells its failure and goes on. */
async function step(what, run) {
  try {
    return await within(what, run());
  } catch (error) {
    check(what, false, String(error));
  }
}

await client.start();
const state = await step("getState", () => client.getState());
check("getState", state?.model?.id === "scripted" && state.isStreaming === false && state.messageCount === 0, state);
const seen = await step("promptAndWait", () => client.promptAndWait("hello there"));
check("promptAndWait", seen?.some((event) => event.type === "agent_end"), seen?.map((event) => event.type));
check("getLastAssistantText", (await step("text", () => client.getLastAssistantText())) === "You said: hello there");
const messages = await step("getMessages", () => client.getMessages());
check("getMessages", messages?.length === 2 && messages[0].role === "user", messages);

await step("prompt slow", () => client.prompt("slow"));
await step("steer", () => client.steer("turn left"));
await step("followUp", () => client.followUp("turn back"));
const busy = await client.prompt("x").then(() => true, (error) => error.message);
check("prompt in a run is refused", busy === true || /streamingBehavior/.test(busy), busy);
if (client.clearQueue) {
  const queue = await step("clearQueue", () => client.clearQueue());
  check("clearQueue", queue?.steering[0] === "turn left" && queue.followUp[0] === "turn back", queue);
}
await step("abort", () => client.abort());
check("abort", (await client.getState()).isStreaming === false || !client.clearQueue);
if (!client.clearQueue) await step("waitForIdle", async () => {
  while ((await client.getState()).isStreaming) await new Promise((resolve) => setTimeout(resolve, 20));
});
check("queue_update events", kinds().includes("queue_update"));

const tool = await step("a tool", () => client.promptAndWait("run: echo tool-output"));
check("a tool runs", tool?.some((event) => event.type === "tool_execution_end" && !event.isError));
const models = await step("getAvailableModels", () => client.getAvailableModels());
check("getAvailableModels", models?.length === 2, models);
const set = await step("setModel", () => client.setModel("oai", "thinker"));
check("setModel", set?.id === "thinker", set);
const missing = await client.setModel("oai", "none").then(() => "", (error) => error.message);
check("setModel of none", missing.startsWith("Model not found: oai/none"), missing);
await step("setThinkingLevel", () => client.setThinkingLevel("high"));
check("setThinkingLevel", (await client.getState()).thinkingLevel === "high");
check("cycleThinkingLevel", (await step("cycle", () => client.cycleThinkingLevel()))?.level === "off");
if (client.getAvailableThinkingLevels) {
  const levels = await step("levels", () => client.getAvailableThinkingLevels());
  check("getAvailableThinkingLevels", (levels.levels ?? levels).includes("high"), levels);
}
const cycled = await step("cycleModel", () => client.cycleModel());
check("cycleModel", cycled?.model.id === "scripted" && cycled.isScoped === false, cycled);
await step("setSteeringMode", () => client.setSteeringMode("all"));
await step("setFollowUpMode", () => client.setFollowUpMode("all"));
await step("setAutoCompaction", () => client.setAutoCompaction(false));
await step("setAutoRetry", () => client.setAutoRetry(false));
await step("abortRetry", () => client.abortRetry());
const modes = await client.getState();
check("modes", modes.steeringMode === "all" && modes.followUpMode === "all" && !modes.autoCompactionEnabled, modes);

const shell = await step("bash", () => client.bash("echo from-bash; exit 3"));
check("bash", shell?.output === "from-bash\n" && shell.exitCode === 3 && shell.truncated === false, shell);
const stopped = client.bash("sleep 100");
await new Promise((resolve) => setTimeout(resolve, 300));
await step("abortBash", () => client.abortBash());
check("abortBash", (await step("stopped", () => stopped))?.cancelled === true);

const stats = await step("getSessionStats", () => client.getSessionStats());
check("getSessionStats", stats?.tokens.total > 0 && stats.contextUsage?.contextWindow === 200000, stats);
const html = await step("exportHtml", () => client.exportHtml(join(home, "out.html")));
check("exportHtml", html && existsSync(html.path) && readFileSync(html.path, "utf8").includes("<html"), html);
await step("setSessionName", () => client.setSessionName("named"));
check("setSessionName", (await client.getState()).sessionName === "named");
check("getCommands", Array.isArray(await step("getCommands", () => client.getCommands())));
const points = await step("getForkMessages", () => client.getForkMessages());
check("getForkMessages", points?.[0].text === "hello there", points);
if (client.getEntries) {
  const listed = await step("getEntries", () => client.getEntries());
  const rest = await step("getEntries since", () => client.getEntries(listed.entries[1].id));
  check("getEntries", rest?.entries.length === listed.entries.length - 2 && typeof listed.leafId === "string", rest);
  const tree = await step("getTree", () => client.getTree());
  check("getTree", tree?.tree.length === 1 && tree.leafId === listed.leafId, tree);
}
const compacted = await client.compact("be brief").then((result) => result, (error) => error.message);
check("compact is done or says why not", typeof compacted === "string" || "summary" in compacted, compacted);
console.log(`     compact: ${JSON.stringify(compacted).slice(0, 150)}`);
const before = (await client.getState()).sessionFile;
const forked = await step("fork", () => client.fork(points[1].entryId));
check("fork", forked?.text === points[1].text && forked.cancelled === false, forked);
check("fork goes elsewhere", (await client.getState()).sessionFile !== before);
check("switchSession", (await step("switchSession", () => client.switchSession(before)))?.cancelled === false);
check("switchSession goes there", (await client.getState()).sessionFile === before);
check("clone", (await step("clone", () => client.clone()))?.cancelled === false);
check("newSession", (await step("newSession", () => client.newSession(before)))?.cancelled === false);
check("newSession is empty", (await client.getState()).messageCount === 0);
const again = await step("events after a move", () => client.promptAndWait("still here"));
check("events after a move", again?.some((event) => event.type === "message_update"));
await within("stop", client.stop());
check("stop", true);
end();
finish();
