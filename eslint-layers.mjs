// The layer rule: which part of the program may import which. DESIGN: nothing imports upwards.
// Every way to name a module counts: import, export … from, import(), import type, import x = require().
import { isBuiltin } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';

/** @typedef {{ pattern: string, mayImport: string[], vscode?: true, browser?: true, toolkit?: true }} Layer */

/**
 * Lowest first. A layer may import itself and what `mayImport` names. `messages` is the one file that the host and the
 * webview share besides the pure timeline functions. A pattern is a file or a folder; the first that fits counts.
 * @type {Record<string, Layer>}
 */
export const layers = {
  timeline: { pattern: 'src/timeline', mayImport: [], browser: true },
  messages: { pattern: 'src/messages.ts', mayImport: ['timeline'], browser: true },
  nemo: { pattern: 'src/nemo', mayImport: ['timeline'] },
  media: { pattern: 'src/media', mayImport: ['timeline'] },
  local: { pattern: 'src/local', mayImport: ['media', 'nemo', 'timeline'] },
  session: { pattern: 'src/session', mayImport: ['nemo', 'timeline'] },
  agents: { pattern: 'src/agents', mayImport: ['session', 'local', 'media', 'nemo', 'timeline'] },
  views: { pattern: 'src/views', mayImport: ['session', 'nemo', 'media', 'timeline', 'messages'], vscode: true },
  commands: {
    pattern: 'src/commands',
    mayImport: ['views', 'agents', 'session', 'nemo', 'media', 'timeline', 'messages'],
    vscode: true,
  },
  extension: {
    pattern: 'src/extension.ts',
    mayImport: ['commands', 'views', 'agents', 'session', 'nemo', 'media', 'local', 'timeline', 'messages'],
    vscode: true,
  },
  cli: { pattern: 'src/cli', mayImport: ['session', 'nemo', 'local', 'media', 'timeline'] },
  toolkit: { pattern: 'webview/toolkit.ts', mayImport: [], browser: true, toolkit: true },
  webview: { pattern: 'webview', mayImport: ['toolkit', 'messages', 'timeline'], browser: true },
};

/** @param {string} file Path relative to the root of the repository, with slashes. */
function layerOf(file) {
  const withoutExtension = (path) => path.replace(/\.[cm]?[jt]s$/, '');
  return Object.entries(layers).find(
    ([, { pattern }]) => file.startsWith(`${pattern}/`) || withoutExtension(file) === withoutExtension(pattern),
  );
}

/** @type {import('eslint').Rule.RuleModule} */
const layerRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      nowhere: 'This file belongs to no layer. Put it into one, or name a new layer in eslint-layers.mjs.',
      upwards: '{{from}} may not import {{to}}: it may import {{allowed}}.',
      outside: '{{from}} may not import {{to}}, which belongs to no layer.',
      vscode: 'Only extension.ts, commands and views may import vscode.',
      browser: 'This code runs in the browser too: it may not import Node’s {{to}}.',
      toolkit: 'The toolkit is no longer developed upstream: import its controls through webview/toolkit.ts.',
    },
  },
  create(context) {
    const pathOf = (absolute) => relative(context.cwd, absolute).split(sep).join('/');
    const [from, layer] = layerOf(pathOf(context.filename)) ?? [];

    function problem(name) {
      if (!name.startsWith('.')) {
        if (name === 'vscode' && !layer.vscode) return { messageId: 'vscode' };
        if (isBuiltin(name) && layer.browser) return { messageId: 'browser', data: { to: name } };
        if (/^@vscode\/webview-ui-toolkit(\/|$)/.test(name) && !layer.toolkit) return { messageId: 'toolkit' };
        return undefined;
      }
      const target = pathOf(resolve(dirname(context.filename), name));
      const [to] = layerOf(target) ?? [];
      // Data and assets beside the source (package.json, a style sheet) are not code of another layer.
      if (to === undefined)
        return /\.(json|css|ttf|svg)$/.test(name) ? undefined : { messageId: 'outside', data: { from, to: target } };
      if (to === from || layer.mayImport.includes(to)) return undefined;
      return { messageId: 'upwards', data: { from, to, allowed: layer.mayImport.join(', ') || 'itself only' } };
    }
    function check(node, source) {
      if (typeof source?.value !== 'string') return;
      const found = problem(source.value);
      if (found) context.report({ node, ...found });
    }

    if (!layer) return { Program: (node) => context.report({ node, messageId: 'nowhere' }) };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal),
      TSExternalModuleReference: (node) => check(node, node.expression),
      'CallExpression[callee.name="require"]': (node) => check(node, node.arguments[0]),
    };
  },
};

export const layersPlugin = { rules: { layers: layerRule } };
