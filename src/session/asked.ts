import type { Work } from './operations.js';
import type { SayOutcome } from './outcomes.js';
import { route, type Route } from './router.js';
import type { SessionWork } from './session-work.js';
import { isLink } from './upload-source.js';

/** What is said to the agent, as work that can be done again. */
export function saying(
  { text, thenExport, exportAs, urls = [] }: Route & { action: 'agent' },
  work: SessionWork,
): Work<SayOutcome> {
  let sent = urls.length === 0;
  return async (signal) => {
    // Tried again, a file that has arrived is not sent once more.
    if (!sent) await work.uploadUrls(urls, signal);
    sent = true;
    return await work.say(text, { thenExport, exportAs }, signal);
  };
}

/** The same for a message of which only the words are left. */
export function sayingAgain(text: string, work: SessionWork): Work<SayOutcome> {
  const asked = route(text);
  return saying(asked.action === 'agent' ? asked : { action: 'agent', text, thenExport: false }, work);
}

/**
 * @param names absolute paths, or the address of one file on the web
 * @param onArrived told the path of each file that has gone up
 */
export async function uploadAny(
  names: readonly string[],
  work: SessionWork,
  signal: AbortSignal,
  onArrived?: (path: string) => void,
): Promise<void> {
  const links = names.filter(isLink);
  if (links.length > 0) await work.uploadUrls(links, signal);
  else await work.upload(names, signal, onArrived);
}
