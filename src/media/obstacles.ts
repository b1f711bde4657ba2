import * as l10n from '@vscode/l10n';

/**
 * Why a picture cannot be joined and has to be encoded whole, as half a sentence. The English is for the log; the person
 * reads it in their own language.
 */
const WORDS = {
  'it does not begin with a full picture': () => l10n.t('it does not begin with a full picture'),
  'it has no pictures': () => l10n.t('it has no pictures'),
  'it holds more than one view': () => l10n.t('it holds more than one view'),
  'it is Dolby Vision': () => l10n.t('it is Dolby Vision'),
  'it is a single picture': () => l10n.t('it is a single picture'),
  'it is transparent in part': () => l10n.t('it is transparent in part'),
  'it uses all numbers of parameter sets': () => l10n.t('it uses all numbers of parameter sets'),
  'its coding cannot be continued': () => l10n.t('its coding cannot be continued'),
  'its coding parameters are not understood': () => l10n.t('its coding parameters are not understood'),
  'its coding parameters change midway': () => l10n.t('its coding parameters change midway'),
  'its container does not keep the pictures apart': () => l10n.t('its container does not keep the pictures apart'),
  'its first pictures cannot be decoded': () => l10n.t('its first pictures cannot be decoded'),
  'its groups of pictures overlap': () => l10n.t('its groups of pictures overlap'),
  'its index does not match its pictures': () => l10n.t('its index does not match its pictures'),
  'its parameter sets are inside the pictures': () => l10n.t('its parameter sets are inside the pictures'),
  'its pictures are coded in layers': () => l10n.t('its pictures are coded in layers'),
  'its pictures are enlarged by the player': () => l10n.t('its pictures are enlarged by the player'),
  'its pictures are interlaced': () => l10n.t('its pictures are interlaced'),
  'its pictures are reordered in an unusual way': () => l10n.t('its pictures are reordered in an unusual way'),
  'its pictures change their size midway': () => l10n.t('its pictures change their size midway'),
  'its pictures come in another order than their times': () =>
    l10n.t('its pictures come in another order than their times'),
  'its pictures have the times of others': () => l10n.t('its pictures have the times of others'),
  'its pictures lean on others across its keyframes': () => l10n.t('its pictures lean on others across its keyframes'),
  'its sequence header is missing': () => l10n.t('its sequence header is missing'),
  'no part of it can be copied': () => l10n.t('no part of it can be copied'),
  'one of its pictures is damaged': () => l10n.t('one of its pictures is damaged'),
  'some of its pictures cannot be decoded': () => l10n.t('some of its pictures cannot be decoded'),
  'the result cannot be read back': () => l10n.t('the result cannot be read back'),
  'the result has no picture': () => l10n.t('the result has no picture'),
  'the self-check found a difference after joining': () => l10n.t('the self-check found a difference after joining'),
  'two of its pictures have the same time': () => l10n.t('two of its pictures have the same time'),
  'it is scaled to {0}': (size) => l10n.t('it is scaled to {0}', size),
  '{0} cannot be joined without that in the new file': (codec) =>
    l10n.t('{0} cannot be joined without that in the new file', codec),
} satisfies Record<string, (value: string) => string>;

export type Obstacle = keyof typeof WORDS;

/** @param value that `{0}` stands for */
export function obstacleWords(obstacle: Obstacle, value = ''): string {
  return WORDS[obstacle](value);
}

/** The smart cut does not work out for this clip; it has to be encoded whole. `message` says why in English. */
export class SmartCutRefused extends Error {
  override readonly name = 'SmartCutRefused';
  readonly #obstacle: Obstacle;
  readonly #value: string;

  /** @param value that `{0}` stands for */
  constructor(obstacle: Obstacle, value = '') {
    super(obstacle.replace('{0}', value));
    this.#obstacle = obstacle;
    this.#value = value;
  }

  /** The same in the person's language. */
  get words(): string {
    return obstacleWords(this.#obstacle, this.#value);
  }
}
