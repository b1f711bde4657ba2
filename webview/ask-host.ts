import { HostRequestError, type HostLink, type HostRequest } from './host-link.js';
import { NoticeEvent } from './panel-events.js';

/**
 * Sends a request for a part of the panel and shows the host's sentence when it is refused.
 *
 * @returns true when the host has done it.
 */
export async function askHost(part: HTMLElement, link: HostLink | undefined, request: HostRequest): Promise<boolean> {
  if (!link) return false;
  try {
    await link.request(request);
    return true;
  } catch (error) {
    if (!(error instanceof HostRequestError)) throw error;
    part.dispatchEvent(new NoticeEvent(error.message));
    return false;
  }
}
