"use strict";
// Starts `titan-lint server` for the Python files of a window. All else the server does.

const { window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const SETTING = "titan-lint.path";

let client;

async function start() {
  const command = workspace.getConfiguration().get(SETTING);
  client = new LanguageClient(
    "titan-lint",
    "titan-lint",
    { command, args: ["server"] },
    { documentSelector: [{ language: "python" }] },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    window.showErrorMessage(
      `\`${command} server\` cannot be started: ${error.message}. ` +
        `Install titan-lint[lsp], and name the program in the setting ${SETTING}.`,
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration(SETTING)) {
        await stop();
        await start();
      }
    }),
  );
  await start();
};

exports.deactivate = stop;
