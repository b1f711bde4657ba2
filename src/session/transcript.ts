import * as l10n from '@vscode/l10n';
import type { ChatEntry, SessionSnapshot } from './snapshot.js';

/** The talk as markdown, as a person would paste it somewhere: who said what, and what happened. */
export function transcript({ title, chat, createdAt }: Pick<SessionSnapshot, 'title' | 'chat' | 'createdAt'>): string {
  const parts = [`# ${oneLine(title)}`, `_${new Date(createdAt).toISOString().slice(0, 10)}_`, ...chat.map(entryText)];
  return `${parts.join('\n\n')}\n`;
}

function entryText({ kind, text }: ChatEntry): string {
  switch (kind) {
    case 'user':
      return l10n.t('**You:** {0}', asWritten(text));
    case 'agent':
      // Its own markdown, kept whole.
      return `**NemoVideo:**\n\n${text.trim()}`;
    case 'error':
      return l10n.t('> **Error:** {0}', quoted(text));
    case 'status':
    case 'export':
      return `> ${quoted(text)}`;
  }
}

function quoted(text: string): string {
  return asWritten(text).replace(/\n/gu, '\n> ');
}

/** Plain text that markdown shows as it was written. */
function asWritten(text: string): string {
  return text
    .trim()
    .replace(/[\\`*_[\]<>|~#]/gu, '\\$&')
    .replace(/^(\s*)([-+]|\d+(?=[.)]))/gmu, (_, space: string, mark: string) =>
      /\d/u.test(mark) ? `${space}${mark}` : `${space}\\${mark}`,
    )
    .replace(/^(\s*\d+)([.)])(?=\s)/gmu, '$1\\$2')
    .replace(/\n/gu, '  \n');
}

function oneLine(text: string): string {
  return asWritten(text.replace(/\s+/gu, ' '));
}
