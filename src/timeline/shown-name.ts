// Control characters, and those that turn the direction of text: in a sentence they would break or turn all of it.
// eslint-disable-next-line no-control-regex
const UNFIT = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const LONGEST = 80;

/** A file's name as it stands in a sentence: in one line, what cannot be seen as �, the middle of a long one left out. */
export function shownName(name: string): string {
  const letters = [...name.replace(UNFIT, '\ufffd')];
  if (letters.length <= LONGEST) return letters.join('');
  return `${letters.slice(0, LONGEST - 20).join('')}…${letters.slice(-19).join('')}`;
}
