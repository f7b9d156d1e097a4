// The exported page's program: tree, search, folding, colours in code. It reads what `html/mod.rs`
// writes into the elements (data-p parent, data-k kind, data-t beginning, data-l label), loads nothing
// and keeps nothing.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const body = document.body;
  const main = byId("main");

  // ---------------------------------------------------------------- the entries and their branches

  const nodes = [];
  for (const element of main.querySelectorAll("[data-p]")) {
    const index = Number(element.id.slice(1));
    nodes[index] = {
      index,
      element,
      parent: Number(element.dataset.p),
      kind: element.dataset.k,
      says: element.dataset.t,
      label: element.dataset.l,
      newest: index,
    };
  }
  // Children stand behind their parents: going backwards, every entry knows its branch's newest leaf.
  for (let index = nodes.length - 1; index >= 0; index--) {
    const parent = nodes[index] && nodes[nodes[index].parent];
    if (parent && nodes[index].newest > parent.newest) parent.newest = nodes[index].newest;
  }

  let leaf = Number(document.currentScript.dataset.leaf);
  let path = new Set();
  let current = -1;

  const pathTo = (index) => {
    const steps = new Set();
    for (let at = index; nodes[at] && !steps.has(at); at = nodes[at].parent) steps.add(at);
    return steps;
  };

  const showBranch = (index) => {
    leaf = index;
    const next = pathTo(index);
    for (const at of path) if (!next.has(at)) nodes[at].element.hidden = true;
    for (const at of next) nodes[at].element.hidden = false;
    path = next;
    layOutTree();
  };

  const openAround = (element) => {
    for (let at = element; at && at !== main; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      if ("unshown" in at.dataset) body.classList.add("all-shown");
    }
  };

  // Shows an entry: its branch, up to the branch's newest leaf when it is not the one that is shown.
  const goTo = (index) => {
    const node = nodes[index];
    if (!node) return;
    if (!path.has(index)) showBranch(node.newest);
    openAround(node.element);
    setCurrent(index);
    node.element.scrollIntoView({ block: "start" });
    revealRow(index);
  };

  const setCurrent = (index) => {
    nodes[current]?.element.closest("article")?.classList.remove("current");
    current = index;
    nodes[current]?.element.closest("article")?.classList.add("current");
    drawRows();
  };

  // ---------------------------------------------------------------- the tree

  const ROW = 26;
  const SIGNS = {
    user: "you", answer: "pi", calls: "pi", result: "·", shell: "$", note: "note", summary: "sum", setting: "–", other: "?",
  };
  const passes = {
    "default": (node) => node.kind !== "setting",
    "no-tools": (node) => node.kind !== "setting" && node.kind !== "result",
    "user-only": (node) => node.kind === "user",
    "labeled-only": (node) => node.label !== undefined,
    "all": () => true,
  };
  const rows = byId("rows");
  const roomForRows = byId("room-for-rows");
  let listed = [];
  let placeOf = new Map();

  // One row an entry that passes; the branch that is shown comes first, and only forks go inwards.
  const layOutTree = () => {
    const pass = passes[byId("filter").value] || passes.default;
    const isListed = (node) =>
      pass(node) && (node.kind !== "calls" || node.index === leaf);
    const nearest = new Map();
    const children = new Map();
    for (const node of nodes) {
      if (!node) continue;
      const above = nodes[node.parent] ? nearest.get(node.parent) : -1;
      nearest.set(node.index, isListed(node) ? node.index : above);
      if (!isListed(node)) continue;
      if (!children.has(above)) children.set(above, []);
      children.get(above).push(node.index);
    }
    listed = [];
    const stack = [];
    const push = (parent, depth) => {
      const own = children.get(parent) || [];
      const inner = own.length > 1 ? depth + 1 : depth;
      const first = own.findIndex((index) => path.has(index));
      const sorted = first < 0 ? own : [own[first], ...own.filter((_, at) => at !== first)];
      for (let at = sorted.length - 1; at >= 0; at--) {
        stack.push({ index: sorted[at], depth: inner, forks: own.length > 1 });
      }
    };
    push(-1, 0);
    while (stack.length) {
      const row = stack.pop();
      listed.push(row);
      push(row.index, row.depth);
    }
    placeOf = new Map(listed.map((row, place) => [row.index, place]));
    roomForRows.style.height = `${listed.length * ROW}px`;
    byId("count").value = listed.length.toLocaleString("en");
    drawRows();
  };

  // Only the rows that can be seen are elements.
  const drawRows = () => {
    for (const row of rows.querySelectorAll(".row")) row.remove();
    const from = Math.max(0, Math.floor(rows.scrollTop / ROW) - 5);
    const to = Math.min(listed.length, from + Math.ceil((rows.clientHeight || 600) / ROW) + 10);
    for (let place = from; place < to; place++) rows.append(rowAt(place));
  };

  const piece = (tag, className, text) => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  };

  const rowAt = (place) => {
    const { index, depth, forks } = listed[place];
    const node = nodes[index];
    const row = document.createElement("div");
    row.className = "row";
    row.classList.toggle("on-path", path.has(index));
    row.classList.toggle("leaf", index === leaf);
    row.classList.toggle("current", index === current);
    row.style.top = `${place * ROW}px`;
    row.setAttribute("role", "treeitem");
    row.dataset.to = index;
    row.title = node.says;
    const rail = "│ ".repeat(Math.min(forks ? depth - 1 : depth, 12)) + (forks ? "├ " : "");
    row.append(piece("span", "rail", rail), piece("b", "", SIGNS[node.kind] || ""));
    if (node.label !== undefined) row.append(piece("span", "label", `[${node.label}]`));
    row.append(piece("span", "", node.says));
    return row;
  };

  const revealRow = (index) => {
    const place = placeOf.get(index);
    if (place === undefined) return;
    const top = place * ROW;
    if (top < rows.scrollTop || top + ROW > rows.scrollTop + rows.clientHeight) {
      rows.scrollTop = Math.max(0, top - rows.clientHeight / 2);
    }
    drawRows();
  };

  rows.addEventListener("scroll", drawRows, { passive: true });
  rows.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    goTo(Number(row.dataset.to));
    if (isNarrow()) body.classList.add("no-tree");
  });
  rows.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const place = (placeOf.get(current) ?? -1) + step;
    if (listed[place]) goTo(listed[place].index);
  });
  byId("filter").addEventListener("change", () => {
    layOutTree();
    revealRow(current >= 0 ? current : leaf);
  });

  // ---------------------------------------------------------------- search

  const SLICE = 12; // milliseconds of work at a time
  const articles = [...main.querySelectorAll("article")];
  let matches = []; // [article, which one in it]
  let match = -1;
  let searching = 0;
  let pattern = null;

  const showHits = (isDone) => {
    const total = matches.length + (isDone ? "" : "…");
    byId("hits").value = !pattern ? "" : match < 0 ? total : `${match + 1}/${total}`;
  };

  const search = () => {
    const query = byId("query").value;
    const ticket = ++searching;
    matches = [];
    match = -1;
    mark([], null);
    pattern = query ? new RegExp(query.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi") : null;
    showHits(true);
    if (!pattern) return;
    let at = 0;
    const work = () => {
      if (ticket !== searching) return;
      const until = performance.now() + SLICE;
      while (at < articles.length && performance.now() < until) {
        const found = articles[at].textContent.match(pattern);
        for (let which = 0; found && which < found.length; which++) matches.push([at, which]);
        at++;
      }
      const isDone = at >= articles.length;
      const near = match < 0 ? nearestMatch() : -1;
      if (match < 0 && (near >= 0 || isDone)) toMatch(Math.max(near, 0));
      showHits(isDone);
      if (!isDone) setTimeout(work, 0);
    };
    work();
  };

  // The first match at or behind what is read now, on the branch that is shown.
  const nearestMatch = () => {
    const here = nodes[current]?.element.closest("article");
    const from = here ? articles.indexOf(here) : 0;
    return matches.findIndex(([at]) => at >= from && !articles[at].hidden);
  };

  const toMatch = (place) => {
    if (!matches.length) return;
    match = (place + matches.length) % matches.length;
    const [at, which] = matches[match];
    const ranges = rangesIn(articles[at]);
    const range = ranges[Math.min(which, ranges.length - 1)];
    if (!range) return;
    const inside = range.startContainer.parentElement;
    const entry = inside.closest("[data-p]") || articles[at];
    const index = Number(entry.id.slice(1));
    if (!path.has(index)) showBranch(nodes[index].newest);
    openAround(inside);
    setCurrent(index);
    revealRow(index);
    mark(ranges, range);
    inside.scrollIntoView({ block: "center" });
    showHits(true);
  };

  // The places of all matches in an article, by its text nodes one after the other.
  const rangesIn = (article) => {
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    const texts = [];
    let length = 0;
    while (walker.nextNode()) {
      texts.push([length, walker.currentNode]);
      length += walker.currentNode.data.length;
    }
    const place = (offset) => {
      let low = 0;
      let high = texts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (texts[middle][0] <= offset) low = middle;
        else high = middle - 1;
      }
      return [texts[low][1], offset - texts[low][0]];
    };
    const ranges = [];
    for (const found of article.textContent.matchAll(pattern)) {
      const range = document.createRange();
      range.setStart(...place(found.index));
      const [last, offset] = place(found.index + found[0].length - 1);
      range.setEnd(last, offset + 1);
      ranges.push(range);
    }
    return ranges;
  };

  const mark = (ranges, now) => {
    if (globalThis.CSS?.highlights && globalThis.Highlight) {
      CSS.highlights.set("match", new Highlight(...ranges));
      CSS.highlights.set("match-now", new Highlight(...(now ? [now] : [])));
    } else if (now) {
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(now);
    }
  };

  let typing = 0;
  byId("query").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, 150);
  });
  byId("query").addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      toMatch(match + (event.shiftKey ? -1 : 1));
    } else if (event.key === "Escape") {
      event.target.value = "";
      search();
      main.focus();
    }
  });
  byId("before").addEventListener("click", () => toMatch(match - 1));
  byId("after").addEventListener("click", () => toMatch(match + 1));

  // ---------------------------------------------------------------- folding, light and dark

  const foldAll = (selector) => {
    const all = [...main.querySelectorAll(selector)];
    const open = !all.some((one) => one.open);
    for (const one of all) one.open = open;
  };
  const foldTools = () => foldAll("details.tool");
  const foldThinking = () => foldAll("details.thinking");
  const showUnshown = () => body.classList.toggle("all-shown");
  const isNarrow = () => innerWidth <= 900;

  byId("tools").addEventListener("click", foldTools);
  byId("thinking").addEventListener("click", foldThinking);
  byId("unshown").addEventListener("click", showUnshown);
  byId("menu").addEventListener("click", () => {
    body.classList.toggle("no-tree");
    drawRows();
  });
  byId("room").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.room
      ? root.dataset.room === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.room = isDark ? "light" : "dark";
  });

  // ---------------------------------------------------------------- keys

  const step = (by) => {
    const shown = articles.filter((article) => path.has(Number(article.id.slice(1))) &&
      article.dataset.k !== "setting" && (!("unshown" in article.dataset) || body.classList.contains("all-shown")));
    const here = nodes[current]?.element.closest("article");
    const at = shown.indexOf(here);
    const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (next) goTo(Number(next.id.slice(1)));
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, select, textarea")) return;
    const act = {
      "/": () => { byId("query").focus(); byId("query").select(); },
      j: () => step(1),
      k: () => step(-1),
      t: foldTools,
      T: foldThinking,
      H: showUnshown,
      n: () => toMatch(match + 1),
      N: () => toMatch(match - 1),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // ---------------------------------------------------------------- colours in code

  const words = (text) => new Set(text.split(" "));
  const C_LIKE = { line: "//", block: ["/*", "*/"], quotes: "\"'" };
  const HASH = { line: "#", quotes: "\"'" };
  const LANGUAGES = {
    rust: { ...C_LIKE, quotes: "\"", words: words("as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while") },
    javascript: { ...C_LIKE, quotes: "\"'`", words: words("abstract any as async await boolean break case catch class const continue debugger declare default delete do else enum export extends false finally for from function get if implements import in instanceof interface keyof let namespace never new null number of private protected public readonly return set static string super switch this throw true try type typeof undefined unknown var void while with yield") },
    python: { ...HASH, triple: true, words: words("and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield") },
    go: { ...C_LIKE, quotes: "\"'`", words: words("break case chan const continue default defer else fallthrough false for func go goto if import interface map nil package range return select struct switch true type var") },
    java: { ...C_LIKE, words: words("abstract as assert boolean break byte case catch char class const continue data default do double else enum extends false final finally float for fun if implements import in instanceof int interface internal is long native new null object open override package private protected public record return sealed short static super switch synchronized this throw throws transient true try val var void volatile when while") },
    c: { ...C_LIKE, words: words("alignas auto bool break case catch char class const constexpr consteval continue decltype default delete do double else enum explicit export extern false final float for friend goto if inline int long mutable namespace new noexcept nullptr NULL operator override private protected public register return short signed sizeof static struct switch template this throw true try typedef typename union unsigned using virtual void volatile while") },
    csharp: { ...C_LIKE, words: words("abstract as async await base bool break byte case catch char class const continue decimal default delegate do double else enum event explicit extern false finally fixed float for foreach get if implicit in int interface internal is lock long namespace new null object operator out override params private protected public readonly record ref return sbyte sealed set short sizeof static string struct switch this throw true try typeof uint ulong using var virtual void volatile while") },
    swift: { ...C_LIKE, quotes: "\"", words: words("as async await break case catch class continue default defer deinit do else enum extension false fileprivate final for func guard if import in init inout internal is let nil open override private protocol public repeat return self Self static struct subscript super switch throw throws true try var where while") },
    ruby: { ...HASH, words: words("alias and begin break case class def defined do else elsif end ensure false for if in module next nil not or redo require rescue retry return self super then true undef unless until when while yield") },
    php: { ...C_LIKE, words: words("abstract and array as break case catch class const continue declare default do echo else elseif enum extends false final finally fn for foreach function global if implements include instanceof interface isset match namespace new null or print private protected public readonly require return static switch this throw trait true try use var while yield") },
    shell: { ...HASH, words: words("alias break case cd continue declare do done echo elif else esac eval exec exit export fi for function if in local read return select set shift source then trap true false unset until while") },
    sql: { line: "--", block: ["/*", "*/"], quotes: "'\"", anyCase: true, words: words("add all alter and as asc begin between by case commit constraint create cross database default delete desc distinct drop else end exists false foreign from full group having if in index inner insert into is join key left like limit not null offset on or order outer primary references returning right rollback select set table then true union unique update using values view when where with") },
    json: { quotes: "\"", line: "//", words: words("true false null") },
    yaml: { ...HASH, words: words("true false null yes no on off") },
    toml: { ...HASH, words: words("true false") },
    css: { block: ["/*", "*/"], quotes: "\"'", words: words("important media import supports keyframes font-face root hover not from to") },
    html: { block: ["<!--", "-->"], quotes: "\"'", tags: true, words: new Set() },
    lua: { line: "--", quotes: "\"'", words: words("and break do else elseif end false for function goto if in local nil not or repeat return then true until while") },
    make: { ...HASH, words: words("define else endef endif export ifdef ifeq ifndef ifneq include override ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM LABEL RUN USER VOLUME WORKDIR") },
    haskell: { line: "--", block: ["{-", "-}"], quotes: "\"", words: words("as case class data default deriving do else family forall hiding if import in infix infixl infixr instance let module newtype of qualified then type where") },
    elixir: { ...HASH, triple: true, words: words("after and case catch cond def defmacro defmodule defp defstruct do else end false fn for if import in nil not or quote raise receive require rescue true try unless use when with") },
  };
  const ALIASES = {
    rs: "rust", js: "javascript", mjs: "javascript", cjs: "javascript", jsx: "javascript", ts: "javascript", tsx: "javascript", typescript: "javascript",
    py: "python", golang: "go", kt: "java", kts: "java", kotlin: "java", scala: "java", groovy: "java", dart: "java",
    h: "c", cc: "c", cpp: "c", "c++": "c", cxx: "c", hpp: "c", objc: "c", zig: "c", cs: "csharp", "c#": "csharp",
    rb: "ruby", sh: "shell", bash: "shell", zsh: "shell", fish: "shell", console: "shell", jsonc: "json", json5: "json", jsonl: "json",
    yml: "yaml", ini: "toml", conf: "toml", properties: "toml", scss: "css", less: "css",
    xml: "html", svg: "html", vue: "html", svelte: "html", makefile: "make", dockerfile: "make", mk: "make", cmake: "make",
    hs: "haskell", ex: "elixir", exs: "elixir",
  };
  const LONGEST = 60000;

  const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

  // One pattern a language: comment, string, number, word; whatever comes first at a place counts.
  const patternOf = (language) => {
    if (language.pattern) return language.pattern;
    const comments = [];
    if (language.block) comments.push(`${literal(language.block[0])}[\\s\\S]*?(?:${literal(language.block[1])}|$)`);
    if (language.line) comments.push(`(?<![\\w$:])${literal(language.line)}[^\\n]*`);
    const strings = [];
    if (language.triple) strings.push('"""[\\s\\S]*?(?:"""|$)', "'''[\\s\\S]*?(?:'''|$)");
    for (const quote of language.quotes) {
      const inside = quote === "`" ? "[^`\\\\]" : `[^${quote}\\\\\\n]`;
      strings.push(`${quote}(?:\\\\[\\s\\S]|${inside})*${quote}`);
    }
    const sources = [
      `(?<comment>${comments.join("|") || "(?!)"})`,
      `(?<string>${strings.join("|")})`,
      "(?<number>\\b(?:0[xXbBoO][\\da-fA-F_]+|\\d[\\d_]*(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)\\w*)",
      language.tags ? "(?<tag></?[A-Za-z][\\w:-]*)" : "(?<tag>(?!))",
      "(?<word>[A-Za-z_$][\\w$]*)",
    ];
    language.pattern = new RegExp(sources.join("|"), "g");
    return language.pattern;
  };

  const kindOf = (language, groups, text, end) => {
    if (groups.comment !== undefined) return "comment";
    if (groups.string !== undefined) return "string";
    if (groups.number !== undefined) return "number";
    if (groups.tag !== undefined) return "keyword";
    const word = language.anyCase ? groups.word.toLowerCase() : groups.word;
    if (language.words.has(word)) return "keyword";
    if (text[end] === "(") return "function";
    return /^[A-Z][A-Za-z0-9]*[a-z]/.test(word) ? "type" : "";
  };

  const highlightDiff = (text) => {
    const out = document.createDocumentFragment();
    for (const line of text.split(/(?<=\n)/)) {
      const kind = { "+": "t-added", "-": "t-removed", "@": "t-keyword" }[line[0]];
      out.append(kind ? piece("span", kind, line) : line);
    }
    return out;
  };

  const highlight = (language, text) => {
    const out = document.createDocumentFragment();
    let from = 0;
    for (const found of text.matchAll(patternOf(language))) {
      const end = found.index + found[0].length;
      const kind = kindOf(language, found.groups, text, end);
      if (!kind) continue;
      if (found.index > from) out.append(text.slice(from, found.index));
      out.append(piece("span", `t-${kind}`, found[0]));
      from = end;
    }
    out.append(text.slice(from));
    return out;
  };

  const dress = (pre) => {
    const code = pre.firstElementChild;
    const text = code.textContent;
    if (pre.dataset.from) {
      const first = Number(pre.dataset.from);
      const count = text.replace(/\n$/, "").split("\n").length;
      pre.dataset.numbers = Array.from({ length: count }, (_, at) => first + at).join("\n");
    }
    const name = ALIASES[pre.dataset.lang] || pre.dataset.lang;
    if (text.length > LONGEST) return;
    if (name === "diff" || name === "patch") code.replaceChildren(highlightDiff(text));
    else if (Object.hasOwn(LANGUAGES, name)) code.replaceChildren(highlight(LANGUAGES[name], text));
  };

  // Code is coloured when it comes near the screen.
  const waiting = main.querySelectorAll('pre.code[data-lang]:not([data-lang=""]), pre.code[data-from]');
  if (globalThis.IntersectionObserver) {
    const observer = new IntersectionObserver((seen) => {
      for (const entry of seen) {
        if (!entry.isIntersecting) continue;
        observer.unobserve(entry.target);
        dress(entry.target);
      }
    }, { rootMargin: "400px" });
    for (const pre of waiting) observer.observe(pre);
  }

  // ---------------------------------------------------------------- begin

  // The bar is as high as its buttons need.
  const measure = () => {
    const height = document.querySelector(".bar").offsetHeight;
    document.documentElement.style.setProperty("--bar", `${height}px`);
    drawRows();
  };
  addEventListener("resize", measure);

  body.classList.remove("plain");
  body.classList.toggle("has-unshown", main.querySelector("[data-unshown]") !== null);
  body.classList.toggle("no-tree", isNarrow());
  path = pathTo(leaf);
  layOutTree();
  measure();
  const goToHash = () => {
    const wanted = /^#e(\d+)$/.exec(location.hash);
    if (wanted) goTo(Number(wanted[1]));
    return wanted !== null;
  };
  addEventListener("hashchange", goToHash);
  if (!goToHash()) revealRow(leaf);
})();
