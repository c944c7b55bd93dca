"use strict";
// Runs the built extension in a stand-in for the editor, with a real server: what is open gets its diagnostics.
//
//     npm run build && node test/starts.js /path/of/titan-lint

const assert = require("node:assert");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");

const TEXT = 'from torchtitan.models.llama3 import model_registry\n\nspec = model_registry("8B_varlen")\n';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "titan-lint-"));
fs.writeFileSync(path.join(folder, "titan-lint.toml"), 'torchtitan = "0.3.0"\n');
const file = path.join(folder, "engine.py");

/** Something that may be called, made, asked for anything, and extended, and that does nothing. */
function nothing() {
  function Nothing() {}
  const it = new Proxy(Nothing, {
    construct: (target, given, made) => (made === it ? nothing() : Reflect.construct(target, given, made)),
    get: (target, name) => {
      if (name === "then" || name === Symbol.toPrimitive || name === Symbol.iterator) return undefined;
      if (name === "prototype" || name in target) return target[name];
      return (target[name] = nothing());
    },
    apply: () => nothing(),
  });
  return it;
}

class Uri {
  static parse = (text) => new Uri(text);
  static file = (text) => new Uri(`file://${text}`);
  constructor(text) {
    this.text = text;
    this.scheme = text.split(":")[0];
    this.fsPath = this.path = text.replace("file://", "");
  }
  toString() {
    return this.text;
  }
}

const document = {
  uri: Uri.file(file),
  fileName: file,
  languageId: "python",
  version: 1,
  isClosed: false,
  getText: () => TEXT,
};

const told = new Promise((tell) => {
  const vscode = nothing();
  Object.assign(vscode, {
    version: "1.100.0",
    Uri,
    Position: class {
      constructor(line, character) {
        Object.assign(this, { line, character });
      }
    },
    Range: class {
      constructor(line, character, lastLine, lastCharacter) {
        this.start = { line, character };
        this.end = { line: lastLine, character: lastCharacter };
      }
    },
    Diagnostic: class {
      constructor(range, message) {
        Object.assign(this, { range, message });
      }
    },
    CancellationTokenSource: class {
      token = { isCancellationRequested: false, onCancellationRequested: nothing() };
      cancel() {}
      dispose() {}
    },
    DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  });
  Object.assign(vscode.env, { appName: "a stand-in", language: "en" });
  vscode.window.showErrorMessage = (message) => assert.fail(message);
  vscode.workspace.textDocuments = [document];
  vscode.workspace.notebookDocuments = [];
  vscode.workspace.workspaceFolders = undefined;
  vscode.workspace.getConfiguration = () => ({ get: (name) => (name === "titan-lint.path" ? process.argv[2] : undefined) });
  vscode.languages.match = (selector) => [selector].flat().some((one) => one.language === "python") ? 10 : 0;
  vscode.languages.createDiagnosticCollection = () => ({
    set: (uri, diagnostics) => tell([uri, diagnostics]),
    delete() {},
    clear() {},
    dispose() {},
  });
  const load = Module._load;
  Module._load = (name, ...more) => (name === "vscode" ? vscode : load(name, ...more));
});

async function main() {
  const extension = require("../dist/extension.js");
  await extension.activate({ subscriptions: [] });
  const [uri, diagnostics] = await told;
  assert.strictEqual(uri.toString(), document.uri.toString());
  assert.deepStrictEqual(diagnostics.map((one) => [one.code.value, one.range.start.line]), [["TTN105", 2]]);
  const page = diagnostics[0].code.target;
  assert.strictEqual(page.scheme, "file");
  assert.match(fs.readFileSync(page.fsPath, "utf8"), /^# legacy-flavor \(TTN105\)\n/);
  await extension.deactivate();
  console.log("the extension starts the server, and shows what it says");
}

function end(status) {
  fs.rmSync(folder, { recursive: true });
  process.exit(status);
}

main().then(
  () => end(0),
  (error) => {
    console.error(error);
    end(1);
  },
);
setTimeout(() => {
  console.error("nothing was said in 30 seconds");
  end(1);
}, 30_000);
