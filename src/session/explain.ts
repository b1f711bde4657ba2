import * as l10n from '@vscode/l10n';
import { NemoError, NO_FREE_TOKEN } from '../nemo/errors.js';
import { SUPPORTED_EXTENSIONS } from '../nemo/formats.js';
import { translateGuiTalk } from './gui-translation.js';
import type { ChatAction } from './snapshot.js';
import type { EngineName } from './ports.js';
import { SessionError } from './session-error.js';

export interface ErrorSurroundings {
  readonly engine: EngineName | undefined;
  /** `<web>/register?bind=…` for a person without an account. */
  readonly registrationLink: string | undefined;
}

/**
 * The link to register with, for a person who has no account yet. Ids of visitors begin with `anon_`, but that is
 * written nowhere: a token that we asked for ourselves says the same.
 */
export async function registrationLinkFor(
  link: string | undefined,
  ownToken: (() => Promise<boolean>) | undefined,
): Promise<string | undefined> {
  if (link === undefined || /[?&]bind=anon_/u.test(link)) return link;
  return (await ownToken?.().catch(() => false)) === true ? undefined : link;
}

/** What went wrong, as one plain sentence with the next steps. */
export function explain(error: unknown, { engine, registrationLink }: ErrorSurroundings): SessionError {
  if (error instanceof SessionError) return error;
  if (!(error instanceof NemoError)) {
    const message = l10n.t('Something went wrong in the extension itself; your clip is as it was. Try again.');
    return new SessionError('bad-answer', message, { actions: ['retry'], cause: error });
  }
  // Our own engine speaks to the person already, and has nothing to switch to.
  if (engine === 'local')
    return new SessionError(error.kind, error.message, { actions: localSteps(error), cause: error });
  const { message, actions, link } = inWords(error, registrationLink);
  return new SessionError(error.kind, message, { actions, link, cause: error });
}

function localSteps(error: NemoError): ChatAction[] {
  return ['unreachable', 'timed-out', 'server', 'bad-answer', 'agent'].includes(error.kind) ? ['retry'] : [];
}

interface Explanation {
  message: string;
  actions: ChatAction[];
  link?: string | undefined;
}

function inWords(error: NemoError, registrationLink: string | undefined): Explanation {
  const register: ChatAction[] = registrationLink === undefined ? [] : ['register'];
  switch (error.kind) {
    case 'export-blocked':
      return {
        message: l10n.t('Register or upgrade your plan to unlock export.'),
        actions: [...register, 'use-local'],
        link: registrationLink,
      };
    case 'no-credits':
      return registrationLink === undefined
        ? {
            message: l10n.t('Not enough credits. Top up credits in your account, or cut on this machine instead.'),
            actions: ['use-local'],
          }
        : {
            message: l10n.t('The free credits are used up. Register to get more, or cut on this machine instead.'),
            actions: ['register', 'use-local'],
            link: registrationLink,
          };
    case 'unauthorized':
      return { message: error.message, actions: ['set-token', 'use-local'] };
    case 'session-not-found':
      return {
        message: l10n.t('NemoVideo no longer has this session. Try again: a new one is made.'),
        actions: ['retry'],
      };
    case 'unsupported-file':
      return {
        // Refused before a byte was sent: that sentence names the kind of file.
        message:
          error.code === undefined
            ? sentence(error.message)
            : l10n.t('NemoVideo cannot read this file. It takes {0}.', SUPPORTED_EXTENSIONS.join(', ')),
        actions: ['use-local'],
      };
    case 'too-large':
      return {
        message:
          error.code === undefined
            ? l10n.t('{0} Or cut it on this machine, where there is no limit.', sentence(error.message))
            : l10n.t(
                'The file is too large for NemoVideo (500 MB at most). Compress or trim it first, or cut it on this machine, where there is no limit.',
              ),
        actions: ['use-local'],
      };
    case 'rate-limited':
      // Not of the requests but of the free tokens: waiting half a minute does not help.
      if (error.code === NO_FREE_TOKEN) {
        return { message: sentence(error.message), actions: ['set-token', 'use-local'] };
      }
      return {
        message: l10n.t('NemoVideo is asked too often just now. Wait {0} and try again.', wait(error.retryAfter)),
        actions: ['retry', 'use-local'],
      };
    case 'unreachable':
      return {
        // The certificate, the proxy, a network that wants a log-in: there is something to do about it.
        message: error.advises
          ? l10n.t(
              '{0} Your clip and your edits are kept. You can also cut on this machine instead.',
              sentence(error.message),
            )
          : l10n.t(
              'NemoVideo cannot be reached; your clip and your edits are kept. Check the network and try again, or cut on this machine instead.',
            ),
        actions: ['use-local', 'retry'],
      };
    case 'timed-out':
      return {
        message: l10n.t(
          'NemoVideo did not answer in time; your clip and your edits are kept. Try again, or cut on this machine instead.',
        ),
        actions: ['retry', 'use-local'],
      };
    case 'server':
      return {
        message: l10n.t(
          'NemoVideo has a problem at the moment; your clip and your edits are kept. Try again a little later, or cut on this machine instead.',
        ),
        actions: ['retry', 'use-local'],
      };
    case 'bad-answer':
    case 'missing-client-id':
      return {
        message: l10n.t('NemoVideo gave an answer that cannot be read. Try again, or cut on this machine instead.'),
        actions: ['retry', 'use-local'],
      };
    case 'agent': {
      const { text } = translateGuiTalk(error.message);
      const why =
        text === ''
          ? l10n.t('NemoVideo could not do this.')
          : l10n.t('NemoVideo could not do this: {0}', sentence(text));
      return { message: why, actions: ['retry', 'use-local'] };
    }
    case 'file':
    case 'refused':
      return { message: sentence(error.message), actions: ['retry'] };
  }
}

function wait(seconds: number | undefined): string {
  if (seconds === undefined || seconds <= 45) return l10n.t('half a minute');
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 3600) return minutes === 1 ? l10n.t('1 minute') : l10n.t('{0} minutes', minutes);
  const hours = Math.ceil(seconds / 3600);
  if (seconds < 86_400) return hours === 1 ? l10n.t('1 hour') : l10n.t('{0} hours', hours);
  const days = Math.ceil(seconds / 86_400);
  return days === 1 ? l10n.t('1 day') : l10n.t('{0} days', days);
}

function sentence(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim().slice(0, 300);
  return /[.!?。！？]$/u.test(line) ? line : l10n.t('{0}.', line);
}
