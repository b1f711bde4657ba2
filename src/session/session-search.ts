import type { SessionSnapshot } from './snapshot.js';

/** A session that a search found. */
export interface Found<Session> {
  readonly session: Session;
  /** The newest line of its talk that says it; undefined when the title alone does, or nothing was searched for. */
  readonly excerpt: string | undefined;
}

/** Letters left and right of what was found. */
const AROUND = 40;

/**
 * Sessions whose title or talk has every word of the query, in the order they are given.
 *
 * @param query any letter case; empty finds all
 */
export function searchSessions<Session extends { readonly snapshot: Pick<SessionSnapshot, 'title' | 'chat'> }>(
  sessions: readonly Session[],
  query: string,
): Found<Session>[] {
  const words = folded(query)
    .split(/\s+/u)
    .filter((word) => word !== '');
  return sessions.flatMap((session) => {
    const { title, chat } = session.snapshot;
    const name = folded(title);
    const texts = chat.map(({ text }) => folded(text));
    if (!words.every((word) => name.includes(word) || texts.some((text) => text.includes(word)))) return [];
    const sought = words.find((word) => !name.includes(word));
    const at = sought === undefined ? -1 : texts.findLastIndex((text) => text.includes(sought));
    const text = chat[at]?.text;
    return [{ session, excerpt: text === undefined || sought === undefined ? undefined : excerptOf(text, sought) }];
  });
}

function excerptOf(text: string, word: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  const at = Math.max(0, folded(line).indexOf(word));
  const start = at <= AROUND ? 0 : at - AROUND;
  const end = Math.min(line.length, at + word.length + AROUND);
  return `${start > 0 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
